package aws

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/resource"
	"linkd/internal/survey"
)

// standingGateway is a transit gateway of the file with what stands for it.
type standingGateway struct {
	*transitGateway
	ref   string // "" when it was not found
	found types.TransitGateway
	seen  survey.Seen
}

// joinedPair is a tunnel of the file with what AWS shows of it.
type joinedPair struct {
	connection string
	shown      tunnel
	why        string
}

// settle finds what the file names among what the first calls answered, as a
// sweep does.
func (w *ways) settle() {
	w.machines = map[string]types.Instance{}
	for _, t := range w.targets {
		if instance, found := w.instanceOf(t); found {
			w.machines[t.Name] = instance
		}
	}
	for _, r := range w.cloud.gatewaysIn(w.region) {
		w.gateways = append(w.gateways, w.join(r))
	}
	w.pairs = map[string]joinedPair{}
	for _, n := range w.cloud.nodesOf(w.region) {
		if connection, is := n.(*vpnConnection); is {
			w.pair(connection)
		}
	}
}

// join finds a transit gateway. Where the list of them could not be read, what
// of ours stands on one still tells which it is.
func (w *ways) join(r *transitGateway) standingGateway {
	items, err := w.transitGateways.list()
	j := standingGateway{transitGateway: r, seen: w.seenNow(err)}
	if err != nil {
		if bearing := r.bearing(w.seen); len(bearing) > 0 {
			j.ref = bearing[0]
		}
		return j
	}
	gateway, t, found := choose(items, r.id, w.cloud.file.Owner, reduceTransitGateway, r.like(w.seen))
	if !found {
		j.seen.Why = fmt.Sprintf("there is no transit gateway %s in %s", r.file.Name, w.region.name)
		return j
	}
	j.ref, j.found = t.ref, gateway
	return j
}

// pair finds the tunnels of a connection that the file expects.
func (w *ways) pair(r *vpnConnection) {
	live := r.alone(w.seen)
	i := slices.IndexFunc(w.connections.items, func(c types.VpnConnection) bool {
		return live.Ref != "" && awssdk.ToString(c.VpnConnectionId) == live.Ref
	})
	for _, t := range r.link.Tunnels() {
		if t.Instance != r.instance {
			continue
		}
		j := joinedPair{connection: live.Ref, why: live.Why}
		switch {
		case i >= 0:
			j.shown = pair(w.connections.items[i], w.cloud.insideOf(r.link, t.Instance))[t.Number-1]
			j.why = ""
		case live.Phase == resource.Absent:
			j.why = fmt.Sprintf("there is no VPN connection of link %s for instance %d", t.Link, t.Instance)
		}
		w.pairs[t.Name()] = j
	}
}

func (w *ways) refs() []string {
	var refs []string
	for _, j := range w.gateways {
		if j.ref != "" {
			refs = append(refs, j.ref)
		}
	}
	return refs
}

// tell enters all that was learned of the region.
func (w *ways) tell(found *survey.Survey) {
	found.Defect = cmp.Or(found.Defect, w.defect)
	for _, t := range w.targets {
		found.Machines[t.Name] = w.machine(t)
	}
	for _, j := range w.gateways {
		found.TransitGateways[j.file.Name] = w.transitGateway(j)
	}
	for name, t := range w.pairs {
		found.Tunnels[name] = w.tunnel(name, t)
	}
}

func (w *ways) transitGateway(j standingGateway) survey.TransitGateway {
	g := survey.TransitGateway{Seen: j.seen, Ref: j.ref, Tables: map[string]survey.Table{}, Propagations: map[string]survey.Seen{}}
	if o := j.found.Options; o != nil {
		g.ECMP = o.VpnEcmpSupport == types.VpnEcmpSupportValueEnable
	}
	attachments, err := w.attachments.list()
	if g.AttachmentsWhy = whyNot(err); j.ref == "" && g.AttachmentsWhy == "" {
		g.AttachmentsWhy = j.seen.Why
	}
	for _, a := range attachments {
		if awssdk.ToString(a.TransitGatewayId) != j.ref || j.ref == "" || a.State == types.TransitGatewayAttachmentStateDeleted {
			continue
		}
		attachment := w.attachment(a)
		g.Attachments = append(g.Attachments, attachment)
		if table := attachment.Table; table != "" {
			_, err := w.propagating[table].list()
			g.Tables[table], g.Propagations[table] = w.table(table), w.seenNow(err)
		}
	}
	return g
}

