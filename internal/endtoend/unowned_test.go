package endtoend

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// bearer is something that carries our tags, as the simulated clouds call it.
type bearer struct {
	cloud, kind, name string
	// with are the resources that are not ours without its tags.
	with []resource.ID
}

// bearers are those of the article's link.
func bearers(l *lab) map[resource.ID]bearer {
	world := l.world()
	aws := func(kind string, id resource.ID, with ...resource.ID) bearer {
		return bearer{"aws", kind, world[id].Ref, append(with, id)}
	}
	azure := func(kind string, id resource.ID, with ...resource.ID) bearer {
		return bearer{"azure", kind, world[id].Ref, append(with, id)}
	}
	all := map[resource.ID]bearer{}
	for id, b := range map[resource.ID]bearer{
		desired.TransitGatewayID("tgw-tokyo"): aws("transit-gateway", desired.TransitGatewayID("tgw-tokyo"), desired.TransitGatewayRoutesID("tgw-tokyo")),
		desired.CustomerGatewayID("tokyo", 0): aws("customer-gateway", desired.CustomerGatewayID("tokyo", 0)),
		desired.AWSConnectionID("tokyo", 0):   aws("vpn-connection", desired.AWSConnectionID("tokyo", 0)),
		desired.VPCAttachmentID("vpc-a"):      aws("transit-gateway-attachment", desired.VPCAttachmentID("vpc-a")),
		desired.VirtualWANID("wan-global"):    azure("virtualWans", desired.VirtualWANID("wan-global")),
		desired.HubID("hub-jpe"):              azure("virtualHubs", desired.HubID("hub-jpe"), desired.VNetConnectionID("vnet-jpe")),
		desired.VPNGatewayID("hub-jpe"):       azure("vpnGateways", desired.VPNGatewayID("hub-jpe"), desired.AzureConnectionID("tokyo")),
		desired.VPNSiteID("tokyo"):            azure("vpnSites", desired.VPNSiteID("tokyo")),
	} {
		slices.Sort(b.with)
		all[id] = b
	}
	return all
}

// strip takes the tags of a resource away, as a person or another tool does.
func (l *lab) strip(b bearer) {
	l.Helper()
	field := map[string]string{"aws": "Tags", "azure": "tags"}[b.cloud]
	l.mutate(ground.Mutation{Cloud: b.cloud, Op: "unset", Kind: b.kind, Name: b.name, Field: field})
}

// restore puts the two tags of an id back, and the note of its route table on
// a transit gateway.
func (l *lab) restore(b bearer, id resource.ID) {
	l.Helper()
	tags := map[string]any{desired.OwnerTag: l.file.Owner, desired.IDTag: string(id)}
	if b.kind == "transit-gateway" {
		tags[desired.RouteTableTag] = l.world()[id].Attrs[desired.FactRouteTable].One()
	}
	if b.cloud == "azure" {
		l.mutate(ground.Mutation{Cloud: "azure", Op: "set", Kind: b.kind, Name: b.name, Field: "tags", Value: tags})
		return
	}
	for key, value := range tags {
		l.mutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: b.kind, Name: b.name, Field: "Tags." + key, Value: value})
	}
}

func (l *lab) mutate(m ground.Mutation) {
	l.Helper()
	if err := l.sim.Mutate(m); err != nil {
		l.Fatal(err)
	}
	time.Sleep(time.Minute) // until describes show it
}

// mustWriteNothing applies, and fails the test when that changes anything.
func (l *lab) mustWriteNothing() {
	l.Helper()
	before, standing := l.wire.sent(), l.standing()
	report, err := l.build(l.Context())
	if err != nil {
		l.Errorf("apply: %v", err)
	}
	for _, outcome := range report.Outcomes {
		if outcome.What == reconcile.Broken {
			l.Errorf("%s: %s", outcome.ID, outcome.Text)
		}
	}
	if made := l.wire.sent() - before; made > 0 {
		l.Errorf("apply wrote %d times: %v", made, report.Outcomes)
	}
	if after := l.standing(); !maps.Equal(standing, after) {
		l.Errorf("before %v, after %v", standing, after)
	}
}

