// Package probe sends echoes and measures what comes back. A Prober sends to many
// targets for as long as it runs, Burst a few to one, and SearchMTU looks for
// the largest packet that passes. What carries the echoes is a Wire.
package probe

import (
	"time"
)

// Result is what one burst of echoes from one vantage to one target has shown.
type Result struct {
	From string    `json:"from"` // name of the target or vantage that sends
	To   string    `json:"to"`   // name of the target
	At   time.Time `json:"at"`   // when the burst ended
	// Err says why nothing was measured: no socket may be opened, the vantage is
	// not reachable. The counts are then 0 and mean nothing.
	Err string `json:"error,omitempty"`

	Sent       int `json:"sent"`   // that were due, those that the host could not send among them
	Unsent     int `json:"unsent"` // of these: the host could not send; they count as lost
	Received   int `json:"received"`
	Late       int `json:"late"` // after their own deadline; they count as lost
	Duplicates int `json:"duplicates"`
	Reordered  int `json:"reordered"`

	// Round-trip times of those received; 0 when there are none.
	Min       time.Duration `json:"min"`
	Mean      time.Duration `json:"mean"`
	Max       time.Duration `json:"max"`
	Deviation time.Duration `json:"deviation"`
	Jitter    time.Duration `json:"jitter"` // mean of the differences between neighbours
	TTL       int           `json:"ttl"`    // of the last answer

	// Refusals are what came instead of an answer, by its text: ICMP errors
	// ("administratively prohibited (from 10.1.0.1)"), answers of another host
	// ("answered by 10.9.9.9 instead"), and why the host could not send ("not sent:
	// network is unreachable"). A router limits its errors, so there may be fewer
	// than losses.
	Refusals map[string]int `json:"refusals,omitempty"`

	// MTU is set when the path MTU was searched.
	MTU *MTU `json:"mtu,omitempty"`
}

// Loss is the part of the echoes that was lost, 0 to 1.
func (r Result) Loss() float64 {
	if r.Sent == 0 {
		return 0
	}
	return float64(r.Sent-r.Received) / float64(r.Sent)
}

// MTU is the outcome of a search with packets that may not be fragmented, in
// bytes of the whole IP packet.
type MTU struct {
	Passes int `json:"passes"` // the largest that was answered; 0: none was
	// Silent is the band of sizes that are lost without a word, from first to
	// last; beyond it the network says that they are too big. 0, 0: none.
	SilentFrom int    `json:"silent_from,omitempty"`
	SilentTo   int    `json:"silent_to,omitempty"`
	Told       int    `json:"told,omitempty"` // the MTU that the network named in an ICMP error
	By         string `json:"by,omitempty"`   // who named it
}
