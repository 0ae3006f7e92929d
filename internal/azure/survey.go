package azure

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/survey"
)

// looking is one look along the paths: what the lists of each subscription
// say is asked for once, whoever needs it first.
type looking struct {
	*Cloud
	slots chan struct{}
	nics  map[*scope]func() *listing[armnetwork.Interface]
	hubs  map[*scope]func() *listing[armnetwork.VirtualHub]

	guard sync.Mutex
	found survey.Survey
}

// Survey implements [survey.Look]. For all targets of a subscription it makes
// one list of network interfaces, and for all hubs one of hubs; for each target
// one GET of the machine and two questions about its interface; for each hub one
// about its routes. A question is a POST and at least one look at how it went.
func (c *Cloud) Survey(ctx context.Context) survey.Survey {
	l := &looking{
		Cloud: c, slots: make(chan struct{}, atOnce),
		nics: map[*scope]func() *listing[armnetwork.Interface]{}, hubs: map[*scope]func() *listing[armnetwork.VirtualHub]{},
		found: survey.Survey{Machines: map[string]survey.Machine{}, Hubs: map[string]survey.Hub{}},
	}
	for _, at := range c.scopes {
		l.nics[at] = once(func() *listing[armnetwork.Interface] { return l.listInterfaces(ctx, at) })
		l.hubs[at] = once(func() *listing[armnetwork.VirtualHub] { return l.listHubs(ctx, at) })
	}
	var parts []func()
	for _, target := range c.file.Probes.Targets {
		if vnet, ours := c.vnetOf(target); ours {
			parts = append(parts, func() {
				machine := l.machine(ctx, target, vnet)
				l.note(func(found survey.Survey) { found.Machines[target.Name] = machine })
			})
		}
	}
	for _, hub := range c.file.Azure.Hubs {
		parts = append(parts, func() {
			seen := l.hub(ctx, hub)
			l.note(func(found survey.Survey) { found.Hubs[hub.Name] = seen })
		})
	}
	l.survived(survey.Together(parts...))
	return l.found
}

// once makes of a question one that is asked by whoever needs its answer first,
// and that all others wait for. They wait on a channel and not on a lock, as
// what rests between two tries needs in virtual time.
func once[T any](ask func() T) func() T {
	var (
		begun    atomic.Bool
		answered = make(chan struct{})
		answer   T
	)
	return func() T {
		if begun.CompareAndSwap(false, true) {
			defer close(answered)
			answer = ask()
			return answer
		}
		<-answered
		return answer
	}
}

// survived notes a defect that the look went on after, unless it is "".
func (l *looking) survived(defect string) {
	l.guard.Lock()
	defer l.guard.Unlock()
	l.found.Defect = cmp.Or(l.found.Defect, defect)
}

// note records a part.
func (l *looking) note(record func(survey.Survey)) {
	l.guard.Lock()
	defer l.guard.Unlock()
	record(l.found)
}

// ask puts a question when a slot is free.
func (l *looking) ask(question func()) {
	l.slots <- struct{}{}
	defer func() { <-l.slots }()
	question()
}

// vnetOf finds the VNet of a target, when it has one.
func (c *Cloud) vnetOf(target desired.Target) (desired.VNet, bool) {
	for _, hub := range c.file.Azure.Hubs {
		for _, vnet := range hub.VNets {
			if target.VNet != "" && vnet.Name == target.VNet {
				return vnet, true
			}
		}
	}
	return desired.VNet{}, false
}

func (l *looking) listInterfaces(ctx context.Context, at *scope) *listing[armnetwork.Interface] {
	list := &listing[armnetwork.Interface]{}
	l.ask(func() {
		pager := at.interfaces.NewListAllPager(nil)
		list.add(at, "networkInterfaces/read", pages(ctx, pager, func(p armnetwork.InterfacesClientListAllResponse) []*armnetwork.Interface { return p.Value }),
			func(i *armnetwork.Interface) *string { return i.ID })
	})
	return list
}

func (l *looking) listHubs(ctx context.Context, at *scope) *listing[armnetwork.VirtualHub] {
	list := &listing[armnetwork.VirtualHub]{}
	l.ask(func() {
		pager := at.hubs.NewListPager(nil)
		list.add(at, "virtualHubs/read", pages(ctx, pager, func(p armnetwork.VirtualHubsClientListResponse) []*armnetwork.VirtualHub { return p.Value }),
			func(h *armnetwork.VirtualHub) *string { return h.ID })
	})
	return list
}

// hub reads how a hub prefers routes, and those of its default route table. A
// list of hubs that could not be read leaves the routes to be asked for.
func (l *looking) hub(ctx context.Context, hub desired.Hub) survey.Hub {
	scope := l.scopeOf(hub)
	seen := survey.Hub{Seen: survey.Seen{At: time.Now()}, Ref: scope.ref("virtualHubs", hub.Name)}
	list := l.hubs[scope]()
	item, found := list.items[canonicalRef(seen.Ref)]
	switch err := list.failed[scope]; {
	case found:
		seen.Preference = string(at(at(item.Properties).HubRoutingPreference))
	case err != nil:
		seen.Why = err.Error()
	default:
		seen.Why = fmt.Sprintf("there is no hub %s", hub.Name)
		seen.Routes.Seen = seen.Seen
		return seen
	}
	if state := at(at(item).Properties).RoutingState; state != nil && *state != armnetwork.RoutingStateProvisioned {
		seen.Routes.Seen = survey.Seen{At: seen.At, Why: fmt.Sprintf("the router of hub %s is %s", hub.Name, *state)}
		return seen
	}
	seen.Routes = l.hubTable(ctx, scope, hub)
	return seen
}
