package reconcile

import (
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Intents remembers, beyond the life of the process, which creates were sent
// and not yet seen to have worked. It is asked about only for kinds whose
// create cannot be repeated safely (Kind.Doubt): a read may miss for a while
// what an earlier, killed process made.
type Intents interface {
	// Sent returns when the last create of id was sent that is still open. When
	// nothing is known of the past, it is the time since which something is.
	Sent(id resource.ID) (at time.Time, open bool)
	// Open notes that a create of id is about to be sent. Its note must have
	// reached the disk when it returns.
	Open(id resource.ID, at time.Time) error
	// Close notes that the create was seen, or was certainly refused.
	Close(id resource.ID) error
	// Recent returns what KeepRecent was told last, by any process.
	Recent() Recent
	// KeepRecent replaces what is recent. It must have reached the disk when it
	// returns.
	KeepRecent(Recent) error
}

// Recent is what an engine did lately and the clouds may not tell yet.
type Recent struct {
	// Cuts are the pairs that it interrupted.
	Cuts []Cut `json:"cuts,omitempty"`
	// Made is when a resource was last seen being made, to the minute.
	Made map[resource.ID]time.Time `json:"made,omitempty"`
	// Deleted is when a resource was deleted to be made anew, which was not seen
	// done.
	Deleted map[resource.ID]time.Time `json:"deleted,omitempty"`
}

// Cut is when a pair was interrupted, and the last change of it that AWS told then.
type Cut struct {
	Pair       desired.Tunnel `json:"pair"`
	At         time.Time      `json:"at"`
	LastChange string         `json:"last_change,omitempty"`
}
