// Package desired is the desired-state file: its types, how it is read and
// checked, the address plan, the names and tags that follow from it, and the
// policy rules. It knows nothing of cloud SDKs and does no I/O beyond reading
// the file and the key sources that it names.
package desired