// unowned lists what a plan holds because it is not ours.
func unowned(plan reconcile.Plan) []resource.ID {
	var ids []resource.ID
	for _, step := range plan.Steps {
		for _, d := range step.Drifts {
			if d.Class == resource.Unowned && step.Verb == reconcile.Hold {
				ids = append(ids, step.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// TestWhatHasLostItsTagsIsHeldAndNotMadeAgain strips the tags of one resource
// of each kind that carries any: it is said to be not ours, with what hangs on
// it, an apply writes nothing, and with the tags back all is as desired.
func TestWhatHasLostItsTagsIsHeldAndNotMadeAgain(t *testing.T) {
	t.Parallel()
	var ids []resource.ID
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		ids = slices.Sorted(maps.Keys(bearers(l)))
	})
	for _, id := range ids {
		t.Run(string(id), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, instant)
				l.mustBuild()
				time.Sleep(time.Hour)
				b := bearers(l)[id]
				l.strip(b)
				plan := l.plan()
				if got := unowned(plan); !slices.Equal(got, b.with) {
					t.Errorf("not ours are %v, want %v", got, b.with)
				}
				for _, step := range plan.Steps {
					if step.ID != id && !slices.Contains(b.with, step.ID) || step.Verb.Writes() {
						t.Errorf("the plan would %s %s: %v", step.Verb, step.ID, step.Drifts)
					}
					if why := step.Drifts[0].Why; step.ID == id && b.cloud == "aws" && (!strings.Contains(why, b.name) || !strings.Contains(why, string(id))) {
						t.Errorf("it does not say what and how to mend: %q", why)
					}
				}
				l.mustWriteNothing()
				l.restore(b, id)
				l.mustBeClean()
			})
		})
	}
}

// TestWithEveryTagGoneNothingIsMadeTwice strips both clouds of all our tags.
func TestWithEveryTagGoneNothingIsMadeTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		all := bearers(l)
		for _, b := range all {
			l.strip(b)
		}
		l.mustWriteNothing()
		for id, b := range all {
			l.restore(b, id)
		}
		l.mustBeClean()
		l.mustBeSingle()
	})
}

// TestNothingIsBuiltOnWhatIsNotOurs strips a resource of its tags, and takes
// away what stands on it: that is not made again before the tags are back.
func TestNothingIsBuiltOnWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stripped resource.ID
		gone     []ground.Mutation
	}{
		"a VNet connection in a hub": {desired.HubID("hub-use"), []ground.Mutation{
			{Cloud: "azure", Op: "delete", Kind: "virtualHubs/hubVirtualNetworkConnections", Name: "hub-use/vnet-use"},
		}},
		"a VPC attachment to a transit gateway": {desired.TransitGatewayID("tgw-tokyo"), []ground.Mutation{
			{Cloud: "aws", Op: "delete", Kind: "transit-gateway-attachment", Name: "seed-vpc-b"},
		}},
		"a connection of a VPN gateway": {desired.VPNGatewayID("hub-jpe"), []ground.Mutation{
			{Cloud: "azure", Op: "delete", Kind: "vpnGateways/vpnConnections", Name: "hub-jpe-vpn/tokyo"},
		}},
		"a hub in a virtual WAN": {desired.VirtualWANID("wan-global"), []ground.Mutation{
			{Cloud: "azure", Op: "delete", Kind: "virtualHubs", Name: "hub-use"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, instant)
				l.mustBuild()
				time.Sleep(time.Hour)
				world := l.world()
				b := bearer{cloud: "azure", kind: map[string]string{
					"virtual-hub": "virtualHubs", "vpn-gateway": "vpnGateways", "virtual-wan": "virtualWans",
				}[strings.Split(string(c.stripped), "/")[1]], name: world[c.stripped].Ref}
				if b.kind == "" {
					b = bearer{cloud: "aws", kind: "transit-gateway", name: world[c.stripped].Ref}
				}
				for _, m := range c.gone {
					l.mutate(m)
				}
				l.strip(b)
				for _, step := range l.plan().Steps {
					if step.Verb.Writes() {
						t.Errorf("the plan would %s %s", step.Verb, step.ID)
					}
				}
				l.mustWriteNothing()
				l.restore(b, c.stripped)
				l.mustBuild()
				time.Sleep(time.Hour)
				l.mustBeClean()
			})
		})
	}
}
