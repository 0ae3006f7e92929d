package endtoend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
	"linkd/internal/sim/fabric"
)

// anyShape lets linkd take back what a link with more tunnels or with other routing
// had, and make one connection at a time anew.
var anyShape = desired.Policy{Default: desired.Repair, Rules: append([]desired.Rule{
	{Drift: "azure/vpn-connection.links.extra", Do: desired.Repair, Why: "the link shrinks"},
	{Drift: "azure/vpn-site.other_links.extra", Do: desired.Repair, Why: "the link shrinks"},
	{Drift: "aws/vpn-connection.orphan", Do: desired.Repair, Why: "the link shrinks"},
	{Drift: "aws/customer-gateway.orphan", Do: desired.Repair, Why: "the link shrinks"},
}, byOne.Rules...)}

// operator does one thing after the other with a live link, as people and
// schedules may, and remembers what.
type operator struct {
	*lab
	random *rand.Rand
	peers  []desired.Peering
	story  []string
}

// TestNoOrderOfOperationsLosesTheLastTunnel changes the shape and the routing of a
// link at random, gives it new keys, drills it, and joins its transit gateway to that of
// another region, or no longer; now and then a tunnel is down meanwhile, and linkd is
// killed on its way and goes on, there or on another machine. No echo between the
// networks of the link is ever lost, and in the end all stands once.
// LINKD_SHAPE_SEEDS says how many stories are played, or which ("17:18").
func TestNoOrderOfOperationsLosesTheLastTunnel(t *testing.T) {
	t.Parallel()
	from, to := seedsOf(t, "LINKD_SHAPE_SEEDS", 1, 8)
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := &operator{lab: newLabOfPeering(t, quick), random: rand.New(rand.NewPCG(seed, 0x0d3))}
				o.peers, o.file.Policy = o.file.AWS.Peerings, anyShape
				o.anyFile()
				o.mustBuild()
				time.Sleep(time.Hour)
				lost := o.watchSpans()
				for range 5 + o.random.IntN(4) {
					o.operate()
				}
				o.finish()
				for _, span := range lost() {
					t.Errorf("no echo crossed %s", span)
				}
				time.Sleep(2 * time.Hour) // until AWS does not list any more what was deleted
				o.mustHaveShape(o.file.Links[0].Redundancy)
				if stand := o.standing(); stand["Attachments"] != 4+stand["Connections"] { // two VPCs and both ends of the peering
					t.Errorf("%d attachments stand with %d connections", stand["Attachments"], stand["Connections"])
				}
				if t.Failed() {
					t.Logf("seed %d: %s", seed, strings.Join(o.story, "\n"))
				}
			})
		})
	}
}

// anyFile writes a link of any shape and routing into the file, and the peering or not.
func (o *operator) anyFile() {
	link := &o.file.Links[0]
	link.Redundancy = []desired.Redundancy{desired.Single, desired.Tunnels, desired.Full}[o.random.IntN(3)]
	link.Routing = []desired.Routing{desired.Static, desired.BGP}[o.random.IntN(2)]
	o.file.AWS.Peerings = o.peers[:o.random.IntN(2)]
}

