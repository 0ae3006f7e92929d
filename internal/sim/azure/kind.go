package azure

import "strings"

// The providers whose resources are simulated.
const (
	network = "Microsoft.Network"
	compute = "Microsoft.Compute"
)

// kind is all that sets one kind of resource apart from the others.
type kind struct {
	path     []string // the collections on the way to it: virtualHubs, hubRouteTables
	provider string   // "" is Microsoft.Network
	located  bool     // has a location and tags
	readOnly bool     // no PUT and no DELETE of its own: it lives inside its parent's
	patchLRO bool     // PATCH of tags is a long-running operation

	// within is the property of the parent that lists this kind, "" when the
	// parent does not show it. What a PUT of the parent leaves out is removed.
	within string
	// names are paths of properties that refer to other resources; each must
	// exist and not be in the middle of a write.
	names [][]string
	// late says that a missing one is found only by the operation itself.
	late bool
	// check looks at a body before anything is accepted.
	check func(c *Cloud, draft draft) *failure
	// fill adds what the service fills in; old is what was there, or nil.
	fill func(c *Cloud, n *node, old object)
	// doom is asked when a write is accepted: an operation that is bound to
	// fail after acceptance.
	doom func(c *Cloud, n *node) *failure
	// finish runs when a write has succeeded.
	finish func(c *Cloud, n *node)
	// view adds what is worked out at reading; single is a GET of the
	// resource itself, not a list, a PUT's answer or its parent.
	view func(c *Cloud, n *node, out object, single bool)
	// inUse refuses a deletion.
	inUse func(c *Cloud, n *node) *failure
	// quiet says that an update changes nothing and is answered as done.
	quiet func(n *node, old object) bool
	// alsoLocks are further resources that a write keeps busy.
	alsoLocks func(c *Cloud, n *node) []*node
	// actions are the POSTs.
	actions map[string]action
}

// typ is the type as the service spells it.
func (k *kind) typ() string {
	provider := k.provider
	if provider == "" {
		provider = network
	}
	return provider + "/" + strings.Join(k.path, "/")
}

// collection is the last word of the path, in which behaviour's rows and
// fault rules name the kind.
func (k *kind) collection() string { return k.path[len(k.path)-1] }

// draft is a body that has not been accepted yet.
type draft struct {
	kind   *kind
	id     string
	name   string
	parent *node
	old    *node
	group  *group
	body   object
}

func (d draft) properties() object { return child(d.body, "properties") }

// kinds is the table of contents: every kind of resource that is simulated.
func kinds() []*kind {
	return []*kind{
		virtualWANKind(),
		virtualHubKind(), hubConnectionKind(), hubRouteTableKind(), hubRouteTableV2Kind(), hubBGPConnectionKind(),
		vpnGatewayKind(), vpnConnectionKind(), linkConnectionKind(),
		vpnSiteKind(), siteLinkKind(),
		virtualNetworkKind(), subnetKind(),
		securityGroupKind(), securityRuleKind(),
		routeTableKind(), routeKind(),
		interfaceKind(), machineKind(),
	}
}

// kindAt finds the kind of a path of collections.
func (c *Cloud) kindAt(provider string, path []string) *kind {
	for _, k := range c.kinds {
		if len(k.path) != len(path) || !same(strings.Split(k.typ(), "/")[0], provider) {
			continue
		}
		matches := true
		for i := range path {
			matches = matches && same(k.path[i], path[i])
		}
		if matches {
			return k
		}
	}
	return nil
}

// inside finds the kinds that each kind's body lists, by property.
func inside(all []*kind) map[*kind]map[string]*kind {
	out := map[*kind]map[string]*kind{}
	for _, k := range all {
		out[k] = map[string]*kind{}
		for _, other := range all {
			if other.within != "" && len(other.path) == len(k.path)+1 && strings.HasPrefix(other.typ(), k.typ()+"/") {
				out[k][other.within] = other
			}
		}
	}
	return out
}
