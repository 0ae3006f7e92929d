package reconcile

import (
	"time"

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
}
