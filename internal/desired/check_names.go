package desired

import (
	"iter"
	"regexp"
	"strings"
)

// nameRule is what one kind of thing may be called.
type nameRule struct {
	shape *regexp.Regexp
	says  string
}

// The naming rules. Azure's are those that its documentation gives for
// Microsoft.Network and for resource groups. Names that go into ids, tags and
// the names of what linkd makes are held to what both clouds take.
var (
	azureName = nameRule{
		regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?$`),
		"1 to 80 letters, digits, '.', '_' or '-', beginning with a letter or digit and ending with one or with '_'",
	}
	groupName = nameRule{
		regexp.MustCompile(`^[\p{L}\p{N}._()-]{0,89}[\p{L}\p{N}_()-]$`),
		"1 to 90 letters, digits, '.', '_', '-' or parentheses, and no '.' at the end",
	}
	awsName = nameRule{
		regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,79})$`),
		"1 to 80 letters, digits, '.', '_' or '-', beginning with a letter or digit",
	}
	linkName = nameRule{
		regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`),
		"1 to 40 small letters, digits or '-', for it becomes part of names in both clouds",
	}
	ownerName = nameRule{
		regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,62})$`),
		"1 to 63 letters, digits, '.', '_' or '-', for it becomes a tag in both clouds",
	}
)

// checkNames holds every name against the rule of its kind.
func checkNames(c *checker) {
	c.name("owner", c.Owner, ownerName)
	c.name("azure.resource_group", c.Azure.ResourceGroup, groupName)
	c.name("azure.virtual_wan.name", c.Azure.VirtualWAN.Name, azureName)
	for path, hub := range c.hubs() {
		c.name(path+".name", hub.Name, azureName)
		if hub.VPNGateway != nil && c.origin.places[path+".vpn_gateway.name"] != (place{}) {
			c.name(path+".vpn_gateway.name", hub.VPNGateway.Name, azureName)
		}
	}
	for path, vnet := range c.vnets() {
		if c.origin.places[path+".name"] != (place{}) {
			c.name(path+".name", vnet.Name, azureName)
		}
	}
	for path, gateway := range c.transitGateways() {
		c.name(path+".name", gateway.Name, awsName)
	}
	for path, vpc := range c.vpcs() {
		c.name(path+".name", vpc.Name, awsName)
	}
	for path, peering := range each("aws.peerings", c.AWS.Peerings) {
		c.name(path+".name", peering.Name, linkName)
	}
	for path, link := range c.links() {
		c.name(path+".name", link.Name, linkName)
	}
	for path, target := range c.targets() {
		c.name(path+".name", target.Name, awsName)
	}
}

func (c *checker) name(path, name string, rule nameRule) {
	if name != "" && !rule.shape.MatchString(name) {
		c.problem(path, "use "+rule.says, "%q cannot be the name of %s", shorten(name), strings.TrimPrefix(named(path), "the name of "))
	}
}

// named says whose name stands at a path.
func named(path string) string {
	owners := map[string]string{"owner": "an owner", "azure.resource_group": "a resource group", "azure.virtual_wan.name": "a virtual WAN"}
	if owner, ok := owners[path]; ok {
		return owner
	}
	if strings.HasSuffix(path, ".vpn_gateway.name") {
		return "a VPN gateway"
	}
	return strings.Replace(thing(strings.TrimSuffix(path, ".name")), "this", "a", 1)
}

// seen finds words that stand twice.
type seen map[string]string // word -> path of its first place

// once notes a word that an earlier path has. Azure's names mean the same in
// any case, and ids are made of names, so case never tells two apart.
func (c *checker) once(s seen, path, what, word string) {
	if word == "" || c.origin.bad[path] {
		return
	}
	key := strings.ToLower(word)
	if first, taken := s[key]; taken {
		c.problem(path, "keep one of them; capital letters do not tell two apart", "the %s %s stands here and in %s", what, shorten(word), c.line(first))
		return
	}
	s[key] = path
}

// unique checks that one attribute of a kind of thing stands once.
func unique[T any](c *checker, what, key string, items iter.Seq2[string, *T], word func(*T) string) {
	s := seen{}
	for path, item := range items {
		c.once(s, path+key, what, word(item))
	}
}

// checkDuplicates checks all that must be unique in the file.
func checkDuplicates(c *checker) {
	unique(c, "hub", ".name", c.hubs(), func(h *Hub) string { return h.Name })
	unique(c, "VNet name", ".name", c.vnets(), func(v *VNet) string { return v.Name })
	unique(c, "VNet", ".id", c.vnets(), func(v *VNet) string { return v.ID })
	unique(c, "region", ".name", c.regions(), func(r *Region) string { return r.Name })
	unique(c, "transit gateway", ".name", c.transitGateways(), func(g *TransitGateway) string { return g.Name })
	unique(c, "VPC name", ".name", c.vpcs(), func(v *VPC) string { return v.Name })
	unique(c, "VPC", ".id", c.vpcs(), func(v *VPC) string { return v.ID })
	unique(c, "link", ".name", c.links(), func(l *Link) string { return l.Name })
	unique(c, "peering", ".name", each("aws.peerings", c.AWS.Peerings), func(p *Peering) string { return p.Name })
	unique(c, "target", ".name", c.targets(), func(t *Target) string { return t.Name })
	unique(c, "machine", ".id", c.targets(), func(t *Target) string { return t.ID })
	unique(c, "VPN gateway", ".vpn_gateway.name", c.hubs(), func(h *Hub) string {
		if h.VPNGateway == nil {
			return ""
		}
		return h.VPNGateway.Name
	})
	unique(c, "address", ".address", c.targets(), func(t *Target) string {
		if !t.Address.IsValid() {
			return ""
		}
		return t.Address.String()
	})
	tables, subnets := seen{}, seen{}
	for path, vpc := range c.vpcs() {
		for path, table := range each(path+".route_tables", vpc.RouteTables) {
			c.once(tables, path, "route table", *table)
		}
		for path, subnet := range each(path+".subnets", vpc.Subnets) {
			c.once(subnets, path+".id", "subnet", subnet.ID)
		}
	}
}
