package endtoend

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/catalogue"
)

// TestTheCatalogueOfDrift plays every entry of the catalogue on a link that
// was built: the drift is found under its key on its resource, with what it
// breaks, and accuses nothing that does not follow from it; under report
// nothing is written and it stands; under repair it is mended, or left where
// linkd must not; and in the end the world is as it was.
func TestTheCatalogueOfDrift(t *testing.T) {
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
					l.play(t, entry)
				})
			})
		}
	}
	for i, entry := range ofPacific.Entries() {
		if testing.Short() && i%8 != 0 {
			continue
		}
		t.Run(entry.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newLabOfPeering(t, instant).play(t, entry) })
		})
	}
}

// ofPacific is the peering of peered-region.yaml.
var ofPacific = catalogue.Peering{
	Kind: "aws/peering-attachment", Name: "pacific", Owner: "peered-region",
	Asks:  catalogue.PeeringEnd{Region: "ap-northeast-1", Gateway: "tgw-tokyo", VPC: "vpc-0a10000000000000a", Far: "172.22.0.0/16"},
	Asked: catalogue.PeeringEnd{Region: "us-east-1", Gateway: "tgw-virginia", VPC: "vpc-0c30000000000000c", Far: "172.20.0.0/16"},
}

func (l *lab) play(t *testing.T, entry catalogue.Entry) {
	l.mustBuild()
	time.Sleep(time.Hour) // what has just been made may still settle by itself
	before, standing := l.world(), l.standing()

	l.do(entry.Do)
	single := l.file.Links[0].Redundancy == desired.Single
	if cuts := entry.Cuts == catalogue.CutsAll || entry.Cuts == catalogue.CutsSingle && single; cuts == l.allCross() {
		t.Errorf("all echoes cross: %t; it should cut: %t", l.allCross(), cuts)
	}
	time.Sleep(10 * time.Minute) // until both clouds show it
	l.file.Policy = desired.Policy{Default: desired.Report}
	l.mustFind(entry)
	writes := l.wire.sent()
	if _, err := l.build(t.Context()); err != nil {
		t.Errorf("apply under report: %v", err)
	}
	if made := l.wire.sent() - writes; made > 0 {
		t.Errorf("under report it wrote %d times", made)
	}
	l.mustFind(entry)

	l.file.Policy = everything
	report, err := l.build(t.Context())
	if err != nil {
		t.Errorf("apply: %v", err)
	}
	if entry.Lasts != "" {
		if made := l.wire.sent() - writes; made > 0 && !entry.Tries {
			t.Errorf("what linkd must leave, it wrote %d times", made)
		}
		l.mustFind(entry)
	} else {
		l.complain(report)
		l.mustBeClean()
		l.mustCross()
	}
	if len(entry.Then) > 0 {
		l.do(entry.Then)
		time.Sleep(10 * time.Minute)
		l.mustBuild()
		l.mustBeClean()
		l.mustCross()
	} else if entry.Lasts != "" {
		return
	}
	time.Sleep(lingers)
	compareWorlds(t, before, l.world(), entry.Anew)
	l.mustStand(standing, "in the end")
}

// everything is a policy that repairs everything, and whose rules name every
// drift.
var everything = func() desired.Policy {
	policy := desired.Policy{Default: desired.Repair}
	for _, key := range slices.Concat(catalogue.Keys(), keysOfPacific()) {
		policy.Rules = append(policy.Rules, desired.Rule{Drift: key, Do: desired.Repair})
	}
	return policy
}()

// keysOfPacific are the keys of peerings that a repair mends.
func keysOfPacific() []string {
	var keys []string
	for _, entry := range ofPacific.Entries() {
		if entry.Lasts == "" {
			keys = append(keys, entry.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// vary makes a variant of the file.
func (l *lab) vary(variant catalogue.File) {
	switch variant {
	case catalogue.LivePrefixes:
		for h := range l.file.Azure.Hubs {
			l.file.Azure.Hubs[h].VNets[0].Prefixes = nil
		}
		vpcs := l.file.AWS.Regions[0].TransitGateways[0].VPCs
		for i := range vpcs {
			vpcs[i].Prefixes = nil
		}
	case catalogue.SpeaksBGP:
		l.file.Links[0].Routing = desired.BGP
	case catalogue.ChoosesHours:
		l.file.AWS.EndpointMaintenance = desired.MaintainedByLinkd
	case catalogue.GivenKeys:
		l.file.Links[0].Keys.From = "env:KEY"
		l.env = map[string]string{"KEY": "given.by.the.file"}
	}
}

// do makes it happen, step by step.
func (l *lab) do(steps []catalogue.Step) {
	l.Helper()
	state := func() ([]byte, error) { return json.Marshal(l.sim.Dump()) }
	if err := catalogue.Play(steps, state, l.sim.Mutate); err != nil {
		l.Fatal(err)
	}
}

// mustHappen plays the entry of the catalogue that goes by a name.
func (l *lab) mustHappen(name string) {
	l.Helper()
	for _, entry := range catalogue.Entries() {
		if entry.Name == name {
			l.do(entry.Do)
			return
		}
	}
	l.Fatalf("no entry of the catalogue is called %q", name)
}

// mustFind fails the test unless a look finds the drift of an entry, and
// nothing beside it that the entry does not expect.
func (l *lab) mustFind(entry catalogue.Entry) {
	l.Helper()
	plan := l.plan()
	found := entry.Key == ""
	for _, step := range plan.Steps {
		for _, d := range step.Drifts {
			switch {
			case d.Key() == entry.Key && string(step.ID) == entry.On:
				found = true
				l.mustTell(d)
			case d.Key() != entry.Key && !slices.Contains(entry.Beside, d.Key()) && d.Class != resource.Blocked:
				l.Errorf("%s is accused too, of %s: %s", step.ID, d.Key(), d.Why)
			}
			if blocked := d.Class == resource.Blocked; (d.Breaks == "") != blocked { // it may be well: nobody knows
				l.Errorf("%s says that it breaks %q", d.Key(), d.Breaks)
			}
		}
	}
	for _, stray := range plan.Strays {
		switch key := stray.Kind + "." + string(stray.Class); {
		case key == entry.Key && entry.On == "":
			found = true
		case !slices.Contains(entry.Beside, key):
			l.Errorf("%s is accused too, of %s", stray.Ref, key)
		}
	}
	if !found {
		var text strings.Builder
		_ = plan.Text(&text)
		l.Errorf("%s was not found on %q:\n%s", entry.Key, entry.On, text.String())
	}
}

// mustTell fails the test unless a drift of an attribute says what is wanted
// and what is there, and that of a key says neither.
func (l *lab) mustTell(d reconcile.Decided) {
	l.Helper()
	shown := len(d.Want)+len(d.Have) > 0
	if secret := strings.HasSuffix(d.Attr, "key"); d.Attr != "" && shown == secret {
		l.Errorf("%s wants %v and has %v", d.Key(), d.Want, d.Have)
	}
	if d.Want.Equal(d.Have) && shown {
		l.Errorf("%s wants what it has: %v", d.Key(), d.Want)
	}
}

// allCross reports whether every echo between the machines of the article
// crosses.
func (l *lab) allCross() bool {
	for _, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets {
			if from.Name != to.Name && !l.crosses(from.Address, to.Address) {
				return false
			}
		}
	}
	return true
}

// world is what a fresh sweep says.
func (l *lab) world() resource.World {
	l.Helper()
	_, world := l.engine(l.Context()).Plan(l.Context())
	return world
}

const tokyoConnection = "hub-jpe-vpn/tokyo"
