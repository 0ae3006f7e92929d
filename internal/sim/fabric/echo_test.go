package fabric

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEveryMachineOfTheArticleReachesEveryOther(t *testing.T) {
	f := settled(t, article())
	machines := []netip.Addr{vmA, vmB, hostA, hostB}
	for _, from := range machines {
		for _, to := range machines {
			if from == to {
				continue
			}
			if echo := f.Echo(from, to); !echo.Crossed || len(echo.Back) == 0 {
				t.Errorf("%s to %s: %s: %s", from, to, echo.DroppedAt, echo.Why)
			}
		}
	}
}

// TestAnEchoIsOfTheLastUpdate asks again, before and after something has changed.
func TestAnEchoIsOfTheLastUpdate(t *testing.T) {
	w := article()
	f := settled(t, w)
	first, again := f.Echo(vmA, hostA), f.Echo(vmA, hostA)
	if !first.Crossed || !slices.Equal(first.Forward, again.Forward) || !slices.Equal(first.Back, again.Back) {
		t.Errorf("asked twice: %+v, then %+v", first, again)
	}
	w.Connections[0].Tunnels[0].Key, w.Connections[0].Tunnels[1].Key = "x", "x"
	f.Update(noon.Add(2*time.Minute), w.Azure, w.AWS)
	if echo := f.Echo(vmA, hostA); echo.Crossed {
		t.Errorf("the tunnels are down, and it crossed: %+v", echo)
	}
}

func TestAnEchoPassesEveryHopOfBothClouds(t *testing.T) {
	echo := settled(t, article()).Echo(vmB, hostB)
	var kinds []string
	for _, hop := range echo.Forward {
		kinds = append(kinds, hop.Kind)
	}
	want := "machine nsg nic-routes hub hub gateway tunnel attachment transit-gateway attachment security-group machine"
	if have := strings.Join(kinds, " "); have != want {
		t.Errorf("forward %s\nwant    %s", have, want)
	}
}

