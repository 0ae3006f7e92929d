// Package rotate gives the tunnels of a link new pre-shared keys: one pair at
// a time, each seen up in both clouds before the next is begun. What of a
// rotation is done stands in the clouds alone, as a note beside the keys, so
// that it can be killed at any moment and gone on with anywhere. The keys
// are changed by the ordinary walk of package reconcile, which knows what may
// be interrupted and when.
package rotate
