package agent

import (
	"context"
	"time"

	"linkd/internal/identity"
)

// Farewell ends a session, as the cause of its context, for a reason that the
// other end hears as well.
type Farewell struct {
	Err  error  // the reason as this end tells it
	Text string // the reason as the other end hears it
	Hint string // what whoever runs the other end can do
}

// Error implements error.
func (f *Farewell) Error() string { return f.Err.Error() }

// Unwrap returns the reason as this end tells it.
func (f *Farewell) Unwrap() error { return f.Err }

// whileValid ends a session when the certificate of one of its ends does. The
// connection that follows reads the certificates anew.
func whileValid(ctx context.Context, own, peer identity.Who) (context.Context, context.CancelFunc) {
	first, other := own, peer
	if peer.Until.Before(own.Until) {
		first, other = peer, own
	}
	ended := first.Wrong(first.Until.Add(time.Nanosecond), first.Name, identity.Clock{Of: other.Name})
	return context.WithDeadlineCause(ctx, first.Until, &Farewell{Err: ended, Text: ended.Text, Hint: ended.Hint})
}
