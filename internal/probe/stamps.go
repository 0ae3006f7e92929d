package probe

import "time"

// stamps turns the kernel's receive stamps, which are of the wall clock, into
// times with a monotonic reading. It reads both clocks together and takes the
// difference of two wall times only for the short while between the arrival and
// its reading. When somebody has set the wall clock meanwhile, the time of the
// reading stands in.
type stamps struct {
	base   time.Time     // where the monotonic clock is counted from
	mono   time.Duration // when both clocks were last read together
	offset time.Duration // of the wall clock from the monotonic one then
	known  bool
}

// A wall clock that is slewed runs at most so much faster or slower; and the two
// clocks are not read at exactly the same moment.
const (
	mostSlew     = 1000 // one part in
	readingError = 50 * time.Microsecond
)

// both reads both clocks.
func (s *stamps) both() (now time.Time, wall, mono time.Duration) {
	now = time.Now()
	if s.base.IsZero() {
		s.base = now
	}
	return now, time.Duration(now.UnixNano()), now.Sub(s.base)
}

// look reads both clocks without a stamp, so that the next one is trusted.
func (s *stamps) look() {
	_, wall, mono := s.both()
	s.stepped(wall, mono)
}

// arrival is when a packet arrived that was stamped at wall time stamp (ns since
// 1970; 0: not stamped) and is read now, and how long ago that was.
func (s *stamps) arrival(stamp time.Duration) (at time.Time, age time.Duration) {
	now, wall, mono := s.both()
	age = s.age(stamp, wall, mono)
	return now.Add(-age), age
}

// age is how long ago the stamp was made.
func (s *stamps) age(stamp, wall, mono time.Duration) time.Duration {
	if s.stepped(wall, mono) || stamp == 0 {
		return 0
	}
	return min(max(0, wall-stamp), MaxTimeout)
}

// stepped says whether the wall clock was set since both clocks were last read.
func (s *stamps) stepped(wall, mono time.Duration) bool {
	offset := wall - mono
	difference := (offset - s.offset).Abs()
	trusted := s.known && difference <= readingError+(mono-s.mono)/mostSlew
	s.mono, s.offset, s.known = mono, offset, true
	return !trusted
}