// Each case breaks one thing and says which of the echoes between VM A and
// instance A is dropped where: from Azure, and from AWS.
func TestWaysInWhichAnEchoIsDropped(t *testing.T) {
	const passes = ""
	// A VNet that has not learned a prefix does not count it to its virtual
	// network, so the group's default rules keep it out.
	const unknownToNSG = "the rule DenyAllInBound (priority 65500) denies icmp in"
	for name, c := range map[string]struct {
		change             func(w *world)
		fromAzure, fromAWS string
	}{
		"the VM is stopped":                          {func(w *world) { w.VMs[0].Running = false }, "10.1.0.4 is stopped", "10.1.0.4 is stopped"},
		"the VM's own firewall drops echoes":         {func(w *world) { w.VMs[0].Answers = false }, passes, "own firewall of 10.1.0.4"},
		"the instance is stopped":                    {func(w *world) { w.AWS.Instances[0].Running = false }, "172.20.0.10 is stopped", "172.20.0.10 is stopped"},
		"the instance's own firewall drops echoes":   {func(w *world) { w.AWS.Instances[0].Answers = false }, "own firewall of 172.20.0.10", passes},
		"the NIC's group denies icmp out":            {nsg(NSGRule{"Out", 100, false, false, "Icmp", []string{"*"}, []string{"172.16.0.0/12"}}), "rule Out (priority 100) denies icmp out", passes},
		"the NIC's group denies icmp in":             {nsg(NSGRule{"In", 100, true, false, "*", []string{"172.20.0.0/16"}, []string{"*"}}), passes, "rule In (priority 100) denies icmp in"},
		"the NIC's group denies TCP only":            {nsg(NSGRule{"Tcp", 100, true, false, "Tcp", []string{"*"}, []string{"*"}}), passes, passes},
		"the NIC's group denies the virtual network": {nsg(NSGRule{"V", 100, true, false, "*", []string{"VirtualNetwork"}, []string{"*"}}), passes, "rule V"},
		"an earlier rule allows what a later denies": {nsg(
			NSGRule{"Deny", 200, true, false, "*", []string{"*"}, []string{"*"}},
			NSGRule{"Allow", 100, true, true, "Icmp", []string{"172.20.0.10"}, []string{"10.1.0.4"}}), passes, passes},
		"a user-defined route leads to nowhere": {
			func(w *world) { w.VNets[0].Subnets[0].Routes = userRoute("172.20.0.0/16", "None") }, "172.20.0.0/16 to nowhere, a user-defined route of udr", "on the way back: the best route is 172.20.0.0/16",
		},
		"a user-defined route leads to an appliance": {
			func(w *world) { w.VNets[0].Subnets[0].Routes = userRoute("172.20.0.0/24", "VirtualAppliance") }, "to a virtual appliance", "on the way back: the user-defined route",
		},
		"the subnet takes no gateway routes": {
			func(w *world) { w.VNets[0].Subnets[0].NoGatewayRoute = true }, "the best route is 172.16.0.0/12 to nowhere", unknownToNSG,
		},
		"the VNet is not connected":                     {func(w *world) { w.VNets[0].Connected = false }, "the best route is 172.16.0.0/12", "no effective route of the hub covers 10.1.0.4"},
		"the VNet is not associated":                    {func(w *world) { w.VNets[0].Associated = false }, "the best route is 172.16.0.0/12", unknownToNSG},
		"the VNet propagates to no table":               {func(w *world) { w.VNets[0].Propagates = false }, "on the way back: no effective route of the hub covers 10.1.0.4", "no effective route of the hub covers 10.1.0.4"},
		"the hub's router is not provisioned":           {func(w *world) { w.Hubs[0].Routed = false }, "the best route is 172.16.0.0/12", "router is not provisioned"},
		"the site lacks the VPC's prefix":               {sites("172.21.0.0/16"), "the best route is 172.16.0.0/12", unknownToNSG},
		"the site has the VPC's prefix on one link":     {func(w *world) { w.Links[1].SitePrefixes = nil }, passes, passes},
		"both tunnels are down":                         {func(w *world) { w.Links[0].Key, w.Links[1].Key = "x", "x" }, "no tunnel is up: the pre-shared keys differ", "no tunnel is up: the pre-shared keys differ"},
		"the first tunnel is down":                      {func(w *world) { w.Links[0].Key = "x" }, passes, passes},
		"nobody dials":                                  {func(w *world) { w.Links = nil }, "the best route is 172.16.0.0/12", "no tunnel is up: nobody dials 3.0.0.1"},
		"the VPN attachment has no table":               {attachment(2, func(a *Attachment) { a.Table = "" }), "associated with no route table", "on the way back: the attachment is associated with no"},
		"the VPC attachment has no table":               {attachment(0, func(a *Attachment) { a.Table = "" }), "on the way back: the attachment is associated with no", "associated with no route table"},
		"the VPC attachment does not propagate":         {attachment(0, func(a *Attachment) { a.Propagates = nil }), "has no route for 172.20.0.10", "on the way back: the route table has no route for 172.20.0.10"},
		"the transit gateway lacks the VNet's route":    {tgwStatic(), "on the way back: the route table has no route for 10.1.0.4", "has no route for 10.1.0.4"},
		"the VNet's route is a wanted blackhole":        {tgwStatic(TableRoute{netip.MustParsePrefix("10.1.0.0/16"), ""}), "on the way back: the route 10.1.0.0/16 is a wanted blackhole", "wanted blackhole"},
		"the VNet's route names what is gone":           {tgwStatic(TableRoute{netip.MustParsePrefix("10.1.0.0/16"), "att-X"}), "on the way back: the route 10.1.0.0/16 is a blackhole: att-X is gone", "att-X is gone"},
		"a longer static route leads elsewhere":         {tgwStatic(TableRoute{netip.MustParsePrefix("10.1.0.0/16"), "att-V"}, TableRoute{netip.MustParsePrefix("10.1.0.0/24"), "att-B"}), "on the way back: no machine of the VPC has the address 10.1.0.4", "no machine of the VPC"},
		"the zone is not attached":                      {attachment(0, func(a *Attachment) { a.Zones = []string{"c"} }), "on the way back: the attachment has no subnet in a", "no subnet in a, the zone of subnet-A"},
		"the VPC's table lacks the route":               {subnetA(func(s *EC2Subnet) { s.Routes = s.Routes[:1] }), "on the way back: the route table of subnet-A has no route for 10.1.0.4", "has no route for 10.1.0.4"},
		"the VPC's route is a blackhole":                {subnetA(func(s *EC2Subnet) { s.Routes[1].Blackhole = true }), "on the way back: the route 10.1.0.0/16 to tgw-1 is a blackhole", "is a blackhole"},
		"the VPC's route leads to the internet":         {subnetA(func(s *EC2Subnet) { s.Routes[1].Target = "igw-1" }), "on the way back: the route 10.1.0.0/16 leads to igw-1", "leads to igw-1"},
		"the VPC's route names another transit gateway": {subnetA(func(s *EC2Subnet) { s.Routes[1].Target = "tgw-2" }), "on the way back: vpc-A is not attached to tgw-2", "vpc-A is not attached to tgw-2"},
		"the ACL denies in":                             {acl(ACLEntry{100, true, true, "-1", anywhere, nil}), "no entry of the network ACL allows icmp in", "on the way back: no entry of the network ACL allows icmp in"},
		"the ACL denies out":                            {acl(ACLEntry{100, false, true, "-1", anywhere, nil}), "on the way back: no entry of the network ACL allows icmp out", "no entry of the network ACL allows icmp out"},
		"an earlier entry of the ACL denies":            {acl(ACLEntry{50, false, false, "1", anywhere, nil}, ACLEntry{100, false, true, "-1", anywhere, nil}, ACLEntry{100, true, true, "-1", anywhere, nil}), "entry 50 of the network ACL denies icmp in", "on the way back: entry 50"},
		"the security group lets nothing in":            {func(w *world) { w.AWS.Instances[0].Rules = w.AWS.Instances[0].Rules[:1] }, "no security group rule of i-A allows icmp in", passes},
		"the security group lets nothing out":           {func(w *world) { w.AWS.Instances[0].Rules = w.AWS.Instances[0].Rules[1:] }, passes, "no security group rule of i-A allows icmp out"},
	} {
		t.Run(name, func(t *testing.T) {
			w := article()
			c.change(w)
			f := settled(t, w)
			expect(t, f.Echo(vmA, hostA), "from Azure", c.fromAzure)
			expect(t, f.Echo(hostA, vmA), "from AWS", c.fromAWS)
		})
	}
}

