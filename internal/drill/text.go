package drill

import (
	"fmt"
	"strings"
	"time"

	"linkd/internal/desired"
)

// Text is what a person reads of a drill, and of why it failed, or nil.
func (r Report) Text(failed error) string {
	var text strings.Builder
	if failed == nil {
		fmt.Fprintf(&text, "√ %s  was out of use for %s, and is up in both clouds\n", r.Tunnel, r.Out.Round(time.Second))
	} else if r.Tunnel != "" {
		fmt.Fprintf(&text, "✗ %s  %s\n", r.Tunnel, failed)
	}
	for _, g := range r.Gaps {
		switch {
		case g.Sent == 0:
			fmt.Fprintf(&text, "? %s → %s  not measured by %s: %s\n", g.From, g.To, g.by(), g.Why)
		case g.Lost == 0:
			fmt.Fprintf(&text, "√ %s → %s  lost none of %d, by %s\n", g.From, g.To, g.Sent, g.by())
		default:
			fmt.Fprintf(&text, "! %s → %s  lost %d of %d; nothing came back for %s at most, by %s\n", g.From, g.To, g.Lost, g.Sent, g.Silence.Round(10*time.Millisecond), g.by())
		}
	}
	if len(r.Gaps) == 0 && failed == nil {
		fmt.Fprintln(&text, "? what was lost was not measured: the file has no vantage that probes along the link")
	}
	return text.String()
}

// by names who measured.
func (g Gap) by() string {
	if g.Vantage == string(desired.AgentVantage) {
		return "its agent"
	}
	return "linkd"
}

// Line is the text of a drill that came to its end, in one line.
func (r Report) Line() string {
	return strings.ReplaceAll(strings.TrimSpace(r.Text(nil)), "\n", "; ")
}
