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

// TestWhoseTrafficAPairCarries tells of a pair of the second connection whether it carries
// what one of the first does.
func TestWhoseTrafficAPairCarries(t *testing.T) {
	both := resource.Of("static")
	for name, c := range map[string]struct {
		routing       Routing
		first, second resource.Value // how the connections exchange routes
		ledTo         resource.Value
		unread        bool // the routes
		want          bool
	}{
		"AWS leads to the first":               {routing: Static, first: both, second: both, ledTo: resource.Of("attachment-0"), want: false},
		"AWS leads to the second":              {routing: Static, first: both, second: both, ledTo: resource.Of("attachment-1"), want: true},
		"AWS leads to both":                    {routing: Static, first: both, second: both, ledTo: resource.Of("attachment-0", "attachment-1"), want: false},
		"AWS leads nowhere":                    {routing: Static, first: both, second: both, want: true},
		"nobody knows where AWS leads":         {routing: Static, first: both, second: both, unread: true, want: false},
		"both tell routes":                     {routing: BGP, first: resource.Of("bgp"), second: resource.Of("bgp"), want: true},
		"the first tells routes as the file":   {routing: BGP, first: resource.Of("bgp"), second: both, want: false},
		"the second tells routes as the file":  {routing: BGP, first: both, second: resource.Of("bgp"), want: true},
		"neither is static yet":                {routing: Static, first: resource.Of("bgp"), second: resource.Of("bgp"), want: true},
		"the second is static and is led to":   {routing: Static, first: resource.Of("bgp"), second: both, ledTo: resource.Of("attachment-1"), want: true},
		"the first is static and is led to":    {routing: Static, first: both, second: resource.Of("bgp"), ledTo: resource.Of("attachment-0"), want: false},
		"nothing is shown of how they do that": {routing: Static, ledTo: resource.Of("attachment-1"), want: true},
	} {
		t.Run(name, func(t *testing.T) {
			link := Link{Name: "tokyo", Routing: c.routing, Redundancy: Full, TransitGateway: "tgw"}
			connection := func(routing resource.Value, attachment string) resource.Live {
				live := resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{FactAttachment: resource.Of(attachment)}}
				if routing != nil {
					live.Attrs["routing"] = routing
				}
				return live
			}
			world := resource.World{
				AWSConnectionID("tokyo", 0):   connection(c.first, "attachment-0"),
				AWSConnectionID("tokyo", 1):   connection(c.second, "attachment-1"),
				TransitGatewayRoutesID("tgw"): {Phase: resource.Ready, Attrs: resource.Attrs{FactLedTo: c.ledTo}},
			}
			if c.unread {
				world[TransitGatewayRoutesID("tgw")] = resource.Live{Why: "AWS does not answer"}
			}
			first, second := Tunnel{Link: "tokyo", Number: 1}, Tunnel{Link: "tokyo", Instance: 1, Number: 1}
			if got := link.Relieves(second, first, world); got != c.want {
				t.Errorf("it carries what the first does: %t", got)
			}
			if !link.Relieves(Tunnel{Link: "tokyo", Number: 2}, first, world) {
				t.Error("another tunnel of the same connection does not carry the same")
			}
		})
	}
}
