package metrics

import (
	"testing"

	"linkd/internal/resource"
)

func TestWhatIsNotToldOfATunnelIsNotDown(t *testing.T) {
	status := func(value string) resource.Attrs { return resource.Attrs{"status": resource.Of(value)} }
	for name, test := range map[string]struct {
		live resource.Live
		want string
	}{
		"never looked at":       {resource.Live{}, "unknown"},
		"could not be read":     {resource.Live{Why: "denied", Attrs: status("up")}, "unknown"},
		"stands, and not shown": {resource.Live{Phase: resource.Ready}, "unknown"},
		"is not there":          {resource.Live{Phase: resource.Absent}, "down"},
		"is up":                 {resource.Live{Phase: resource.Ready, Attrs: status("up")}, "up"},
		"is down":               {resource.Live{Phase: resource.Ready, Attrs: status("down")}, "down"},
		"is being connected":    {resource.Live{Phase: resource.Ready, Attrs: status("connecting")}, "down"},
	} {
		if got := StatusOf(test.live); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
