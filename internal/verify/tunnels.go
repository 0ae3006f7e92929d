package verify

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// pairState is what both clouds together say of an expected pair.
type pairState string

const (
	pairUp      pairState = "up"
	pairDown    pairState = "down"
	pairUnknown pairState = "unknown"
)

// pair tells how an expected pair stands: up when both clouds say so, down
// when one says so, and else unknown.
func (e *Evidence) pair(t desired.Tunnel) pairState {
	state := pairUp
	for _, id := range []resource.ID{desired.AzureTunnelID(t), desired.AWSTunnelID(t)} {
		live := e.live(id)
		switch value, shown := live.Attrs["status"]; {
		case shown && value.One() != "up", live.Phase == resource.Absent, live.Phase == resource.Deleting:
			return pairDown
		case !shown:
			state = pairUnknown
		}
	}
	return state
}

// standing sorts the expected pairs of a link by how they stand.
func (e *Evidence) standing(link desired.Link) map[pairState][]desired.Tunnel {
	by := map[pairState][]desired.Tunnel{}
	for _, tunnel := range link.Tunnels() {
		state := e.pair(tunnel)
		by[state] = append(by[state], tunnel)
	}
	return by
}

// What AWS does to a tunnel shows in its status at once or soon after, and does
// not last.
const (
	maintenanceLasts = time.Hour
	maintenanceShows = 15 * time.Minute
)

// maintained tells whether AWS works on its end of a tunnel that is down, by
// what it says of it.
func (e *Evidence) maintained(t desired.Tunnel) (string, bool) {
	if e.Survey == nil {
		return "", false
	}
	told, known := e.Survey.Tunnels[t.Name()]
	if !known || told.LastMaintenance.IsZero() || e.At.Sub(told.LastMaintenance) > maintenanceLasts {
		return "", false
	}
	if !told.Changed.IsZero() && told.LastMaintenance.Before(told.Changed.Add(-maintenanceShows)) {
		return "", false // it was over before the tunnel went down
	}
	return told.LastMaintenance.UTC().Format(time.RFC3339), true
}

// says is what both clouds say of a tunnel.
func (e *Evidence) says(t desired.Tunnel) string {
	azure, aws := e.live(desired.AzureTunnelID(t)), e.live(desired.AWSTunnelID(t))
	text := fmt.Sprintf("%s is %s in Azure and %s in AWS", t.Name(), statusOf(azure), statusOf(aws))
	if why := cmp.Or(aws.Why, azure.Why); why != "" {
		text += " (" + why + ")"
	}
	return text
}

func statusOf(live resource.Live) string {
	if live.Phase == resource.Absent {
		return "absent"
	}
	return cmp.Or(live.Attrs["status"].One(), "unknown")
}

// tunnelFinding is about a tunnel that is down, with what both clouds say.
func (e *Evidence) tunnelFinding(code failure.Code, t desired.Tunnel, says string) Finding {
	f := e.found(code, desired.AWSTunnelID(t), says).seen(e, "VgwTelemetry.Status", statusOf(e.live(desired.AWSTunnelID(t))))
	azure := e.found(code, desired.AzureTunnelID(t), "").seen(e, "connectionStatus", statusOf(e.live(desired.AzureTunnelID(t))))
	f.Evidence = append(f.Evidence, azure.Evidence...)
	return f.on(failure.Same, string(desired.AzureTunnelID(t)))
}

// tunnelsUp tells which links have no tunnel that is up, and on which tunnels
// AWS works.
func tunnelsUp(e *Evidence) answer {
	a := answer{of: "links"}
	for _, link := range e.File.Links {
		by := e.standing(link)
		if !e.anyStands(link) {
			continue
		}
		a.subjects++
		dead := len(by[pairUp]) == 0 && len(by[pairUnknown]) == 0
		for _, tunnel := range by[pairDown] {
			if at, works := e.maintained(tunnel); works {
				f := e.tunnelFinding(failure.TunnelMaintenance, tunnel, e.says(tunnel)+"; AWS has worked on its end at "+at).seen(e, "LastMaintenanceApplied", at)
				if dead {
					f = f.as(failure.Error)
				}
				a.findings = append(a.findings, f)
			}
			if dead {
				a.findings = append(a.findings, e.tunnelFinding(failure.TunnelDown, tunnel, e.says(tunnel)))
			}
		}
		a.findings = append(a.findings, e.pending(link)...)
		if len(by[pairUp]) == 0 {
			for _, tunnel := range by[pairUnknown] {
				a.gaps = append(a.gaps, e.gap(desired.AWSTunnelID(tunnel), e.says(tunnel)))
			}
		}
	}
	return a
}

// pending tells on which tunnels AWS is going to work. Nothing has come of it yet
// while the tunnel is up.
func (e *Evidence) pending(link desired.Link) []Finding {
	var all []Finding
	for _, tunnel := range link.Tunnels() {
		if e.Survey == nil || e.Survey.Tunnels[tunnel.Name()].Pending == "" {
			continue
		}
		told := e.Survey.Tunnels[tunnel.Name()]
		says := tunnel.Name() + ": " + told.Pending
		if !told.AppliedAfter.IsZero() {
			says += ", which AWS does by itself after " + told.AppliedAfter.UTC().Format(time.RFC3339)
		}
		f := e.tunnelFinding(failure.TunnelMaintenance, tunnel, says).seen(e, "PendingMaintenance", told.Pending)
		f.subject, f.foretold = "pending", true // what has begun shows in LastMaintenanceApplied
		all = append(all, f)
	}
	return all
}

