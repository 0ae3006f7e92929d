package aws

import (
	"errors"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestRoutesThatCannotBeToldStayAsTheyStand: of two links one cannot be led to, for
// which of them there are several reasons; the routes of the other are wanted all
// the same, and what stands of its own is neither moved nor taken for undeclared.
func TestRoutesThatCannotBeToldStayAsTheyStand(t *testing.T) {
	const id, second = resource.ID("aws/tgw-routes/tgw-tokyo"), resource.ID("aws/vpn-connection/newyork-0")
	for name, c := range map[string]struct {
		live      resource.Live // of the second link's connection
		stand     []string
		want      []string
		partly    bool
		different int
	}{
		"it does not stand": {resource.Live{Phase: resource.Absent}, nil, []string{"10.1.0.0/16 tgw-attach-vpn"}, true, 1},
		"it was not read":   {resource.Live{}, []string{"10.2.0.0/16 tgw-attach-us"}, []string{"10.1.0.0/16 tgw-attach-vpn", "10.2.0.0/16 tgw-attach-us"}, true, 1},
		"it is gone, and left a hole": {
			resource.Live{Phase: resource.Absent},
			[]string{"10.1.0.0/16 tgw-attach-vpn", "10.2.0.0/16 blackhole tgw-attach-us"},
			[]string{"10.1.0.0/16 tgw-attach-vpn", "10.2.0.0/16 blackhole tgw-attach-us"},
			true, 0,
		},
		"it is not linkd's": {
			resource.Live{Phase: resource.Ready, Ref: "vpn-2", Owner: "theirs", Attrs: resource.Attrs{"attachment": resource.Of("tgw-attach-us")}},
			nil,
			[]string{"10.1.0.0/16 tgw-attach-vpn"},
			true, 1,
		},
		"it is not linkd's, and led to": {
			resource.Live{Phase: resource.Ready, Ref: "vpn-2", Attrs: resource.Attrs{"attachment": resource.Of("tgw-attach-us")}},
			[]string{"10.2.0.0/16 tgw-attach-us"},
			[]string{"10.1.0.0/16 tgw-attach-vpn", "10.2.0.0/16 tgw-attach-us"},
			false, 1,
		},
		"it ends elsewhere": {
			resource.Live{Phase: resource.Ready, Ref: "vpn-2", Owner: "seed", Attrs: resource.Attrs{"attachment": resource.Of("tgw-attach-us"), "transit_gateway": resource.Of("tgw-other")}},
			nil,
			[]string{"10.1.0.0/16 tgw-attach-vpn"},
			true, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := seedFile(t)
			link := file.Links[0]
			link.Name, link.Hub, link.Inside = "newyork", "hub-use", nil
			file.Links = append(file.Links, link)
			world := builtWorld()
			world[second] = c.live
			world[id] = resource.Live{Phase: resource.Ready, Owner: "seed", Attrs: resource.Attrs{"routes": resource.Of(c.stand...), "withdrawn": resource.Of()}}
			r := nodeOf[*transitGatewayRoutes](t, cloudOf(t, file), id)
			want, err := r.Want(seenBy(r, world))
			if _, partly := errors.AsType[resource.Partly](err); partly != c.partly || err != nil && !partly {
				t.Fatalf("it says %v", err)
			}
			if got := want.Attrs["routes"]; !got.Equal(resource.Of(c.want...)) {
				t.Errorf("wanted are %s", got)
			}
			drifts, _ := resource.Compare(id, r.Kind(), want, err, world[id])
			blocked := 0
			for _, d := range drifts {
				switch {
				case d.Class == resource.Blocked:
					blocked++
				case d.Class != resource.Differs:
					t.Errorf("it tells %+v", d)
				}
			}
			if len(drifts)-blocked != c.different || (blocked == 1) != c.partly {
				t.Errorf("it differs by %+v", drifts)
			}
		})
	}
}

// TestStaticRoutesOfALinkThatWasNotReadAreKept: one that speaks BGP tells the VNets,
// and whether its connection still has static routes is not known.
func TestStaticRoutesOfALinkThatWasNotReadAreKept(t *testing.T) {
	file := seedFile(t)
	file.Links[0].Routing = desired.BGP
	for phase, withdrawn := range map[resource.Phase]int{resource.Unknown: 0, resource.Ready: 2} {
		world := builtWorld()
		connection := world["aws/vpn-connection/tokyo-0"]
		connection.Phase = phase
		connection.Attrs["routing"] = resource.Of("bgp")
		if phase == resource.Unknown {
			connection.Attrs = nil
		}
		world["aws/vpn-connection/tokyo-0"] = connection
		stand := resource.Of("10.1.0.0/16 tgw-attach-vpn", "10.2.0.0/16 tgw-attach-vpn")
		world["aws/tgw-routes/tgw-tokyo"] = resource.Live{Phase: resource.Ready, Owner: "seed", Attrs: resource.Attrs{"routes": stand}}
		r := nodeOf[*transitGatewayRoutes](t, cloudOf(t, file), "aws/tgw-routes/tgw-tokyo")
		want, err := r.Want(seenBy(r, world))
		if err != nil || len(want.Attrs["withdrawn"]) != withdrawn || !want.Attrs["routes"].Equal(stand) {
			t.Errorf("%s: %v, %v", phase, want.Attrs, err)
		}
	}
}
