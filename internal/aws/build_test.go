package aws

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

func TestTheArticlesHalfIsBuiltAndStaysAsItIs(t *testing.T) {
	for name, change := range map[string]func(*scenario.Scenario){
		"as the clouds are":             nil,
		"tunnels known at once":         func(s *scenario.Scenario) { s.Behaviour.TunnelsKnown = scenario.AtCreate },
		"describes that lag":            func(s *scenario.Scenario) { s.Behaviour.Lag = 45 * time.Second },
		"all at once":                   func(s *scenario.Scenario) { s.Behaviour.Instant = true },
		"pages of five":                 func(s *scenario.Scenario) { s.Behaviour.PageSize = 5 },
		"no describe without a filter":  func(s *scenario.Scenario) { s.Behaviour.RefuseUnqualified = true },
		"quotas that throttle the rest": func(s *scenario.Scenario) { s.Behaviour.Throttle = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, change)
				b.mustBuild()
				time.Sleep(2 * time.Minute)
				if drifts := b.drifts(); len(drifts) > 0 {
					t.Errorf("a look after the build finds %v", drifts)
				}
				b.restart()
				b.mustBuild()
				if n := b.writes(); n > 0 {
					t.Errorf("a second build writes %d times: %v", n, b.calls)
				}
			})
		})
	}
}

func TestASweepReadsTheWholeScopeInEightCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mustBuild()
		time.Sleep(time.Hour)
		b.restart()
		world, strays := b.cloud.Sweep(t.Context())
		if diff := cmp.Diff(map[string]int{
			"ec2:DescribeTransitGateways": 1, "ec2:DescribeTransitGatewayAttachments": 1, "ec2:DescribeTransitGatewayVpcAttachments": 1,
			"ec2:DescribeVpnConnections": 1, "ec2:DescribeCustomerGateways": 1, "ec2:DescribeRouteTables": 1, "ec2:DescribeVpcs": 1,
			"ec2:SearchTransitGatewayRoutes": 1,
		}, b.calls); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if len(strays) > 0 {
			t.Errorf("strays: %v", strays)
		}
		// A sweep and a single read must not judge differently.
		for _, n := range b.cloud.nodes {
			live, err := n.Read(t.Context(), seenBy(n, merged(world, b.world)))
			if err != nil {
				t.Fatal(err)
			}
			live.AsOf = world[n.ID()].AsOf
			if diff := cmp.Diff(live, world[n.ID()], cmp.Comparer(resource.Secret.Equal)); diff != "" {
				t.Errorf("%s: a read and the sweep differ:\n%s", n.ID(), diff)
			}
		}
	})
}

func merged(worlds ...resource.World) resource.World {
	all := resource.World{}
	for _, w := range slices.Backward(worlds) {
		all.Merge(w)
	}
	return all
}

