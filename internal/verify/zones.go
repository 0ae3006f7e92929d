package verify

import (
	"fmt"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// zones tells which machines stand in a zone in which the attachment of their
// VPC has no subnet.
func zones(e *Evidence) answer {
	a := answer{of: "machines"}
	for _, target := range e.File.Probes.Targets {
		id := desired.VPCAttachmentID(target.VPC)
		if target.VPC == "" || !e.stands(id) {
			continue
		}
		zone := target.Zone
		if e.Survey != nil && e.Survey.Machines[target.Name].Zone != "" {
			zone = e.Survey.Machines[target.Name].Zone
		}
		joined, known := e.zonesOf(target.VPC)
		switch {
		case zone == "" || !known:
			a.gaps = append(a.gaps, Gap{About: target.Name, Why: "its zone, or the zones of its VPC's attachment, are not known", Unasked: e.Survey == nil, about: e.about(id)})
			continue
		case !slices.Contains(joined, zone):
			f := e.found(failure.TGWZoneUnattached, id, fmt.Sprintf("%s stands in %s, and the attachment has subnets in %s alone", target.Name, zone, orNone(joined)))
			f.subject = target.Name
			a.findings = append(a.findings, f.seen(e, "SubnetIds", e.live(id).Attrs["subnets"].String()).on(failure.Machine, target.Name))
		}
		a.subjects++
	}
	return a
}

// zonesOf are the zones in which the attachment of a VPC has a subnet.
func (e *Evidence) zonesOf(vpc string) (resource.Value, bool) {
	live := e.live(desired.VPCAttachmentID(vpc))
	if e.Survey != nil {
		for _, gateway := range e.Survey.TransitGateways {
			for _, a := range gateway.Attachments {
				if a.ID == live.Ref && len(a.Zones) > 0 {
					return resource.Of(a.Zones...), true
				}
			}
		}
	}
	known := map[string]string{}
	if file := e.File.VPCNamed(vpc); file != nil {
		for _, subnet := range file.Subnets {
			known[subnet.ID] = subnet.Zone
		}
	}
	var zones []string
	for _, subnet := range live.Attrs["subnets"] {
		if known[subnet] == "" {
			return nil, false
		}
		zones = append(zones, known[subnet])
	}
	return resource.Of(zones...), len(zones) > 0
}
