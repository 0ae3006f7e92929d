package aws

import (
	"errors"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestWhereTheRoutesOfTwoConnectionsLead tells of worlds, each a change of one in
// which all is well and the routes lead to the first connection, what is wanted.
func TestWhereTheRoutesOfTwoConnectionsLead(t *testing.T) {
	const id, first, second = resource.ID("aws/tgw-routes/tgw-tokyo"), "tgw-attach-vpn", "tgw-attach-two"
	connection := func(w resource.World, instance int, change func(*resource.Live)) {
		live := w[desired.AWSConnectionID("tokyo", instance)]
		change(&live)
		w[desired.AWSConnectionID("tokyo", instance)] = live
	}
	gone := func(live *resource.Live) { *live = resource.Live{Phase: resource.Absent} }
	modifying := func(live *resource.Live) { live.Phase, live.Attrs = resource.Created, resource.Attrs{} }
	down := func(w resource.World, instance int) {
		for number := 1; number <= 2; number++ {
			w[desired.AWSTunnelID(desired.Tunnel{Link: "tokyo", Instance: instance, Number: number})] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"status": resource.Of("down")}}
		}
	}
	unknown := func(w resource.World, instance int) {
		for number := 1; number <= 2; number++ {
			delete(w, desired.AWSTunnelID(desired.Tunnel{Link: "tokyo", Instance: instance, Number: number}))
		}
	}
	lead := func(w resource.World, targets ...string) {
		w[id] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"routes": resource.Of("10.1.0.0/16 "+targets[0], "10.2.0.0/16 "+targets[len(targets)-1])}}
	}
	for name, c := range map[string]struct {
		change func(resource.World)
		to     string // where all routes are to lead; "" when it cannot be told
		turns  int    // how many routes take the place of linkd's own
		why    string
	}{
		"all is well":                       {func(resource.World) {}, first, 0, ""},
		"the first is down":                 {func(w resource.World) { down(w, 0) }, second, 2, "tokyo-1 carries, for no tunnel of tokyo-0 is up"},
		"the first is gone":                 {func(w resource.World) { down(w, 0); connection(w, 0, gone); lead(w, "blackhole "+first) }, second, 2, "tokyo-1 carries"},
		"the first is being modified":       {func(w resource.World) { down(w, 0); connection(w, 0, modifying) }, second, 0, ""},
		"the second is not linkd's":         {func(w resource.World) { down(w, 0); connection(w, 1, func(l *resource.Live) { l.Owner = "" }) }, "", 0, ""},
		"the second is gone":                {func(w resource.World) { down(w, 1); connection(w, 1, gone) }, first, 0, ""},
		"the first is not known":            {func(w resource.World) { unknown(w, 0) }, first, 0, ""},
		"half way to the second":            {func(w resource.World) { down(w, 0); lead(w, first, second) }, second, 1, "tokyo-1 carries"},
		"half way, and the first is back":   {func(w resource.World) { lead(w, first, second) }, first, 1, "tokyo-0 carries again"},
		"at the second, and the first back": {func(w resource.World) { lead(w, second) }, second, 0, ""},
		"at the second, and it is down":     {func(w resource.World) { lead(w, second); down(w, 1) }, first, 2, "tokyo-0 carries, for no tunnel of tokyo-1 is up"},
		"at the second, the first for long": {func(w resource.World) {
			lead(w, second)
			w["aws/vpn-tunnel/tokyo-0-2"].Attrs[desired.FactSteady] = resource.Of("yes")
		}, first, 2, "tokyo-0 carries again, for it has been up for 10m0s"},
		"elsewhere, and nobody knows where the second leads": {func(w resource.World) { lead(w, second); unknown(w, 0); connection(w, 1, modifying) }, "", 0, ""},
		"elsewhere, and the first is surely up":              {func(w resource.World) { lead(w, "tgw-attach-x"); connection(w, 1, modifying) }, first, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := seedFile(t)
			file.Links[0].Redundancy = desired.Full
			r := nodeOf[*transitGatewayRoutes](t, cloudOf(t, file), id)
			world := builtWorld()
			connection(world, 0, func(live *resource.Live) { live.Owner = "seed" })
			world[desired.AWSConnectionID("tokyo", 1)] = resource.Live{Phase: resource.Ready, Ref: "vpn-2", Owner: "seed", Attrs: resource.Attrs{"attachment": resource.Of(second)}}
			for _, tunnel := range file.Links[0].Tunnels() {
				world[desired.AWSTunnelID(tunnel)] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"status": resource.Of("up")}}
				world[desired.AzureTunnelID(tunnel)] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"status": resource.Of("up")}}
			}
			lead(world, first)
			c.change(world)

			want, err := r.Want(world.Only(append(r.Heeds(), id, "aws/transit-gateway/tgw-tokyo", desired.AWSConnectionID("tokyo", 0))...))
			if _, patient := errors.AsType[resource.NotYet](err); patient != (c.to == "") {
				t.Fatalf("it says %v: %v", want.Attrs, err)
			}
			if c.to == "" {
				return
			}
			if got := want.Attrs["routes"]; !got.Equal(resource.Of("10.1.0.0/16 "+c.to, "10.2.0.0/16 "+c.to)) {
				t.Errorf("the routes are %v, and should lead to %s", got, c.to)
			}
			if got := want.Turning("routes"); len(got) != c.turns {
				t.Errorf("of %v linkd's own are %v, want %d", world[id].Attrs["routes"], got, c.turns)
			}
			if c.turns > 0 && !strings.HasPrefix(want.Turns["routes"][0].Why, c.why) {
				t.Errorf("why: %q, want %q", want.Turns["routes"][0].Why, c.why)
			}
			if spares := len(r.Spares(world)) > 0; spares != (c.to == second && !strings.HasPrefix(name, "at the second")) {
				t.Errorf("it can do without the first connection: %v", spares)
			}
		})
	}
}
