package ground

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"
)

// Fault is a row: which requests it hits, and what it does to them. The JSON
// names are those of the admin endpoint.
type Fault struct {
	Cloud string `json:"cloud,omitempty"` // azure, aws; "": both
	// Operation is a pattern over operations, where * stands for anything:
	// "PUT virtualHubs", "LIST *", "POST virtualHubs/effectiveRoutes",
	// "CreateVpnConnection", "Describe*".
	Operation string `json:"operation,omitempty"`
	// Path is a pattern over the paths of requests, by which those to one
	// subscription of Azure are told: "/subscriptions/6666*".
	Path        string  `json:"path,omitempty"`
	Nth         int     `json:"nth,omitempty"`         // begins at the nth match; 0: at the first
	Count       int     `json:"count,omitempty"`       // hits so many; 0: all
	Probability float64 `json:"probability,omitempty"` // of a hit; 0: certain
	Effect      Effect  `json:"effect"`

	Status     int     `json:"status,omitempty"`      // of EffectStatus
	Code       string  `json:"code,omitempty"`        // of EffectStatus and EffectFail
	Message    string  `json:"message,omitempty"`     // likewise
	RetryAfter float64 `json:"retry_after,omitempty"` // seconds, of EffectStatus
	Stall      float64 `json:"stall,omitempty"`       // simulated seconds, of EffectStall
	Nonsense   string  `json:"nonsense,omitempty"`    // cut, garbage, empty
}

// Effect says what a fault does.
type Effect string

// The effects.
const (
	EffectStatus   Effect = "status"   // refused with Status, Code, Message and Retry-After
	EffectDeny     Effect = "deny"     // refused as a missing permission is
	EffectDrop     Effect = "drop"     // the connection is closed before anything is done
	EffectDie      Effect = "die"      // done, then the connection is closed without an answer
	EffectStall    Effect = "stall"    // done, and answered only after Stall
	EffectNonsense Effect = "nonsense" // done, and answered with a body that cannot be read
	EffectStale    Effect = "stale"    // an EC2 describe answers what was before the last change
	EffectFail     Effect = "fail"     // the operation is accepted, then fails with Code and Message
)

// Injected is what all the faults that hit a request want together. The
// simulator itself does Drop, Die, Stall and Nonsense; the halves see to the rest,
// each in its cloud's own words.
type Injected struct {
	Status     int // 0: not refused
	Code       string
	Message    string
	RetryAfter time.Duration // 0: none
	Deny       bool
	Stale      bool
	Fail       bool // accepted, then failed with FailCode and FailMessage
	FailCode   string
	FailText   string

	Drop, Die bool
	Stall     time.Duration
	Nonsense  string
}

type injectedKey struct{}

// WithInjected returns a context that carries what was injected.
func WithInjected(ctx context.Context, injected Injected) context.Context {
	return context.WithValue(ctx, injectedKey{}, injected)
}

// InjectedInto is what the faults want of the request with this context.
func InjectedInto(ctx context.Context) Injected {
	injected, _ := ctx.Value(injectedKey{}).(Injected)
	return injected
}

// Faults is the table of faults. The zero table injects nothing.
type Faults struct {
	rows   []*counted
	random *rand.Rand
}

type counted struct {
	Fault
	seen, hits int
}

// NewFaults makes a table; seed decides what probabilities come to.
func NewFaults(seed uint64, rows ...Fault) *Faults {
	f := &Faults{random: rand.New(rand.NewPCG(seed, seed^0x5eed))}
	f.Add(rows...)
	return f
}

// Add adds rows.
func (f *Faults) Add(rows ...Fault) {
	for _, row := range rows {
		f.rows = append(f.rows, &counted{Fault: row})
	}
}

// Clear takes all rows out.
func (f *Faults) Clear() { f.rows = nil }

// Match counts the request in each row and merges what the rows that hit it
// want. The simulator calls it once a request.
func (f *Faults) Match(cloud, operation, path string) Injected {
	var injected Injected
	for _, row := range f.rows {
		if row.hitBy(cloud, operation, path, f.random) {
			row.mergeInto(&injected)
		}
	}
	return injected
}

func (c *counted) hitBy(cloud, operation, path string, random *rand.Rand) bool {
	if c.Cloud != "" && c.Cloud != cloud || c.Operation != "" && !Glob(c.Operation, operation) || c.Path != "" && !Glob(c.Path, path) {
		return false
	}
	c.seen++
	if c.seen < c.Nth || c.Count > 0 && c.hits >= c.Count {
		return false
	}
	if c.Probability > 0 && random.Float64() >= c.Probability {
		return false
	}
	c.hits++
	return true
}

func (c *counted) mergeInto(injected *Injected) {
	switch c.Effect {
	case EffectStatus:
		injected.Status, injected.Code, injected.Message = c.Status, c.Code, c.Message
		injected.RetryAfter = seconds(c.RetryAfter)
	case EffectFail:
		injected.Fail, injected.FailCode, injected.FailText = true, c.Code, c.Message
	case EffectDeny:
		injected.Deny = true
	case EffectDrop:
		injected.Drop = true
	case EffectDie:
		injected.Die = true
	case EffectStall:
		injected.Stall += seconds(c.Stall)
	case EffectNonsense:
		injected.Nonsense = c.Nonsense
	case EffectStale:
		injected.Stale = true
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Glob says whether name matches pattern, where * stands for any run of
// characters, also of slashes; case does not matter.
func Glob(pattern, name string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	name = strings.ToLower(name)
	if len(parts) == 1 {
		return parts[0] == name
	}
	rest, begins := strings.CutPrefix(name, parts[0])
	if !begins {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[last])
}
