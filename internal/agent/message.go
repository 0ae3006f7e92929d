package agent

import (
	"net/netip"
	"time"

	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// The versions of the protocol that this linkd speaks. A message or a key that
// an end does not know is ignored, so a version changes only when an older end
// would misunderstand.
const (
	newest = 1
	oldest = 1
)

// Bounds of what travels.
const (
	longestLine = 1 << 20 // bytes of a message
	mostTasks   = 2000    // of one message, with names and addresses as long as can be; desired.MostOfAgent keeps files within
	mostResults = 250     // of one message
)

// message is one line. One of its fields is set.
type message struct {
	Hello   *hello   `json:"hello,omitempty"`
	Welcome *welcome `json:"welcome,omitempty"`
	Refusal *refusal `json:"refusal,omitempty"`
	Tasks   *tasks   `json:"tasks,omitempty"`
	Search  *search  `json:"search,omitempty"`
	Report  *report  `json:"report,omitempty"`
	Beat    *beat    `json:"beat,omitempty"`
}

// hello is the first message of each end. It never changes its form. Who speaks
// is said by the certificate.
type hello struct {
	Newest   int       `json:"newest"` // versions of the protocol
	Oldest   int       `json:"oldest"`
	Software string    `json:"software"` // version of linkd
	Clock    time.Time `json:"clock"`
}

// welcome ends the greeting well.
type welcome struct {
	Version int `json:"version"` // that is spoken from here on
}

// refusal ends the connection, and says why in sentences.
type refusal struct {
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// tasks are all that the agent shall probe from now on.
type tasks struct {
	Number uint64         `json:"number"`
	Tasks  []vantage.Task `json:"tasks"`
}

// search wants the path MTU to a target searched now.
type search struct {
	Name string `json:"name"`
}

// report is what the agent found since its last one.
type report struct {
	Findings []finding `json:"findings,omitempty"`
	// Arrivals are requests of linkd that came in, by who sent them. They count
	// only while Watches says so.
	Arrivals map[netip.Addr]int `json:"arrivals,omitempty"`
	Watches  bool               `json:"watches"`
	// Trouble says why the agent cannot send, or is "".
	Trouble string `json:"trouble,omitempty"`
	// Dropped counts findings that found no room.
	Dropped int `json:"dropped,omitempty"`
}

// finding is a result and how old it is: the clocks of both ends may differ.
type finding struct {
	Result probe.Result   `json:"result"`
	Age    time.Duration  `json:"age_ns"`
	RTTs   vantage.Counts `json:"rtts,omitempty"`
}

// beat is a sign of life. The daemon's has a number, and the agent sends it back
// with its clock.
type beat struct {
	Number uint64    `json:"number"`
	Clock  time.Time `json:"clock"`
}

// Times of the protocol.
const (
	greeting = 10 * time.Second // within which both ends are known to each other
	beats    = 5 * time.Second  // between two beats of the daemon
	silence  = 15 * time.Second // after which the other end counts as gone
	patience = 10 * time.Second // for one message to be taken
	parting  = time.Second      // for a farewell to be taken: an end that is half open takes none
	reports  = time.Second      // between two reports of an agent
)
