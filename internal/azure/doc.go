// Package azure is the Azure side of linkd: one file a kind, from the virtual
// WAN to the status of a tunnel. Each kind says what the file wants of it,
// reads what Azure says, and writes through the genuine SDK; the sweep reads a
// whole scope in few calls. It knows nothing of AWS beyond the ids and the
// names of the facts that package desired gives, and is the only importer of
// the Azure SDK.
package azure
