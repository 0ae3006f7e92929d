// Package agent is what a daemon and its agents say to each other, and both of
// their ends: an agent on a test machine probes what it is told, within limits
// that are its own, and tells what it finds. Either end may dial. The protocol
// is one JSON object a line over TLS 1.3, and docs/agent-protocol.md describes it.
package agent
