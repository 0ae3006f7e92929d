package daemon

import (
	"fmt"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
)

// interrupt ends all that writes, at once, and says in sentences what stands half done
// until linkd goes on: a pause is a brake, and does not wait for anything.
func (d *Daemon) interrupt() string {
	for _, r := range d.repairs {
		r.cancel(errPaused)
	}
	var said string
	if r := d.keys.rotation; r != nil {
		r.cancel(errPaused)
		said += " " + d.halfDone(r)
	}
	switch r := d.drills.running; {
	case r == nil:
	case r.down.Load():
		said += fmt.Sprintf(" %s is down by a drill, and AWS brings it back: nothing more is written for that.", r.told.Tunnel)
	default:
		r.cancel(errPaused)
		said += fmt.Sprintf(" The drill of %s ends before it has taken that down.", r.told.Tunnel)
	}
	return said
}

// halfDone says how a rotation that is ended now leaves its tunnel.
func (d *Daemon) halfDone(r *rotation) string {
	said := "New keys for " + r.link + " were being given: "
	switch {
	case r.turn == nil:
		return said + "no tunnel is down for them."
	case r.half.Load():
		return said + fmt.Sprintf("only AWS has that of %s, or gets it, and the tunnel is down until linkd goes on. %s linkd resume lets it finish, which takes some minutes; "+
			"pause again once linkd status shows it up.", r.turn.Name(), d.carries(r.turn.Tunnel))
	case r.both.Load():
		return said + "both clouds have that of " + r.turn.Name() + ", or get it, and the tunnel comes up by itself."
	}
	return said + "that of " + r.turn.Name() + " is not changed yet, and no tunnel is down for them."
}

// carries says which other tunnels of a link are up.
func (d *Daemon) carries(t desired.Tunnel) string {
	var up []string
	if at := slices.IndexFunc(d.current.file.Links, func(link desired.Link) bool { return link.Name == t.Link }); at >= 0 {
		for _, other := range d.current.file.Links[at].Tunnels() {
			if other != t && reconcile.StatusOf(other, d.saw.World) == reconcile.PairLive {
				up = append(up, other.Name())
			}
		}
	}
	if len(up) == 0 {
		return "No other tunnel of " + t.Link + " is up: the link is down until then."
	}
	return "Up beside it: " + strings.Join(up, ", ") + "."
}
