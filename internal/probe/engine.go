package probe

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// Events are told what happens while echoes are sent. Each may be nil. They
// are called one at a time by the goroutine that sends, and must not block.
type Events struct {
	Seen  func(target string, rtt time.Duration) // an answer in time
	Lost  func(target string, at time.Time)      // no answer in time, or not sent
	Ended func(Result)                           // a burst has ended
}

// engine is one wire, one schedule and all streams. Time comes in as an
// argument or from the wire.
type engine struct {
	wire    Wire
	from    string
	events  Events
	agenda  agenda
	streams map[uint32]*stream
	address map[netip.Addr][]*stream
	last    uint32    // id of the newest stream
	free    time.Time // when MaxRate allows the next echo
}

func newEngine(wire Wire, from string, events Events) *engine {
	return &engine{
		wire: wire, from: from, events: events,
		streams: map[uint32]*stream{}, address: map[netip.Addr][]*stream{},
		last: rand.Uint32(), // so that the next engine on a wire takes no answer of the one before
	}
}

// add begins to send to a target, at the time first.
func (e *engine) add(target Target, first time.Time) *stream {
	e.last++
	s := newStream(target, e.last, first)
	s.begun = first
	e.streams[s.id] = s
	e.address[target.Address] = append(e.address[target.Address], s)
	heap.Push(&e.agenda, s)
	return s
}

// remove sends to a target no more. What is under way to it is forgotten.
func (e *engine) remove(s *stream) {
	heap.Remove(&e.agenda, s.place)
	delete(e.streams, s.id)
	rest := slices.DeleteFunc(e.address[s.target.Address], func(other *stream) bool { return other == s })
	e.address[s.target.Address] = rest
	if len(rest) == 0 {
		delete(e.address, s.target.Address)
	}
}

// act does all that is due now, and returns when something is due next; the
// zero time when nothing is.
func (e *engine) act() time.Time {
	for len(e.agenda) > 0 {
		s, now := e.agenda[0], time.Now()
		if now.Before(s.wake) {
			return s.wake
		}
		for f := s.overdue(now); f != nil; f = s.overdue(now) {
			e.lose(s, f, now)
		}
		switch {
		case now.Before(s.next):
			s.alarm()
		case now.Before(e.free):
			s.wake = e.free
		default:
			e.send(s, now)
			s.schedule(now)
			s.alarm()
		}
		heap.Fix(&e.agenda, s.place)
	}
	return time.Time{}
}

// send sends the echo that is due.
func (e *engine) send(s *stream, now time.Time) {
	if s.tally.result.Sent == 0 {
		s.begun = s.next
	}
	f := s.launch()
	sent, err := e.wire.Send(s.target.echo(s.id, f.sequence))
	e.free = time.Now().Add(time.Second / MaxRate)
	f.sent = sent
	if err != nil {
		f.sent = now
		e.unsent(s, f, err, now)
	}
}

// echo is one request to the target.
func (t Target) echo(stream, sequence uint32) Echo {
	return Echo{
		To: t.Address, Stream: stream, Sequence: sequence,
		Size: t.Size, DontFragment: t.DontFragment, TTL: t.TTL,
	}
}

// unsent counts an echo that this host could not send: it is lost.
func (e *engine) unsent(s *stream, f *flight, why error, now time.Time) {
	f.tally.result.Unsent++
	f.tally.refused("not sent: " + why.Error())
	e.lose(s, f, now)
}

// lose gives up an echo.
func (e *engine) lose(s *stream, f *flight, now time.Time) {
	f.fate = lost
	if e.events.Lost != nil {
		e.events.Lost(s.target.Name, now)
	}
	e.decide(s, f, now)
}

// decide counts down the burst of an echo, and ends the burst with its last.
func (e *engine) decide(s *stream, f *flight, now time.Time) {
	t := f.tally
	t.decided()
	if t.open > 0 || !s.full(t) {
		return
	}
	for i := range s.flights {
		if s.flights[i].tally == t {
			s.flights[i].tally = nil
		}
	}
	if e.events.Ended != nil {
		e.events.Ended(t.end(e.from, s.target.Name, now))
	}
}

// arrived judges what the wire has brought.
func (e *engine) arrived(a Arrival) {
	s, f := e.find(a)
	switch {
	case f == nil: // a stranger's, or of a target that was removed, or long past
	case a.Unsent != nil:
		if f.fate == waiting {
			e.unsent(s, f, a.Unsent, a.At)
		}
	case a.Refusal != nil:
		// It may be forged, so the echo goes on waiting for its answer.
		s.counted(f).refused(a.String())
	case a.From.WithZone("") != s.target.Address.WithZone(""):
		s.counted(f).refused(fmt.Sprintf("answered by %s instead", a.From))
	default:
		e.answered(s, f, a)
	}
}

// find tells which echo an arrival is about.
func (e *engine) find(a Arrival) (*stream, *flight) {
	if !a.Short {
		if s := e.streams[a.Stream]; s != nil {
			return s, s.flight(a.Sequence)
		}
		return nil, nil
	}
	for _, s := range e.address[a.To] {
		recent := s.sequence - 1
		whole := recent - uint32(uint16(recent)-uint16(a.Sequence))
		if f := s.flight(whole); f != nil && f.fate == waiting {
			return s, f
		}
	}
	return nil, nil
}

// answered counts an answer of the right host.
func (e *engine) answered(s *stream, f *flight, a Arrival) {
	rtt := max(0, a.At.Sub(f.sent))
	switch {
	case f.fate == waiting && rtt <= s.target.Timeout:
		if int32(f.sequence-s.highest) < 0 {
			f.tally.result.Reordered++
		} else {
			s.highest = f.sequence
		}
		f.fate = answered
		f.tally.received(rtt, a.TTL)
		if e.events.Seen != nil {
			e.events.Seen(s.target.Name, rtt)
		}
		e.decide(s, f, a.At)
	case f.fate == waiting:
		f.tally.result.Late++
		e.lose(s, f, a.At)
		f.fate = late
	case f.fate == lost:
		s.counted(f).result.Late++
		f.fate = late
	default:
		s.counted(f).result.Duplicates++
	}
}
