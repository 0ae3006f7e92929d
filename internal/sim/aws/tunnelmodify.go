package aws

import (
	"slices"
	"time"

	"linkd/internal/sim/fabric"
)

// tunnelIn finds the tunnel that the request names by its outside address.
func (k *call) tunnelIn(states ...string) (connection, int, error) {
	c, err := k.connectionIn(states...)
	if err != nil {
		return c, 0, err
	}
	outside, err := k.need("VpnTunnelOutsideIpAddress")
	if err != nil {
		return c, 0, err
	}
	i := slices.IndexFunc(c.tunnels, func(t tunnel) bool { return t.outside.String() == outside })
	if i < 0 {
		return c, 0, badValue("The VPN connection %s has no tunnel with the outside address %s", c.id, outside)
	}
	return c, i, nil
}

// modifyVPNTunnelOptions changes one tunnel, which is down for minutes. Only
// one modification runs at a time. What has been set stays spelt out, even when
// it is set back to the default.
func modifyVPNTunnelOptions(k *call) (any, error) {
	c, i, err := k.tunnelIn("available")
	if err != nil {
		return nil, err
	}
	f := k.inside("TunnelOptions")
	if f.empty() {
		return nil, missing("TunnelOptions")
	}
	next := c.tunnels[i]
	given, err := readOptions(f)
	if err != nil {
		return nil, err
	}
	skips, err := k.skipsReplacement(f, given)
	if err != nil {
		return nil, err
	}
	next.options = next.options.with(given)
	if err := next.options.check(); err != nil {
		return nil, err
	}
	if f.has("PreSharedKey") {
		if next.key, err = parseKey(f); err != nil {
			return nil, err
		}
	}
	if f.has("TunnelInsideCidr") {
		if next.inside, err = parseInside(f.text("TunnelInsideCidr"), k.region.insides(c.gateway, next.outside)); err != nil {
			return nil, err
		}
	}
	return k.modify(c, "aws/vpn-tunnel/modify", func(tunnel int) bool { return tunnel == i && !skips }, func(c connection) connection {
		t := &c.tunnels[i]
		t.key, t.inside, t.options = next.key, next.inside, next.options
		return c
	})
}

// skipsReplacement tells whether a tunnel stays up while its options change:
// only while lifecycle control is turned on or off, and nothing else is.
func (k *call) skipsReplacement(f form, given options) (bool, error) {
	if k.text("SkipTunnelReplacement") != "true" {
		return false, nil
	}
	if _, control := given["EnableTunnelLifecycleControl"]; !control || len(given) > 1 || f.has("PreSharedKey") || f.has("TunnelInsideCidr") {
		return false, refuse("InvalidParameterCombination", "SkipTunnelReplacement can only be used when EnableTunnelLifecycleControl alone is modified")
	}
	return true, nil
}

// replaceVPNTunnel replaces the endpoint of one tunnel; its addresses stay. Maintenance
// that is pending is applied with it only where the request says so.
func replaceVPNTunnel(k *call) (any, error) {
	c, i, err := k.tunnelIn("available")
	if err != nil {
		return nil, err
	}
	applies := k.text("ApplyPendingMaintenance") == "true"
	if _, err := k.modify(c, "aws/vpn-tunnel/replace", func(tunnel int) bool { return tunnel == i }, func(c connection) connection {
		c.tunnels[i].pending = c.tunnels[i].pending && !applies
		return c
	}); err != nil {
		return nil, err
	}
	return answered{true}, nil
}

type replacementAnswer struct {
	Connection      string `xml:"vpnConnectionId"`
	Gateway         string `xml:"transitGatewayId"`
	CustomerGateway string `xml:"customerGatewayId"`
	Outside         string `xml:"vpnTunnelOutsideIpAddress"`
	Maintenance     struct {
		Pending bool   `xml:"pendingMaintenance"`
		Last    *stamp `xml:"lastMaintenanceApplied"`
	} `xml:"maintenanceDetails"`
}

func getVPNTunnelReplacementStatus(k *call) (any, error) {
	c, i, err := k.tunnelIn("pending", "available", "modifying")
	if err != nil {
		return nil, err
	}
	t := c.tunnels[i]
	answer := replacementAnswer{Connection: c.id, Gateway: c.gateway, CustomerGateway: c.customerGateway, Outside: t.outside.String()}
	answer.Maintenance.Pending = t.pending
	if !t.replaced.Equal(time.Time{}) {
		last := stamp(t.replaced)
		answer.Maintenance.Last = &last
	}
	return answer, nil
}

type activeStatusAnswer struct {
	Status struct {
		Phase1Encryption string `xml:"phase1EncryptionAlgorithm,omitempty"`
		Phase2Encryption string `xml:"phase2EncryptionAlgorithm,omitempty"`
		Phase1Integrity  string `xml:"phase1IntegrityAlgorithm,omitempty"`
		Phase2Integrity  string `xml:"phase2IntegrityAlgorithm,omitempty"`
		Phase1Group      string `xml:"phase1DHGroup,omitempty"`
		Phase2Group      string `xml:"phase2DHGroup,omitempty"`
		IKE              string `xml:"ikeVersion,omitempty"`
		Provisioning     string `xml:"provisioningStatus"`
		Reason           string `xml:"provisioningStatusReason,omitempty"`
	} `xml:"activeVpnTunnelStatus"`
}

// getActiveVPNTunnelStatus tells what both sides have negotiated. Nothing is
// negotiated while the tunnel is down.
func getActiveVPNTunnelStatus(k *call) (any, error) {
	c, i, err := k.tunnelIn("available", "modifying")
	if err != nil {
		return nil, err
	}
	t := c.tunnels[i]
	var answer activeStatusAnswer
	answer.Status.Provisioning = "available"
	if !t.inService {
		answer.Status.Provisioning = "pending"
		answer.Status.Reason = "The tunnel is being modified."
	}
	state := k.Fabric.Tunnel(t.outside, k.region.addressOf(c))
	if !state.Up {
		return answer, nil
	}
	s := &answer.Status
	s.Phase1Encryption, s.Phase1Integrity, s.Phase1Group = spelt(state.Phase1)
	s.Phase2Encryption, s.Phase2Integrity, s.Phase2Group = spelt(state.Phase2)
	s.IKE = slices.Max(t.options.effective("IKEVersion"))
	return answer, nil
}

// spelt turns the common names of what was negotiated into AWS's.
func spelt(suite fabric.Suite) (encryption, integrity, group string) {
	back := func(names []string, wanted string) string {
		for i, name := range common(names) {
			if name == wanted {
				return names[i]
			}
		}
		return wanted
	}
	return back(encryptions, suite.Encryption), back(integrities, suite.Integrity), suite.Group
}
