package path

import (
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// joint is an attachment of a transit gateway with what it joins, in the words
// of the file.
type joint struct {
	survey.Attachment
	id  resource.ID // of the VPC attachment or VPN connection; "" when it is not linkd's
	vpc string      // the VPC of the file that it joins, or ""
	// pairs are the expected pairs of the VPN connection that it joins.
	pairs      []desired.Tunnel
	zonesKnown bool
	// undeclared are subnets of it that the file does not have, so that their
	// zones are not known.
	undeclared resource.Value
	tableKnown bool // what it is associated with
	call       string
	at         time.Time
}

// facts is the evidence of the state of an attachment.
func (j joint) facts() []Evidence {
	return []Evidence{{Call: j.call, Field: "State", Value: j.State, At: j.at}}
}

// associated is the evidence of the table of an attachment.
func (j joint) associated() []Evidence {
	return []Evidence{{Call: j.call, Field: "Association", Value: j.Table + " " + j.TableState, At: j.at}}
}

// available tells of an attachment whether packets pass it.
func available(state string) bool { return state == "available" || state == "modifying" }

// joints are the attachments of a transit gateway by their ids, as the survey
// tells them, else as the audit saw those of the file. complete says that it was
// surveyed, so that there are no others.
func (m *Model) joints(gateway string) (all map[string]joint, complete bool) {
	seen := m.survey.TransitGateways[gateway]
	// One that tells of no attachment at all may not have been let read them.
	complete = m.seen(seen.Seen) == "" && len(seen.Attachments) > 0
	all, arranged := m.attachments[gateway]
	if arranged {
		return all, complete
	}
	all = map[string]joint{}
	if complete {
		for _, a := range seen.Attachments {
			all[a.ID] = m.surveyed(a, seen)
		}
	} else {
		m.audited(gateway, all)
	}
	m.attachments[gateway] = all
	return all, complete
}

// surveyed is an attachment that the survey tells of.
func (m *Model) surveyed(a survey.Attachment, of survey.TransitGateway) joint {
	j := joint{Attachment: a, zonesKnown: true, tableKnown: true, call: callAttachments, at: of.At}
	if vpc, known := m.byVPC[a.Resource]; known {
		j.vpc, j.id = vpc, desired.VPCAttachmentID(vpc)
		live, why := m.known(j.id)
		j.zonesKnown = len(a.Zones) > 0 || why == "" && told(live, "subnets") && len(live.Attrs["subnets"]) == 0
	}
	for _, peering := range m.file.AWS.Peerings {
		id := desired.PeeringID(peering.Name)
		if live := m.world[id]; live.Ref == a.ID || live.Attrs[desired.FactFarEnd].Has(a.ID) {
			j.id = id
		}
	}
	for _, link := range m.file.Links {
		for _, instance := range link.Instances() {
			id := desired.AWSConnectionID(link.Name, instance)
			if ref := m.world[id].Ref; ref != "" && ref == a.Resource {
				j.id, j.pairs = id, pairsOf(link, instance)
			}
		}
	}
	return j
}

// audited adds the attachments of the file as the audit saw them.
func (m *Model) audited(gateway string, all map[string]joint) {
	file := m.file.TransitGatewayNamed(gateway)
	if file == nil {
		return
	}
	m.peerings(gateway, all)
	ref := m.world[desired.TransitGatewayID(gateway)].Ref
	for _, vpc := range file.VPCs {
		id := desired.VPCAttachmentID(vpc.Name)
		live, why := m.known(id)
		if why != "" || !stands(live) || live.Ref == "" || ref != "" && live.Attrs["transit_gateway"].One() != ref || live.Attrs["vpc"].One() != vpc.ID {
			continue
		}
		j := joint{id: id, vpc: vpc.Name, call: calls["aws/vpc-attachment"], at: live.AsOf}
		j.Attachment = survey.Attachment{ID: live.Ref, Type: "vpc", Resource: vpc.ID, State: "available", Propagates: live.Attrs["propagation"]}
		j.Table, j.tableKnown = live.Attrs["association"].One(), told(live, "association")
		j.undeclared, j.zonesKnown = live.Attrs["subnets"], told(live, "subnets")
		for _, subnet := range vpc.Subnets {
			if live.Attrs["subnets"].Has(subnet.ID) {
				j.Zones = append(j.Zones, subnet.Zone)
				j.undeclared = j.undeclared.Without(resource.Of(subnet.ID))
			}
		}
		all[j.ID] = j
	}
	for _, link := range m.file.Links {
		for _, instance := range link.Instances() {
			id := desired.AWSConnectionID(link.Name, instance)
			live, why := m.known(id)
			if why != "" || !stands(live) || live.Attrs["transit_gateway"].One() != ref || live.Attrs[desired.FactAttachment].One() == "" {
				continue
			}
			j := joint{id: id, pairs: pairsOf(link, instance), call: calls["aws/vpn-connection"], at: live.AsOf}
			j.Attachment = survey.Attachment{ID: live.Attrs[desired.FactAttachment].One(), Type: "vpn", Resource: live.Ref, State: "available"}
			j.Table, j.tableKnown = live.Attrs["association"].One(), told(live, "association")
			all[j.ID] = j
		}
	}
}

// pairsOf are the expected pairs of a VPN connection.
func pairsOf(link desired.Link, instance int) []desired.Tunnel {
	return slices.DeleteFunc(link.Tunnels(), func(t desired.Tunnel) bool { return t.Instance != instance })
}

// unreadConnection says why a VPN connection of the file on a transit gateway
// could not be read, so that an attachment that nothing else explains may be
// its own; "" when all were read.
func (m *Model) unreadConnection(gateway string) string {
	for _, link := range m.file.LinksOfTransitGateway(gateway) {
		for _, instance := range link.Instances() {
			live, why := m.known(desired.AWSConnectionID(link.Name, instance))
			if why != "" && live.Ref == "" {
				return why
			}
		}
	}
	return ""
}

// jointOfVPC finds the attachment of a VPC. The zero joint and no reason say
// that there is none.
func (m *Model) jointOfVPC(gateway, vpc string) (joint, string) {
	all, complete := m.joints(gateway)
	for _, j := range all {
		if j.vpc == vpc {
			return j, ""
		}
	}
	if complete {
		return joint{}, ""
	}
	live, why := m.known(desired.VPCAttachmentID(vpc))
	if why == "" && stands(live) && m.refOfGateway(gateway) == "" {
		why = "its transit gateway was not read"
	}
	return joint{}, why
}
