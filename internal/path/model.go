package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// Stale is the age from which a fact counts as unknown. An audit runs every
// quarter of an hour unless the file says otherwise: what two of them should
// have renewed and did not is no ground for a judgement.
const Stale = 30 * time.Minute

// Model judges ways by what was seen of both clouds. It is made of one look
// and is not safe for use by several goroutines: it keeps the tables that it has
// arranged.
type Model struct {
	file   *desired.File
	world  resource.World
	survey survey.Survey
	now    time.Time

	networks map[string]network        // by name; no VNet is called as a VPC
	hubOf    map[string]string         // by VNet
	tgwOf    map[string]string         // by VPC
	linksAt  map[string][]desired.Link // by hub
	links    map[string]desired.Link   // by name
	linksTo  map[string][]desired.Link // by VPC: those of its transit gateway, and then of peers
	hubRefs  map[string]string         // hubs by Azure's own name, folded
	tgwRefs  map[string]string         // transit gateways by AWS's own name
	unread   string                    // a transit gateway of which nothing was read, or ""
	vnetsAt  map[string][]string       // by hub
	vpcs     map[string]desired.VPC
	carriers map[string]desired.Link // the link to a VNet, by transit gateway and VNet
	byVNet   map[string]string       // VNets by the id in the file, folded
	byVPC    map[string]string       // VPCs by the id in the file
	homes    *table                  // the network that has an address

	tables      map[string]*table
	spaces      map[resource.ID][]netip.Prefix // of sites
	attachments map[string]map[string]joint    // by transit gateway and the attachment's id
}

// network is a VNet or VPC of the file with its prefixes of now.
type network struct {
	name     string
	vnet     bool
	id       string // of the cloud
	resource resource.ID
	prefixes []netip.Prefix
}

// New makes a model of what an audit and a survey saw. What was seen longer ago
// than [Stale] before now is unknown.
func New(file *desired.File, world resource.World, s survey.Survey, now time.Time) *Model {
	file = file.Standing(world)
	m := &Model{
		file: file, world: world, survey: s, now: now,
		networks: map[string]network{}, hubOf: map[string]string{}, tgwOf: map[string]string{},
		linksAt: map[string][]desired.Link{}, links: map[string]desired.Link{}, linksTo: map[string][]desired.Link{},
		hubRefs: map[string]string{}, tgwRefs: map[string]string{}, vnetsAt: map[string][]string{}, vpcs: map[string]desired.VPC{},
		carriers: map[string]desired.Link{},
		byVNet:   map[string]string{}, byVPC: map[string]string{},
		tables: map[string]*table{}, spaces: map[resource.ID][]netip.Prefix{}, attachments: map[string]map[string]joint{},
	}
	for _, hub := range file.Azure.Hubs {
		m.hubRefs[strings.ToLower(world[desired.HubID(hub.Name)].Ref)] = hub.Name
		for _, vnet := range hub.VNets {
			m.hubOf[vnet.Name] = hub.Name
			m.vnetsAt[hub.Name] = append(m.vnetsAt[hub.Name], vnet.Name)
			m.byVNet[strings.ToLower(vnet.ID)] = vnet.Name
			m.add(network{vnet.Name, true, vnet.ID, desired.VNetID(vnet.Name), vnet.Prefixes})
		}
	}
	for _, gateway := range file.TransitGateways() {
		if ref := m.refOfGateway(gateway.Name); ref != "" {
			m.tgwRefs[ref] = gateway.Name
		} else if world[desired.TransitGatewayID(gateway.Name)].Phase == resource.Unknown {
			m.unread = gateway.Name
		}
		for _, vpc := range gateway.VPCs {
			m.tgwOf[vpc.Name] = gateway.Name
			m.vpcs[vpc.Name] = vpc
			m.byVPC[vpc.ID] = vpc.Name
			m.add(network{vpc.Name, false, vpc.ID, desired.VPCID(vpc.Name), vpc.Prefixes})
		}
	}
	for _, link := range file.Links {
		m.links[link.Name] = link
		m.linksAt[link.Hub] = append(m.linksAt[link.Hub], link)
		for _, vnet := range file.RoutedVNets(link) {
			m.carriers[link.TransitGateway+" "+vnet.Name] = link
		}
	}
	for _, own := range []bool{true, false} {
		for _, link := range file.Links {
			for _, vpc := range file.VPCsBehind(link) {
				if (m.tgwOf[vpc.Name] == link.TransitGateway) == own {
					m.linksTo[vpc.Name] = append(m.linksTo[vpc.Name], link)
				}
			}
		}
	}
	m.settleHomes()
	return m
}

