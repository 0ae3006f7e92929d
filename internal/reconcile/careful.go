package reconcile

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// telemetryLag is for how long after a change a cloud may still show a tunnel
// as it was before.
const telemetryLag = 5 * time.Minute

// care is what the converge of one resource remembers of the pairs that it
// interrupted itself.
type care struct {
	cut     map[desired.Tunnel]bool
	locked  bool      // the locks of the write to come were taken before the pairs were looked at
	waiting time.Time // since when it waits for another pair to come up
}

// careful picks, of the drifts that may be mended, those that one write may
// carry. What interrupts no live pair always may. The pairs go one at a
// time, each only while another of its link is known to be up, looked at just
// before; and those who follow this resource, as Azure follows a key of AWS, may
// do so in between. A pair that does not come up again ends it: what is
// left stays as it is. The last pair goes with a person's consent, or by a rule
// that gives it.
func (c *converge) careful(ctx context.Context, mend []resource.Drift) ([]resource.Drift, *step) {
	c.care.locked = false
	if !slices.ContainsFunc(mend, c.interrupts) {
		return mend, nil
	}
	if err := c.lock(ctx); err != nil { // what is seen must still be so when it is written
		ended := c.ended(c.fail(err))
		return nil, &ended
	}
	c.care.locked = true
	looked := time.Now()
	world := c.lookAtPairs(ctx, mend)
	var free, cutting []resource.Drift
	for _, d := range mend {
		if c.interrupts(d) && len(c.Graph.cut(c.File, world, d)) > 0 {
			cutting = append(cutting, d)
		} else {
			free = append(free, d)
		}
	}
	if len(cutting) == 0 {
		return c.unlessYoung(free)
	}
	pairs := c.Graph.cut(c.File, world, cutting[0])
	consent := c.mayCutLast(cutting[0], pairs, world)
	switch waits := c.lastOf(pairs, world) && (!consent || len(c.coming(pairs, world)) > 0); {
	case waits && len(free) > 0:
		return c.unlessYoung(free)
	case waits:
		return nil, c.untilAnotherIsUp(pairs, world)
	}
	c.care.waiting = time.Time{}
	taken, err := c.take(pairs, world, looked)
	switch {
	case err != nil:
		ended := c.ended(c.fail(err))
		return nil, &ended
	case !taken:
		c.release()
		again := after(firstLook)
		return nil, &again
	}
	return slices.DeleteFunc(slices.Clone(mend), func(d resource.Drift) bool {
		cut := c.Graph.cut(c.File, world, d)
		return c.interrupts(d) && len(cut) > 0 && !slices.Equal(cut, pairs)
	}), nil
}

// mayCutLast reports whether a person or a rule lets a drift be mended though
// it takes the last pairs. Who let them be interrupted lets them be made whole.
func (c *converge) mayCutLast(d resource.Drift, pairs []desired.Tunnel, world resource.World) bool {
	if c.File.Policy.MayCutLast(d, c.File.LinkOf(c.ID()), time.Now()) {
		return true
	}
	whole := !slices.ContainsFunc(pairs, func(t desired.Tunnel) bool { return c.isBack(t, world) })
	return c.at.Consent.LastPair && (whole || c.at.Consent.covers(d))
}

// take notes that the pairs are about to be interrupted. It is false when
// another converge has interrupted one beside them since they were looked at, and
// fails when it cannot be noted.
func (c *converge) take(pairs []desired.Tunnel, world resource.World, looked time.Time) (bool, error) {
	cutting := map[desired.Tunnel]cutAt{}
	for _, pair := range pairs {
		cutting[pair] = cutAt{at: time.Now(), lastChange: world[desired.AWSTunnelID(pair)].Attrs["last_change"].One()}
	}
	var all []desired.Tunnel
	for _, name := range linksOf(pairs) {
		all = append(all, c.File.LinkNamed(name).Tunnels()...)
	}
	if taken, err := c.cuts.take(cutting, all, looked); !taken || err != nil {
		return false, err
	}
	for _, pair := range pairs {
		c.care.cut[pair] = true
	}
	return true, nil
}

// interrupts reports whether mending a drift may cost a pair.
func (c *converge) interrupts(d resource.Drift) bool { return c.Graph.interrupts(c.File, d) }

