package endtoend

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// drift is something that a person changed with a console.
type drift struct {
	ground.Mutation
	key      string // of the drift that must be found
	cuts     bool   // whether the change stops some echo
	mends    bool   // whether a plain repair policy mends it
	bystands []string
}

const tokyoConnection = "hub-jpe-vpn/tokyo"

// drifts are changes of each kind, and what linkd must say and do. The rest of
// the catalogue belongs to the daemon.
func drifts(l *lab) map[string]drift {
	table, err := l.world()[desired.TransitGatewayID("tgw-tokyo")].Attrs[desired.FactRouteTable], error(nil)
	if err != nil || table == nil {
		l.Fatal("the transit gateway has no route table")
	}
	azure := func(op, kind, name, field string, value any) ground.Mutation {
		return ground.Mutation{Cloud: "azure", Op: op, Kind: kind, Name: name, Field: field, Value: value}
	}
	aws := func(op, kind, name, field string, value any) ground.Mutation {
		return ground.Mutation{Cloud: "aws", Op: op, Kind: kind, Name: name, Field: field, Value: value}
	}
	vpn := l.world()[desired.AWSConnectionID("tokyo", 0)].Ref
	attachment := l.world()[desired.VPCAttachmentID("vpc-a")].Ref
	return map[string]drift{
		"a prefix is taken out of the site": {
			Mutation: azure("remove", "vpnSites", "tokyo", "properties.addressSpace.addressPrefixes", "172.20.0.0/16"),
			key:      "azure/vpn-site.address_space", cuts: true, mends: true, bystands: []string{"azure/hub-routes.routes"},
		},
		"a prefix is added to the site": {
			Mutation: azure("add", "vpnSites", "tokyo", "properties.addressSpace.addressPrefixes", "172.31.0.0/16"),
			key:      "azure/vpn-site.address_space.extra",
		},
		"the site has another address": {
			Mutation: azure("set", "vpnSites", "tokyo", "properties.vpnSiteLinks.tokyo-0-1.properties.ipAddress", "198.51.100.7"),
			key:      "azure/vpn-site.link_addresses", cuts: true, mends: true, bystands: []string{"azure/vpn-tunnel.status", "aws/vpn-tunnel.status"},
		},
		"Azure has another key": {
			Mutation: azure("set", "vpnGateways/vpnConnections/vpnLinkConnections", tokyoConnection+"/tokyo-0-1", "sharedKey", "another.key.altogether"),
			key:      "azure/vpn-connection.shared_key", cuts: true, mends: true, bystands: []string{"azure/vpn-tunnel.status", "aws/vpn-tunnel.status"},
		},
		"a VNet connection is deleted": {
			Mutation: azure("delete", "virtualHubs/hubVirtualNetworkConnections", "hub-use/vnet-use", "", nil),
			key:      "azure/vnet-connection.missing", cuts: true, mends: true, bystands: []string{"azure/hub-routes.routes"},
		},
		"a VPC route is deleted": {
			Mutation: aws("remove", "route-table", "rtb-0a10000000000000a", "Routes", "10.1.0.0/16"),
			key:      "aws/vpc-routes.routes", cuts: true, mends: true,
		},
		"a route of the transit gateway is deleted": {
			Mutation: aws("remove", "transit-gateway-route-table", table.One(), "Routes", "10.1.0.0/16"),
			key:      "aws/tgw-routes.routes", cuts: true, mends: true,
		},
		"a route that nobody declared is added": {
			Mutation: aws("add", "transit-gateway-route-table", table.One(), "Routes",
				map[string]any{"DestinationCidrBlock": "10.99.0.0/16", "TransitGatewayAttachmentId": attachment}),
			key: "aws/tgw-routes.routes.extra",
		},
		"propagation is switched off": {
			Mutation: aws("remove", "transit-gateway-attachment", attachment, "Propagations", table.One()),
			key:      "aws/vpc-attachment.propagation", cuts: true, mends: true,
		},
		"association is switched off": {
			Mutation: aws("unset", "transit-gateway-attachment", attachment, "Association", nil),
			key:      "aws/vpc-attachment.association", cuts: true, mends: true,
		},
		"a default route table is swapped": {
			Mutation: aws("set", "transit-gateway", "tgw-tokyo", "PropagationDefaultRouteTableId", "tgw-rtb-0123456789abcdef0"),
			key:      "aws/transit-gateway.propagation_table", mends: true,
		},
		"the note of the default route table is gone": {
			Mutation: aws("unset", "transit-gateway", "tgw-tokyo", "Tags."+desired.RouteTableTag, nil),
			key:      "aws/transit-gateway.route_table_tag", mends: true,
		},
		"a replaced customer gateway is left behind": {
			Mutation: aws("create", "customer-gateway", "ap-northeast-1", "", map[string]any{
				"Type": "ipsec.1", "IpAddress": "203.0.113.77", "BgpAsn": 65515, "TagSpecification": []any{map[string]any{
					"ResourceType": "customer-gateway", "Tag": []any{
						map[string]any{"Key": desired.OwnerTag, "Value": l.file.Owner},
						map[string]any{"Key": desired.IDTag, "Value": string(desired.RetiredID(desired.CustomerGatewayID("tokyo", 0)))},
					},
				}},
			}),
			key: "aws/customer-gateway.retired", mends: true,
		},
		"the customer gateway has an address that Azure has not": {
			Mutation: strayed(l),
			key:      "aws/customer-gateway.address", cuts: true, mends: true, bystands: []string{"azure/vpn-tunnel.status", "aws/vpn-tunnel.status"},
		},
		"an attachment has failed": {
			Mutation: aws("set", "transit-gateway-attachment", attachment, "State", "failed"),
			key:      "aws/vpc-attachment.failed", cuts: true, mends: true,
			bystands: []string{"aws/vpc-routes.routes", "aws/vpc-routes.routes.extra"},
		},
		"a tunnel waits to be called": {
			Mutation: aws("set", "vpn-tunnel", vpn+"/0", "StartupAction", "add"),
			key:      "aws/vpn-connection.tunnel_1_startup", mends: true,
		},
		"the site's tags are stripped": {
			Mutation: azure("unset", "vpnSites", "tokyo", "tags", nil),
			key:      "azure/vpn-site.unowned",
		},
		"the transit gateway's tags are stripped": {
			Mutation: aws("unset", "transit-gateway", l.world()[desired.TransitGatewayID("tgw-tokyo")].Ref, "Tags", nil),
			key:      "aws/transit-gateway.unowned",
		},
	}
}

