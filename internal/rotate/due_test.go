package rotate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestAKeyIsDueByItsNote goes through what may be noted of the two keys of a link,
// at a moment.
func TestAKeyIsDueByItsNote(t *testing.T) {
	const days = 24 * time.Hour
	now := time.Date(2027, 2, 26, 12, 0, 0, 0, time.UTC)
	at := func(ago time.Duration) string { return now.Add(-ago).Format(time.RFC3339) }
	for name, test := range map[string]struct {
		every time.Duration
		from  string
		phase resource.Phase
		note  string
		due   string // the numbers of the tunnels
		next  string // when each is due, from now; "?" where nobody knows
		open  bool
	}{
		"of no age at all":           {90 * days, "aws", resource.Ready, "1=" + at(0) + " 2=" + at(0), "", "2160h0m0s 2160h0m0s", false},
		"a second too young":         {90 * days, "aws", resource.Ready, "1=" + at(90*days-time.Second) + " 2=" + at(0), "", "1s 2160h0m0s", false},
		"just old enough":            {90 * days, "aws", resource.Ready, "1=" + at(90*days) + " 2=" + at(0), "1", "0s 2160h0m0s", false},
		"the second alone":           {90 * days, "", resource.Ready, "1=" + at(0) + " 2=" + at(100*days), "2", "2160h0m0s -240h0m0s", false},
		"both":                       {days, "aws", resource.Ready, "1=" + at(2*days) + " 2=" + at(3*days), "1 2", "-24h0m0s -48h0m0s", false},
		"no note":                    {90 * days, "aws", resource.Ready, "", "1 2", "? ?", false},
		"a note of the second alone": {90 * days, "aws", resource.Ready, "2=" + at(0), "1", "? 2160h0m0s", false},
		"a note that was edited":     {90 * days, "aws", resource.Ready, "1=yesterday 2=" + at(0), "1", "? 2160h0m0s", false},
		"a note of the future":       {90 * days, "aws", resource.Ready, "1=" + at(-2*days) + " 2=" + at(-time.Hour), "1", "2208h0m0s 2161h0m0s", false},
		"no schedule":                {0, "aws", resource.Ready, "1=" + at(2000*days), "", "? ?", false},
		"keys of a file":             {90 * days, "env:KEY", resource.Ready, "1=" + at(2000*days), "", "", false},
		"a connection that changes":  {days, "aws", resource.Pending, "1=" + at(2*days) + " 2=" + at(0), "1", "-24h0m0s 24h0m0s", false},
		"one that AWS modifies":      {days, "aws", resource.Created, "1=" + at(2*days) + " 2=" + at(0), "1", "-24h0m0s 24h0m0s", false},
		"no connection":              {90 * days, "aws", resource.Absent, "", "", "", false},
		"one that nobody could read": {90 * days, "aws", resource.Unknown, "", "", "", false},
		"a rotation under way":       {90 * days, "aws", resource.Ready, "1=" + at(0) + " 2=" + at(90*days) + " prove=1 todo=2", "2", "2160h0m0s 0s", true},
		"one that was ended":         {90 * days, "aws", resource.Ready, "1=" + at(0) + " 2=" + at(0) + " prove= todo=", "", "2160h0m0s 2160h0m0s", false},
	} {
		link := desired.Link{Name: "tokyo", Redundancy: desired.Tunnels, Keys: desired.Keys{From: test.from, RotateEvery: desired.Duration(test.every)}}
		world := known(link, test.note, "a a up", "b b up")
		connection := desired.AWSConnectionID(link.Name, 0)
		live := world[connection]
		live.Phase = test.phase
		world[connection] = live
		var due, next []string
		for _, tunnel := range Due(link, world, now) {
			due = append(due, fmt.Sprint(tunnel.Number))
		}
		for _, age := range Ages(link, world) {
			if age.Due.IsZero() {
				next = append(next, "?")
				continue
			}
			next = append(next, age.Due.Sub(now).String())
		}
		if got := strings.Join(due, " "); got != test.due {
			t.Errorf("%s: due are %q, want %q", name, got, test.due)
		}
		if got := strings.Join(next, " "); got != test.next {
			t.Errorf("%s: they are due in %q, want %q", name, got, test.next)
		}
		if open := Unfinished(link, world); open != test.open {
			t.Errorf("%s: unfinished %v", name, open)
		}
	}
}

// TestOnlyWhatIsDueIsOrdered orders new keys for what is due: what is half done
// is finished in any case.
func TestOnlyWhatIsDueIsOrdered(t *testing.T) {
	now := time.Date(2027, 2, 26, 12, 0, 0, 0, time.UTC)
	link := desired.Link{Name: "tokyo", Redundancy: desired.Tunnels, Keys: desired.Keys{From: "aws", RotateEvery: desired.Duration(24 * time.Hour)}}
	for note, want := range map[string]string{
		"1=2027-02-26T11:00:00Z 2=2027-02-25T11:00:00Z":                "change 2",
		"1=2027-02-26T11:00:00Z 2=2027-02-26T11:00:00Z":                "",
		"1=2027-02-26T11:00:00Z 2=2027-02-26T11:00:00Z todo=2":         "change 2",
		"1=2027-02-26T11:00:00Z 2=2027-02-26T11:00:00Z prove=1 todo=2": "prove 1, change 2",
		"": "change 1, change 2",
	} {
		var got []string
		for _, turn := range turnsOf(link, known(link, note, "a a up", "b b up"), Order{Links: []string{"tokyo"}, Due: now}) {
			got = append(got, fmt.Sprintf("%s %d", turn.What, turn.Number))
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%q: %s, want %s", note, text, want)
		}
	}
}
