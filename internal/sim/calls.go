package sim

import (
	"maps"
	"time"
)

// Call is a request that was answered, or cut.
type Call struct {
	At        time.Time `json:"at"` // simulated
	Cloud     string    `json:"cloud"`
	Method    string    `json:"method"`
	Operation string    `json:"operation"` // "PUT virtualHubs", "CreateVpnConnection"
	Status    int       `json:"status"`    // 0: the connection was cut
}

// remembered is how many calls the record keeps.
const remembered = 1000

// record counts all calls and keeps the last ones. Bodies are never in it.
type record struct {
	counts map[string]int
	last   []Call // a ring, once it is full
	next   int
}

func (s *Simulator) note(call Call) {
	s.calls.counts[call.Operation]++
	if len(s.calls.last) < remembered {
		s.calls.last = append(s.calls.last, call)
	} else {
		s.calls.last[s.calls.next%remembered] = call
	}
	s.calls.next++
	if s.answered != nil {
		s.answered(call)
	}
}

// Calls counts the requests by operation.
func (s *Simulator) Calls() (counts map[string]int) {
	s.within(func() { counts = maps.Clone(s.calls.counts) })
	return counts
}

// Recent lists the last calls, the oldest first.
func (s *Simulator) Recent() (calls []Call) {
	calls = []Call{}
	s.within(func() {
		if len(s.calls.last) < remembered {
			calls = append(calls, s.calls.last...)
			return
		}
		oldest := s.calls.next % remembered
		calls = append(append(calls, s.calls.last[oldest:]...), s.calls.last[:oldest]...)
	})
	return calls
}

// ForgetCalls begins the record anew.
func (s *Simulator) ForgetCalls() {
	s.within(func() { s.calls = record{counts: map[string]int{}} })
}
