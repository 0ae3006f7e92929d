package aws

import (
	"testing"
	"testing/synctest"
	"time"
)

// link is what makeLink built.
type link struct{ gateway, table, vpcAttachment, customer, connection string }

// makeLink builds one of everything and waits until it stands.
func (b *bench) makeLink() link {
	b.t.Helper()
	var l link
	made := b.do("CreateTransitGateway", "TagSpecification.1.ResourceType=transit-gateway", "TagSpecification.1.Tag.1.Key=Name", "TagSpecification.1.Tag.1.Value=hub")
	l.gateway, l.table = made.at("transitGateway/transitGatewayId"), made.at("transitGateway/options/associationDefaultRouteTableId")
	l.customer = b.do("CreateCustomerGateway", "Type=ipsec.1", "IpAddress=20.1.2.3", "BgpAsn=65515").at("customerGateway/customerGatewayId")
	time.Sleep(80 * time.Second)
	l.vpcAttachment = b.do("CreateTransitGatewayVpcAttachment", "TransitGatewayId="+l.gateway, "VpcId=vpc-0a000000000000001",
		"SubnetIds.1=subnet-0a00000000000001a", "SubnetIds.2=subnet-0a00000000000001c").at("transitGatewayVpcAttachment/transitGatewayAttachmentId")
	l.connection = b.do("CreateVpnConnection", "Type=ipsec.1", "CustomerGatewayId="+l.customer, "TransitGatewayId="+l.gateway,
		"Options.StaticRoutesOnly=true", "Options.TunnelOptions.1.TunnelInsideCidr=169.254.21.0/30", "Options.TunnelOptions.2.TunnelInsideCidr=169.254.21.4/30").at("vpnConnection/vpnConnectionId")
	time.Sleep(500 * time.Second)
	return l
}

func TestObjectsBecomeAvailableInTheirTime(t *testing.T) {
	rows := []struct {
		name   string
		path   string
		action string
		after  []time.Duration
		states []string
	}{
		{"transit gateway", "transitGatewaySet", "DescribeTransitGateways", []time.Duration{70 * time.Second, 10 * time.Second}, []string{"pending", "available"}},
		{"its default route table", "transitGatewayRouteTables", "DescribeTransitGatewayRouteTables", []time.Duration{70 * time.Second, 10 * time.Second}, []string{"pending", "available"}},
		{"customer gateway", "customerGatewaySet", "DescribeCustomerGateways", []time.Duration{time.Second, 10 * time.Second}, []string{"pending", "available"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				b.do("CreateTransitGateway")
				b.do("CreateCustomerGateway", "Type=ipsec.1", "IpAddress=20.1.2.3")
				for i, wait := range row.after {
					time.Sleep(wait)
					if got := b.do(row.action).at(row.path + "/item/state"); got != row.states[i] {
						t.Errorf("after wait %d: %s, want %s", i, got, row.states[i])
					}
				}
			})
		})
	}
}

func TestAnAttachmentIsAssociatedAndPropagatesSomeSecondsAfterItIsAvailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		gateway := b.do("CreateTransitGateway").at("transitGateway/transitGatewayId")
		time.Sleep(80 * time.Second)
		b.do("CreateTransitGatewayVpcAttachment", "TransitGatewayId="+gateway, "VpcId=vpc-0a000000000000001", "SubnetIds.1=subnet-0a00000000000001a")
		time.Sleep(121 * time.Second)
		item := "transitGatewayAttachments/item/"
		got := b.do("DescribeTransitGatewayAttachments")
		if got.at(item+"state") != "available" || got.at(item+"association/state") != "associating" {
			t.Errorf("right after: state %s, association %s", got.at(item+"state"), got.at(item+"association/state"))
		}
		time.Sleep(30 * time.Second)
		if got := b.do("DescribeTransitGatewayAttachments").at(item + "association/state"); got != "associated" {
			t.Errorf("later: association %s", got)
		}
		table := b.do("DescribeTransitGatewayRouteTables").at("transitGatewayRouteTables/item/transitGatewayRouteTableId")
		if got := b.do("GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTableId="+table).at("transitGatewayRouteTablePropagations/item/state"); got != "enabled" {
			t.Errorf("later: propagation %s", got)
		}
	})
}

func TestAVPNConnectionComesUpAndGoesDownThroughItsStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		state := func() string { return b.do("DescribeVpnConnections").at("vpnConnectionSet/item/state") }
		if got := state(); got != "available" {
			t.Fatalf("after its time: %s", got)
		}
		if got := b.refused("DeleteCustomerGateway", "CustomerGatewayId="+l.customer); got != "IncorrectState" {
			t.Errorf("deleting a customer gateway in use: %s", got)
		}
		b.do("DeleteVpnConnection", "VpnConnectionId="+l.connection)
		if got := state(); got != "deleting" {
			t.Errorf("after the delete: %s", got)
		}
		time.Sleep(310 * time.Second)
		if got := state(); got != "deleted" {
			t.Errorf("after its time: %s", got)
		}
		if got := b.refused("DeleteVpnConnection", "VpnConnectionId="+l.connection); got != "InvalidVpnConnectionID.NotFound" {
			t.Errorf("deleting twice: %s", got)
		}
		time.Sleep(time.Hour)
		if got := state(); got != "" {
			t.Errorf("after an hour it is still listed: %s", got)
		}
	})
}
