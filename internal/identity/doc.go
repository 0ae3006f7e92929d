// Package identity says who speaks at each end of the connection between a
// daemon and its agents: a small authority of one's own signs a certificate for
// each, and both ends show theirs. It is a leaf, and knows nothing of probes.
package identity
