// Package resource is the vocabulary of linkd: what one resource of the link
// is called, what a cloud says about it, what the file wants of it, and how
// the two differ.
//
// It is a leaf. It knows nothing of clouds, files, schedules or policy; the
// adapters speak it, the engine reasons in it, and it imports the standard
// library only.
package resource