// add notes a network. Its prefixes are those that it has, and those of the
// file as long as it was not read.
func (m *Model) add(n network) {
	if live, why := m.known(n.resource); why == "" && told(live, desired.FactPrefixes) {
		n.prefixes = parsePrefixes(live.Attrs[desired.FactPrefixes])
	}
	m.networks[n.name] = n
}

// settleHomes arranges whose each prefix is.
func (m *Model) settleHomes() {
	var routes []survey.Route
	for _, name := range m.Networks() {
		for _, prefix := range m.networks[name].prefixes {
			routes = append(routes, survey.Route{Prefix: prefix, Via: []string{name}})
		}
	}
	m.homes = newTable(routes)
}

// home is the network of the file that has an address.
func (m *Model) home(of netip.Addr) (network, bool) {
	route, found := m.homes.lookup(of)
	if !found {
		return network{}, false
	}
	return m.networks[route.Via[0]], true
}

// Networks lists the VNets and then the VPCs of the file by name, in its order.
func (m *Model) Networks() []string {
	var names []string
	for _, hub := range m.file.Azure.Hubs {
		for _, vnet := range hub.VNets {
			names = append(names, vnet.Name)
		}
	}
	for _, gateway := range m.file.TransitGateways() {
		for _, vpc := range gateway.VPCs {
			names = append(names, vpc.Name)
		}
	}
	return names
}

// known returns what the audit saw of a resource, and why that is not known:
// "" when it is.
func (m *Model) known(id resource.ID) (resource.Live, string) {
	live, told := m.world[id]
	switch {
	case !told:
		return live, "it was not read"
	case live.Phase == resource.Unknown && live.Why == "":
		return live, "it could not be read"
	case live.Phase == resource.Unknown:
		return live, live.Why
	}
	return live, m.old(live.AsOf)
}

// seen says why a part of the survey is not known; "" when it is.
func (m *Model) seen(s survey.Seen) string {
	switch {
	case s.Why != "":
		return s.Why
	case s.At.IsZero():
		return "it was not read"
	}
	return m.old(s.At)
}

// old says of what was seen at a time that it is too old, or "".
func (m *Model) old(at time.Time) string {
	if age := m.now.Sub(at); age > Stale {
		return fmt.Sprintf("it was read %s ago, which is too long", age.Round(time.Minute))
	}
	return ""
}

// tableOf arranges a table once; key names it.
func (m *Model) tableOf(key string, routes func() []survey.Route) *table {
	t, arranged := m.tables[key]
	if !arranged {
		t = newTable(routes())
		m.tables[key] = t
	}
	return t
}

// stands tells of a resource whose phase is known whether it is there. One of
// Azure that failed is as it was before, as far as it shows.
func stands(live resource.Live) bool {
	return live.Phase >= resource.Created || live.Phase == resource.Failed && len(live.Attrs) > 0 || live.Phase == resource.Pending && len(live.Attrs) > 0
}

// told tells whether a cloud has said anything of an attribute. What it said
// may be the empty set.
func told(live resource.Live, attr string) bool {
	_, is := live.Attrs[attr]
	return is
}

// covers tells whether any of the prefixes has an address.
func covers(prefixes []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

// longest is the length of the longest of the prefixes that has an address, or
// -1.
func longest(prefixes []netip.Prefix, address netip.Addr) int {
	bits := -1
	for _, prefix := range prefixes {
		if prefix.Contains(address) {
			bits = max(bits, prefix.Bits())
		}
	}
	return bits
}
