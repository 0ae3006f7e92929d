package azure

import (
	"context"
	"maps"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/resource"
)

// listing is all that Azure has of one type, in the subscriptions that were
// asked, by canonical id. A list that broke off tells what it had until then.
type listing[T any] struct {
	guard  sync.Mutex
	items  map[string]*T
	failed map[*scope]error
}

// add goes through the pages of one subscription.
func (l *listing[T]) add(at *scope, action string, pages func() ([]*T, bool, error), ref func(*T) *string) {
	items := map[string]*T{}
	var failed error
	for {
		page, more, err := pages()
		if err != nil {
			failed = problem(action, err)
			break
		}
		for _, item := range page {
			if item != nil && ref(item) != nil {
				items[canonicalRef(*ref(item))] = item
			}
		}
		if !more {
			break
		}
	}
	l.guard.Lock()
	defer l.guard.Unlock()
	if l.items == nil {
		l.items, l.failed = map[string]*T{}, map[*scope]error{}
	}
	maps.Copy(l.items, items)
	if failed != nil {
		l.failed[at] = failed
	}
}

// answer is what the listing says of the resource n, called ref.
func answer[T any](ctx context.Context, l *listing[T], n node, ref string, live func(*T) resource.Live) resource.Live {
	if item, found := l.items[canonicalRef(ref)]; found {
		return n.cloud.found(ctx, n.id, live(item))
	}
	if err := l.failed[n.at]; err != nil {
		return unknown(err.Error())
	}
	return absent(n.cloud.whyGone(ctx, n.id))
}

// lists is what the lists of a sweep say: five calls for a subscription,
// however many links it has, as long as they fit a page.
type lists struct {
	wans     listing[armnetwork.VirtualWAN]
	hubs     listing[armnetwork.VirtualHub]
	vnets    listing[armnetwork.VirtualNetwork]
	gateways listing[armnetwork.VPNGateway] // their connections and links are in them
	sites    listing[armnetwork.VPNSite]    // their links are in them
}

// list asks for all lists at once, each of the subscriptions that matter. The
// file's own is asked for hubs and gateways in any case: one that the file has
// moved to another subscription still stands there.
func (c *Cloud) list(ctx context.Context) *lists {
	l := &lists{}
	home := map[*scope]bool{c.home(): true}
	hubs, vnets := map[*scope]bool{c.home(): true}, map[*scope]bool{}
	for _, hub := range c.file.Azure.Hubs {
		hubs[c.scopeOf(hub)] = true
		for _, v := range hub.VNets {
			vnets[c.vnet(v).at] = true
		}
	}
	var calls []func()
	each := func(scopes map[*scope]bool, call func(*scope)) {
		for at := range scopes {
			calls = append(calls, func() { call(at) })
		}
	}
	each(home, func(at *scope) {
		pager := at.wans.NewListPager(nil)
		l.wans.add(at, "virtualWans/read", pages(ctx, pager, func(p armnetwork.VirtualWansClientListResponse) []*armnetwork.VirtualWAN { return p.Value }),
			func(w *armnetwork.VirtualWAN) *string { return w.ID })
	})
	each(home, func(at *scope) {
		pager := at.sites.NewListPager(nil)
		l.sites.add(at, "vpnSites/read", pages(ctx, pager, func(p armnetwork.VPNSitesClientListResponse) []*armnetwork.VPNSite { return p.Value }),
			func(s *armnetwork.VPNSite) *string { return s.ID })
	})
	each(hubs, func(at *scope) {
		pager := at.hubs.NewListPager(nil)
		l.hubs.add(at, "virtualHubs/read", pages(ctx, pager, func(p armnetwork.VirtualHubsClientListResponse) []*armnetwork.VirtualHub { return p.Value }),
			func(h *armnetwork.VirtualHub) *string { return h.ID })
	})
	each(hubs, func(at *scope) {
		pager := at.gateways.NewListPager(nil)
		l.gateways.add(at, "vpnGateways/read", pages(ctx, pager, func(p armnetwork.VPNGatewaysClientListResponse) []*armnetwork.VPNGateway { return p.Value }),
			func(g *armnetwork.VPNGateway) *string { return g.ID })
	})
	each(vnets, func(at *scope) {
		pager := at.vnets.NewListAllPager(nil)
		l.vnets.add(at, "virtualNetworks/read", pages(ctx, pager, func(p armnetwork.VirtualNetworksClientListAllResponse) []*armnetwork.VirtualNetwork { return p.Value }),
			func(v *armnetwork.VirtualNetwork) *string { return v.ID })
	})
	resource.Together(calls...)
	return l
}

// pages makes one call a page of a pager of the SDK.
func pages[P, T any](ctx context.Context, pager *runtime.Pager[P], items func(P) []*T) func() ([]*T, bool, error) {
	return func() ([]*T, bool, error) {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, false, err
		}
		return items(page), pager.More(), nil
	}
}
