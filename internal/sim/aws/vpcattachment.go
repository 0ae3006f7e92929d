package aws

import (
	"slices"
	"time"
)

// vpcAttachmentSwitches are the options of a VPC attachment, with what EC2
// fills in.
var vpcAttachmentSwitches = []struct{ name, fallback string }{
	{"DnsSupport", "enable"},
	{"Ipv6Support", "disable"},
	{"ApplianceModeSupport", "disable"},
	{"SecurityGroupReferencingSupport", "enable"},
}

type vpcAttachmentItem struct {
	ID      string       `xml:"transitGatewayAttachmentId"`
	Gateway string       `xml:"transitGatewayId"`
	VPC     string       `xml:"vpcId"`
	Owner   string       `xml:"vpcOwnerId"`
	State   string       `xml:"state"`
	Subnets *set[string] `xml:"subnetIds"`
	Created stamp        `xml:"creationTime"`
	Options struct {
		DNS              string `xml:"dnsSupport"`
		GroupReferencing string `xml:"securityGroupReferencingSupport"`
		IPv6             string `xml:"ipv6Support"`
		ApplianceMode    string `xml:"applianceModeSupport"`
	} `xml:"options"`
	Tags set[tag] `xml:"tagSet"`
}

type vpcAttachmentAnswer struct {
	Attachment vpcAttachmentItem `xml:"transitGatewayVpcAttachment"`
}

type vpcAttachmentsAnswer struct {
	Attachments set[vpcAttachmentItem] `xml:"transitGatewayVpcAttachments"`
	page
}

func (k *call) vpcAttachmentItem(a attachment) vpcAttachmentItem {
	item := vpcAttachmentItem{
		ID: a.id, Gateway: a.gateway, VPC: a.resource, Owner: k.account, State: a.state,
		Subnets: &set[string]{a.subnets}, Created: stamp(a.created), Tags: k.tagSet(a.id),
	}
	item.Options.DNS = a.switches["DnsSupport"]
	item.Options.GroupReferencing = a.switches["SecurityGroupReferencingSupport"]
	item.Options.IPv6 = a.switches["Ipv6Support"]
	item.Options.ApplianceMode = a.switches["ApplianceModeSupport"]
	return item
}

func createTransitGatewayVPCAttachment(k *call) (any, error) {
	g, err := k.availableGateway()
	if err != nil {
		return nil, err
	}
	vpcID, err := k.need("VpcId")
	if err != nil {
		return nil, err
	}
	if _, known := k.region.vpcs.get(vpcID); !known {
		return nil, vpcIDs.unknown(vpcID)
	}
	tags, err := k.specified("TagSpecifications", "transit-gateway-attachment")
	if err != nil {
		return nil, err
	}
	a := attachment{gateway: g.id, kind: "vpc", resource: vpcID, state: "pending", created: k.now, subnets: k.list("SubnetIds")}
	if a.switches, err = attachmentSwitched(nil, k.inside("Options")); err != nil {
		return nil, err
	}
	if err := k.checkSubnets(vpcID, a.subnets); err != nil {
		return nil, err
	}
	if err := k.checkAttachable(g.id, vpcID); err != nil {
		return nil, err
	}
	a.id = k.newID(attachmentIDs)
	k.region.retag(k.now, a.id, tags)
	k.region.attachments.put(k.now, a.id, a)
	k.later(k.now, "aws/vpc-attachment/create", func(at time.Time) {
		if k.fails == nil {
			k.openAttachment(at, a.id)
			return
		}
		k.changeAttachment(at, a.id, func(a attachment) attachment { a.state = "failed"; return a })
	})
	return vpcAttachmentAnswer{k.vpcAttachmentItem(a)}, nil
}

// checkAttachable refuses a second attachment of a VPC to a transit gateway,
// and more attachments than the quotas allow.
func (k *call) checkAttachable(gatewayID, vpcID string) error {
	ofVPC, ofGateway := 0, 0
	for _, a := range k.region.attachments.all() {
		if a.state == "deleted" || a.state == "failed" {
			continue
		}
		if a.gateway == gatewayID && a.resource == vpcID {
			return refuse("DuplicateTransitGatewayAttachment", "%s has non-deleted Transit Gateway Attachments with same VPC ID.", gatewayID)
		}
		if a.resource == vpcID {
			ofVPC++
		}
		if a.gateway == gatewayID {
			ofGateway++
		}
	}
	if err := k.quota("attachments-per-vpc", ofVPC); err != nil {
		return err
	}
	return k.quota("transit-gateway-attachments", ofGateway)
}