// operate does any one thing, perhaps while a tunnel is down, perhaps until it is
// killed.
func (o *operator) operate() {
	ctx, kill := context.WithCancelCause(o.Context())
	defer kill(nil)
	var down string
	if spare := o.sparePairs(); len(spare) > 0 && o.random.IntN(3) == 0 {
		cut := spare[o.random.IntN(len(spare))]
		down = " without " + cut.LinkConnection[strings.LastIndexByte(cut.LinkConnection, '/')+1:]
		if err := o.sim.SetConditions(fabric.Condition{Kind: "tunnel", ID: cut.Outside.String(), Cut: true}); err != nil {
			o.Error(err)
		}
		time.Sleep(time.Minute + time.Duration(o.random.IntN(600))*time.Second) // both clouds show it by then
	}
	if o.random.IntN(2) == 0 {
		o.wire.armIn(1+o.random.IntN(250), o.random.IntN(2) == 0, kill)
	}
	var what string
	var err error
	began := time.Now()
	switch o.random.IntN(5) {
	case 0:
		what, err = "new keys", o.rotator(ctx, reconcile.Consent{}).Run(ctx, rotate.Order{})
	case 1:
		what = "a drill"
		_, err = o.driller(ctx, reconcile.Circumstances{}).Run(ctx, drill.Order{Link: o.file.Links[0].Name})
	default:
		o.anyFile()
		link := o.file.Links[0]
		what = fmt.Sprintf("to %s, %s, %d peerings", link.Redundancy, link.Routing, len(o.file.AWS.Peerings))
		for range 1 + o.random.IntN(4) {
			if err = o.applied(ctx); err != nil {
				break
			}
			time.Sleep(2 * time.Minute) // as the daemon's audits follow
		}
	}
	o.story = append(o.story, fmt.Sprintf("%s to %s %s%s: %v", began.Format(time.TimeOnly), time.Now().Format(time.TimeOnly), what, down, err))
	o.wire.disarm()
	o.cutTunnels(nil)
	if o.random.IntN(3) == 0 {
		o.disk = &disk{since: time.Now().Add(-time.Hour), open: map[resource.ID]time.Time{}} // another machine's
	}
	time.Sleep(time.Duration(o.random.IntN(900)) * time.Second)
}

// sparePairs are those that are up, and another of the same connection with them: what one
// carries the other does.
func (o *operator) sparePairs() (spare []fabric.Pair) {
	pairs := o.sim.Tunnels()
	for i, pair := range pairs {
		like := func(other fabric.Pair) bool {
			return other.Connection == pair.Connection && other.Outside != pair.Outside && other.Up && other.BGPUp == pair.BGPUp
		}
		if pair.Up && slices.ContainsFunc(pairs, like) {
			spare = append(spare, pairs[i])
		}
	}
	return spare
}

// applied is one apply to which nobody consents.
func (o *operator) applied(ctx context.Context) error {
	engine := o.engine(ctx)
	engine.At = nil
	plan, world := engine.Plan(ctx)
	_, err := engine.Apply(ctx, plan, world)
	return err
}

// finish applies the last file until nothing is left to do: by way of four tunnels,
// for the routing of fewer is changed only with somebody's consent.
func (o *operator) finish() {
	o.Helper()
	o.anyFile()
	o.file.AWS.Peerings = o.peers
	last := o.file.Links[0].Redundancy
	for _, shape := range []desired.Redundancy{desired.Full, last} {
		o.file.Links[0].Redundancy = shape
		for round := 0; !o.plan().Clean(); round++ {
			if round > 10 {
				o.Fatalf("to %s: it does not end\n%s", shape, strings.Join(o.story, "\n"))
			}
			_ = o.applied(o.Context()) // whatever it comes to
			time.Sleep(10 * time.Minute)
		}
	}
}

// watchSpans sends an echo each second each way between the machines next to the
// link, until it is asked for the spans in which one was lost.
func (o *operator) watchSpans() func() []string {
	azure, aws := o.file.Probes.Targets[0].Address, o.file.Probes.Targets[2].Address
	stop, done := make(chan struct{}), make(chan struct{})
	var spans []string
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		var began time.Time
		for {
			select {
			case now := <-tick.C:
				crossed := o.crosses(azure, aws) && o.crosses(aws, azure)
				switch {
				case !crossed && began.IsZero():
					began = now
				case crossed && !began.IsZero():
					spans = append(spans, fmt.Sprintf("from %s for %s", began.Format(time.TimeOnly), now.Sub(began)))
					began = time.Time{}
				}
			case <-stop:
				if !began.IsZero() {
					spans = append(spans, fmt.Sprintf("from %s to the end", began.Format(time.TimeOnly)))
				}
				return
			}
		}
	}()
	return func() []string {
		close(stop)
		<-done
		return spans
	}
}
