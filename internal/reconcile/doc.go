// Package reconcile is the trade of linkd: observe both clouds, diff them
// against the file, decide what may be done, apply it along the graph of
// needs, and look again. Build, repair and resuming after a crash are the same
// walk. It knows the vocabulary of package resource and the policy of package
// desired, and nothing of any cloud.
package reconcile