func expect(t *testing.T, echo Echo, way, why string) {
	t.Helper()
	if echo.Crossed != (why == "") || !strings.Contains(echo.Why, why) {
		t.Errorf("%s: crossed %v, at %q: %q, want %q", way, echo.Crossed, echo.DroppedAt, echo.Why, why)
	}
	if strings.HasPrefix(why, "on the way back") && (len(echo.Forward) == 0 || echo.Forward[len(echo.Forward)-1].Kind != "machine") {
		t.Errorf("%s: the way there is not complete: %v", way, echo.Forward)
	}
}

func nsg(rules ...NSGRule) func(w *world) {
	return func(w *world) { w.VMs[0].Rules = rules }
}

func userRoute(prefix, hop string) []UserRoute {
	return []UserRoute{{Prefix: netip.MustParsePrefix(prefix), NextHop: hop, Table: "udr"}}
}

func sites(list ...string) func(w *world) {
	return func(w *world) {
		w.Links[0].SitePrefixes, w.Links[1].SitePrefixes = prefixes(list...), prefixes(list...)
	}
}

func attachment(i int, change func(*Attachment)) func(w *world) {
	return func(w *world) { change(&w.TransitGateways[0].Attachments[i]) }
}

func tgwStatic(routes ...TableRoute) func(w *world) {
	return func(w *world) { w.TransitGateways[0].Tables[0].Static = routes }
}

func subnetA(change func(*EC2Subnet)) func(w *world) {
	return func(w *world) { change(&w.VPCs[0].Subnets[0]) }
}

func acl(entries ...ACLEntry) func(w *world) {
	return subnetA(func(s *EC2Subnet) { s.ACL = entries })
}

func TestHubsOfOneWANOnlyReachEachOther(t *testing.T) {
	w := article()
	w.Hubs[1].WAN = "another"
	if echo := settled(t, w).Echo(vmA, vmB); echo.Crossed {
		t.Error("an echo crossed between hubs of two WANs")
	}
}

func TestBranchesTalkToBranchesWhereTheWANLetsThem(t *testing.T) {
	// A second VPC behind a transit gateway of its own, linked to the same
	// Azure gateway: the way between both is Azure.
	branches := func(allowed bool) *world {
		w := article()
		w.Hubs[0].BranchToBranch = allowed
		w.VPCs[1].Subnets[0].Routes[3].Target = "tgw-2"
		w.Links[0].SitePrefixes = prefixes("172.20.0.0/16")
		w.Links[1].SitePrefixes = prefixes("172.21.0.0/16")
		first := &w.TransitGateways[0]
		second := TransitGateway{ID: "tgw-2", ASN: 64513, Tables: []Table{{ID: "rt2", Static: []TableRoute{{netip.MustParsePrefix("172.20.0.0/16"), "att-W"}}}}}
		second.Attachments = []Attachment{
			{ID: "att-B2", Type: "vpc", Resource: "vpc-B", Table: "rt2", Propagates: []string{"rt2"}, Zones: []string{"a"}},
			{ID: "att-W", Type: "vpn", Resource: "vpn-2", Table: "rt2"},
		}
		first.Attachments = slices.Delete(first.Attachments, 1, 2)
		first.Tables[0].Static = append(first.Tables[0].Static, TableRoute{netip.MustParsePrefix("172.21.0.0/16"), "att-V"})
		connection := w.Connections[0]
		w.Connections = append(w.Connections, VPNConnection{
			ID: "vpn-2", TransitGateway: "tgw-2", Attachment: "att-W", CustomerAddress: instance0, Static: true, Tunnels: connection.Tunnels[1:],
		})
		w.Connections[0].Tunnels = connection.Tunnels[:1]
		w.TransitGateways = append(w.TransitGateways, second)
		return w
	}
	if echo := settled(t, branches(true)).Echo(hostA, hostB); !echo.Crossed {
		t.Errorf("allowed: %s: %s", echo.DroppedAt, echo.Why)
	}
	if echo := settled(t, branches(false)).Echo(hostA, hostB); echo.Crossed || !strings.Contains(echo.Why, "branches") {
		t.Errorf("not allowed: %+v", echo)
	}
}

