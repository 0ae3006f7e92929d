package probe

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// How SearchMTU asks.
const (
	// DefaultTop is the largest packet that SearchMTU tries when it is told none:
	// the MTU of Ethernet.
	DefaultTop = 1500

	// searchFloor is where the search begins: every host of IPv4 must take 576
	// bytes. MinSize is tried when it does not pass.
	searchFloor = 576

	// searchInterval is the time between two tries of a size.
	searchInterval = 200 * time.Millisecond

	// searchTries is how often a size is tried before it counts as lost.
	searchTries = 5

	// patientInterval and patientTries are for the question whether the network
	// is really silent: routers limit their ICMP errors. Linux sends a burst of
	// six to a host, and then one a second.
	patientInterval = time.Second
	patientTries    = 4

	// searchRounds is how often the search begins again because a size passed
	// that had been lost before.
	searchRounds = 5
)

// thisHost is who says that a packet does not fit the interface it would leave by.
const thisHost = "this host"

// SearchMTU looks for the largest packet that reaches target whole and is
// answered, to the byte, from 576 bytes (or MinSize) to top; 0 stands for
// DefaultTop. Each size is tried several times, so that plain loss is not taken
// for a limit. Of the larger sizes it tells those that are lost without a word
// from those that the network says are too big. Of target it reads Address,
// Timeout, TTL and Interval, the time between two tries; by default 200 ms.
//
// A size that passes takes one round trip, one that is lost some two seconds. An
// error says that nothing could be sent, that ctx ended, or that the wire broke.
// That no size passes is no error: then Passes is 0.
func SearchMTU(ctx context.Context, wire Wire, target Target, top int) (MTU, error) {
	target.Interval = defaulted(target.Interval, searchInterval)
	target.Count, target.Every = 0, 0
	target.Size = defaulted(top, DefaultTop)
	target.DontFragment = true
	complete, err := target.complete()
	if err != nil {
		return MTU{}, err
	}
	defer context.AfterFunc(ctx, wire.Wake)()
	s := &search{wire: wire, target: complete, top: complete.Size, stream: rand.Uint32(), told: map[int]word{}}
	found, err := s.run(ctx)
	if err != nil {
		return MTU{}, fmt.Errorf("cannot search the path MTU to %q: %w", target.Name, err)
	}
	return found, nil
}

// word is what the network said about a size that is too big.
type word struct {
	mtu int // that it named; 0: none
	by  string
}

// search is one search under way.
type search struct {
	wire     Wire
	target   Target
	top      int
	stream   uint32
	sequence uint32
	told     map[int]word // by size
}

func (s *search) run(ctx context.Context) (MTU, error) {
	low, high, err := s.begin(ctx)
	if err != nil || low == 0 {
		return MTU{}, err
	}
	for round := 1; ; round++ {
		passes, err := s.largest(ctx, low, high)
		if err != nil {
			return MTU{}, err
		}
		if passes == s.top {
			return MTU{Passes: passes}, nil
		}
		found, larger, err := s.beyond(ctx, passes)
		if err != nil || larger == 0 || round == searchRounds {
			return found, err
		}
		low, high = larger, s.top+1 // what was lost before was lost by chance
	}
}

// begin finds a size that passes, 0 when none does, and one that does not.
func (s *search) begin(ctx context.Context) (low, high int, err error) {
	high = s.top + 1
	for _, size := range []int{searchFloor, MinSize} {
		if size > s.top {
			continue
		}
		passed, err := s.passes(ctx, size)
		if passed || err != nil {
			return size, high, err
		}
		high = size
	}
	return 0, high, nil
}

// largest finds the largest size that passes, where low does and high does not.
func (s *search) largest(ctx context.Context, low, high int) (int, error) {
	for low+1 < high {
		size := (low + high) / 2
		hint := s.told[high].mtu
		switch {
		case high == s.top+1:
			size = s.top // most often all pass
		case low < hint && hint < high:
			size = hint
		case low == hint:
			size = low + 1
		}
		passed, err := s.passes(ctx, size)
		if err != nil {
			return 0, err
		}
		if passed {
			low = size
		} else {
			high = size
		}
	}
	return low, nil
}

