package path

import (
	"net/netip"
	"slices"
	"strings"

	"linkd/internal/survey"
)

// matches tells whether any of a rule's peers covers an address, as seen from a
// machine. None stand for any.
func (w *walk) matches(at *end, peers []string, expanded []netip.Prefix, address netip.Addr) match {
	if len(peers) == 0 {
		return yes
	}
	found := no
	for _, peer := range peers {
		found = max(found, w.peer(at, peer, address))
	}
	if found != yes && len(expanded) > 0 {
		if covers(expanded, address) {
			return yes
		}
		return no
	}
	return found
}

// peer is one of a rule's peers.
func (w *walk) peer(at *end, text string, address netip.Addr) match {
	switch strings.ToLower(text) {
	case "*", "any", "0.0.0.0/0":
		return yes
	case "virtualnetwork":
		return w.inVirtualNetwork(at, address)
	case "internet":
		return yes - w.inVirtualNetwork(at, address)
	case "azureloadbalancer":
		return no
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return known(prefix.Contains(address))
	}
	if single, err := netip.ParseAddr(text); err == nil {
		return known(single == address)
	}
	if strings.HasPrefix(text, "sg-") {
		return w.inGroup(text, address)
	}
	return perhaps
}

func known(is bool) match {
	if is {
		return yes
	}
	return no
}

// inGroup tells whether an address is that of a member of a security group:
// groups have members in AWS only.
func (w *walk) inGroup(group string, address netip.Addr) match {
	for _, far := range []*end{w.from, w.to} {
		switch {
		case far.address != address:
		case far.network.vnet:
			return no
		case w.seen(far.machine.Seen) != "":
			return perhaps
		default:
			return known(slices.ContainsFunc(far.machine.Filters, func(f survey.Filter) bool { return f.ID == group }))
		}
	}
	return perhaps
}

// inVirtualNetwork is the service tag VirtualNetwork: the VNet itself and what
// it learns from its hub, as the machine's routes show it.
func (w *walk) inVirtualNetwork(at *end, address netip.Addr) match {
	if covers(at.network.prefixes, address) {
		return yes
	}
	if w.seen(at.machine.Routes.Seen) != "" {
		return perhaps
	}
	return known(slices.ContainsFunc(at.machine.Routes.Routes, func(route survey.Route) bool {
		return route.Source != survey.User && (route.Next == survey.NextLocal || route.Next == survey.NextGateway) && route.Prefix.Contains(address)
	}))
}