func (w *ways) attachment(a types.TransitGatewayAttachment) survey.Attachment {
	id := awssdk.ToString(a.TransitGatewayAttachmentId)
	attachment := survey.Attachment{ID: id, Type: string(a.ResourceType), Resource: awssdk.ToString(a.ResourceId), State: string(a.State)}
	if a.Association != nil {
		attachment.Table, attachment.TableState = awssdk.ToString(a.Association.TransitGatewayRouteTableId), string(a.Association.State)
	}
	if a.ResourceType == types.TransitGatewayAttachmentResourceTypeVpc {
		attachment.Zones, attachment.ZonesWhy = w.zonesOf(id)
	}
	for _, table := range w.associated() {
		if slices.Contains(w.propagating[table].items, id) {
			attachment.Propagates = append(attachment.Propagates, table)
		}
	}
	return attachment
}

// zonesOf are the zones in which a VPC attachment has a subnet.
func (w *ways) zonesOf(id string) (zones []string, why string) {
	attachments, noAttachments := w.vpcAttachments.list()
	subnets, noSubnets := w.subnets.list()
	for _, a := range attachments {
		if awssdk.ToString(a.TransitGatewayAttachmentId) != id {
			continue
		}
		for _, subnet := range a.SubnetIds {
			i := slices.IndexFunc(subnets, func(s types.Subnet) bool { return awssdk.ToString(s.SubnetId) == subnet })
			if i < 0 {
				why = "the zone of " + subnet + " was not read: its VPC is not in the file"
				continue
			}
			zones = append(zones, awssdk.ToString(subnets[i].AvailabilityZone))
		}
	}
	slices.Sort(zones)
	if unread := whyNot(noAttachments, noSubnets); unread != "" {
		why = unread
	}
	return slices.Compact(zones), why
}

// nextOf are the classes of next hops by the type of the attachment.
var nextOf = map[types.TransitGatewayAttachmentResourceType]survey.Next{
	types.TransitGatewayAttachmentResourceTypeVpc: survey.NextVPC, types.TransitGatewayAttachmentResourceTypeVpn: survey.NextVPN,
	types.TransitGatewayAttachmentResourceTypePeering: survey.NextPeering, types.TransitGatewayAttachmentResourceTypeDirectConnectGateway: survey.NextConnection,
}

// table is a transit gateway route table, whole or not at all.
func (w *ways) table(id string) survey.Table {
	routes, err := w.routes[id].list()
	table := survey.Table{Seen: w.seenNow(err), ID: id}
	for _, route := range routes {
		prefix, err := netip.ParsePrefix(awssdk.ToString(route.DestinationCidrBlock))
		if err != nil {
			continue
		}
		r := survey.Route{Prefix: prefix.Masked(), Next: survey.NextNowhere, Source: survey.Static, State: stateOf(string(route.State))}
		if route.Type == types.TransitGatewayRouteTypePropagated {
			r.Source = survey.Propagated
		}
		for _, a := range route.TransitGatewayAttachments {
			class, known := nextOf[a.ResourceType]
			if !known {
				class = survey.Next(strings.ToLower(string(a.ResourceType)))
			}
			r.Next, r.Via = class, append(r.Via, awssdk.ToString(a.TransitGatewayAttachmentId))
		}
		slices.Sort(r.Via)
		table.Routes = append(table.Routes, r)
	}
	return table
}

// stateOf reads the state of a route of a table of AWS. One that is on its way
// in or out does not match.
func stateOf(state string) survey.State {
	switch state {
	case "active":
		return survey.Active
	case "blackhole":
		return survey.Blackhole
	}
	return survey.Invalid
}

func (w *ways) tunnel(name string, j joinedPair) survey.Tunnel {
	t := survey.Tunnel{Seen: survey.Seen{At: w.at, Why: j.why}}
	if j.why == "" && j.shown.telemetry == nil {
		t.Why = "AWS shows no status of it yet"
	}
	if shown := j.shown.telemetry; shown != nil {
		t.Changed, t.Says = timeOf(shown.LastStatusChange), awssdk.ToString(shown.StatusMessage)
		t.Routes = int(awssdk.ToInt32(shown.AcceptedRouteCount))
	}
	upkeep, err := w.upkeep[name].list()
	t.MaintenanceWhy = whyNot(err)
	if j.shown.outside == "" {
		t.MaintenanceWhy = cmp.Or(j.why, "the tunnel has no address yet")
	}
	for _, details := range upkeep {
		t.Pending = pendingOf(awssdk.ToString(details.PendingMaintenance))
		t.AppliedAfter, t.LastMaintenance = timeOf(details.MaintenanceAutoAppliedAfter), timeOf(details.LastMaintenanceApplied)
	}
	return t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
