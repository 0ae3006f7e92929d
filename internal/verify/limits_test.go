package verify

import (
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// unbuilt is what is known of the seed before anything is built: the route tables
// and networks are there, and nothing of linkd's.
func unbuilt(t *testing.T) *Evidence {
	t.Helper()
	e := &Evidence{File: seed(t), World: resource.World{}}
	gateway, tunnel := e.File.TransitGateways()[0], e.File.Tunnels()[0]
	for _, id := range []resource.ID{desired.TransitGatewayID(gateway.Name), desired.CustomerGatewayID(tunnel.Link, 0), desired.AWSConnectionID(tunnel.Link, 0)} {
		e.World[id] = resource.Live{Phase: resource.Absent}
	}
	for _, vpc := range gateway.VPCs {
		e.World[desired.VPCAttachmentID(vpc.Name)] = resource.Live{Phase: resource.Absent}
		for _, table := range vpc.RouteTables {
			e.World[desired.VPCRoutesID(table)] = resource.Live{Phase: resource.Ready, Ref: table, Attrs: resource.Attrs{"routes": resource.Of()}}
		}
	}
	return e
}

// TestEachLimitCountsWhatStandsAndWhatIsToCome goes to each limit, and one beyond
// it; what nobody could count is unknown.
func TestEachLimitCountsWhatStandsAndWhatIsToCome(t *testing.T) {
	only := Selection{Only: regexpOf("^limits$")}
	for _, row := range limits {
		e := unbuilt(t)
		wanted, _ := e.additions()
		var at *survey.Usage
		for _, more := range wanted {
			e.Usage = append(e.Usage, survey.Usage{Kind: more.kind, Place: more.place, Seen: survey.Seen{At: time.Unix(1, 0)}})
		}
		for i, more := range wanted {
			if more.kind == row.kind && at == nil {
				at = &e.Usage[i]
				at.Count = row.most - more.count
			}
		}
		if at == nil {
			t.Fatalf("the seed has no %s", row.kind)
		}
		if o := outcomeOf(Run(e, only), "limits"); o.Mark != OK || o.Says != "the limits of AWS have room for what is to be built (7 limits)" {
			t.Errorf("%s at the limit: %+v", row.kind, o)
		}
		at.Count++
		report := Run(e, only)
		if o := outcomeOf(report, "limits"); o.Mark != Warned || len(o.Findings) != 1 || o.Findings[0].Code != failure.LimitReached || o.Findings[0].Ref != at.Place {
			t.Errorf("%s beyond the limit: %+v", row.kind, o)
		}
		at.Seen = survey.Seen{Why: "it was refused"}
		if o := outcomeOf(Run(e, only), "limits"); o.Mark != Unknown || len(o.Gaps) != 1 || o.Gaps[0].About != at.Place {
			t.Errorf("%s of which nobody knows: %+v", row.kind, o)
		}
	}
}

// TestWhatStandsNeedsNoRoom: a limit is of what is still to be built.
func TestWhatStandsNeedsNoRoom(t *testing.T) {
	e := unbuilt(t)
	for id, live := range e.World {
		live.Phase, live.Attrs = resource.Ready, resource.Attrs{"routes": resource.Of("10.1.0.0/16 x", "10.2.0.0/16 x", "172.20.0.0/16 x", "172.21.0.0/16 x")}
		e.World[id] = live
	}
	if e.Adds() {
		wanted, _ := e.additions()
		t.Errorf("more is wanted: %+v", wanted)
	}
}

// TestACloudThatIsShutIsNotCounted: that it lets nobody in is told once, above.
func TestACloudThatIsShutIsNotCounted(t *testing.T) {
	e := &Evidence{File: seed(t), Usage: []survey.Usage{}, Access: []Access{{Cloud: "azure"}, {Cloud: "aws", Problem: "there are no credentials"}}}
	if o := outcomeOf(Run(e, Selection{}), "limits"); o.Mark != Skipped || len(o.Gaps) > 0 {
		t.Errorf("%+v", o)
	}
}