// world is what a fresh sweep says.
func (l *lab) world() resource.World {
	l.Helper()
	_, world := l.engine(l.Context()).Plan(l.Context())
	return world
}

// TestDriftIsNamedAndMended changes one thing at a time in a built link, and
// checks that it is found under its key with what it breaks, that nothing else
// is accused but what follows from it, and that a repair leaves the link as
// desired with every echo crossing, or does not touch it when policy holds it.
func TestDriftIsNamedAndMended(t *testing.T) {
	t.Parallel()
	var names []string
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		for name := range drifts(l) {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { oneDrift(t, name) })
		})
	}
}

func oneDrift(t *testing.T, name string) {
	l := newLab(t, instant)
	l.mustBuild()
	time.Sleep(time.Hour) // what has just been made may still settle by itself
	d := drifts(l)[name]
	if err := l.sim.Mutate(d.Mutation); err != nil {
		t.Fatal(err)
	}
	if d.cuts == l.allCross() {
		t.Errorf("all echoes cross: %t; the change cuts: %t", l.allCross(), d.cuts)
	}
	plan := l.plan()
	found := false
	for _, step := range plan.Steps {
		for _, one := range step.Drifts {
			found = found || one.Key() == d.key
			if one.Breaks == "" {
				t.Errorf("%s does not say what it breaks", one.Key())
			}
			if one.Key() != d.key && d.mends && !slices.Contains(d.bystands, one.Key()) {
				t.Errorf("%s is accused too: %s", one.Key(), step.ID)
			}
		}
	}
	if !found {
		t.Fatalf("%s was not found: %s %+v", d.key, plan.Summary(), plan.Steps)
	}
	if !d.mends {
		return
	}
	l.mustBuild()
	l.mustBeClean()
	l.mustCross()
	for _, step := range plan.Steps {
		if step.Verb == reconcile.Renew {
			t.Errorf("%s would be replaced", step.ID)
		}
	}
}

func (l *lab) allCross() bool {
	for _, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets {
			if from.Name != to.Name && !l.crosses(from.Address, to.Address) {
				return false
			}
		}
	}
	return true
}