// anyStands tells whether both ends of a link are there, so that its tunnels
// can be judged.
func (e *Evidence) anyStands(link desired.Link) bool {
	for _, instance := range link.Instances() {
		if e.stands(desired.AWSConnectionID(link.Name, instance)) && e.stands(desired.AzureConnectionID(link.Name)) {
			return true
		}
	}
	return false
}

// redundancy tells which expected pairs are down while another carries the
// link. Pairs that can never come up are no expected ones.
func redundancy(e *Evidence) answer {
	a := answer{of: "pairs"}
	for _, link := range e.File.Links {
		by := e.standing(link)
		if len(link.Tunnels()) < 2 || !e.anyStands(link) {
			continue
		}
		a.subjects += len(link.Tunnels())
		for _, tunnel := range by[pairDown] {
			if len(by[pairUp]) == 0 {
				continue
			}
			says := fmt.Sprintf("%s; %d of %d pairs of %s carry it%s", e.says(tunnel), len(by[pairUp]), len(link.Tunnels()), link.Name, e.standbyCarries(link))
			a.findings = append(a.findings, e.tunnelFinding(failure.RedundancyLost, tunnel, says))
		}
		for _, tunnel := range by[pairUnknown] {
			a.gaps = append(a.gaps, e.gap(desired.AWSTunnelID(tunnel), e.says(tunnel)))
		}
	}
	return a
}

// standbyCarries says of a link of whose two connections one stands by whether that
// one carries what AWS sends.
func (e *Evidence) standbyCarries(link desired.Link) string {
	if !link.StandsBy() || e.leads(link) != desired.Standby {
		return ""
	}
	return fmt.Sprintf(", and what AWS sends goes by the connection that stood by, %s-%d", link.Name, desired.Standby)
}

// bgpSettings compares what BGP needs. How routes are learned counts for every
// link, numbers and addresses for those with BGP alone.
func bgpSettings(e *Evidence) answer {
	a := answer{of: "tunnels"}
	for _, link := range e.File.Links {
		for _, instance := range link.Instances() {
			id := desired.AWSConnectionID(link.Name, instance)
			if !e.stands(id) {
				continue
			}
			routing := e.live(id).Attrs["routing"].One()
			if routing != "" && routing != string(link.Routing) && !e.stillAsItWas(link, instance) {
				f := e.found(failure.BGPMismatch, id, "its routing is "+routing+", and the file wants "+string(link.Routing)+": one side waits for routes that the other never sends")
				a.findings = append(a.findings, f.seen(e, "Options.StaticRoutesOnly", strconv.FormatBool(routing == string(desired.Static))).on(failure.Tunnel, tunnelsOf(link, instance)...))
			}
			if link.Routing == desired.BGP {
				a.merge(bgpNumbers(e, link, instance))
			}
		}
	}
	return a
}

// bgpNumbers compares the numbers and inside ranges of the tunnels to one
// instance.
func bgpNumbers(e *Evidence, link desired.Link, instance int) answer {
	names := tunnelsOf(link, instance)
	a := answer{subjects: len(names)}
	customerID, gatewayID := desired.CustomerGatewayID(link.Name, instance), desired.VPNGatewayID(link.Hub)
	have, want := e.live(customerID).Attrs["asn"].One(), e.live(gatewayID).Attrs["asn"].One()
	if have != "" && want != "" && have != want {
		f := e.found(failure.BGPMismatch, customerID, "AWS expects AS "+have+", and the Azure gateway is AS "+want).seen(e, "BgpAsn", have)
		a.findings = append(a.findings, f.on(failure.Tunnel, names...))
	}
	tgwID := desired.TransitGatewayID(link.TransitGateway)
	if number := e.live(tgwID).Attrs["asn"].One(); number != "" && number == want {
		f := e.found(failure.BGPMismatch, tgwID, "the transit gateway has the number of the Azure gateway, "+number+", and each takes the other's routes for its own").seen(e, "AmazonSideAsn", number)
		a.findings = append(a.findings, f.on(failure.Tunnel, names...))
	}
	for _, tunnel := range link.Tunnels() {
		live := e.live(desired.AWSTunnelID(tunnel))
		if tunnel.Instance == instance && e.live(desired.AzureTunnelID(tunnel)).Attrs["status"].One() == "up" && strings.Contains(live.Why, "IPSEC IS UP") && statusOf(live) == "down" {
			a.findings = append(a.findings, e.tunnelFinding(failure.BGPMismatch, tunnel, tunnel.Name()+": IPsec is up, and no BGP session is").seen(e, "VgwTelemetry.StatusMessage", live.Why))
		}
	}
	for _, d := range e.Drifts {
		for _, tunnel := range link.Tunnels() {
			if d.ID != desired.AWSConnectionID(link.Name, instance) || tunnel.Instance != instance || d.Attr != fmt.Sprintf("tunnel_%d_inside", tunnel.Number) {
				continue
			}
			f := e.found(failure.BGPMismatch, d.ID, "AWS speaks from "+d.Have.String()+", and the file gives the tunnel "+d.Want.String()).seen(e, "TunnelInsideCidr", d.Have.String())
			f.subject = d.Attr
			a.findings = append(a.findings, f.on(failure.Tunnel, tunnel.Name()))
		}
	}
	return a
}