func TestWhatSomebodyChangedIsSeenAndMended(t *testing.T) {
	const table, vpcTable = "tgw-rtb", "rtb-0a10000000000000a"
	route := func(destination, member, target string) map[string]any {
		return map[string]any{"DestinationCidrBlock": destination, member: target}
	}
	for name, c := range map[string]struct {
		change func(*bench)
		want   []string
		stays  bool // only a person, or a rule, mends it
	}{
		"ECMP is off": {func(b *bench) { b.mutate("transit-gateway", "tgw-tokyo", "set", "VpnEcmpSupport", "disable") }, []string{"aws/transit-gateway.ecmp"}, false},
		"the association of a VPC is gone": {func(b *bench) {
			b.mutate("transit-gateway-attachment", b.ref("aws/vpc-attachment/vpc-a"), "unset", "Association", nil)
		}, []string{"aws/vpc-attachment.association"}, false},
		"the propagation of a VPC is off": {func(b *bench) {
			b.mutate("transit-gateway-attachment", b.ref("aws/vpc-attachment/vpc-a"), "remove", "Propagations", b.table())
		}, []string{"aws/vpc-attachment.propagation"}, false},
		"the association of the VPN is gone": {func(b *bench) {
			b.mutate("transit-gateway-attachment", b.attachment(), "unset", "Association", nil)
		}, []string{"aws/vpn-connection.association"}, false},
		"the tags of the VPN's attachment are gone": {func(b *bench) {
			b.mutate("transit-gateway-attachment", b.attachment(), "unset", "Tags."+desired.OwnerTag, nil)
		}, []string{"aws/vpn-connection.attachment_owner"}, false},
		"a route to Azure is gone": {func(b *bench) {
			b.mutate("transit-gateway-route-table", b.table(), "remove", "Routes", "10.1.0.0/16")
		}, []string{"aws/tgw-routes.routes"}, false},
		"a route to Azure leads to a VPC": {func(b *bench) {
			b.mutate("transit-gateway-route-table", b.table(), "set", "Routes", route("10.1.0.0/16", "TransitGatewayAttachmentId", b.ref("aws/vpc-attachment/vpc-b")))
		}, []string{"aws/tgw-routes.routes", "aws/tgw-routes.routes.extra"}, false},
		"a route that nobody declared": {func(b *bench) {
			b.mutate("transit-gateway-route-table", b.table(), "add", "Routes", route("10.99.0.0/16", "TransitGatewayAttachmentId", b.attachment()))
		}, []string{"aws/tgw-routes.routes.extra"}, false},
		"a VPC has lost a route": {func(b *bench) { b.mutate("route-table", vpcTable, "remove", "Routes", "10.2.0.0/16") }, []string{"aws/vpc-routes.routes"}, false},
		"a VPC sends a part elsewhere": {func(b *bench) {
			b.mutate("route-table", vpcTable, "add", "Routes", route("10.1.7.0/24", "GatewayId", "igw-0123456789abcdef0"))
		}, []string{"aws/vpc-routes.routes.extra"}, false},
		"IKE begins on the other side": {func(b *bench) { b.mutate("vpn-tunnel", b.outside(1), "set", "StartupAction", "add") }, []string{"aws/vpn-connection.tunnel_1_startup"}, false},
		"both tunnels have another lifetime": {func(b *bench) {
			b.mutate("vpn-tunnel", b.outside(1), "set", "Phase1LifetimeSeconds", 3600)
			b.mutate("vpn-tunnel", b.outside(2), "set", "Phase1LifetimeSeconds", 3600)
		}, []string{"aws/vpn-connection.tunnel_1_phase1", "aws/vpn-connection.tunnel_2_phase1"}, false},
		"a second VPC range": {func(b *bench) { b.mutate("vpc", b.ref("aws/vpc/vpc-a"), "add", "CidrBlocks", "172.30.0.0/16") }, []string{"aws/vpc.prefixes.extra"}, true},
		"the owner tag of an attachment is gone": {func(b *bench) {
			b.mutate("transit-gateway-attachment", b.ref("aws/vpc-attachment/vpc-a"), "unset", "Tags."+desired.OwnerTag, nil)
		}, []string{"aws/vpc-attachment.unowned"}, true},
		"a customer gateway of ours that the file does not name": {func(b *bench) {
			b.mutate("customer-gateway", "ap-northeast-1", "create", "", map[string]any{
				"Type": "ipsec.1", "IpAddress": "203.0.113.77", "BgpAsn": 65515, "TagSpecification": []any{map[string]any{
					"ResourceType": "customer-gateway", "Tag": []any{
						map[string]any{"Key": desired.OwnerTag, "Value": "seed"}, map[string]any{"Key": desired.IDTag, "Value": "aws/customer-gateway/osaka-0"},
					},
				}},
			})
		}, []string{"aws/customer-gateway.orphan"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				b.mustBuild()
				time.Sleep(time.Hour)
				c.change(b)
				if got := b.drifts(); !slices.Equal(got, c.want) {
					t.Fatalf("a look finds %v, want %v", got, c.want)
				}
				if c.stays {
					return
				}
				b.mustBuild()
				time.Sleep(time.Minute)
				if got := b.drifts(); len(got) > 0 {
					t.Errorf("after the repair a look finds %v", got)
				}
			})
		})
	}
}

