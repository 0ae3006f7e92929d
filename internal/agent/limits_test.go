package agent

import (
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"linkd/internal/vantage"
)

func TestAnAgentKeepsToItsOwnLimits(t *testing.T) {
	limits := Limits{Targets: 3, PerTarget: 2, Total: 4, Size: 1500, Allow: append(Private(), netip.MustParsePrefix("203.0.113.0/28"))}
	every := func(name, address string, interval time.Duration) vantage.Task {
		t := task(name, netip.MustParseAddr(address))
		t.Interval = interval
		return t
	}
	large, busy := every("large", "10.0.0.1", time.Second), every("busy", "10.0.0.1", time.Second)
	large.Size, busy.MTUEvery = 9000, time.Second
	for name, c := range map[string]struct {
		tasks []vantage.Task
		taken int
		why   string
	}{
		"what is private":       {[]vantage.Task{every("a", "10.255.0.1", time.Second), every("b", "100.64.0.1", time.Second), every("c", "fd00::1", time.Second)}, 3, ""},
		"what is allowed":       {[]vantage.Task{every("a", "203.0.113.15", time.Second)}, 1, ""},
		"what is public":        {[]vantage.Task{every("a", "203.0.113.16", time.Second)}, 0, "203.0.113.16 is not among the addresses that this agent may send to"},
		"public by another way": {[]vantage.Task{every("a", "::ffff:8.8.8.8", time.Second)}, 0, "8.8.8.8 is not among the addresses that this agent may send to"},
		"this very host":        {[]vantage.Task{every("a", "127.0.0.1", time.Second)}, 0, "127.0.0.1 is not among the addresses that this agent may send to"},
		"all at once":           {[]vantage.Task{every("a", "10.0.0.1", time.Minute), every("b", "10.0.0.2", time.Minute), every("c", "10.0.0.3", time.Minute), every("d", "10.0.0.4", time.Minute)}, 3, "this agent takes no more targets than 3"},
		"one too often":         {[]vantage.Task{every("a", "10.0.0.1", 400*time.Millisecond)}, 0, "10.0.0.1 would get 2.5 echoes a second, and this agent sends one address 2"},
		"one by two names":      {[]vantage.Task{every("a", "10.0.0.1", 500*time.Millisecond), every("b", "10.0.0.1", time.Second)}, 1, "10.0.0.1 would get 3 echoes a second, and this agent sends one address 2"},
		"all too often":         {[]vantage.Task{every("a", "10.0.0.1", 500*time.Millisecond), every("b", "10.0.0.2", 500*time.Millisecond), every("c", "10.0.0.3", time.Second)}, 2, "all targets together would get 5 echoes a second, and this agent sends 4"},
		"one name twice":        {[]vantage.Task{every("a", "10.0.0.1", time.Second), every("a", "10.0.0.2", time.Second)}, 1, "its name is given twice"},
		"no interval":           {[]vantage.Task{every("a", "10.0.0.1", 0)}, 0, "it does not say how often"},
		"no name":               {[]vantage.Task{every("", "10.0.0.1", time.Second)}, 0, "it has no name, or one too long"},
		"large":                 {[]vantage.Task{large}, 0, "its echoes would have 9000 bytes, and those of this agent have 1500"},
		"searching":             {[]vantage.Task{busy}, 0, "its path MTU would be searched every 1s, and this agent waits 1m0s between two searches"},
	} {
		t.Run(name, func(t *testing.T) {
			taken, refused := limits.Judge(c.tasks)
			why := ""
			if reasons := slices.Collect(maps.Values(refused)); len(reasons) == 1 {
				why = reasons[0]
			}
			if len(taken) != c.taken || why != c.why {
				t.Errorf("it takes %d and says %q, want %d and %q", len(taken), why, c.taken, c.why)
			}
		})
	}
}
