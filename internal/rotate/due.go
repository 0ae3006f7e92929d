package rotate

import (
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Age is since when a tunnel has the key that it has, and when that is to be
// replaced.
type Age struct {
	desired.Tunnel
	Set time.Time // zero: nobody noted it
	// Due is Set and the time that the file gives a key; zero: the file gives
	// none, or nobody noted when the key was set.
	Due time.Time
}

// Ages tells how old the keys of a link are, of those tunnels whose connection was
// seen. Of a link whose keys linkd does not make it tells none.
func Ages(link desired.Link, world resource.World) []Age {
	if link.Keys.Given() {
		return nil
	}
	var ages []Age
	for _, t := range link.Tunnels() {
		connection := desired.AWSConnectionID(t.Link, t.Instance)
		if world[connection].Phase < resource.Pending {
			continue
		}
		ages = append(ages, ageOf(link, t, noteOf(world, connection)))
	}
	return ages
}

// ageOf is the age of the key of a tunnel, by the note of its connection.
func ageOf(link desired.Link, t desired.Tunnel, note desired.KeyNote) Age {
	age := Age{Tunnel: t, Set: note.Set[t.Number]}
	if link.Keys.RotateEvery > 0 && !age.Set.IsZero() {
		age.Due = age.Set.Add(time.Duration(link.Keys.RotateEvery))
	}
	return age
}

// clocksApart is by how much a note may be of the future: the clocks of two machines
// differ by less.
const clocksApart = 24 * time.Hour

// Due lists the tunnels of a link whose keys are as old as the file lets them
// become, at a time. A key of which nobody noted when it was set is, and one whose note
// is of the future.
func Due(link desired.Link, world resource.World, now time.Time) []desired.Tunnel {
	if link.Keys.RotateEvery == 0 {
		return nil
	}
	var due []desired.Tunnel
	for _, age := range Ages(link, world) {
		if !now.Before(age.Due) || age.Set.After(now.Add(clocksApart)) {
			due = append(due, age.Tunnel)
		}
	}
	return due
}

// HalfDone reports whether AWS has a new key of the link of which the note does not
// tell yet: a rotation that goes on notes it before Azure follows, and a mere
// repair would cost the tunnel a second turn.
func HalfDone(link desired.Link, world resource.World) bool {
	return slices.ContainsFunc(link.Tunnels(), func(t desired.Tunnel) bool {
		return halfDone(t, noteOf(world, desired.AWSConnectionID(t.Link, t.Instance)), world)
	})
}

// Apart lists the tunnels whose keys are known to differ while a rotation of the link is
// open: AWS has the new one, and they are down until it goes on.
func Apart(link desired.Link, world resource.World) []desired.Tunnel {
	if !Unfinished(link, world) {
		return nil
	}
	return slices.DeleteFunc(link.Tunnels(), func(t desired.Tunnel) bool { return !differ(t, world) })
}

// Unfinished reports whether a rotation of the link was begun and not ended.
func Unfinished(link desired.Link, world resource.World) bool {
	for _, instance := range link.Instances() {
		if noteOf(world, desired.AWSConnectionID(link.Name, instance)).Open() {
			return true
		}
	}
	return false
}
