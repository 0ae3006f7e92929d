// Package control is how a person speaks with a running linkd: what it tells
// of itself, and the few words it takes. What only tells is also served over
// TCP; what changes something goes over a unix socket, which the permissions
// of its file guard. It knows nothing of how linkd works.
package control
