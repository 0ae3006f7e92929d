package reconcile

import (
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// plain is a resource of which only the row and the live state matter.
type plain struct {
	toyResource
	attrs resource.Attrs
}

func (p *plain) Want(resource.World) (resource.Spec, error) {
	return resource.Spec{Owner: "us", Attrs: p.attrs}, nil
}

// linked is a link with two tunnels: its AWS and its Azure connection and the
// status of each tunnel in each cloud.
func linked(t *testing.T) (*Graph, *desired.File, resource.World) {
	t.Helper()
	file := &desired.File{
		Owner: "us", Policy: desired.Policy{Default: desired.Repair},
		Links: []desired.Link{{Name: "tokyo", Redundancy: desired.Tunnels}},
	}
	cloud := newToy()
	kind := func(name string, attrs ...resource.Attr) *resource.Kind {
		return &resource.Kind{Name: name, Attrs: attrs}
	}
	option := func(name string, effect resource.Effect) resource.Attr {
		return resource.Attr{Name: name, Fix: resource.InPlace, Effect: effect, Breaks: "the tunnel"}
	}
	status := &resource.Kind{Name: "vpn-tunnel", Given: true, Attrs: []resource.Attr{{Name: "status", Fix: resource.ByHand}}}
	world := resource.World{}
	add := func(id resource.ID, k *resource.Kind, want, have resource.Attrs, needs ...resource.ID) {
		r := &plain{toyResource{toy: cloud, id: id, kind: k}, want}
		for _, need := range needs {
			r.needs = append(r.needs, resource.Need{On: need, At: resource.Ready})
		}
		cloud.resources = append(cloud.resources, r)
		world[id] = resource.Live{Phase: resource.Ready, Owner: "us", Ref: string(id), Attrs: have}
	}
	aws, azure := desired.AWSConnectionID("tokyo", 0), desired.AzureConnectionID("tokyo")
	good := resource.Attrs{"tunnel_1_dpd": resource.Of("restart"), "tunnel_2_dpd": resource.Of("restart")}
	add(aws, kind("aws/vpn-connection", option("tunnel_1_dpd", resource.OneTunnel), option("tunnel_2_dpd", resource.OneTunnel)), good, good)
	policy := resource.Attrs{"mode": resource.Of("both"), "name": resource.Of("tokyo")}
	add(azure, kind("azure/vpn-connection", option("mode", resource.AllTunnels), option("name", "")), policy, policy, aws)
	for _, tunnel := range file.Tunnels() {
		up := resource.Attrs{"status": resource.Of("up")}
		add(desired.AWSTunnelID(tunnel), status, up, up, aws, azure)
		add(desired.AzureTunnelID(tunnel), status, up, up, aws, azure)
	}
	graph, err := NewGraph(cloud.resources)
	if err != nil {
		t.Fatal(err)
	}
	return graph, file, world
}

func TestWhatInterruptsIsHeldWhenItWouldTakeTheLastPair(t *testing.T) {
	aws, azure := desired.AWSConnectionID("tokyo", 0), desired.AzureConnectionID("tokyo")
	first := desired.Tunnel{Link: "tokyo", Number: 1}
	dpd := func(one, two string) resource.Attrs {
		return resource.Attrs{"tunnel_1_dpd": resource.Of(one), "tunnel_2_dpd": resource.Of(two)}
	}
	mode := func(mode, name string) resource.Attrs {
		return resource.Attrs{"mode": resource.Of(mode), "name": resource.Of(name)}
	}
	down := resource.Attrs{"status": resource.Of("down")}
	rule := desired.Rule{Drift: "azure/vpn-connection.mode", Do: desired.Repair, MayCutLastTunnel: true}
	for name, test := range map[string]struct {
		world map[resource.ID]resource.Attrs
		rule  *desired.Rule
		at    Circumstances
		verbs map[resource.ID]Verb
		held  HoldReason
	}{
		"both tunnels' options go one after the other": {
			world: map[resource.ID]resource.Attrs{aws: dpd("none", "none")},
			verbs: map[resource.ID]Verb{aws: Update},
		},
		"the only live tunnel is left": {
			world: map[resource.ID]resource.Attrs{aws: dpd("restart", "none"), desired.AWSTunnelID(first): down},
			verbs: map[resource.ID]Verb{aws: Hold}, held: HeldLastPair,
		},
		"one that is down costs nothing": {
			world: map[resource.ID]resource.Attrs{aws: dpd("none", "restart"), desired.AWSTunnelID(first): down},
			verbs: map[resource.ID]Verb{aws: Update},
		},
		"a tunnel whose status nobody knows may be live": {
			world: map[resource.ID]resource.Attrs{aws: dpd("none", "restart"), desired.AWSTunnelID(first): nil, desired.AzureTunnelID(desired.Tunnel{Link: "tokyo", Number: 2}): down},
			verbs: map[resource.ID]Verb{aws: Hold}, held: HeldLastPair,
		},
		"what takes all waits, and all that interrupts the link with it": {
			world: map[resource.ID]resource.Attrs{aws: dpd("none", "restart"), azure: mode("aws", "tokyo")},
			verbs: map[resource.ID]Verb{aws: Hold, azure: Hold}, held: HeldLastPair,
		},
		"what interrupts nothing does not wait": {
			world: map[resource.ID]resource.Attrs{azure: mode("aws", "other")},
			verbs: map[resource.ID]Verb{azure: Update}, held: HeldLastPair,
		},
		"a rule may let the last one go": {
			world: map[resource.ID]resource.Attrs{azure: mode("aws", "tokyo")}, rule: &rule,
			verbs: map[resource.ID]Verb{azure: Update},
		},
		"so may a person": {
			world: map[resource.ID]resource.Attrs{azure: mode("aws", "tokyo")},
			at:    Circumstances{Consent: Consent{LastPair: true}},
			verbs: map[resource.ID]Verb{azure: Update},
		},
		"an audit mends nothing": {
			world: map[resource.ID]resource.Attrs{azure: mode("both", "other")},
			at:    Circumstances{AuditOnly: true, Consent: Consent{LastPair: true, Approvals: true, Window: true}},
			verbs: map[resource.ID]Verb{azure: Hold}, held: HeldAudit,
		},
		"nor does a pause": {
			world: map[resource.ID]resource.Attrs{azure: mode("both", "other")},
			at:    Circumstances{Paused: "paused by uid 0"},
			verbs: map[resource.ID]Verb{azure: Hold}, held: HeldPaused,
		},
		"what a repair may write is left to it": {
			world: map[resource.ID]resource.Attrs{aws: dpd("none", "restart")},
			at:    Circumstances{InFlight: map[resource.ID]bool{azure: true}},
			verbs: map[resource.ID]Verb{aws: Hold}, held: HeldInFlight,
		},
	} {
		t.Run(name, func(t *testing.T) {
			graph, file, world := linked(t)
			for id, attrs := range test.world {
				live := world[id]
				if live.Attrs = attrs; attrs == nil {
					live = resource.Live{Why: "denied"}
				}
				world[id] = live
			}
			if test.rule != nil {
				file.Policy.Rules = []desired.Rule{*test.rule}
			}
			test.at.Now = time.Now()
			plan := Decide(graph, file, world, nil, test.at)
			held := NotHeld
			for _, step := range plan.Steps {
				if want, named := test.verbs[step.ID]; named && step.Verb != want {
					t.Errorf("%s: %s, want %s: %+v", step.ID, step.Verb, want, step.Drifts)
				}
				for _, d := range step.Drifts {
					if _, named := test.verbs[d.ID]; named && d.Held != NotHeld {
						held = d.Held
					}
				}
			}
			if held != test.held {
				t.Errorf("something is held for %q, want %q", held, test.held)
			}
		})
	}
}

func TestAnApprovalIsOfOnePlanOnly(t *testing.T) {
	graph, file, world := linked(t)
	azure := desired.AzureConnectionID("tokyo")
	change := func(mode string) {
		live := world[azure]
		live.Attrs = resource.Attrs{"mode": resource.Of(mode), "name": resource.Of("tokyo")}
		world[azure] = live
	}
	change("aws")
	digest := Decide(graph, file, world, nil, Circumstances{Now: time.Now()}).Digest()
	at := Circumstances{Now: time.Now(), Approvals: map[string]Approval{digest: {By: "uid 0"}}}
	if plan := Decide(graph, file, world, nil, at); plan.Approved != digest || plan.ApprovedBy != "uid 0" || len(plan.Writes()) != 1 {
		t.Errorf("the approved plan writes %+v, approved %q by %q", plan.Writes(), plan.Approved, plan.ApprovedBy)
	}
	change("azure")
	if plan := Decide(graph, file, world, nil, at); plan.Approved != "" || len(plan.Writes()) != 0 || plan.Digest() == digest {
		t.Errorf("a plan that has changed since is approved: %+v", plan.Writes())
	}
}

func TestWhatInterruptsKeepsToTheWindows(t *testing.T) {
	graph, file, world := linked(t)
	file.Schedule.TimeZone = "UTC"
	file.Policy.Windows = []desired.Window{{Start: "0 2 * * 6", Duration: desired.Duration(3 * time.Hour)}}
	live := world[desired.AWSConnectionID("tokyo", 0)]
	live.Attrs = resource.Attrs{"tunnel_1_dpd": resource.Of("none"), "tunnel_2_dpd": resource.Of("restart")}
	world[desired.AWSConnectionID("tokyo", 0)] = live
	for moment, writes := range map[string]int{"2026-11-27T12:00:00Z": 0, "2026-11-28T02:30:00Z": 1} {
		now, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		plan := Decide(graph, file, world, nil, Circumstances{Now: now})
		if len(plan.Writes()) != writes {
			t.Errorf("at %s it writes %d resources, want %d", moment, len(plan.Writes()), writes)
		}
		if writes == 0 && plan.Steps[0].Drifts[0].Held != HeldWindow {
			t.Errorf("it is held for %q", plan.Steps[0].Drifts[0].Held)
		}
	}
}
