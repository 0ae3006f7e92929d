package reconcile

import (
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// A cloud shows a tunnel down for a while after it has come up. Of what stood
// before, nothing else can be known; but a resource that this engine made may
// carry traffic from the moment it stands, so the tunnels shown down on it are
// not believed until the telemetry has had its time.

// isYoung reports whether this engine made the resource so lately that what its
// tunnels show may be old.
func (c *converge) isYoung() bool {
	at, made := c.cuts.madeAt(c.ID())
	return made && c.scaled(time.Since(at)) <= telemetryLag
}

// mayBeUp reports whether a pair that is shown down may be up all the same: it
// stands on something that this engine made lately. What this very walk made
// ahead of this resource does not count, for then the resource is part of the same
// repair: the pair waits for it.
func (c *converge) mayBeUp(t desired.Tunnel) bool {
	for _, id := range c.Graph.under(desired.AzureTunnelID(t), desired.AWSTunnelID(t)) {
		at, made := c.cuts.madeAt(id)
		if !made || c.scaled(time.Since(at)) > telemetryLag || !slices.Contains(c.Graph.tunnelsOf(c.File, id), t) {
			continue
		}
		if at.Before(c.start) || id == c.ID() || !c.Graph.downstream([]resource.ID{id})[c.ID()] {
			return true
		}
	}
	return false
}

// mayBeDown reports whether a pair that is shown up may be down all the same:
// something that it stands on differs in what carries it, and who knows whether
// that was changed a moment before this walk looked.
func (c *converge) mayBeDown(t desired.Tunnel) bool {
	if c.scaled(time.Since(c.start)) > telemetryLag {
		return false
	}
	world := c.board.all()
	return slices.ContainsFunc(c.Graph.under(desired.AzureTunnelID(t), desired.AWSTunnelID(t)), func(id resource.ID) bool {
		return slices.ContainsFunc(diff(c.Graph.Resource(id), world), func(d resource.Drift) bool {
			return c.interrupts(d) && slices.Contains(c.Graph.concerned(c.File, world, d), t)
		})
	})
}

// unlessYoung lets wait, of the drifts that interrupt no pair that is shown up,
// those that would interrupt one that what was just made may carry.
func (c *converge) unlessYoung(free []resource.Drift) ([]resource.Drift, *step) {
	own, world := c.isYoung(), c.board.all()
	harmless := slices.DeleteFunc(slices.Clone(free), func(d resource.Drift) bool {
		return d.Class != resource.Missing && c.interrupts(d) && (own || slices.ContainsFunc(c.Graph.concerned(c.File, world, d), c.mayBeUp))
	})
	if len(harmless) > 0 {
		return harmless, nil
	}
	c.release()
	c.tell(Waiting, "until the clouds show whether what was just made carries traffic")
	next := after(overdue)
	return nil, &next
}
