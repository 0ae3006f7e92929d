package endtoend

import (
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
)

// speaking makes the article's link learn its routes.
func (l *lab) speaking(redundancy desired.Redundancy) *lab {
	l.file.Links[0].Routing, l.file.Links[0].Redundancy = desired.BGP, redundancy
	return l
}

func mustLoad(t *testing.T, example string) *desired.File {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/" + example)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestALinkWithBGPIsBuiltAndStaysAsDesired(t *testing.T) {
	t.Parallel()
	for _, redundancy := range []desired.Redundancy{desired.Single, desired.Tunnels} {
		t.Run(string(redundancy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, nil)
				if l.speaking(redundancy); redundancy == desired.Tunnels { // as the example has it
					l.file = mustLoad(t, "bgp.yaml")
				}
				report := l.mustBuild()
				t.Logf("built in %s of the clouds' time with %d requests", report.Took, l.wire.count)
				l.mustCross()
				l.mustBeClean()
				time.Sleep(time.Hour)
				l.mustBeClean()
				up := 0
				for _, tunnel := range l.sim.Tunnels() {
					if tunnel.BGPUp {
						up++
					}
				}
				if want := len(l.file.Links[0].Tunnels()); up != want {
					t.Errorf("%d BGP sessions are up, want %d: %+v", up, want, l.sim.Tunnels())
				}
			})
		})
	}
}
