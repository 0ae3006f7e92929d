package desired

import "time"

// Where linkd itself sends from, beside the name of a target.
const (
	LocalNone    = "none"    // nowhere: it sends nothing
	LocalOutside = "outside" // from where it runs, on none of the targets
)

// AgentDialsIn says that the agent of a target dials linkd.
const AgentDialsIn = "dials-in"

// VantageKind is what sends at a vantage.
type VantageKind string

// The kinds of vantages that probe all the time.
const (
	LocalVantage VantageKind = "local" // linkd itself
	AgentVantage VantageKind = "agent" // a linkd agent on a test machine
)

// LocalName is the name of linkd's own vantage when it stands on no target.
const LocalName = "local"

// Vantage is from where targets are probed, and which.
type Vantage struct {
	Name string // of the target that it stands on, or LocalName
	Kind VantageKind
	// Dial is the address at which the agent listens; "": it dials in.
	Dial    string
	Targets []Target
}

// Vantages lists linkd's own vantage, unless there is none, and that of each
// agent, in file order. One that stands on a target probes those of all other
// networks that the file joins to its own; one that stands outside probes all.
func (f *File) Vantages() []Vantage {
	var all []Vantage
	switch here := f.TargetNamed(f.Probes.Local); {
	case here != nil:
		all = append(all, Vantage{Name: here.Name, Kind: LocalVantage, Targets: f.elsewhere(*here)})
	case f.Probes.Local == LocalOutside && len(f.Probes.Targets) > 0:
		all = append(all, Vantage{Name: LocalName, Kind: LocalVantage, Targets: f.Probes.Targets})
	}
	for _, target := range f.Probes.Targets {
		if target.Agent == "" {
			continue
		}
		v := Vantage{Name: target.Name, Kind: AgentVantage, Targets: f.elsewhere(target)}
		if target.Agent != AgentDialsIn {
			v.Dial = target.Agent
		}
		all = append(all, v)
	}
	return all
}

// elsewhere lists the targets of other networks than that of one that are meant to
// be reached from there.
func (f *File) elsewhere(here Target) []Target {
	var others []Target
	for _, target := range f.Probes.Targets {
		if (target.VNet != here.VNet || target.VPC != here.VPC) && f.Unjoined(here.VNet+here.VPC, target.VNet+target.VPC) == "" {
			others = append(others, target)
		}
	}
	return others
}

// TargetNamed returns the target called name, or nil.
func (f *File) TargetNamed(name string) *Target {
	for _, target := range f.targets() {
		if target.Name == name {
			return target
		}
	}
	return nil
}

// longestTimeout is the longest that a prober waits for one answer.
const longestTimeout = 10 * time.Second

// Wait is how long an answer may take: the timeout, and never more than ten
// seconds.
func (p Probes) Wait() time.Duration { return min(time.Duration(p.Timeout), longestTimeout) }
