package aws

import (
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Anybody who may write tags may take ours away. What then is not found by its
// tags must not be made a second time, so it is looked for by what nobody
// changes in passing: a customer gateway by its device name, a VPN connection
// and a VPC attachment by what they join, a transit gateway by what stands on
// it, or by its name.

// stands tells whether a lookup by tags has found anything.
func stands[T any](items []T, reduce func(T) thing) bool {
	return slices.ContainsFunc(items, func(item T) bool { return reduce(item).phase != resource.Absent })
}

// lost tells whether a lookup by tags is to be followed by one without: it
// found nothing, and this process did not make the thing a moment ago.
func (b base) lost(found bool) bool { return !found && !b.cloud.memory.makes(b.id) }

// like knows a transit gateway by our things on it, else by its name.
func (r *transitGateway) like(s *seen) func(types.TransitGateway) likeness {
	bearing := r.bearing(s)
	return func(g types.TransitGateway) likeness {
		ref := awssdk.ToString(g.TransitGatewayId)
		if slices.Contains(bearing, ref) && !r.elsewhere(s, ref) {
			return inPlace
		}
		foreign := idOf(g.Tags) != "" && idOf(g.Tags) != r.id
		if tag(g.Tags, desired.NameTag) == r.file.Name && (r.file.Adopt || !foreign) {
			return named
		}
		return elsewhere
	}
}

// bearing lists the transit gateways that something of ours stands on: a VPC
// attachment or a VPN connection with the id tag of one that belongs here, or
// a connection to a customer gateway with a device name of ours.
func (r *transitGateway) bearing(s *seen) []string {
	belongs, devices := map[resource.ID]bool{}, map[string]bool{}
	for _, v := range r.file.VPCs {
		belongs[desired.VPCAttachmentID(v.Name)] = true
	}
	for _, link := range r.cloud.linksOf(r.file.Name) {
		for _, instance := range link.Instances() {
			belongs[desired.AWSConnectionID(link.Name, instance)] = true
			devices[r.cloud.file.DeviceName(link.Name, instance)] = true
		}
	}
	ours := func(t thing) bool {
		foreign := ownerOf(t.tags) != "" && ownerOf(t.tags) != r.cloud.file.Owner
		return belongs[idOf(t.tags)] && !foreign && t.phase > resource.Deleting
	}
	customers := map[string]bool{}
	for _, g := range s.customerGateways.items {
		customers[awssdk.ToString(g.CustomerGatewayId)] = devices[awssdk.ToString(g.DeviceName)]
	}
	var bearing []string
	for _, a := range s.vpcAttachments.items {
		if ours(reduceVPCAttachment(a)) {
			bearing = append(bearing, awssdk.ToString(a.TransitGatewayId))
		}
	}
	for _, c := range s.connections.items {
		t := reduceConnection(c)
		if ours(t) || customers[awssdk.ToString(c.CustomerGatewayId)] && t.phase > resource.Deleting {
			bearing = append(bearing, awssdk.ToString(c.TransitGatewayId))
		}
	}
	return bearing
}

// elsewhere tells whether a transit gateway is what the file means by another
// id: something of ours may have been moved to it.
func (r *transitGateway) elsewhere(s *seen, ref string) bool {
	for _, n := range r.cloud.nodesOf(r.region) {
		other, is := n.(*transitGateway)
		if !is || other.id == r.id {
			continue
		}
		bearing := other.bearing(s)
		like := func(g types.TransitGateway) likeness {
			if slices.Contains(bearing, awssdk.ToString(g.TransitGatewayId)) {
				return inPlace
			}
			return elsewhere
		}
		_, t, found := choose(s.transitGateways.items, other.id, r.cloud.file.Owner, reduceTransitGateway, like)
		if found && t.ref == ref && idOf(t.tags) == other.id && ownerOf(t.tags) == r.cloud.file.Owner {
			return true
		}
	}
	return false
}

// unproven is why it is not known that there is no transit gateway: what might
// stand on one could not be read.
func (r *transitGateway) unproven(s *seen) error {
	if r.file.Adopt || r.cloud.memory.makes(r.id) {
		return nil
	}
	_, attachments := s.vpcAttachments.list()
	_, connections := s.connections.list()
	_, customers := s.customerGateways.list()
	for _, err := range []error{attachments, connections, customers} {
		if err != nil {
			return err
		}
	}
	return nil
}