func (b *bench) table() string {
	return b.world["aws/transit-gateway/tgw-tokyo"].Attrs[desired.FactRouteTable].One()
}

func (b *bench) attachment() string {
	return b.world["aws/vpn-connection/tokyo-0"].Attrs[desired.FactAttachment].One()
}

func (b *bench) outside(number int) string {
	return b.world["aws/vpn-connection/tokyo-0"].Attrs[desired.FactOutsideAddress(number)].One()
}

func TestKeysOfTheFileReachBothTunnelsOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mustBuild()
		b.file.Links[0].Redundancy = desired.Tunnels
		b.file.Links[0].Keys.From = "env:KEYS"
		t.Setenv("KEYS", "the.first.key\nthe.second.key")
		b.restart()
		n := nodeOf[*vpnConnection](t, b.cloud, "aws/vpn-connection/tokyo-0")
		if err := b.converge(n); err != nil {
			t.Fatal(err)
		}
		for number, key := range map[int]string{1: "the.first.key", 2: "the.second.key"} {
			if b.world[n.ID()].Secrets[desired.FactKey(number)].Reveal() != key {
				t.Errorf("tunnel %d does not have the key of the file", number)
			}
		}
		if got := b.calls["ec2:ModifyVpnTunnelOptions"]; got != 2 {
			t.Errorf("two tunnels were changed in %d calls", got)
		}
	})
}

// TestTheMakingOfKeysIsNoted makes a connection whose keys AWS makes, and one
// whose keys the file gives: those are as old as their source says.
func TestTheMakingOfKeysIsNoted(t *testing.T) {
	for from, noted := range map[string]bool{"aws": true, "env:KEYS": false} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, nil)
			b.file.Links[0].Keys.From = from
			t.Setenv("KEYS", "the.first.key")
			b.restart()
			began := time.Now().Truncate(time.Second)
			b.mustBuild()
			time.Sleep(2 * time.Minute)
			b.restart()
			world, _ := b.cloud.Sweep(t.Context())
			note := desired.ParseKeyNote(world["aws/vpn-connection/tokyo-0"].Attrs[desired.FactKeyNote].One())
			for number := 1; number <= 2; number++ {
				if set := note.Set[number]; set.IsZero() == noted || noted && (set.Before(began) || set.After(time.Now())) {
					t.Errorf("%s: the note says that the key of tunnel %d was set at %s", from, number, set)
				}
			}
			if note.Open() {
				t.Errorf("%s: something is to do: %q", from, note)
			}
		})
	}
}

func TestALostAnswerNeverMakesASecondOne(t *testing.T) {
	for _, action := range []string{
		"CreateTransitGateway", "CreateTransitGatewayVpcAttachment", "CreateCustomerGateway", "CreateVpnConnection",
		"CreateTransitGatewayRoute", "CreateRoute", "CreateTags",
	} {
		for _, effect := range []ground.Effect{ground.EffectDie, ground.EffectDrop} {
			t.Run(fmt.Sprintf("%s, %s", action, effect), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t, nil, ground.Fault{Cloud: "aws", Operation: action, Count: 1, Effect: effect})
					b.mustBuild()
					time.Sleep(2 * time.Minute)
					if drifts := b.drifts(); len(drifts) > 0 {
						t.Errorf("a look after the build finds %v", drifts)
					}
				})
			})
		}
	}
}

