package control

import "time"

// Status is what a running linkd tells of itself. Its JSON names are stable:
// names are only ever added. It holds no secret.
type Status struct {
	Version   string    `json:"version"`
	File      string    `json:"file"`
	Owner     string    `json:"owner"`
	Links     []string  `json:"links"`
	Started   time.Time `json:"started"`
	AuditOnly bool      `json:"audit_only"`

	// Verdict is the whole in one word: starting, as-desired, differs,
	// repairing, unknown.
	Verdict   string `json:"verdict"`
	Resources int    `json:"resources"`
	AsDesired int    `json:"as_desired"`

	Drifts []Drift `json:"drifts"`
	// Findings are the failures of docs/failures.md that stand now, root causes
	// alone, once they were seen for as long as their page says.
	Findings []Finding `json:"findings"`
	Strays   []Stray   `json:"undeclared"`
	Pairs    []Pair    `json:"pairs"`
	Looks    []Look    `json:"looks"`
	Repairs  []Repair  `json:"repairs"`
	// Rotations are the links whose keys are changed by a schedule, or are being
	// changed, or were begun to be.
	Rotations []Rotation `json:"rotations"`
	// Ordered is the last order of new keys that a person gave; nil: none since it started.
	Ordered *Ordered `json:"ordered_rotation,omitempty"`
	// Drills are the last drill of each link of which one is known, or that which
	// is under way.
	Drills []Drill `json:"drills"`

	// Refused says why the whole plan is over the limits, or is "".
	Refused string   `json:"refused,omitempty"`
	Pending *Pending `json:"pending,omitempty"`
	Pause   *Pause   `json:"pause,omitempty"`
	Config  Config   `json:"config"`
	Journal Journal  `json:"journal"`

	Probes *Probes `json:"probes,omitempty"` // nil: it does not probe
}

// The verdicts of a Status.
const (
	Starting  = "starting"   // nothing was seen yet
	AsDesired = "as-desired" // both clouds agree with the file
	Differs   = "differs"    // something stands that is not mended
	Repairing = "repairing"  // a repair is under way
	Unknown   = "unknown"    // a part could not be read, or was not for too long
)

// Drift is one difference that stands now.
type Drift struct {
	Resource string    `json:"resource"`
	Key      string    `json:"key"`
	Class    string    `json:"class"`
	Member   string    `json:"member,omitempty"`
	Link     string    `json:"link,omitempty"`
	Since    time.Time `json:"since,omitzero"` // when it was first seen
	Want     []string  `json:"want,omitempty"`
	Have     []string  `json:"have,omitempty"`
	Text     string    `json:"text"` // what differs, in a clause
	Breaks   string    `json:"breaks,omitempty"`
	Decision string    `json:"decision"` // repair, report, approve
	Held     string    `json:"held,omitempty"`
	Because  string    `json:"because,omitempty"`
}

// Finding is a failure that stands now, by its code.
type Finding struct {
	Code      string    `json:"code"`
	Severity  string    `json:"severity"` // error, warning, info
	Resource  string    `json:"resource,omitempty"`
	Ref       string    `json:"ref,omitempty"`
	Link      string    `json:"link,omitempty"`
	Direction string    `json:"direction,omitempty"` // azure-to-aws, aws-to-azure; empty: both
	Since     time.Time `json:"since,omitzero"`
	Text      string    `json:"text"`
	Doc       string    `json:"doc"`
}

// Stray is something that nobody declared.
type Stray struct {
	Kind  string `json:"kind"`
	Ref   string `json:"ref"`
	Class string `json:"class"`
}

// Pair is an expected pair, as both clouds see it: up, down or unknown.
type Pair struct {
	Link   string `json:"link"`
	Tunnel string `json:"tunnel"`
	Azure  string `json:"azure"`
	AWS    string `json:"aws"`
	// KeySet is when it was given the key that it has, KeyDue when the file wants
	// that replaced; absent: nobody noted it, or the file does not say.
	KeySet time.Time `json:"key_set,omitzero"`
	KeyDue time.Time `json:"key_due,omitzero"`
}

// Look is one of the schedules: audit, tunnels or survey.
type Look struct {
	Name    string    `json:"name"`
	Running bool      `json:"running"`
	Last    time.Time `json:"last,omitzero"`    // when the last one ended; zero: none did
	Success time.Time `json:"success,omitzero"` // when the last complete one ended
	Took    float64   `json:"took_seconds"`
	Result  string    `json:"result,omitempty"` // complete, incomplete, failed, panicked
	Next    time.Time `json:"next,omitzero"`
	Missed  int       `json:"missed"`
}

// Repair is one that is under way.
type Repair struct {
	Resources []string  `json:"resources"`
	Since     time.Time `json:"since"`
}

// Rotation is how new keys for the tunnels of a link stand.
type Rotation struct {
	Link string `json:"link"`
	// Next is when the next key is due by the schedule; absent: there is none, or
	// one is due.
	Next time.Time `json:"next,omitzero"`
	Due  bool      `json:"due"` // one is due, or of unknown age
	// Scheduled says that linkd goes on by itself: the file says how old keys may become.
	Scheduled bool `json:"scheduled,omitempty"`
	// Unfinished says that a rotation was begun, and stands open in the clouds.
	Unfinished bool `json:"unfinished,omitempty"`
	// Apart are the tunnels of which only AWS has the new key: they are down until it goes on.
	Apart []string `json:"apart,omitempty"`

	Running bool      `json:"running"`
	Since   time.Time `json:"since,omitzero"`
	Tunnel  string    `json:"tunnel,omitempty"` // the one under way, or held
	Doing   string    `json:"doing,omitempty"`

	Held    string    `json:"held,omitempty"` // why it is not begun, in a word
	Because string    `json:"because,omitempty"`
	Problem string    `json:"problem,omitempty"` // of the last try, if it failed
	Again   time.Time `json:"again,omitzero"`    // when it is tried again
}

// Pending is what waits for a person's approval, as one plan.
type Pending struct {
	Digest     string `json:"digest"`
	Count      int    `json:"count"`
	ApprovedBy string `json:"approved_by,omitempty"`
}

// Pause is a pause of repairs.
type Pause struct {
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
	By    string    `json:"by"`
}

// Config is the desired-state file that is in force.
type Config struct {
	Hash    string    `json:"hash"`
	Loaded  time.Time `json:"loaded"`
	OK      bool      `json:"ok"` // the file on the disk is the one in force
	Problem string    `json:"problem,omitempty"`
}

// Journal tells whether the record is being written.
type Journal struct {
	OK      bool      `json:"ok"`
	Since   time.Time `json:"since,omitzero"`
	Backlog int       `json:"backlog,omitempty"` // entries that wait to be written
	Lost    int       `json:"lost,omitempty"`
	Problem string    `json:"problem,omitempty"`
}
