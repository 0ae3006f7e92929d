// Package verify judges a link by evidence that others have gathered: what
// both clouds say, what lies along the paths, what the model of the paths
// says of it, and what packets have shown. It is pure: a table of checks in
// the order of causes, and rules by which the effect of a failure is listed
// under its cause.
package verify
