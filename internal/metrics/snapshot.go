package metrics

import "time"

// Snapshot is how everything stands at one moment, as plain data. [Of] makes
// the part that a look at the clouds saw; the daemon fills in what it knows of
// itself, from Looks on. The zero Snapshot emits nothing but that nothing is
// known: no series that could be taken for well.
type Snapshot struct {
	// Of fills in these.

	Drifts    []Drifts
	Strays    []Strays
	Resources []Resources
	Tunnels   []Tunnel
	Links     []Link
	Routes    []Routes
	Observed  []Observed
	AsDesired int  // resources that agree with the file
	Refused   bool // the whole plan is over the limits of the file
	// Budget is the longest a look or a repair may take.
	Budget time.Duration
	// Judged says that a plan was made of what was seen: before the first
	// audit there is nothing to say of drifts.
	Judged bool

	// The daemon fills in these.

	Findings  []Finding
	Keys      []Keys // of the links whose keys linkd or AWS makes, once they were seen
	Drills    []Drill
	Looks     []Look
	Repairs   int       // under way
	Rotating  bool      // keys are being changed
	Drilling  *Drilling // nil: no drill is under way
	Paused    Pause
	AuditOnly bool
	Approvals int // drifts that wait for a person's approval
	Config    Config
	Journal   Journal

	Probes      []Probe
	Agents      []Agent
	LocalProbes LocalProbes
}

// Drifts counts the drifts that share a key, a link, a decision and a reason.
type Drifts struct {
	Key      string // "azure/vpn-site.address_space"
	Link     string // "" for what several links share
	Decision string // repair, report or approve
	Held     string // a reconcile.HoldReason, or "" when it is mended
	Count    int
}

// Finding counts the failures of docs/failures.md that share a code, a
// severity, a link and a direction.
type Finding struct {
	Code, Severity string // "AWS_TGW_ROUTE_MISSING", "error"
	Link           string // "" for what several links share
	Direction      string // azure-to-aws, aws-to-azure, or "" for both
	Count          int
}

// Strays counts what stands in the clouds and that the file does not account for.
type Strays struct {
	Kind, Class string // "aws/vpn-connection", "orphan"
	Count       int
}

// Resources counts the resources of a kind that are in a phase.
type Resources struct {
	Cloud, Kind, Phase string
	Count              int
}

// Tunnel is an expected pair and what each cloud says of it: up, down or
// unknown.
type Tunnel struct{ Link, Name, Azure, AWS string }

// Link counts the expected pairs of a link, and those that both clouds say
// are up.
type Link struct {
	Name           string
	Expected, Live int
}

// Keys are the pre-shared keys of a link, by their age.
type Keys struct {
	Link        string
	RotateEvery time.Duration // how old they may become; 0: the file says nothing
	Tunnels     []TunnelKey   // those that were seen
}

// TunnelKey is since when a tunnel has its key.
type TunnelKey struct {
	Name string
	Set  time.Time // zero: nobody noted it
}

// Routes counts the routes of a table, or of all tables of a VPC that the
// file names.
type Routes struct {
	Kind  string // "aws/vpc-routes"
	Table string // the name of the hub, the transit gateway or the VPC
	// Known says that every table was read, and what it should hold can be
	// told. The counts hold what is known.
	Known                              bool
	Desired, Seen, Missing, Undeclared int
}

// Observed is when the resources of a kind were looked at last; Oldest is the
// earliest of them.
type Observed struct {
	Cloud, Kind string
	Oldest      time.Time
}

// Look is one of the two schedules.
type Look struct {
	Name    string    // audit or tunnels
	Success time.Time // of the last complete one; zero: none yet
	Next    time.Time
	Running bool
	// StaleAfter is how long after its last success what it saw no longer
	// counts. Zero: an hour.
	StaleAfter time.Duration
}

// Pause says that a person has paused repairs.
type Pause struct {
	On    bool
	Until time.Time
}

// Config is the state of the desired-state file.
type Config struct {
	Hash   string    // of the content in force
	Loaded time.Time // when it came into force; zero: nothing is said of it
	OK     bool      // the file on the disk is the one in force
}

// Journal is the state of the record.
type Journal struct {
	OK      bool
	Since   time.Time // when the trouble began, if it is not well
	Backlog int       // entries that wait to be written
	Lost    int       // entries that were dropped
}
