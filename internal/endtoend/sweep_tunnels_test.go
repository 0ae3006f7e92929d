package endtoend

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// tunnelSweeper is a cloud that can look at its tunnels alone.
type tunnelSweeper interface {
	SweepTunnels(ctx context.Context) resource.World
}

// TestALookAtTheTunnelsAloneSaysWhatTheFullOneSays compares the two looks at
// AWS's tunnels, and counts what the short one asks.
func TestALookAtTheTunnelsAloneSaysWhatTheFullOneSays(t *testing.T) {
	t.Parallel()
	connection := desired.AWSConnectionID("tokyo", 0)
	tunnel := desired.AWSTunnelID(desired.Tunnel{Link: "tokyo", Number: 1})
	aws := func(op, name, field string, value any) func(*lab) {
		return func(l *lab) {
			kind := "vpn-connection"
			if name == "/0" {
				kind = "vpn-tunnel"
			}
			l.mutate(ground.Mutation{Cloud: "aws", Op: op, Kind: kind, Name: l.world()[connection].Ref + name, Field: field, Value: value})
		}
	}
	for name, c := range map[string]struct {
		change  func(*lab)
		phase   resource.Phase
		status  string
		warmed  bool // the short look comes after a full one
		differs bool // the short look cannot know, and says so
	}{
		"up":                      {phase: resource.Ready, status: "up"},
		"down":                    {change: aws("set", "/0", "PreSharedKey", "another.key.altogether"), phase: resource.Ready, status: "down"},
		"no connection":           {change: aws("delete", "", "", nil), phase: resource.Absent},
		"tags lost, and known":    {change: aws("unset", "", "Tags", nil), phase: resource.Ready, status: "up", warmed: true},
		"tags lost, not known":    {change: aws("unset", "", "Tags", nil), phase: resource.Unknown, differs: true},
		"denied":                  {change: func(l *lab) { l.deny("DescribeVpnConnections") }, phase: resource.Unknown},
		"only the rest is denied": {change: func(l *lab) { l.deny("DescribeTransitGatewayAttachments") }, phase: resource.Ready, status: "up", differs: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, instant)
				l.mustBuild()
				time.Sleep(time.Hour)
				if c.change != nil {
					c.change(l)
				}
				time.Sleep(time.Hour)
				full, _ := l.openAWS().Sweep(t.Context())
				cloud := l.openAWS()
				if c.warmed {
					cloud.Sweep(t.Context())
				}
				l.sim.ForgetCalls()
				short := cloud.(tunnelSweeper).SweepTunnels(t.Context())
				if calls := l.sim.Calls(); len(calls) != 1 || calls["DescribeVpnConnections"] != 1 {
					t.Errorf("it asks %v, want one list of the connections", calls)
				}
				if len(short) != 1 || short[tunnel].Phase != c.phase || short[tunnel].Attrs["status"].One() != c.status {
					t.Fatalf("it finds %+v, want the tunnel %s %s", short, c.phase, c.status)
				}
				if c.phase == resource.Unknown && short[tunnel].Why == "" {
					t.Error("it does not say why the tunnel is unknown")
				}
				want := full[tunnel]
				want.AsOf = short[tunnel].AsOf
				if diff := cmp.Diff(want, short[tunnel], cmp.Comparer(resource.Secret.Equal)); diff != "" && !c.differs {
					t.Errorf("the full look and the short one differ:\n%s", diff)
				}
				if c.phase != resource.Ready {
					return
				}
				for _, fact := range []string{"outside_address", "last_change"} {
					if short[tunnel].Attrs[fact].One() == "" {
						t.Errorf("it lacks the fact %s: %v", fact, short[tunnel].Attrs)
					}
				}
				if _, err := time.Parse(time.RFC3339, short[tunnel].Attrs["last_change"].One()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// openAWS opens the AWS side with an empty memory.
func (l *lab) openAWS() reconcile.Cloud {
	l.Helper()
	for _, cloud := range l.open(l.Context()) {
		if cloud.Name() == "aws" {
			return cloud
		}
	}
	l.Fatal("there is no AWS side")
	return nil
}

// deny makes AWS refuse one action from now on.
func (l *lab) deny(action string) {
	l.sim.Inject(ground.Fault{Cloud: "aws", Operation: action, Effect: ground.EffectDeny})
}
