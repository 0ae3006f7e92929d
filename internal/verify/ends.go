package verify

import (
	"fmt"
	"strconv"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// endpoints compares the addresses that each side dials with those that the
// other has.
func endpoints(e *Evidence) answer {
	a := answer{of: "addresses"}
	for _, link := range e.File.Links {
		for _, instance := range link.Instances() {
			a.merge(customer(e, link, instance))
		}
		for _, tunnel := range link.Tunnels() {
			a.merge(dialled(e, tunnel))
		}
	}
	return a
}

func (a *answer) merge(other answer) {
	a.subjects += other.subjects
	a.findings = append(a.findings, other.findings...)
	a.gaps = append(a.gaps, other.gaps...)
}

// customer compares the customer gateway with the instance of the Azure
// gateway, and with what the AWS connection uses.
func customer(e *Evidence, link desired.Link, instance int) answer {
	id, gatewayID, connectionID := desired.CustomerGatewayID(link.Name, instance), desired.VPNGatewayID(link.Hub), desired.AWSConnectionID(link.Name, instance)
	if !e.stands(id) || !e.stands(gatewayID) {
		return answer{}
	}
	a := answer{subjects: 1}
	fact := desired.FactInstanceAddress(instance)
	have, want := e.live(id).Attrs["address"].One(), e.live(gatewayID).Attrs[fact].One()
	tunnels := tunnelsOf(link, instance)
	switch {
	case have == "" || want == "":
		a.gaps = append(a.gaps, e.gap(id, "one of the two addresses is not told"))
	case have != want:
		f := e.found(failure.EndpointStale, id, fmt.Sprintf("AWS answers %s, and instance %d of the Azure gateway has %s", have, instance, want)).seen(e, "IpAddress", have)
		f.Evidence = append(f.Evidence, e.found(f.Code, gatewayID, "").seen(e, fact, want).Evidence...)
		a.findings = append(a.findings, f.on(failure.Tunnel, tunnels...))
		return a
	}
	if used, ours := e.live(connectionID).Attrs["customer_gateway"].One(), e.live(id); used != "" && ours.Ref != "" && used != ours.Ref && !ours.Attrs["retired"].Has(used) {
		f := e.found(failure.EndpointStale, connectionID, "it dials "+used+" and not the customer gateway of the link, "+ours.Ref).seen(e, "CustomerGatewayId", used)
		a.findings = append(a.findings, f.on(failure.Tunnel, tunnels...))
	}
	return a
}

func tunnelsOf(link desired.Link, instance int) []string {
	var names []string
	for _, tunnel := range link.Tunnels() {
		if tunnel.Instance == instance {
			names = append(names, tunnel.Name())
		}
	}
	return names
}

// dialled compares the address of a link of the site with that of the AWS
// tunnel, and the link by which Azure dials.
func dialled(e *Evidence, tunnel desired.Tunnel) answer {
	site, connection := desired.VPNSiteID(tunnel.Link), desired.AWSConnectionID(tunnel.Link, tunnel.Instance)
	if !e.stands(site) || !e.stands(connection) {
		return answer{}
	}
	a := answer{subjects: 1}
	fact := desired.FactOutsideAddress(tunnel.Number)
	have, shown := memberOf(e.live(site).Attrs["link_addresses"], tunnel.Name())
	want := e.live(connection).Attrs[fact].One()
	switch {
	case want == "":
		a.gaps = append(a.gaps, e.gap(connection, "AWS does not tell the outside address of "+tunnel.Name()))
	case !shown:
		f := e.found(failure.EndpointStale, site, "it has no link for "+tunnel.Name()+", which AWS has at "+want).seen(e, "vpnSiteLinks", e.live(site).Attrs["link_addresses"].String())
		a.findings = append(a.findings, f.on(failure.Tunnel, tunnel.Name()))
	case have != want:
		f := e.found(failure.EndpointStale, site, fmt.Sprintf("Azure dials %s for %s, and AWS has it at %s", have, tunnel.Name(), want)).seen(e, "vpnSiteLink.ipAddress", have)
		f.Evidence = append(f.Evidence, e.found(f.Code, connection, "").seen(e, fact, want).Evidence...)
		a.findings = append(a.findings, f.on(failure.Tunnel, tunnel.Name()))
	}
	azure := desired.AzureConnectionID(tunnel.Link)
	if by, shown := memberOf(e.live(azure).Attrs["site_links"], tunnel.Name()); shown && by != tunnel.Name() {
		f := e.found(failure.EndpointStale, azure, "it dials "+tunnel.Name()+" by the link "+lastPart(by)+", which is not its own").seen(e, "vpnSiteLink.id", by)
		a.findings = append(a.findings, f.on(failure.Tunnel, tunnel.Name()))
	}
	return a
}

// memberOf is what a set says of a name: "tokyo-0-1=13.112.0.9".
func memberOf(value resource.Value, name string) (string, bool) {
	for _, member := range value {
		if rest, ours := strings.CutPrefix(member, name+"="); ours {
			return rest, true
		}
	}
	return "", false
}

// keys compares the keys of both sides, and shows neither.
func keys(e *Evidence) answer {
	a := answer{of: "tunnels"}
	for _, tunnel := range e.File.Tunnels() {
		azureID, awsID := desired.AzureConnectionID(tunnel.Link), desired.AWSConnectionID(tunnel.Link, tunnel.Instance)
		if !e.stands(azureID) || !e.stands(awsID) {
			continue
		}
		a.subjects++
		azure, seenAzure := e.live(azureID).Secrets["shared_key/"+tunnel.Name()]
		aws, seenAWS := e.live(awsID).Secrets[desired.FactKey(tunnel.Number)]
		switch {
		case !seenAzure:
			a.gaps = append(a.gaps, e.gap(azureID, "the key of "+tunnel.Name()+" could not be read from Azure: the role needs listSharedKey"))
		case !seenAWS || aws.IsZero():
			a.gaps = append(a.gaps, e.gap(awsID, "AWS does not show the key of "+tunnel.Name()))
		case azure.IsZero():
			// There is no link connection for it, which is told as not built.
		case !azure.Equal(aws):
			f := e.found(failure.KeyMismatch, azureID, "the key of "+tunnel.Name()+" is another one than in AWS; neither is shown")
			f = f.seen(e, "listSharedKey of "+tunnel.Name(), "differs")
			f.Evidence = append(f.Evidence, e.found(f.Code, awsID, "").seen(e, "PreSharedKey of tunnel "+strconv.Itoa(tunnel.Number), "differs").Evidence...)
			f.subject = tunnel.Name()
			a.findings = append(a.findings, f.on(failure.Tunnel, tunnel.Name()))
		}
	}
	return a
}