func TestCreatesThatCannotBeRepeatedAreSentOnce(t *testing.T) {
	for id, action := range map[resource.ID]string{
		"aws/transit-gateway/tgw-tokyo": "CreateTransitGateway", "aws/vpn-connection/tokyo-0": "CreateVpnConnection",
	} {
		t.Run(action, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				for _, n := range b.built() {
					if n.ID() == id {
						b.sim.Inject(ground.Fault{Cloud: "aws", Operation: action, Effect: ground.EffectStatus, Status: 500, Code: "InternalError"})
						_, err := b.look(t.Context(), n)
						if resource.ReasonOf(err) != resource.Unreachable || b.calls["ec2:"+action] != 1 {
							t.Errorf("after %d calls: %v", b.calls["ec2:"+action], err)
						}
						return
					}
					if err := b.converge(n); err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

func TestADeniedCallIsNamedAndTheRestIsReadAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mustBuild()
		b.restart()
		b.sim.Inject(ground.Fault{Cloud: "aws", Operation: "DescribeVpnConnections", Effect: ground.EffectDeny})
		world, _ := b.cloud.Sweep(t.Context())
		for _, n := range b.built() {
			live, want := world[n.ID()], resource.Ready
			if n.Kind() == &vpnConnectionKind {
				want = resource.Unknown
			}
			if live.Phase != want {
				t.Errorf("%s is %s: %s", n.ID(), live.Phase, live.Why)
			}
		}
		_, err := nodeOf[node](t, b.cloud, "aws/vpn-connection/tokyo-0").Read(t.Context(), b.world)
		if resource.ReasonOf(err) != resource.Denied || resource.HintOf(err) != "allow ec2:DescribeVpnConnections to the identity that linkd runs as" {
			t.Errorf("got %v, hint %q", err, resource.HintOf(err))
		}
	})
}

func TestTheAccountIsChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		if err := b.cloud.Check(t.Context()); err != nil {
			t.Errorf("the right account: %v", err)
		}
		b.file.AWS.Account = "999999999999"
		err := b.cloud.Check(t.Context())
		want := "sts:GetCallerIdentity could not sign in: the credentials are of account 123456789012, and the file names account 999999999999"
		if err == nil || err.Error() != want || resource.HintOf(err) == "" {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhatIsDeletedGoesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mustBuild()
		for _, n := range slices.Backward(b.built()) {
			if n.Kind().Given || n.Kind().Shared {
				continue
			}
			for range 200 {
				live, err := n.Read(t.Context(), seenBy(n, b.world))
				if err != nil {
					t.Fatal(err)
				}
				if live.Phase == resource.Absent {
					break
				}
				if err := n.Delete(t.Context(), live); err != nil && resource.ReasonOf(err) != resource.Busy {
					t.Fatalf("%s: %v", n.ID(), err)
				}
				time.Sleep(10 * time.Second)
			}
		}
		world, _ := b.cloud.Sweep(t.Context())
		for _, n := range b.built() {
			if !n.Kind().Given && !n.Kind().Shared && world[n.ID()].Phase != resource.Absent {
				t.Errorf("%s is %s", n.ID(), world[n.ID()].Phase)
			}
		}
	})
}

func TestAnswersThatMakeNoSenseAreNotTakenForNothing(t *testing.T) {
	for _, how := range []string{"garbage", "empty", "cut"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				b.mustBuild()
				b.restart()
				b.sim.Inject(ground.Fault{Cloud: "aws", Operation: "*", Effect: ground.EffectNonsense, Nonsense: how})
				world, strays := b.cloud.Sweep(t.Context())
				for _, n := range b.built() {
					if live := world[n.ID()]; live.Phase != resource.Unknown || live.Why == "" {
						t.Errorf("%s is %s: %q", n.ID(), live.Phase, live.Why)
					}
				}
				if len(strays) > 0 {
					t.Errorf("strays: %v", strays)
				}
			})
		})
	}
}

func TestAnAnswerThatStallsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, ground.Fault{Cloud: "aws", Operation: "DescribeTransitGateways", Effect: ground.EffectStall, Stall: 3600, Count: 1})
		began := time.Now()
		_, err := b.look(t.Context(), b.built()[0])
		if resource.ReasonOf(err) != resource.Unreachable || time.Since(began) > 2*answerWithin {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
