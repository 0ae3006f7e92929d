package endtoend

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/sim/scenario"
)

// part is what a link may lose: tunnels that are down at once, or a peering.
type part struct {
	name    string
	tunnels []desired.Tunnel
	peering string
}

// partsOf lists every single part of a file that may be lost.
func partsOf(file *desired.File) []part {
	var parts []part
	of := func(name string, is func(desired.Tunnel) bool) {
		tunnels := slices.DeleteFunc(file.Tunnels(), func(t desired.Tunnel) bool { return !is(t) })
		if len(tunnels) > 0 {
			parts = append(parts, part{name: name, tunnels: tunnels})
		}
	}
	for _, one := range file.Tunnels() {
		of("tunnel "+one.Name(), func(t desired.Tunnel) bool { return t == one })
	}
	for _, link := range file.Links {
		for _, instance := range link.Instances() {
			of(fmt.Sprintf("connection %s-%d", link.Name, instance), func(t desired.Tunnel) bool { return t.Link == link.Name && t.Instance == instance })
		}
	}
	for _, hub := range file.Azure.Hubs {
		for instance := range 2 {
			of(fmt.Sprintf("instance %d of %s", instance, hub.Name), func(t desired.Tunnel) bool {
				return t.Instance == instance && slices.ContainsFunc(file.Links, func(l desired.Link) bool { return l.Name == t.Link && l.Hub == hub.Name })
			})
		}
	}
	for _, peering := range file.AWS.Peerings {
		parts = append(parts, part{name: "peering " + peering.Name, peering: peering.Name})
	}
	return parts
}

// TestEveryExampleLosesWhatItsShapeSays builds each file of deploy/examples, looks a
// second time, and takes away one part after the other while a daemon keeps it: ten
// echoes a second between any two machines are lost by those alone, and for as long, as
// its row and docs/designs.md say. A file without a row fails it.
func TestEveryExampleLosesWhatItsShapeSays(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../deploy/examples/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	designs, err := os.ReadFile("../../docs/designs.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasSuffix(name, ".scenario.yaml") {
			continue
		}
		names[name] = true
		if _, has := shapes[name]; !has {
			t.Errorf("%s has no row: say what it costs to lose a part of it", name)
		}
	}
	for name, example := range shapes {
		if !names[name] {
			t.Errorf("there is no %s in deploy/examples", name)
			continue
		}
		for _, row := range example.costs {
			if line := row.line(name); !strings.Contains(string(designs), line+"\n") {
				t.Errorf("docs/designs.md lacks\n%s", line)
			}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { losesEachPart(t, name, example.clouds, example.costs) })
		})
	}
}

// line is the row of docs/designs.md.
func (r loses) line(name string) string {
	lasts := "0 s"
	switch {
	case len(r.who.pairs) > 0 && r.lasts == untilBack:
		lasts = "until it is back"
	case r.lasts >= 10*time.Minute:
		lasts = fmt.Sprintf("%.0f min at most", r.lasts.Minutes())
	case r.lasts > 0:
		lasts = fmt.Sprintf("%.0f s at most", r.lasts.Seconds())
	}
	return fmt.Sprintf("| [%s](../deploy/examples/%s) | %s | %s | %s |", strings.TrimSuffix(name, ".yaml"), name, r.says, r.who.says, lasts)
}

// newLabOfExample starts the clouds of an example, in which only peerings take their
// time. A file without targets gets those of the article that are in it.
func newLabOfExample(t testing.TB, name, clouds string) *lab {
	t.Helper()
	given, err := scenario.Seed()
	if clouds != "" {
		given, err = scenario.Load("../../deploy/examples/" + clouds)
	}
	if err != nil {
		t.Fatal(err)
	}
	l := newLabOf(t, mustLoad(t, name), given, func(s *scenario.Scenario) {
		quick(s)
		for operation := range s.Behaviour.Durations {
			if strings.HasPrefix(operation, "aws/peering-attachment/") {
				delete(s.Behaviour.Durations, operation)
			}
		}
	})
	return l
}

