package resource

import (
	"errors"
	"fmt"
	"time"
)

// Reason sorts what a cloud refuses by what the engine does about it.
type Reason string

// The reasons for which a call fails.
const (
	Busy        Reason = "busy"        // another operation runs: wait, then repeat
	Throttled   Reason = "throttled"   // too many calls: slow down, then repeat
	Unreachable Reason = "unreachable" // no answer, or a server error: repeat, and treat a create as in doubt
	Denied      Reason = "denied"      // the credentials lack a permission: tell which
	SignIn      Reason = "sign-in"     // no or wrong credentials
	Quota       Reason = "quota"       // a limit of the account
	InUse       Reason = "in-use"      // something else refers to what would go: once that has changed, repeat
	Refused     Reason = "refused"     // the request itself is wrong here and stays so
	Nonsense    Reason = "nonsense"    // an answer that cannot be understood
)

// Problem is a failed call in words a person can act on. The adapters return
// it, wrapped or not, from every call.
type Problem struct {
	Reason Reason
	Action string // the cloud's name of the call: "ec2:CreateVpnConnection", "Microsoft.Network/vpnSites/write"
	Code   string // the cloud's own code
	Text   string // the cloud's own words, never with a key in them
	Hint   string // what to do next, or ""
	After  time.Duration
	Err    error // the SDK's error, for errors.As; never printed
}

// Error implements error: "ec2:CreateVpnConnection was denied: UnauthorizedOperation: …".
func (p *Problem) Error() string {
	verdict := map[Reason]string{
		Busy: "must wait", Throttled: "was throttled", Unreachable: "got no answer", Denied: "was denied",
		SignIn: "could not sign in", Quota: "met a limit", InUse: "was refused", Refused: "was refused", Nonsense: "got an answer that makes no sense",
	}[p.Reason]
	text := p.Text
	if p.Code != "" {
		text = fmt.Sprintf("%s: %s", p.Code, p.Text)
	}
	return fmt.Sprintf("%s %s: %s", p.Action, verdict, text)
}

// Unwrap returns the SDK's error.
func (p *Problem) Unwrap() error { return p.Err }

// ReasonOf returns the reason of the Problem in err's chain, or "".
func ReasonOf(err error) Reason {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Reason
	}
	return ""
}

// HintOf returns the outermost hint in err's chain, of a Problem or of
// [WithHint], or "".
func HintOf(err error) string {
	if h, ok := errors.AsType[*hinted](err); ok {
		return h.hint
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Hint
	}
	return ""
}

// WithHint says of an error that is no Problem what to do next.
func WithHint(err error, hint string) error { return &hinted{error: err, hint: hint} }

type hinted struct {
	error
	hint string
}

// Unwrap returns the error itself.
func (h *hinted) Unwrap() error { return h.error }
