package verify

import (
	"fmt"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// propagations tells which VPCs do not propagate to the table that Azure's packets are
// looked up in, and which connections with BGP do not to the one that AWS's are.
func propagations(e *Evidence) answer {
	speakers := e.speakers()
	a := answer{subjects: len(speakers), of: "attachments"}
	for id := range e.World {
		if e.stands(id) && strings.HasPrefix(string(id), "aws/vpc-attachment/") {
			a.subjects++
		}
	}
	for _, d := range e.Drifts {
		table, off := offTable(d)
		if !off {
			continue
		}
		f := e.found(failure.TGWPropagationOff, d.ID, "").seen(e, "GetTransitGatewayRouteTablePropagations", orNone(d.Have))
		f.Says = fmt.Sprintf("it does not propagate to %s: what is sent to the VPC finds no route", table)
		if d.Kind == "aws/vpc-attachment" {
			a.findings = append(a.findings, f.toward(AzureToAWS))
			continue
		}
		f.Says = fmt.Sprintf("it does not propagate to %s: what AWS sends to Azure does not go by this connection", table)
		if i := slices.IndexFunc(speakers, func(s speaker) bool { return s.id == d.ID }); i >= 0 {
			a.findings = append(a.findings, e.relieved(f.toward(AWSToAzure), speakers[i], speakers))
		}
	}
	return a
}

// offTable tells whether a difference is that an attachment does not propagate, and to
// which table.
func offTable(d resource.Drift) (resource.Value, bool) {
	table := d.Want.Without(d.Have)
	ours := d.Key() == "aws/vpc-attachment.propagation" || d.Key() == "aws/vpn-connection.propagation"
	return table, ours && d.Class != resource.Unseen && len(table) > 0
}

// speaker is a connection that tells AWS by BGP what Azure has. One that is yet to be made
// anew with BGP is none: nothing comes by it that could be propagated.
type speaker struct {
	id       resource.ID
	link     desired.Link
	instance int
}

// speakers lists those that stand.
func (e *Evidence) speakers() []speaker {
	var all []speaker
	for _, link := range e.File.Links {
		for _, instance := range link.Instances() {
			id := desired.AWSConnectionID(link.Name, instance)
			if link.Routing == desired.BGP && e.stands(id) && e.live(id).Attrs["routing"].One() == string(desired.BGP) {
				all = append(all, speaker{id, link, instance})
			}
		}
	}
	return all
}

// relieved weighs that a speaker does not propagate by what is left: where another one of
// its transit gateway is up and propagates, what AWS sends goes by that.
func (e *Evidence) relieved(f Finding, of speaker, speakers []speaker) Finding {
	f = f.on(failure.Tunnel, tunnelsOf(of.link, of.instance)...)
	for _, other := range speakers {
		off := slices.ContainsFunc(e.Drifts, func(d resource.Drift) bool {
			_, off := offTable(d)
			return off && d.ID == other.id
		})
		if !off && other.link.TransitGateway == of.link.TransitGateway && other.link.ConnectionStatus(e.World, other.instance) == desired.PairLive {
			f.Says += ", and goes by " + lastPart(string(other.id))
			return f.as(failure.Warning)
		}
	}
	f.Says += ", and no other one is known to carry it"
	return f
}
