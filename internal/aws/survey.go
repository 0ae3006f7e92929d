package aws

import (
	"cmp"
	"context"
	"slices"
	"sync"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/survey"
)

// Survey implements [survey.Look]. In each region it makes, as long as each
// answer fits a page, nine calls at once (transit gateways, attachments, VPC
// attachments, VPN connections, instances, and of the file's VPCs subnets,
// route tables and network ACLs; one more for the instances that the file names
// by address only), and then one for the checks of the instances, one for the
// rules of their groups, two a transit gateway route table, one a tunnel.
func (c *Cloud) Survey(ctx context.Context) survey.Survey {
	var (
		found  = survey.Survey{Machines: map[string]survey.Machine{}, TransitGateways: map[string]survey.TransitGateway{}, Tunnels: map[string]survey.Tunnel{}}
		guard  sync.Mutex
		places []func()
	)
	for _, name := range c.order {
		places = append(places, func() {
			w := c.lookAlong(ctx, c.regions[name])
			guard.Lock()
			defer guard.Unlock()
			w.tell(&found)
		})
	}
	found.Defect = cmp.Or(guarded(places...), found.Defect)
	return found
}

// guarded runs calls at once, a few at a time, and returns when all are done.
// What one that panics has not told is unknown; the defect is returned, or "".
func guarded(calls ...func()) (defect string) {
	slots := make(chan struct{}, atOnce)
	for i, call := range calls {
		calls[i] = func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			call()
		}
	}
	return survey.Together(calls...)
}

// atOnce is how many calls a survey has under way in a region.
const atOnce = 16

// lookAlong makes the calls of a region.
func (c *Cloud) lookAlong(ctx context.Context, r *region) *ways {
	w := &ways{seen: newSeen(c, r), upkeep: map[string]part[types.MaintenanceDetails]{}}
	vpcs, _ := c.givenIn(r)
	w.targets = c.targetsIn(r)
	w.defect = guarded(
		func() { w.askTransitGateways(ctx) },
		func() { w.askAttachments(ctx) },
		func() { w.askVPCAttachments(ctx) },
		func() { w.askConnections(ctx, ofAnyTag()) },
		func() { w.named = w.askNamed(ctx) },
		func() { w.addressed = w.askAddressed(ctx) },
		func() { w.subnets = w.askSubnets(ctx, vpcs) },
		func() { w.tables = w.askTablesOf(ctx, vpcs) },
		func() { w.acls = w.askACLs(ctx, vpcs) },
	)
	w.settle()
	w.askBeyond(ctx)
	return w
}

// askBeyond makes the calls that need to know what the first have found.
func (w *ways) askBeyond(ctx context.Context) {
	var guard sync.Mutex
	calls := []func(){
		func() { w.checks = w.askChecks(ctx) },
		func() { w.rules = w.askRules(ctx) },
	}
	for _, table := range w.associated() {
		calls = append(calls, func() {
			routes := w.searchRoutes(ctx, table)
			guard.Lock()
			defer guard.Unlock()
			w.routes[table] = routes
		}, func() {
			propagating := w.readPropagations(ctx, table)
			guard.Lock()
			defer guard.Unlock()
			w.propagating[table] = propagating
		})
	}
	for name, t := range w.pairs {
		if t.shown.outside != "" {
			calls = append(calls, func() {
				upkeep := w.askUpkeep(ctx, t)
				guard.Lock()
				defer guard.Unlock()
				w.upkeep[name] = upkeep
			})
		}
	}
	w.defect = cmp.Or(w.defect, guarded(calls...))
}

// associated lists the route tables with which an attachment to a transit
// gateway of the file is associated.
func (w *ways) associated() []string {
	var tables []string
	for _, a := range w.attachments.items {
		if a.Association != nil && slices.Contains(w.refs(), awssdk.ToString(a.TransitGatewayId)) {
			tables = append(tables, awssdk.ToString(a.Association.TransitGatewayRouteTableId))
		}
	}
	slices.Sort(tables)
	return slices.DeleteFunc(slices.Compact(tables), func(table string) bool { return table == "" })
}

// target is a test machine of the file with the VPC in which it stands.
type target struct {
	desired.Target
	vpc desired.VPC
}

// targetsIn lists the test machines in a region.
func (c *Cloud) targetsIn(r *region) []target {
	var targets []target
	for _, t := range c.file.Probes.Targets {
		if v, region := c.vpcOf(t); region == r {
			targets = append(targets, target{t, v})
		}
	}
	return targets
}

// vpcOf finds the VPC of a target and its region, which is nil when it has none.
func (c *Cloud) vpcOf(t desired.Target) (desired.VPC, *region) {
	for _, region := range c.file.AWS.Regions {
		for _, gateway := range region.TransitGateways {
			for _, v := range gateway.VPCs {
				if t.VPC != "" && v.Name == t.VPC {
					return v, c.regions[c.file.PlaceOf(gateway)]
				}
			}
		}
	}
	return desired.VPC{}, nil
}

// seenNow says that a part of a look was read, or why not.
func (w *ways) seenNow(err error) survey.Seen {
	s := survey.Seen{At: w.at}
	if err != nil {
		s.Why = err.Error()
	}
	return s
}

// whyNot is the first reason for which something is not known, or "".
func whyNot(errs ...error) string {
	why := ""
	for _, err := range errs {
		if err != nil {
			why = cmp.Or(why, err.Error())
		}
	}
	return why
}
