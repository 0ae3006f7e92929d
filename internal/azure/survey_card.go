package azure

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"linkd/internal/survey"
)

// cardHops are the classes of the next hops of an interface's routes.
var cardHops = map[string]string{
	"vnetlocal": string(survey.NextLocal), "virtualnetworkgateway": string(survey.NextGateway), "internet": string(survey.NextInternet),
	"virtualappliance": string(survey.NextAppliance), "none": string(survey.NextNowhere), "null": string(survey.NextNowhere),
}

var cardSources = map[string]survey.Source{
	"default": survey.Default, "user": survey.User, "virtualnetworkgateway": survey.Propagated,
}

// cardRoutes asks for the effective routes of a machine's interface. Whose the
// user-defined ones are, Azure tells of the subnet only.
func (l *looking) cardRoutes(ctx context.Context, where *scope, card, subnet string) survey.Table {
	var answer struct {
		Value []struct {
			Source      string   `json:"source"`
			State       string   `json:"state"`
			Prefixes    []string `json:"addressPrefix"`
			NextHopType string   `json:"nextHopType"`
			NextHops    []string `json:"nextHopIpAddress"`
			GatewaysOff bool     `json:"disableBgpRoutePropagation"`
		} `json:"value"`
	}
	err := l.question(ctx, where, card, "effectiveRouteTable", nil, &answer)
	table := survey.Table{Seen: seenNow("networkInterfaces/effectiveRouteTable/action", err)}
	byUser := false
	for _, route := range answer.Value {
		source := cmp.Or(cardSources[strings.ToLower(route.Source)], survey.Source(strings.ToLower(route.Source)))
		byUser = byUser || source == survey.User
		table.GatewayRoutesOff = table.GatewayRoutesOff || route.GatewaysOff
		state := survey.Active
		if !equalFold(route.State, "Active") {
			state = survey.Invalid
		}
		for _, prefix := range prefixes(route.Prefixes) {
			table.Routes = append(table.Routes, survey.Route{
				Prefix: prefix, Next: survey.Next(classOf(cardHops, route.NextHopType)), Via: filled(route.NextHops), Source: source, State: state,
			})
		}
	}
	if byUser {
		l.nameTable(ctx, where, subnet, table.Routes)
	}
	return table
}

// nameTable says of user-defined routes which table of the subnet has them.
// What cannot be read leaves them unnamed.
func (l *looking) nameTable(ctx context.Context, where *scope, subnet string, routes []survey.Route) {
	network, _, _ := strings.Cut(subnet, "/subnets/")
	l.ask(func() {
		got, err := where.vnets.Get(ctx, refPart(network, "resourceGroups"), lastPart(network), nil)
		if err != nil {
			return
		}
		for _, s := range present(at(got.Properties).Subnets) {
			if canonicalRef(at(s.ID)) != canonicalRef(subnet) {
				continue
			}
			for i := range routes {
				if routes[i].Source == survey.User {
					routes[i].Table = at(at(at(s.Properties).RouteTable).ID)
				}
			}
		}
	})
}

// cardGroup is a security group of an answer about an interface. The SDK's own
// type wants a text where Azure sends the map of its tags, and fails on it.
type cardGroup struct {
	Group       cardRef `json:"networkSecurityGroup"`
	Association struct {
		Interface *cardRef `json:"networkInterface"`
		Subnet    *cardRef `json:"subnet"`
		Manager   *cardRef `json:"networkManager"`
	} `json:"association"`
	Rules []cardRule `json:"effectiveSecurityRules"`
}

type cardRef struct {
	ID string `json:"id"`
}

type cardRule struct {
	Name                 string   `json:"name"`
	Priority             int      `json:"priority"`
	Direction            string   `json:"direction"`
	Access               string   `json:"access"`
	Protocol             string   `json:"protocol"`
	Source               string   `json:"sourceAddressPrefix"`
	Sources              []string `json:"sourceAddressPrefixes"`
	Destination          string   `json:"destinationAddressPrefix"`
	Destinations         []string `json:"destinationAddressPrefixes"`
	ExpandedSources      []string `json:"expandedSourceAddressPrefix"`
	ExpandedDestinations []string `json:"expandedDestinationAddressPrefix"`
}

// cardFilters asks for the effective security groups of an interface, and puts
// them in the order in which what leaves meets them.
func (l *looking) cardFilters(ctx context.Context, where *scope, card string) []survey.Filter {
	var answer struct {
		Value []cardGroup `json:"value"`
	}
	err := l.question(ctx, where, card, "effectiveNetworkSecurityGroups", nil, &answer)
	seen := seenNow("networkInterfaces/effectiveNetworkSecurityGroups/action", err)
	if err != nil {
		return unknownFilters(seen)
	}
	var filters []survey.Filter
	for _, group := range answer.Value {
		filters = append(filters, group.filter(seen))
	}
	slices.SortStableFunc(filters, func(a, b survey.Filter) int { return cmp.Compare(layers[a.Layer], layers[b.Layer]) })
	return filters
}

// layers is the order in which a packet that leaves a machine meets them.
var layers = map[survey.Layer]int{survey.NICGroup: 0, survey.SubnetGroup: 1}

// unknownFilters stand for filters that could not be read: there may be one of
// each layer.
func unknownFilters(seen survey.Seen) []survey.Filter {
	return []survey.Filter{{Seen: seen, Layer: survey.NICGroup}, {Seen: seen, Layer: survey.SubnetGroup}}
}

func (g cardGroup) filter(seen survey.Seen) survey.Filter {
	f := survey.Filter{Seen: seen, ID: g.Group.ID, Layer: survey.SubnetGroup}
	switch {
	case g.Association.Interface != nil:
		f.Layer = survey.NICGroup
	case g.Association.Manager != nil:
		f.ID, f.Why = g.Association.Manager.ID, "a network manager has security admin rules for it, which linkd does not read"
	}
	for _, rule := range g.Rules {
		f.Rules = append(f.Rules, rule.rule())
	}
	slices.SortStableFunc(f.Rules, func(a, b survey.Rule) int { return cmp.Compare(a.Number, b.Number) })
	return f
}

func (r cardRule) rule() survey.Rule {
	protocol := strings.ToLower(r.Protocol)
	if protocol == "all" {
		protocol = "*"
	}
	return survey.Rule{
		Name: lastPart(r.Name), Number: r.Priority, In: equalFold(r.Direction, "Inbound"), Allow: equalFold(r.Access, "Allow"), Protocol: protocol,
		Sources: eachOf(r.Source, r.Sources), Destinations: eachOf(r.Destination, r.Destinations),
		ExpandedSources: prefixes(r.ExpandedSources), ExpandedDestinations: prefixes(r.ExpandedDestinations),
	}
}

// eachOf is a prefix and a list of them, of which Azure fills one or both.
func eachOf(one string, more []string) []string {
	all := filled(append([]string{one}, more...))
	slices.Sort(all)
	return slices.Compact(all)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
