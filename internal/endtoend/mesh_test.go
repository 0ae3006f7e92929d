package endtoend

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
)

// newLabOfMesh starts the clouds of the example of two regions, with its file and
// more links: from each hub to the transit gateway of the other region.
func newLabOfMesh(t testing.TB, more string) *lab {
	t.Helper()
	l := newLabOfRegions(t, instant)
	text, err := os.ReadFile("../../deploy/examples/two-regions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	l.file, err = desired.Parse("mesh.yaml", []byte(strings.Replace(string(text), "\nprobes:\n", more+"\nprobes:\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestEveryHubToEveryTransitGateway builds links between each hub and each transit
// gateway of two regions: each gateway ends two links, one of them at least with
// two connections.
func TestEveryHubToEveryTransitGateway(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]string{
		"all with BGP, redundancy full": `
  - {name: jpe-virginia, hub: hub-jpe, transit_gateway: tgw-virginia, routing: bgp, redundancy: full}
  - {name: use-tokyo, hub: hub-use, transit_gateway: tgw-tokyo, routing: bgp, redundancy: full}
`,
		"some with BGP and one connection": `
  - {name: jpe-virginia, hub: hub-jpe, transit_gateway: tgw-virginia, routing: bgp, redundancy: single}
  - {name: use-tokyo, hub: hub-use, transit_gateway: tgw-tokyo, routing: bgp, redundancy: tunnels}
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLabOfMesh(t, more)
				l.mustBuild()
				time.Sleep(time.Hour)
				l.mustBeClean()
				if lost := l.lossOfPairs(func() { time.Sleep(10 * time.Second) }); len(lost) > 0 {
					t.Errorf("what is well loses %v", lost)
				}
				tunnels, up := 0, 0
				for _, link := range l.file.Links {
					tunnels += len(link.Tunnels())
				}
				for _, pair := range l.sim.Tunnels() {
					if pair.Up {
						up++
					}
				}
				if up != tunnels {
					t.Errorf("%d tunnels are up, want %d", up, tunnels)
				}
			})
		})
	}
}

// TestWhatAWSLearnsByTwoHubsSurvivesTheLossOfALink cuts every tunnel of one link
// after the other, while each hub and each transit gateway has another.
func TestWhatAWSLearnsByTwoHubsSurvivesTheLossOfALink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfMesh(t, `
  - {name: jpe-virginia, hub: hub-jpe, transit_gateway: tgw-virginia, routing: bgp, redundancy: full}
  - {name: use-tokyo, hub: hub-use, transit_gateway: tgw-tokyo, routing: bgp, redundancy: full}
`)
		l.mustBuild()
		time.Sleep(time.Hour)
		for _, link := range l.file.Links {
			l.cutTunnels(link.Tunnels())
			time.Sleep(5 * time.Minute)
			if lost := l.lossOfPairs(func() { time.Sleep(5 * time.Minute) }); len(lost) > 0 {
				t.Errorf("without the link %s: %v", link.Name, lost)
			}
			l.cutTunnels(nil)
			time.Sleep(5 * time.Minute)
		}
		l.mustBeClean()
	})
}
