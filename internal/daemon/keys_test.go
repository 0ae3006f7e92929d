package daemon

import (
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestARotationThatHasEndedIsNotToldAsBegun while AWS shows its note as it was.
func TestARotationThatHasEndedIsNotToldAsBegun(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	link := desired.Link{Name: "tokyo", Redundancy: desired.Tunnels}
	seen := func(at time.Time) resource.World {
		note := desired.KeyNote{Todo: []int{1, 2}}
		return resource.World{desired.AWSConnectionID("tokyo", 0): {
			Phase: resource.Ready, AsOf: at, Attrs: resource.Attrs{desired.FactKeyNote: resource.Of(note.String())},
		}}
	}
	for name, c := range map[string]struct {
		known schedule
		seen  time.Time
		want  bool
	}{
		"nothing has ended":                     {schedule{}, now, true},
		"it has just ended":                     {schedule{notBefore: now.Add(noteLag)}, now, false},
		"it ended, and nobody has looked since": {schedule{notBefore: now.Add(-time.Minute)}, now.Add(-3 * time.Minute), false},
		"it ended, and was looked at since":     {schedule{notBefore: now.Add(-time.Minute)}, now, true},
		"it failed":                             {schedule{notBefore: now.Add(noteLag), problem: "AWS did not answer"}, now, true},
	} {
		k := keys{of: map[string]*schedule{"tokyo": &c.known}}
		if told, _ := k.tell(link, seen(c.seen), now); told.Unfinished != c.want {
			t.Errorf("%s: told as begun and not ended: %t", name, told.Unfinished)
		}
	}
}