// checkSubnets wants at least one subnet, of that VPC, and one per zone.
func (k *call) checkSubnets(vpcID string, subnets []string) error {
	if len(subnets) == 0 {
		return missing("SubnetIds")
	}
	zones := map[string]string{}
	for _, id := range subnets {
		s, known := k.region.subnets.get(id)
		if !known {
			return subnetIDs.unknown(id)
		}
		if s.vpc != vpcID {
			return badValue("Subnet %s is not in VPC %s", id, vpcID)
		}
		if other, taken := zones[s.zone]; taken {
			return refuse("DuplicateSubnetsInSameZone", "Duplicate Subnets for same AZ: %s, %s", other, id)
		}
		zones[s.zone] = id
	}
	return nil
}

func attachmentSwitched(have map[string]string, options form) (map[string]string, error) {
	next := map[string]string{}
	for _, s := range vpcAttachmentSwitches {
		fallback := s.fallback
		if have != nil {
			fallback = have[s.name]
		}
		value := options.or(s.name, fallback)
		if value != "enable" && value != "disable" {
			return nil, badValue("Value (%s) for parameter %s is invalid. Expected enable or disable.", value, s.name)
		}
		next[s.name] = value
	}
	return next, nil
}

// vpcAttachmentIn finds the VPC attachment that the request names.
func (k *call) vpcAttachmentIn(states ...string) (attachment, error) {
	a, err := k.attachmentIn("")
	if err != nil {
		return a, err
	}
	if a.kind != "vpc" {
		return a, attachmentIDs.unknown(a.id)
	}
	if !slices.Contains(states, a.state) {
		return a, badState("%s is in invalid state", a.id)
	}
	return a, nil
}

func modifyTransitGatewayVPCAttachment(k *call) (any, error) {
	a, err := k.vpcAttachmentIn("available")
	if err != nil {
		return nil, err
	}
	removed := k.list("RemoveSubnetIds")
	a.subnets = slices.DeleteFunc(slices.Concat(a.subnets, k.list("AddSubnetIds")), func(id string) bool { return slices.Contains(removed, id) })
	if err := k.checkSubnets(a.resource, a.subnets); err != nil {
		return nil, err
	}
	if a.switches, err = attachmentSwitched(a.switches, k.inside("Options")); err != nil {
		return nil, err
	}
	a.state = "modifying"
	k.region.attachments.put(k.now, a.id, a)
	k.later(k.now, "aws/vpc-attachment/modify", func(at time.Time) {
		k.changeAttachment(at, a.id, func(a attachment) attachment {
			if a.state == "modifying" {
				a.state = "available"
			}
			return a
		})
	})
	return vpcAttachmentAnswer{k.vpcAttachmentItem(a)}, nil
}

func deleteTransitGatewayVPCAttachment(k *call) (any, error) {
	a, err := k.vpcAttachmentIn("available", "failed")
	if err != nil {
		return nil, err
	}
	a.state = "deleting"
	k.region.attachments.put(k.now, a.id, a)
	k.later(k.now, "aws/vpc-attachment/delete", func(at time.Time) { k.closeAttachment(at, a.id) })
	item := k.vpcAttachmentItem(a)
	item.Subnets = nil // the published sample of this answer has none
	return vpcAttachmentAnswer{item}, nil
}

func describeTransitGatewayVPCAttachments(k *call) (any, error) {
	rows := slices.DeleteFunc(k.region.attachments.allAt(k.seen), func(a attachment) bool { return a.kind != "vpc" })
	rows, page, err := find(k, rows, listing[attachment]{
		parameter: "TransitGatewayAttachmentIds", ids: attachmentIDs, id: func(a attachment) string { return a.id },
		least: 5, most: 1000,
		filters: map[string]func(attachment) []string{
			"transit-gateway-attachment-id": one(func(a attachment) string { return a.id }),
			"transit-gateway-id":            one(func(a attachment) string { return a.gateway }),
			"vpc-id":                        one(func(a attachment) string { return a.resource }),
			"state":                         one(func(a attachment) string { return a.state }),
		},
	})
	if err != nil {
		return nil, err
	}
	return vpcAttachmentsAnswer{listed(rows, k.vpcAttachmentItem), page}, nil
}
