package aws

import (
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// createVPNConnection has no client token, and for a transit gateway a
// repeated call makes a second connection.
func createVPNConnection(k *call) (any, error) {
	if kind, err := k.need("Type"); err != nil || kind != "ipsec.1" {
		return nil, firstError(err, badValue("Value (%s) for parameter type is invalid.", kind))
	}
	if k.has("VpnGatewayId") || !k.has("TransitGatewayId") {
		return nil, refuse("UnsupportedOperation", "Only transit gateways are simulated as the AWS side of a VPN connection.")
	}
	customer, err := k.customerGatewayIn("CustomerGatewayId")
	if err != nil {
		return nil, err
	}
	g, err := k.availableGateway()
	if err != nil {
		return nil, err
	}
	tags, err := k.specified("TagSpecification", "vpn-connection")
	if err != nil {
		return nil, err
	}
	if err := k.quota("vpn-connections", living(k.region.connections.all(), func(c connection) string { return c.state })); err != nil {
		return nil, err
	}
	c := connection{customerGateway: customer.id, gateway: g.id, state: "pending", opened: k.now}
	if err := k.readConnectionOptions(&c); err != nil {
		return nil, err
	}
	if c.tunnels, err = k.newTunnels(g.id); err != nil {
		return nil, err
	}
	k.completeConnection(&c)
	k.region.retag(k.now, c.id, tags)
	k.region.connections.put(k.now, c.id, c)
	k.later(k.now, "aws/vpn-connection/create", func(at time.Time) {
		if k.fails != nil {
			k.closeConnection(at, c.id)
			return
		}
		k.openConnection(at, c.id)
	})
	return connectionAnswer{k.connectionItem(c)}, nil
}

func firstError(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// customerGatewayIn finds the available customer gateway that a parameter names.
func (k *call) customerGatewayIn(parameter string) (customerGateway, error) {
	id, err := k.need(parameter)
	if err != nil {
		return customerGateway{}, err
	}
	g, known := k.region.customerGateways.get(id)
	if !known || g.state == "deleted" {
		return g, customerGatewayIDs.unknown(id)
	}
	if g.state != "available" {
		return g, badState("The customer gateway %s is not available", id)
	}
	return g, nil
}

func (k *call) readConnectionOptions(c *connection) (err error) {
	f := k.inside("Options")
	if c.static, err = f.truth("StaticRoutesOnly"); err != nil {
		return err
	}
	if c.acceleration, err = f.truth("EnableAcceleration"); err != nil {
		return err
	}
	if c.localRange, err = ipRange(f, "LocalIpv4NetworkCidr", "0.0.0.0/0"); err != nil {
		return err
	}
	if c.remoteRange, err = ipRange(f, "RemoteIpv4NetworkCidr", "0.0.0.0/0"); err != nil {
		return err
	}
	for _, row := range []struct {
		form
		name    string
		allowed []string
		field   *string
	}{
		{f, "TunnelBandwidth", []string{"standard", "large"}, &c.bandwidth},
		{k.form, "PreSharedKeyStorage", []string{"Standard", "SecretsManager"}, &c.storage},
		{f, "TunnelInsideIpVersion", []string{"ipv4"}, new(string)},
		{f, "OutsideIpAddressType", []string{"PublicIpv4"}, new(string)},
	} {
		*row.field = row.or(row.name, row.allowed[0])
		if !slices.Contains(row.allowed, *row.field) {
			return badValue("Value (%s) for parameter %s is invalid or not simulated.", *row.field, row.name)
		}
	}
	return nil
}

func ipRange(f form, name, fallback string) (string, error) {
	text := f.or(name, fallback)
	if prefix, err := netip.ParsePrefix(text); err != nil || !prefix.Addr().Is4() || prefix != prefix.Masked() {
		return "", badValue("Value (%s) for parameter %s is invalid. This is not a valid CIDR block.", text, name)
	}
	return text, nil
}

// newTunnels reads the two tunnels of a request; what it leaves open is filled
// in by completeConnection.
func (k *call) newTunnels(gatewayID string) ([]tunnel, error) {
	tunnels := make([]tunnel, 2)
	given := k.inside("Options").structures("TunnelOptions")
	if len(given) > len(tunnels) {
		return nil, badValue("A VPN connection has two tunnels, not %d", len(given))
	}
	taken := k.region.insides(gatewayID, netip.Addr{})
	for i, f := range given {
		t := &tunnels[i]
		var err error
		if t.options, err = readOptions(f); err != nil {
			return nil, err
		}
		if err := t.options.check(); err != nil {
			return nil, err
		}
		if f.has("PreSharedKey") {
			if t.key, err = parseKey(f); err != nil {
				return nil, err
			}
		}
		if text := f.text("TunnelInsideCidr"); text != "" {
			if t.inside, err = parseInside(text, taken); err != nil {
				return nil, err
			}
			taken[t.inside] = true
		}
	}
	return tunnels, nil
}

// completeConnection gives a new connection its id, its attachment, and what
// AWS chooses for the tunnels.
func (k *call) completeConnection(c *connection) {
	c.id = k.newID(connectionIDs)
	c.unknown = k.Behaviour().TunnelsKnown == "when-available"
	if c.storage == "SecretsManager" {
		c.keyArn = "arn:aws:secretsmanager:" + k.region.name + ":" + k.account + ":secret:s2svpn!" + c.id
	}
	taken := k.region.insides(c.gateway, netip.Addr{})
	for _, t := range c.tunnels {
		taken[t.inside] = true
	}
	for i := range c.tunnels {
		t := &c.tunnels[i]
		words := []string{c.id, strconv.Itoa(i)}
		t.outside = k.newOutside(words...)
		if t.key.reveal() == "" {
			t.key = k.newKey(words...)
		}
		if !t.inside.IsValid() {
			t.inside = k.newInside(taken, words...)
			taken[t.inside] = true
		}
	}
	c.attachment = k.attachConnection(k.now, c.gateway, c.id)
}

// attachConnection makes the attachment of a VPN connection. The connection's
// tags do not go to it.
func (k *call) attachConnection(at time.Time, gatewayID, connectionID string) string {
	a := attachment{id: k.newID(attachmentIDs), gateway: gatewayID, kind: "vpn", resource: connectionID, state: "pending", created: at}
	k.region.attachments.put(at, a.id, a)
	return a.id
}

// openConnection makes a pending connection available, and its attachment.
func (k *call) openConnection(at time.Time, id string) {
	c, known := k.region.connections.get(id)
	if !known || c.state != "pending" {
		return
	}
	c.state, c.unknown, c.opened = "available", false, at
	c.tunnels = slices.Clone(c.tunnels)
	for i := range c.tunnels {
		c.tunnels[i].inService = true
	}
	k.region.connections.put(at, id, c)
	k.openAttachment(at, c.attachment)
}

// connectionIn finds the VPN connection that the request names, in one of the
// states.
func (k *call) connectionIn(states ...string) (connection, error) {
	id, err := k.need("VpnConnectionId")
	if err != nil {
		return connection{}, err
	}
	c, known := k.region.connections.get(id)
	if !known || c.state == "deleted" {
		return c, connectionIDs.unknown(id)
	}
	if !slices.Contains(states, c.state) {
		return c, badState("%s is in invalid state: %s", id, c.state)
	}
	return c, nil
}