// peered is the article's world with VPC B behind a second transit gateway. The
// peering has an id at either end, which are the same between regions.
func peered(near, far string) *world {
	w := article()
	first := &w.TransitGateways[0]
	first.Attachments[1] = Attachment{ID: near, Type: "peering", Peer: "tgw-2", PeerEnd: far, Table: "rt"}
	first.Tables[0].Static = append(first.Tables[0].Static, TableRoute{netip.MustParsePrefix("172.21.0.0/16"), near})
	w.TransitGateways = append(w.TransitGateways, TransitGateway{
		ID: "tgw-2", ASN: 64513, Region: first.Region,
		Attachments: []Attachment{
			{ID: "att-B2", Type: "vpc", Resource: "vpc-B", Table: "rt2", Propagates: []string{"rt2"}, Zones: []string{"a"}},
			{ID: far, Type: "peering", Peer: "tgw-1", PeerEnd: near, Table: "rt2"},
		},
		Tables: []Table{{ID: "rt2", Static: []TableRoute{
			{netip.MustParsePrefix("172.20.0.0/16"), far}, {netip.MustParsePrefix("10.0.0.0/8"), far},
		}}},
	})
	for i := range w.VPCs[1].Subnets[0].Routes[1:] {
		w.VPCs[1].Subnets[0].Routes[i+1].Target = "tgw-2"
	}
	return w
}

func TestPeeredTransitGateways(t *testing.T) {
	for _, far := range []string{"att-P", "att-Q"} {
		w := peered("att-P", far)
		f := settled(t, w)
		for _, from := range []netip.Addr{hostA, vmA} {
			if echo := f.Echo(from, hostB); !echo.Crossed {
				t.Errorf("%s by %s: %s: %s", from, far, echo.DroppedAt, echo.Why)
			}
		}
		w.TransitGateways[1].Tables[0].Static = []TableRoute{
			{netip.MustParsePrefix("172.20.0.0/16"), far}, {netip.MustParsePrefix("172.16.0.0/12"), far},
		}
		w.TransitGateways[1].Attachments[0].Propagates = nil
		if echo := settled(t, w).Echo(hostA, hostB); echo.Crossed || !strings.Contains(echo.Why, "circle") {
			t.Errorf("two tables that point at each other by %s: %+v", far, echo)
		}
	}
}

func TestAPeeringTakesItsTimeBetweenRegionsOnly(t *testing.T) {
	w := peered("att-P", "att-P")
	near := settled(t, w).Carry(Packet{From: hostA, To: hostB})
	w.TransitGateways[1].Region = "elsewhere"
	far := settled(t, w).Carry(Packet{From: hostA, To: hostB})
	if took := far.RoundTrip - near.RoundTrip; took != 2*betweenRegions {
		t.Errorf("between regions an echo takes %s more, want %s", took, 2*betweenRegions)
	}
}

func TestRoutesOfHubsAndNICs(t *testing.T) {
	w := article()
	w.VNets[0].Subnets[0].Routes = userRoute("172.20.0.0/16", "None")
	f := settled(t, w)
	kinds := map[string]string{}
	for _, route := range f.HubRoutes("HUBU") {
		kinds[route.Prefix.String()] = route.NextHopType
	}
	for prefix, kind := range map[string]string{
		"10.1.0.0/16": "Remote Hub", "10.2.0.0/16": "Virtual Network Connection", "172.20.0.0/16": "Remote Hub", "172.21.0.0/16": "Remote Hub",
	} {
		if kinds[prefix] != kind {
			t.Errorf("%s by %q, want %q", prefix, kinds[prefix], kind)
		}
	}
	var states []string
	for _, route := range f.NICRoutes("nicA") {
		if route.Prefix == netip.MustParsePrefix("172.20.0.0/16") {
			states = append(states, route.Source+" "+route.State)
		}
	}
	if have := strings.Join(states, ", "); have != "User Active, VirtualNetworkGateway Invalid" {
		t.Errorf("routes of the NIC for the prefix of the user's route: %s", have)
	}
}

func TestWithoutAGroupTheAnswerFailsByItsOwnRoute(t *testing.T) {
	w := article()
	sites("172.21.0.0/16")(w)
	w.VNets[0].Subnets[0].Rules = nil
	expect(t, settled(t, w).Echo(hostA, vmA), "from AWS", "on the way back: the best route is 172.16.0.0/12 to nowhere")
}
