package endtoend

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"

	"linkd/internal/desired"
	"linkd/internal/sim/ground"
)

// anyChange is what somebody does in one of the clouds behind linkd's back.
func (w *watch) anyChange() ground.Mutation {
	world := w.world()
	vpn, attachment := world[desired.AWSConnectionID("tokyo", 0)].Ref, world[desired.VPCAttachmentID("vpc-b")].Ref
	table := world[desired.TransitGatewayID("tgw-tokyo")].Attrs[desired.FactRouteTable].One()
	azure := func(op, kind, name, field string, value any) ground.Mutation {
		return ground.Mutation{Cloud: "azure", Op: op, Kind: kind, Name: name, Field: field, Value: value}
	}
	aws := func(op, kind, name, field string, value any) ground.Mutation {
		return ground.Mutation{Cloud: "aws", Op: op, Kind: kind, Name: name, Field: field, Value: value}
	}
	changes := []ground.Mutation{
		sitePrefix, vpcRoute, wrongKey,
		azure("set", "vpnSites", "tokyo", "properties.vpnSiteLinks.tokyo-0-1.properties.ipAddress", "198.51.100.7"),
		azure("set", "vpnSites", "tokyo", "properties.deviceProperties.deviceVendor", "Other"),
		azure("set", "virtualWans", "wan-global", "properties.allowBranchToBranchTraffic", false),
		azure("set", "vpnGateways", "hub-jpe-vpn", "properties.vpnGatewayScaleUnit", 2),
		azure("delete", "virtualHubs/hubVirtualNetworkConnections", "hub-use/vnet-use", "", nil),
		azure("delete", "vpnGateways/vpnConnections", tokyoConnection, "", nil),
		azure("set", "virtualHubs/hubVirtualNetworkConnections", "hub-jpe/vnet-jpe", "properties.routingConfiguration.propagatedRouteTables.labels", []string{"none"}),
		azure("set", "vpnGateways", "hub-jpe-vpn", "properties.provisioningState", "Failed"),
		aws("remove", "transit-gateway-route-table", table, "Routes", "10.1.0.0/16"),
		aws("remove", "transit-gateway-attachment", attachment, "Propagations", table),
		aws("unset", "transit-gateway-attachment", attachment, "Association", nil),
		aws("set", "vpn-tunnel", vpn+"/0", "StartupAction", "add"),
		aws("set", "vpn-tunnel", vpn+"/1", "DPDTimeoutSeconds", 60),
		aws("set", "vpn-tunnel", vpn+"/0", "Phase1LifetimeSeconds", 3600),
		aws("set", "customer-gateway", world[desired.CustomerGatewayID("tokyo", 0)].Ref, "IpAddress", "198.51.100.9"),
		aws("set", "transit-gateway", world[desired.TransitGatewayID("tgw-tokyo")].Ref, "VpnEcmpSupport", "disable"),
		aws("delete", "vpn-connection", vpn, "", nil),
		aws("delete", "transit-gateway-attachment", attachment, "", nil),
	}
	return changes[w.random.IntN(len(changes))]
}

// furnish puts things of somebody else beside the link, and returns by what
// they are known.
func (w *watch) furnish() []string {
	w.Helper()
	for _, m := range []ground.Mutation{
		{Cloud: "azure", Op: "create", Kind: "vpnSites", Name: "somebody-elses-site", Value: map[string]any{
			"location":   "japaneast",
			"properties": map[string]any{"virtualWan": map[string]any{"id": w.world()[desired.VirtualWANID("wan-global")].Ref}, "addressSpace": map[string]any{"addressPrefixes": []string{"10.77.0.0/16"}}},
		}},
		{Cloud: "aws", Op: "create", Kind: "customer-gateway", Name: "ap-northeast-1", Value: map[string]any{
			"Type": "ipsec.1", "IpAddress": "198.51.100.77", "BgpAsn": 65010, "DeviceName": "somebody-elses-router",
		}},
		{Cloud: "aws", Op: "add", Kind: "route-table", Name: "rtb-0a10000000000000a", Field: "Routes", Value: map[string]any{
			"DestinationCidrBlock": "198.18.77.0/24", "NatGatewayId": "nat-0123456789abcdef0",
		}},
	} {
		if err := w.sim.Mutate(m); err != nil {
			w.Fatal(err)
		}
	}
	return []string{"somebody-elses-site", "somebody-elses-router", "nat-0123456789abcdef0"}
}

// keyring keeps the keys that go over the wire, and nothing else.
type keyring struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  map[string]bool
}

func (k *keyring) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := k.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[string]bool{}
	}
	if !bytes.Contains(body, []byte("haredKey")) {
		return response, nil
	}
	for _, found := range keysOnTheWire.FindAllSubmatch(body, -1) {
		for _, key := range found[1:] {
			if len(key) > 0 {
				k.all[string(key)] = true
			}
		}
	}
	return response, nil
}

func (k *keyring) keys() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Sorted(maps.Keys(k.all))
}

// safeBuffer takes what several goroutines write.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
