package resource

import "time"

// Kind is a row of the table of kinds: what is true of every resource of one
// kind. Drift keys, policy rules, metric labels, documents and tests follow
// from these rows.
type Kind struct {
	// Name is the kind with its cloud, "azure/vpn-site".
	Name string

	// Is says what it is, as a sentence for documents.
	Is string

	// Takes says how long its operations run.
	Takes Takes

	// Attrs are the attributes that are compared. Others that a cloud reports
	// are facts for those who need them.
	Attrs []Attr

	// Given kinds are the user's own (VNets, VPCs) or are only watched (routes
	// a hub learned, tunnel status): read and compared, never created, changed
	// or deleted. They carry no owner tag.
	Given bool

	// Shared kinds are tables of the user, or of a parent, in which only the
	// members that the file wants are ours: never created, and a destroy takes
	// out those members and leaves the rest.
	Shared bool

	// Breaks says what stops working while a resource of this kind is missing.
	Breaks string

	// Replaced and Deleted say what traffic loses while a resource of this
	// kind is made anew, or goes.
	Replaced, Deleted Effect

	// Doubt is how long after a create was sent a read may still miss what it
	// made. It is set for kinds whose create call carries no idempotency token
	// and refuses no duplicate; the engine repeats such a create only when no
	// earlier one can be in doubt. Zero means that repeating is safe.
	Doubt time.Duration
}

// Takes holds how long the operations of a kind run: a create until it is
// Created, what it then takes to settle until it is Ready, an update, a delete.
type Takes struct{ Create, Settle, Update, Delete Span }

// Span is how long one operation runs: at the least, and usually. A wait
// looks rarely before Least and often near Typical. The zero Span is at once.
type Span struct{ Least, Typical time.Duration }

// Attr is a row of a kind's table of attributes.
type Attr struct {
	Name string
	// Means says what it holds, as a clause for documents.
	Means string
	Fix   Fix
	// Secret attributes live in Secrets, are compared in constant time and
	// shown only as "differs".
	Secret bool
	// Members says that each member stands for itself, as the routes of a
	// table do: one that is missing and one that nobody declared are two
	// drifts, decided apart. Other attributes are wanted exactly as they are.
	Members bool
	// Effect is what traffic loses while this attribute is changed.
	Effect Effect
	// Breaks says what stops working while this attribute differs.
	Breaks string
	// BreaksExtra says it of members that nobody declared; "": as Breaks does.
	BreaksExtra string
	// UsedBy names a row of those who need this resource, "azure/vpn-connection.links":
	// its members use those of the same names here, which can go only after them. "":
	// nobody's does.
	UsedBy string
}

// Attr returns the row called name.
func (k *Kind) Attr(name string) (Attr, bool) {
	for _, a := range k.Attrs {
		if a.Name == name {
			return a, true
		}
	}
	return Attr{}, false
}

// Fix says how a difference can be mended.
type Fix string

// The ways to mend a difference.
const (
	InPlace Fix = "in place" // an update of the resource
	Replace Fix = "replace"  // delete and create
	Move    Fix = "move"     // delete, and create in its other place, which is all that differs
	ByHand  Fix = "by hand"  // linkd cannot, or must not: a person does
)

// Anew reports whether a resource is deleted and created to mend it.
func (f Fix) Anew() bool { return f == Replace || f == Move }

// Effect says what traffic loses while an operation runs.
type Effect string

// What an operation costs the traffic of the link, from nothing to most.
const (
	NoInterruption Effect = ""
	OneNetwork     Effect = "one network" // a VPC or VNet, beside the tunnels
	OneTunnel      Effect = "one tunnel"
	AllTunnels     Effect = "all tunnels"
	AddressChange  Effect = "address change" // all tunnels, and the other cloud must follow
)