// lookAtPairs reads the status of every pair of the links that the drifts
// touch, and where AWS leads what it sends by those that stand by, afresh.
func (c *converge) lookAtPairs(ctx context.Context, mend []resource.Drift) resource.World {
	world := c.board.all()
	seen := map[resource.ID]bool{}
	for _, d := range mend {
		for _, name := range linksOf(c.Graph.tunnelsOf(c.File, d.ID)) {
			for _, id := range shownBy(*c.File.LinkNamed(name)) {
				if seen[id] {
					continue
				}
				seen[id] = true
				self := c.Graph.Resource(id)
				live, err := self.Read(ctx, view(self, world))
				if err != nil {
					live = resource.Live{Why: err.Error()}
				}
				world[id] = live
			}
		}
	}
	return world
}

// shownBy lists what shows which pairs of a link are up and carry.
func shownBy(link desired.Link) []resource.ID {
	var ids []resource.ID
	for _, t := range link.Tunnels() {
		ids = append(ids, desired.AzureTunnelID(t), desired.AWSTunnelID(t))
	}
	if link.StandsBy() {
		ids = append(ids, desired.TransitGatewayRoutesID(link.TransitGateway))
	}
	return ids
}

// lastOf reports whether cutting the pairs would leave some link of theirs
// without a pair that is known to be up and carries what they do.
func (c *converge) lastOf(pairs []desired.Tunnel, world resource.World) bool {
	return slices.ContainsFunc(linksOf(pairs), func(name string) bool {
		link := *c.File.LinkNamed(name)
		live := slices.DeleteFunc(link.Tunnels(), func(t desired.Tunnel) bool {
			return StatusOf(t, world) != PairLive || !c.isBack(t, world) || c.mayBeDown(t)
		})
		return !leaves(live, pairs, link, world)
	})
}

// isBack reports whether a pair that this engine interrupted has come up
// again: AWS has seen it change since, or has had the time to. What AWS did
// not tell, then or now, is no sign of a change.
func (w *walk) isBack(t desired.Tunnel, world resource.World) bool {
	cut, was := w.cuts.last(t)
	if !was {
		return true
	}
	changed := world[desired.AWSTunnelID(t)].Attrs["last_change"].One()
	seen := cut.lastChange != "" && changed > cut.lastChange // RFC 3339 in UTC
	return seen || w.scaled(time.Since(cut.at)) > telemetryLag
}

// untilAnotherIsUp waits, and lets who follows this resource follow it, for a
// pair that may be coming up. It gives up when that has lasted too long.
func (c *converge) untilAnotherIsUp(pairs []desired.Tunnel, world resource.World) *step {
	c.release()
	c.board.follow(c.ID(), c.wrote)
	if c.care.waiting.IsZero() {
		c.care.waiting = time.Now()
	}
	limit := max(patience*c.Kind().Takes.Update.Typical, leastWait) + telemetryLag
	switch coming := c.coming(pairs, world); {
	case len(coming) == 0:
		outcome := c.end(HeldBy, fmt.Sprintf("it would interrupt %s, and no other tunnel of the link is up that could carry instead", nameAll(pairs)), nil)
		return &step{end: &outcome}
	case c.scaled(time.Since(c.care.waiting)) > limit:
		err := fmt.Errorf("cannot go on with %s: %s did not come up again within %s after its change, so %s is left as it is", c.ID(), nameAll(coming), limit, nameAll(pairs))
		outcome := c.fail(resource.WithHint(err, "look why the tunnel stays down; linkd plan names what differs on it"))
		return &step{end: &outcome}
	default:
		c.tell(Waiting, fmt.Sprintf("until %s is surely up, before %s is changed", nameAll(coming), nameAll(pairs)))
	}
	next := after(overdue)
	return &next
}

// coming lists the other pairs of the same links that were interrupted, by this
// converge or a short while ago by another, and that are not back, and those of
// which it must yet show whether they are up. Of a link that moves to another hub none
// comes before the rest of it has moved.
func (c *converge) coming(pairs []desired.Tunnel, world resource.World) []desired.Tunnel {
	var coming []desired.Tunnel
	for _, name := range linksOf(pairs) {
		link := c.File.LinkNamed(name)
		if link.Moves(world) {
			continue
		}
		for _, t := range link.Tunnels() {
			down := c.care.cut[t] && StatusOf(t, world) != PairLive
			doubted := StatusOf(t, world) == PairLive && c.mayBeDown(t)
			if !slices.Contains(pairs, t) && (down || doubted || !c.isBack(t, world)) {
				coming = append(coming, t)
			}
		}
	}
	return coming
}
