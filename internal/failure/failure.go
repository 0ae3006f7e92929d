package failure

import (
	"strings"
	"time"
)

// Severity says how bad a failure is.
type Severity string

// The severities. An error breaks traffic now or at the next renewal, a
// warning leaves less to fall back on, and info is for whoever looks.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Rank orders severities: the worst is 3, and one that is none 0.
func (s Severity) Rank() int {
	return map[Severity]int{Error: 3, Warning: 2, Info: 1}[s]
}

// Share says what two failures must have in common for the one to be only the
// effect of the other.
type Share string

// What failures share. Each is a class of the words that a finding is about.
const (
	Same    Share = "id"      // the resource itself
	Needs   Share = "needs"   // the effect's resource needs the cause's
	Hub     Share = "hub"     // a virtual hub
	Link    Share = "link"    // a link
	Tunnel  Share = "tunnel"  // an expected pair
	Peering Share = "peering" // of transit gateways
	Network Share = "network" // a VNet or a VPC
	Machine Share = "machine" // a test machine
	Way     Share = "way"     // a direction between two test machines
)

// Cause is another failure that explains this one where they share something.
type Cause struct {
	On Code
	At Share
}

// Failure is a row of the table: what is true of a failure wherever it is
// found. Texts are clauses or sentences of the page docs/failures.md.
type Failure struct {
	Code     Code
	Title    string // a clause: "the router of a hub does not work yet"
	Severity Severity
	// Causes are the failures of which this one is only the effect (DependsOn).
	Causes []Cause
	// Told are failures that explain it as well where it follows from sessions and
	// tunnels: what BGP should tell, or to which connection linkd should lead. They
	// may stand anywhere in the table.
	Told []Cause
	// Connectivity says that packets are lost while it stands.
	Connectivity bool
	// Visible is how long it must be seen before a daemon tells it: clouds show
	// some things for a moment that are over when a person looks.
	Visible time.Duration

	Means string // what it is, in a sentence or two
	// Azure, AWS and Packets say by which signs it shows on either side and to
	// a probe; "" for none.
	Azure, AWS, Packets string
	Apart               string // how it is told from its neighbours
	Repair              string // what to do, or why nothing can be done
}

// Anchor is where the manual explains it, "docs/failures.md#az-hub-router-not-ready".
func (f Failure) Anchor() string { return "docs/failures.md#" + f.Code.Slug() }

// Slug is the code as the anchor of its page has it.
func (c Code) Slug() string { return strings.ToLower(strings.ReplaceAll(string(c), "_", "-")) }

// Of returns the row of a code, and whether there is one.
func Of(code Code) (Failure, bool) {
	for _, row := range table() {
		if row.Code == code {
			return row, true
		}
	}
	return Failure{}, false
}

// All lists the rows in the order of causes: what comes first can be the cause
// of what comes later, and never the other way round within one rank.
func All() []Failure { return table() }

// Position is the place of a code in the table, for sorting; unknown codes
// come last.
func Position(code Code) int {
	rows := table()
	for i, row := range rows {
		if row.Code == code {
			return i
		}
	}
	return len(rows)
}
