package desired

import (
	"testing"

	"linkd/internal/resource"
)

// TestWhichConnectionCarries tells every case of the two connections of a link,
// by a word for each of the four tunnels and by where the routes lead.
func TestWhichConnectionCarries(t *testing.T) {
	link := Link{Name: "tokyo", Routing: Static, Redundancy: Full}
	for name, c := range map[string]struct {
		pairs          [4]string // "up", "steady", "down", "gone" or "" for unknown
		leads, carries int
	}{
		"all are up":                                {[4]string{"steady", "steady", "steady", "steady"}, Preferred, Preferred},
		"one tunnel of the preferred is down":       {[4]string{"down", "up", "up", "up"}, Preferred, Preferred},
		"the preferred is down":                     {[4]string{"down", "down", "up", "down"}, Preferred, Standby},
		"the preferred is gone":                     {[4]string{"gone", "gone", "down", "up"}, Preferred, Standby},
		"one of the preferred is not known":         {[4]string{"down", "", "up", "up"}, Preferred, Preferred},
		"the preferred is not known":                {[4]string{"", "", "up", "up"}, Preferred, Preferred},
		"all are down":                              {[4]string{"down", "down", "down", "down"}, Preferred, Preferred},
		"the standby is not known":                  {[4]string{"down", "down", "", ""}, Preferred, Preferred},
		"nothing is known":                          {[4]string{}, Preferred, Preferred},
		"moved, and the preferred is still down":    {[4]string{"down", "down", "up", "up"}, Standby, Standby},
		"moved, and the preferred is just back":     {[4]string{"up", "up", "up", "up"}, Standby, Standby},
		"moved, and one has been back for long":     {[4]string{"up", "steady", "up", "up"}, Standby, Preferred},
		"moved, and the other is down for long":     {[4]string{"up", "down", "up", "up"}, Standby, Standby},
		"moved, back, and now the standby is down":  {[4]string{"up", "down", "down", "down"}, Standby, Preferred},
		"moved, and all are down":                   {[4]string{"down", "down", "down", "down"}, Standby, Standby},
		"moved, and the preferred is not known":     {[4]string{"", "", "up", "up"}, Standby, Standby},
		"moved, and it and the standby are unknown": {[4]string{"", "down", "", ""}, Standby, Standby},
		"moved, the standby down, nothing known":    {[4]string{"", "", "down", "down"}, Standby, Standby},
	} {
		t.Run(name, func(t *testing.T) {
			world := resource.World{}
			for i, tunnel := range link.Tunnels() {
				for _, id := range []resource.ID{AzureTunnelID(tunnel), AWSTunnelID(tunnel)} {
					live := resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{}}
					switch c.pairs[i] {
					case "":
						live.Phase = resource.Unknown
					case "gone":
						live.Phase = resource.Absent
					case "steady":
						live.Attrs["status"], live.Attrs[FactSteady] = resource.Of("up"), resource.Of("yes")
					case "down": // for long
						live.Attrs["status"], live.Attrs[FactSteady] = resource.Of("down"), resource.Of("yes")
					default:
						live.Attrs["status"] = resource.Of(c.pairs[i])
					}
					world[id] = live
				}
			}
			if got := link.Carrier(world, c.leads); got != c.carries {
				t.Errorf("connection %d carries, want %d", got, c.carries)
			}
		})
	}
}

// TestWhatIsYetToBeMadeAnewIsLedAwayFrom has the preferred connection exchange
// routes in another way than the file says.
func TestWhatIsYetToBeMadeAnewIsLedAwayFrom(t *testing.T) {
	link := Link{Name: "tokyo", Routing: Static, Redundancy: Full}
	for name, c := range map[string]struct {
		routing [2]Routing
		standby string // the status of its tunnels
		carries int
	}{
		"both are as the file says":            {[2]Routing{Static, Static}, "up", Preferred},
		"neither is":                           {[2]Routing{BGP, BGP}, "up", Preferred},
		"the preferred is not":                 {[2]Routing{BGP, Static}, "up", Standby},
		"the preferred is not, none is up yet": {[2]Routing{BGP, Static}, "down", Preferred},
		"the standby is not":                   {[2]Routing{Static, BGP}, "up", Preferred},
	} {
		t.Run(name, func(t *testing.T) {
			world := resource.World{}
			for instance, routing := range c.routing {
				world[AWSConnectionID(link.Name, instance)] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"routing": resource.Of(string(routing))}}
			}
			for _, tunnel := range link.Tunnels() {
				status := "up"
				if tunnel.Instance == Standby {
					status = c.standby
				}
				for _, id := range []resource.ID{AzureTunnelID(tunnel), AWSTunnelID(tunnel)} {
					world[id] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"status": resource.Of(status)}}
				}
			}
			if got := link.Carrier(world, Preferred); got != c.carries {
				t.Errorf("connection %d carries, want %d", got, c.carries)
			}
		})
	}
}

// TestWhereOneStandsBy tells of each shape whether one of two must be chosen.
func TestWhereOneStandsBy(t *testing.T) {
	for _, redundancy := range []Redundancy{Single, Tunnels, Full} {
		for _, routing := range []Routing{Static, BGP} {
			want := redundancy == Full && routing == Static
			if got := (Link{Redundancy: redundancy, Routing: routing}).StandsBy(); got != want {
				t.Errorf("%s, %s: %v", redundancy, routing, got)
			}
		}
	}
}
