package aws

import (
	"slices"
	"time"
)

// modifyVPNConnection gives a connection another customer gateway, another
// transit gateway, or both. Both tunnels are down while their endpoints are
// replaced; addresses and keys stay. Another transit gateway means another
// attachment: routes to the old one become blackholes.
func modifyVPNConnection(k *call) (any, error) {
	c, err := k.connectionIn("available")
	if err != nil {
		return nil, err
	}
	if k.has("CustomerGatewayId") == k.has("TransitGatewayId") && !k.has("CustomerGatewayId") {
		return nil, missing("CustomerGatewayId")
	}
	next := c
	if k.has("CustomerGatewayId") {
		customer, err := k.customerGatewayIn("CustomerGatewayId")
		if err != nil {
			return nil, err
		}
		next.customerGateway = customer.id
	}
	if k.has("TransitGatewayId") {
		g, err := k.availableGateway()
		if err != nil {
			return nil, err
		}
		next.gateway = g.id
	}
	if next.gateway != c.gateway {
		k.closeAttachment(k.now, c.attachment)
		next.attachment = k.attachConnection(k.now, next.gateway, c.id)
	}
	return k.modify(next, "aws/vpn-connection/modify", everyTunnel, func(c connection) connection { return c })
}

// modifyVPNConnectionOptions changes ranges and bandwidth; both tunnels are
// down for a while.
func modifyVPNConnectionOptions(k *call) (any, error) {
	c, err := k.connectionIn("available")
	if err != nil {
		return nil, err
	}
	local, err := ipRange(k.form, "LocalIpv4NetworkCidr", c.localRange)
	if err != nil {
		return nil, err
	}
	remote, err := ipRange(k.form, "RemoteIpv4NetworkCidr", c.remoteRange)
	if err != nil {
		return nil, err
	}
	bandwidth := k.or("TunnelBandwidth", c.bandwidth)
	if bandwidth != "standard" && bandwidth != "large" {
		return nil, badValue("Value (%s) for parameter TunnelBandwidth is invalid.", bandwidth)
	}
	return k.modify(c, "aws/vpn-connection/modify", everyTunnel, func(c connection) connection {
		c.localRange, c.remoteRange, c.bandwidth = local, remote, bandwidth
		return c
	})
}

func everyTunnel(int) bool { return true }

// modify puts a connection into the state modifying, with some of its tunnels
// out of service, and lets the change be true when that is over.
func (k *call) modify(c connection, operation string, out func(tunnel int) bool, change func(connection) connection) (any, error) {
	c.state = "modifying"
	c.tunnels = slices.Clone(c.tunnels)
	for i := range c.tunnels {
		c.tunnels[i].inService = c.tunnels[i].inService && !out(i)
	}
	k.region.connections.put(k.now, c.id, c)
	answer := connectionAnswer{k.connectionItem(c)}
	k.later(k.now, operation, func(at time.Time) {
		c, known := k.region.connections.get(c.id)
		if !known || c.state != "modifying" {
			return
		}
		c.state = "available"
		c.tunnels = slices.Clone(c.tunnels)
		for i := range c.tunnels {
			if out(i) {
				c.tunnels[i].inService, c.tunnels[i].replaced = true, at
			}
		}
		if k.fails == nil {
			c = change(c)
		}
		k.region.connections.put(at, c.id, c)
		k.openAttachment(at, c.attachment)
	})
	return answer, nil
}
