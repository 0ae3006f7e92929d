package aws

import (
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestOneOfTwoConnectionsIsMadeAnewAtATime asks both connections of a link that is to
// speak BGP, as the world stands, whether they wait. Tunnels are up unless a case
// says otherwise.
func TestOneOfTwoConnectionsIsMadeAnewAtATime(t *testing.T) {
	const first, second, goes = "tgw-attach-0", "tgw-attach-1", ""
	for name, c := range map[string]struct {
		turned     [2]bool // it speaks BGP
		down       [2]bool // none of its tunnels is up
		static     string  // where the static route leads
		propagated string
		unread     bool
		waits      [2]string // what the reason says, "" when it goes
	}{
		"both are static, the first carries":    {static: first, waits: [2]string{"goes by this connection alone", goes}},
		"both are static, the second carries":   {static: second, waits: [2]string{goes, "goes by this connection alone"}},
		"the second speaks, the routes stand":   {turned: [2]bool{false, true}, static: first, waits: [2]string{"goes by this connection alone", goes}},
		"the second speaks, and tells":          {turned: [2]bool{false, true}, propagated: second, waits: [2]string{goes, "goes by this connection alone"}},
		"both tell":                             {propagated: first + "+" + second, waits: [2]string{"tokyo-1 goes first", goes}},
		"both tell, the second is as wanted":    {turned: [2]bool{false, true}, propagated: first + "+" + second, waits: [2]string{goes, goes}},
		"the other has no tunnel that is up":    {down: [2]bool{false, true}, static: first, waits: [2]string{"no tunnel of aws/vpn-connection/tokyo-1 is known to be up", goes}},
		"neither has one":                       {down: [2]bool{true, true}, static: first, waits: [2]string{goes, goes}},
		"a static route hides what both tell":   {static: first, propagated: first + "+" + second, waits: [2]string{"goes by this connection alone", goes}},
		"the routes could not be read":          {unread: true, static: first, waits: [2]string{"nobody can tell", "nobody can tell"}},
		"nothing leads to either, as in a loss": {waits: [2]string{"tokyo-1 goes first", goes}},
	} {
		t.Run(name, func(t *testing.T) {
			link := desired.Link{Name: "tokyo", TransitGateway: "tgw", Routing: desired.BGP, Redundancy: desired.Full}
			world := resource.World{}
			for instance, attachment := range []string{first, second} {
				routing := desired.Static
				if c.turned[instance] {
					routing = desired.BGP
				}
				world[desired.AWSConnectionID(link.Name, instance)] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{
					"routing": resource.Of(string(routing)), desired.FactAttachment: resource.Of(attachment),
				}}
			}
			for _, tunnel := range link.Tunnels() {
				status := "up"
				if c.down[tunnel.Instance] {
					status = "down"
				}
				for _, id := range []resource.ID{desired.AzureTunnelID(tunnel), desired.AWSTunnelID(tunnel)} {
					world[id] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"status": resource.Of(status)}}
				}
			}
			routes := resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{}}
			if c.static != "" {
				routes.Attrs[attrRoutes] = resource.Of("10.1.0.0/16 " + c.static)
			}
			if c.propagated != "" {
				routes.Attrs[factPropagated] = resource.Of("10.1.0.0/16 "+c.propagated, "172.20.0.0/16 tgw-attach-vpc")
			}
			if c.unread {
				routes.Phase = resource.Unknown
			}
			world[desired.TransitGatewayRoutesID(link.TransitGateway)] = routes
			for instance, want := range c.waits {
				why := (&vpnConnection{link: link, instance: instance}).Waits(world)["routing"]
				if (why == "") != (want == "") || !strings.Contains(why, want) {
					t.Errorf("connection %d waits because %q, want %q", instance, why, want)
				}
			}
		})
	}
}