// losesEachPart builds an example and takes away one part of it after the other.
func losesEachPart(t *testing.T, name, clouds string, costs []loses) {
	l := newLabOfExample(t, name, clouds)
	l.mustBuild()
	time.Sleep(time.Hour)
	l.mustBeClean()
	content, err := os.ReadFile("../../deploy/examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.file.Probes.Targets) == 0 {
		content = append(content, fewTargets...)
	}
	k := l.keepOf(string(content), nil)
	k.until(control.AsDesired, time.Hour)
	l.mustCross()
	used, lost := map[int]bool{}, map[string]bool{}
	for _, part := range partsOf(l.file) {
		row := slices.IndexFunc(costs, func(r loses) bool { matches, _ := path.Match(r.part, part.name); return matches })
		if row < 0 {
			t.Errorf("no row of %s says what it costs to lose %s", name, part.name)
			continue
		}
		again := lost[fmt.Sprint(part.tunnels, part.peering)] || testing.Short() && used[row]
		if used[row], lost[fmt.Sprint(part.tunnels, part.peering)] = true, true; again {
			continue
		}
		l.mustMiss(k, part, costs[row])
	}
	for i, row := range costs {
		if !used[i] {
			t.Errorf("%s has no part %q", name, row.part)
		}
	}
	k.stop()
	l.mustBeClean()
	l.mustCross()
}

// fewTargets are those of the article that the smallest example has networks of.
const fewTargets = `
probes:
  targets:
    - {name: vm-jpe, address: 10.1.0.4, vnet: vnet-jpe}
    - {name: ec2-a, address: 172.20.0.10, vpc: vpc-a}
`

// away is for how long a part is away that does not come back by itself.
const away = 5 * time.Minute

// mustMiss takes a part away just after an audit, and fails the test unless those
// lose echoes who should, from then on until all is as desired again.
func (l *lab) mustMiss(k *keeper, part part, row loses) {
	l.Helper()
	time.Sleep(time.Until(time.Now().Truncate(15 * time.Minute).Add(16 * time.Minute)))
	ended := l.lostByPair()
	if part.peering != "" {
		l.ec2In(l.file.TransitGatewayNamed(l.file.AWS.Peerings[0].Requester()).Region, "DeleteTransitGatewayPeeringAttachment", l.ofPeering([]string{"TransitGatewayAttachmentId", "peering"})...)
		time.Sleep(30 * time.Minute)
	} else {
		l.cutTunnels(part.tunnels)
		time.Sleep(away)
		l.cutTunnels(nil)
		time.Sleep(15 * time.Minute)
	}
	k.until(control.AsDesired, time.Hour)
	least, most := row.lasts*2/5, row.lasts
	if row.lasts == untilBack {
		least, most = away, away+30*time.Second
	}
	for pair, echoes := range ended() {
		gone := time.Duration(echoes) * time.Second / rate
		meant := slices.ContainsFunc(row.who.pairs, func(p string) bool { matches, _ := path.Match(p, pair); return matches })
		if meant {
			l.Logf("without %s: %s had nothing for %s", part.name, pair, gone)
		}
		switch {
		case !meant && gone != 0:
			l.Errorf("without %s: %s lost %d echoes, and should lose none", part.name, pair, echoes)
		case meant && (gone < least || gone > most):
			l.Errorf("without %s: %s had nothing for %s, and should have nothing for %s to %s", part.name, pair, gone, least, most)
		}
	}
}

// lostByPair sends echoes between any two machines of the file until it is asked how
// many each pair has lost.
func (l *lab) lostByPair() func() map[string]int {
	stop, done, lost := make(chan struct{}), make(chan struct{}), map[string]int{}
	targets := slices.Clone(l.file.Probes.Targets)
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second / rate)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-stop:
				return
			}
			for i, from := range targets {
				for _, to := range targets[i+1:] {
					if pair := from.Name + " ↔ " + to.Name; !l.crosses(from.Address, to.Address) {
						lost[pair]++
					} else {
						lost[pair] += 0
					}
				}
			}
		}
	}()
	return func() map[string]int {
		close(stop)
		<-done
		return lost
	}
}
