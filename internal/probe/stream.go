package probe

import "time"

// fate is what became of an echo.
type fate uint8

const (
	none     fate = iota
	waiting       // sent, and its deadline is not over
	answered      // in time
	lost          // the deadline is over, or it could not be sent
	late          // lost, and answered after all
)

// flight is one echo that was sent a short while ago.
type flight struct {
	sequence uint32
	fate     fate
	sent     time.Time
	tally    *tally // of its burst
}

// stream is one target and the echoes under way to it. The flights are a ring
// by sequence, so that what is lost takes no memory for long: its length is
// twice what one timeout can hold.
type stream struct {
	target Target
	id     uint32
	place  int       // in the agenda
	wake   time.Time // when something is to be done: the next send or deadline

	next     time.Time // when the next echo is due
	begun    time.Time // when the first echo of the burst was due
	sequence uint32    // of the next echo
	oldest   uint32    // sequence of the first that may be waiting
	highest  uint32    // sequence of the last that was answered, by order of sending
	flights  []flight
	tally    *tally
}

func newStream(target Target, id uint32, first time.Time) *stream {
	// Streams to one address begin far apart, since an ICMP error may quote 16
	// bits of the sequence and nothing else.
	start := id * 2654435769
	length := 8
	for length < 2*(int(target.Timeout/target.Interval)+2) {
		length *= 2
	}
	return &stream{
		target: target, id: id, next: first, wake: first,
		sequence: start, oldest: start, highest: start - 1,
		flights: make([]flight, length), tally: &tally{},
	}
}

// flight finds an echo by its sequence; nil when that is not remembered.
func (s *stream) flight(sequence uint32) *flight {
	f := &s.flights[int(sequence)&(len(s.flights)-1)]
	if f.fate == none || f.sequence != sequence {
		return nil
	}
	return f
}

// launch takes note of an echo that is sent now, and returns it.
func (s *stream) launch() *flight {
	f := &s.flights[int(s.sequence)&(len(s.flights)-1)]
	*f = flight{sequence: s.sequence, fate: waiting, tally: s.tally}
	s.tally.due()
	s.sequence++
	return f
}

// overdue takes the oldest echo whose deadline is over, or nil.
func (s *stream) overdue(now time.Time) *flight {
	for ; s.oldest != s.sequence; s.oldest++ {
		f := s.flight(s.oldest)
		if f == nil || f.fate != waiting {
			continue
		}
		if now.Before(f.sent.Add(s.target.Timeout)) {
			return nil
		}
		return f
	}
	return nil
}

// deadline is when the oldest echo that is waiting is lost; zero when none is.
// It is right after overdue has returned nil.
func (s *stream) deadline() time.Time {
	if f := s.flight(s.oldest); f != nil && f.fate == waiting {
		return f.sent.Add(s.target.Timeout)
	}
	return time.Time{}
}

// counted is the tally that what happens to an echo now belongs to: that of its
// burst, or of the burst that runs when its own has ended.
func (s *stream) counted(f *flight) *tally {
	if f.tally != nil {
		return f.tally
	}
	return s.tally
}

// schedule sets the time of the next echo, one interval on or at the start of
// the next burst. Whoever is so late that further echoes were due meanwhile
// leaves those out, and never catches up.
func (s *stream) schedule(now time.Time) {
	step := s.target.Interval
	s.next = s.next.Add(step)
	if s.tally.result.Sent >= s.target.Count {
		step = s.target.Every
		s.next = s.begun.Add(step)
		s.tally = &tally{}
	}
	if late := now.Sub(s.next); late >= 0 {
		missed := (late/step + 1) * step
		s.next = s.next.Add(missed)
		s.begun = s.begun.Add(missed) // the burst goes on, that much later
	}
}

// alarm sets the time when something is to be done.
func (s *stream) alarm() {
	s.wake = s.next
	if d := s.deadline(); !d.IsZero() && d.Before(s.wake) {
		s.wake = d
	}
}

// full says whether the last echo of the tally's burst was sent.
func (s *stream) full(t *tally) bool { return t.result.Sent >= s.target.Count }

// agenda is a heap of streams by the time when something is to be done.
type agenda []*stream

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].wake.Before(a[j].wake) }
func (a agenda) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].place, a[j].place = i, j
}

// Push is for container/heap.
func (a *agenda) Push(x any) {
	s := x.(*stream)
	s.place = len(*a)
	*a = append(*a, s)
}

// Pop is for container/heap.
func (a *agenda) Pop() any {
	last := len(*a) - 1
	s := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	return s
}
