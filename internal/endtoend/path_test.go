package endtoend

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/path"
	"linkd/internal/sim/catalogue"
	"linkd/internal/survey"
)

// TestWaysBetweenNetworksAreThoseOfTheFabric plays every entry of the catalogue
// and compares what the path model says of each pair of networks, by what an
// audit alone saw, with what becomes of an echo between their machines.
func TestWaysBetweenNetworksAreThoseOfTheFabric(t *testing.T) {
	t.Parallel()
	for i, entry := range catalogue.Entries() {
		for _, redundancy := range []desired.Redundancy{desired.Single, desired.Tunnels} {
			if testing.Short() && i%8 != 0 {
				continue
			}
			t.Run(entry.Name+", "+string(redundancy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLab(t, instant)
					l.file.Links[0].Redundancy = redundancy
					l.vary(entry.File)
					l.mustBuild()
					time.Sleep(time.Hour)
					l.waysMustAgree("after the build")
					l.do(entry.Do)
					time.Sleep(10 * time.Minute)
					l.waysMustAgree(entry.Name)
				})
			})
		}
	}
}

// waysMustAgree compares the ways between the networks of the targets.
func (l *lab) waysMustAgree(when string) {
	l.Helper()
	for _, pair := range l.unknownWays(when) {
		l.Errorf("%s: %s is not known", when, pair)
	}
}

// unknownWays does so too, and returns the ways of which the model does not know.
func (l *lab) unknownWays(when string) (unknown []string) {
	l.Helper()
	model := path.New(l.file, l.world(), survey.Survey{}, time.Now())
	for _, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets {
			if from.Name == to.Name {
				continue
			}
			traces, err := model.Ways(from.VNet+from.VPC, to.VNet+to.VPC)
			if err != nil {
				l.Fatal(err)
			}
			echo := l.sim.Echo(from.Address, to.Address)
			trace := traceOf(traces, from.Address, to.Address)
			verdict := trace.Verdict()
			if verdict == path.Unknown {
				unknown = append(unknown, from.Name+" → "+to.Name)
				continue
			}
			if verdict == path.Pass != echo.Crossed {
				l.Errorf("%s: %s → %s: the model says %s, the fabric %t, dropped at %s: %s\n%s", when, from.Name, to.Name, verdict, echo.Crossed, echo.DroppedAt, echo.Why, hopsOf(trace))
			}
		}
	}
	return unknown
}

// traceOf is the trace between those prefixes of two networks that have the
// addresses.
func traceOf(traces []path.Trace, from, to netip.Addr) path.Trace {
	has := func(name string, address netip.Addr) bool {
		_, text, several := strings.Cut(name, " ")
		prefix, err := netip.ParsePrefix(text)
		return !several || err == nil && prefix.Contains(address)
	}
	for _, trace := range traces {
		if has(trace.Forward.From, from) && has(trace.Forward.To, to) {
			return trace
		}
	}
	return path.Trace{}
}

func hopsOf(trace path.Trace) string {
	var text strings.Builder
	for _, way := range []path.Way{trace.Forward, trace.Back} {
		fmt.Fprintf(&text, "  %s → %s: %s\n", way.From, way.To, way.Verdict)
		for _, hop := range way.Hops {
			fmt.Fprintf(&text, "    %-8s %-16s %s: %s %s\n", hop.Verdict, hop.Kind, hop.ID, hop.Says, hop.Code)
		}
	}
	return text.String()
}