// passes says whether a size is answered.
func (s *search) passes(ctx context.Context, size int) (bool, error) {
	passed, err := s.ask(ctx, size, searchTries, s.target.Interval)
	return passed, err
}

// beyond looks at the sizes above the largest that passes. A size larger than 0
// is one that was taken for lost and passes after all.
func (s *search) beyond(ctx context.Context, passes int) (found MTU, larger int, err error) {
	found.Passes = passes
	silent, loud := passes, s.top+1 // the largest known to be lost silently, the smallest that was told
	for size := range s.told {
		if size > passes {
			loud = min(loud, size)
		}
	}
	for step := 1; silent+1 < loud; step *= 2 {
		size := min(silent+step, loud-1)
		switch {
		case silent == passes:
			size = passes + 1
		case loud == s.top+1:
			size = s.top
		case silent+step >= loud:
			size = (silent + loud) / 2 // the band ends before: halve from here
		}
		passed, err := s.ask(ctx, size, patientTries, max(patientInterval, s.target.Interval))
		if err != nil || passed {
			return found, size, err
		}
		if _, told := s.told[size]; told {
			loud = size
		} else {
			silent = size
		}
	}
	if silent > passes {
		found.SilentFrom, found.SilentTo = passes+1, silent
	}
	found.Told, found.By = s.told[loud].mtu, s.told[loud].by
	return found, 0, nil
}

// ask tries a size until it is answered or the network says that it is too big,
// which told then holds. An error means that it could never be sent.
func (s *search) ask(ctx context.Context, size, tries int, interval time.Duration) (passed bool, err error) {
	target := s.target
	target.Size = size
	first := s.sequence
	var unsent []error
	for try := range tries {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		sent, err := s.wire.Send(target.echo(s.stream, s.sequence))
		s.sequence++
		if tooBig, ok := errors.AsType[*TooBig](err); ok {
			s.told[size] = word{tooBig.MTU, thisHost}
			return false, nil
		}
		if err != nil {
			sent, unsent = time.Now(), append(unsent, err)
		}
		wait := interval
		if try == tries-1 {
			wait = s.target.Timeout
		}
		v, err := s.listen(ctx, first, size, sent.Add(wait))
		if err != nil || v.decided {
			return v.passed, err
		}
		unsent = append(unsent, v.unsent...)
	}
	if len(unsent) == tries {
		return false, fmt.Errorf("no packet could be sent: %w", unsent[0])
	}
	return false, nil
}

// verdict is what was learned of a size.
type verdict struct {
	decided, passed bool
	unsent          []error
}

// listen waits for word about the tries of a size, those from sequence first on.
func (s *search) listen(ctx context.Context, first uint32, size int, until time.Time) (v verdict, err error) {
	for !v.decided && time.Now().Before(until) {
		if ctx.Err() != nil {
			return v, context.Cause(ctx)
		}
		err := s.wire.Wait(until, func(a Arrival) {
			var tooBig *TooBig
			switch {
			case !s.ours(a, first):
			case errors.As(a.Unsent, &tooBig):
				s.told[size] = word{tooBig.MTU, thisHost}
				v.decided = true
			case a.Unsent != nil:
				v.unsent = append(v.unsent, a.Unsent)
			case a.Refusal != nil && a.Refusal.TooBig:
				s.told[size] = word{a.Refusal.MTU, a.From.String()}
				v.decided = true
			case a.Refusal == nil && a.From.WithZone("") == s.target.Address.WithZone(""):
				v.decided, v.passed = true, true
			}
		})
		if err != nil {
			return v, err
		}
	}
	return v, nil
}

// ours says whether an arrival is about a try since sequence first.
func (s *search) ours(a Arrival, first uint32) bool {
	if !a.Short {
		return a.Stream == s.stream && a.Sequence-first < s.sequence-first
	}
	tries := make([]uint32, 0, searchTries)
	for sequence := first; sequence != s.sequence; sequence++ {
		tries = append(tries, sequence&0xffff)
	}
	return a.To == s.target.Address && slices.Contains(tries, a.Sequence)
}
