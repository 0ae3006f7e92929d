package aws

import (
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// A transit gateway's table has one static route of a prefix, to one attachment.
// Of a link with two connections all its routes lead to that of the one that
// carries, and they move together.

// heeded are the resources by which it is told which connection of a link carries, also
// of one that has a single one and had two.
func heeded(link desired.Link) []resource.ID {
	var ids []resource.ID
	if link.StandsBy() { // of one with BGP both are needed
		ids = append(ids, desired.AWSConnectionID(link.Name, desired.Standby))
	}
	for _, t := range link.Tunnels() {
		ids = append(ids, desired.AzureTunnelID(t), desired.AWSTunnelID(t))
	}
	return ids
}

// Heeds implements [resource.Heeder].
func (r *transitGatewayRoutes) Heeds() []resource.ID { return r.heeds }

// Spares implements [resource.Heeder]: routes that are to lead to the standby can
// be written while the preferred connection is gone, or is being made anew. The
// tunnels of a link with BGP matter only while one of its connections is a static
// one, whose routes go as soon as the other brings them.
func (r *transitGatewayRoutes) Spares(world resource.World) []resource.ID {
	var spared []resource.ID
	for _, link := range r.speak {
		if slices.ContainsFunc(link.Instances(), func(i int) bool { return stillStatic(world[desired.AWSConnectionID(link.Name, i)]) }) {
			continue
		}
		for _, t := range link.Tunnels() {
			spared = append(spared, desired.AWSTunnelID(t))
		}
	}
	for _, link := range r.links {
		if link.StandsBy() && link.Carrier(world, desired.Preferred) == desired.Standby {
			spared = append(spared, desired.AWSConnectionID(link.Name, desired.Preferred))
		}
	}
	return spared
}

// way is where the routes of a link are to lead.
type way struct {
	link       desired.Link
	carrier    int // the instance whose connection carries
	attachment string
	// instead holds the routes that are wanted by those that stand in their place
	// and are linkd's own: they lead to the other connection, or to one that is lost.
	instead map[string]string
	breaks  bool // until they are replaced
	why     string
}

// wayOf tells which connection of a link carries, by how its pairs stand and
// where its routes lead now.
func (r *transitGatewayRoutes) wayOf(link desired.Link, prefixes []string, world resource.World) (way, error) {
	w := way{link: link, carrier: desired.Preferred}
	if !link.StandsBy() {
		attachment, err := r.attachment(link, w.carrier, world)
		w.attachment = attachment
		return w, err
	}
	var attachments [2]string
	var unknown [2]error
	for _, instance := range link.Instances() {
		attachments[instance], unknown[instance] = r.attachment(link, instance, world)
	}
	live := targetsOf(world[r.id].Attrs[attrRoutes], prefixes)
	w.carrier = link.Carrier(world, leads(live, attachments))
	w.attachment = attachments[w.carrier]
	if err := unknown[w.carrier]; err != nil {
		return w, err
	}
	other := desired.Preferred + desired.Standby - w.carrier
	if err := unknown[other]; err != nil && w.strays(live) && link.ConnectionStatus(world, w.carrier) != desired.PairLive {
		return w, err // they may lead to the one that carries indeed
	}
	w.replace(live, attachments[other])
	w.explain(world, other)
	return w, nil
}

// attachment is that of a connection of a link. Nothing is led to a standby that
// is not linkd's.
func (r *transitGatewayRoutes) attachment(link desired.Link, instance int, world resource.World) (string, error) {
	connection := desired.AWSConnectionID(link.Name, instance)
	attachment, err := world.Fact(connection, desired.FactAttachment)
	switch {
	case err != nil:
		return "", err
	case instance == desired.Standby && world[connection].Owner != r.cloud.file.Owner:
		return "", resource.NotYet{Need: connection, What: desired.FactAttachment}
	case moved(world[connection], world[desired.TransitGatewayID(r.gateway.Name)].Ref):
		return "", &resource.Problem{
			Reason: resource.Refused, Action: "routing",
			Text: fmt.Sprintf("%s ends at another transit gateway, and no route of this one can lead to it", connection),
			Hint: "move the VPN connection back to the transit gateway that the file names, or delete it and apply",
		}
	}
	return attachment.One(), nil
}

// targetsOf tells where the routes of some prefixes lead.
func targetsOf(routes resource.Value, prefixes []string) map[string]string {
	targets := map[string]string{}
	for _, route := range routes {
		if prefix, target := split(route); slices.Contains(prefixes, prefix) {
			targets[prefix] = target
		}
	}
	return targets
}

// leads is the instance to whose connection the routes of a link lead: to the
// standby when one does and none leads to the preferred one.
func leads(live map[string]string, attachments [2]string) int {
	carrier := desired.Preferred
	for _, target := range live {
		switch {
		case target == attachments[desired.Preferred]:
			return desired.Preferred
		case target == attachments[desired.Standby]:
			carrier = desired.Standby
		}
	}
	return carrier
}

// strays tells whether a route leads to an attachment that is not the one that
// is to carry.
func (w way) strays(live map[string]string) bool {
	for _, target := range live {
		if target != w.attachment && !strings.HasPrefix(target, hole) {
			return true
		}
	}
	return false
}

// attachmentsOf lists the attachments to which a route leads, none of one that is a blackhole.
func attachmentsOf(route types.TransitGatewayRoute) []string {
	var attachments []string
	for _, a := range route.TransitGatewayAttachments {
		if route.State == types.TransitGatewayRouteStateActive {
			attachments = append(attachments, awssdk.ToString(a.TransitGatewayAttachmentId))
		}
	}
	return attachments
}

// hole is how the target of a route begins that leads nowhere.
const hole = "blackhole"

// replace notes which routes are to take the place of others: of those that lead
// to the other connection and, when the standby is to carry, of those whose
// attachment went with the preferred one.
func (w *way) replace(live map[string]string, other string) {
	w.instead = map[string]string{}
	for prefix, target := range live {
		lost := target == hole+" "+other || w.carrier == desired.Standby && strings.HasPrefix(target, hole+" ")
		if target == other || lost {
			w.instead[member(prefix, target)] = member(prefix, w.attachment)
		}
	}
}

// explain says why the one carries and not the other.
func (w *way) explain(world resource.World, other int) {
	name := func(instance int) string { return fmt.Sprintf("%s-%d", w.link.Name, instance) }
	w.breaks = w.link.ConnectionStatus(world, other) == desired.PairDown
	switch {
	case w.breaks:
		w.why = fmt.Sprintf("%s carries, for no tunnel of %s is up", name(w.carrier), name(other))
	case w.carrier == desired.Preferred:
		w.why = fmt.Sprintf("%s carries again, for it has been up for %s", name(w.carrier), desired.HoldDown)
	default:
		w.why = fmt.Sprintf("%s carries until %s has been up for %s", name(w.carrier), name(other), desired.HoldDown)
	}
}

// turn is what linkd has changed its mind about, or nothing.
func (w way) turn() (resource.Turn, bool) {
	breaks := "nothing: the connection that stands by carries"
	if w.breaks {
		breaks = "what AWS sends to Azure goes to a connection that is down"
	}
	return resource.Turn{Of: w.link.Name, Instead: w.instead, Why: w.why, Breaks: breaks}, len(w.instead) > 0
}
