package reconcile

import (
	"slices"
	"time"

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

// unlessYoung lets wait, of the drifts that interrupt no pair that is shown up,
// those that would interrupt one that a young resource may carry.
func (c *converge) unlessYoung(free []resource.Drift) ([]resource.Drift, *step) {
	if !c.isYoung() {
		return free, nil
	}
	harmless := slices.DeleteFunc(slices.Clone(free), func(d resource.Drift) bool {
		return d.Class != resource.Missing && c.interrupts(d)
	})
	if len(harmless) > 0 {
		return harmless, nil
	}
	c.release()
	c.tell(Waiting, "until the clouds show whether what was just made carries traffic")
	next := after(overdue)
	return nil, &next
}
