package identity

import (
	"fmt"
	"strings"
	"time"
)

// Unfit says why a certificate is of no use, and what to do. It holds nothing
// that changes from one try to the next, so that one reason is one text.
type Unfit struct{ Text, Hint string }

// Error implements error.
func (u *Unfit) Error() string { return u.Text }

// Describe names the holder with its role: "agent vm-jpe".
func (w Who) Describe() string { return fmt.Sprintf("%s %s", w.Role, w.Name) }

// Machine says on which machine the holder is. An agent has the name of its
// own; a daemon's name is that of its certificate alone.
func (w Who) Machine() string {
	if w.Role == Agent {
		return w.Name
	}
	return "the machine where " + w.Describe() + " runs"
}

// Clock is another end's clock: whose it is, and how far it is ahead.
type Clock struct {
	Of    string
	Ahead time.Duration
}

// Wrong says why a certificate is not valid now by the clock of this end, which
// is called here, or returns nil. Where it is valid by the other's clock, one of
// the two is wrong, and no certificate.
func (w Who) Wrong(now time.Time, here string, other Clock) *Unfit {
	u := &Unfit{}
	switch {
	case now.After(w.Until):
		u.Text = fmt.Sprintf("the certificate of %s ended on %s", w.Describe(), stamp(w.Until))
		u.Hint = fmt.Sprintf("make a new one, %s, and put it and its key in place on %s: they are read anew for each connection", renewal(w), w.Machine())
	case now.Before(w.From):
		u.Text = fmt.Sprintf("the certificate of %s begins only on %s", w.Describe(), stamp(w.From))
		u.Hint = "the clock by which it was made was ahead, or those of both ends are behind: set them by NTP, then make it anew: " + renewal(w)
	default:
		return nil
	}
	if theirs := now.Add(other.Ahead); !theirs.After(w.Until) && !theirs.Before(w.From) {
		u.Text += fmt.Sprintf(", and by the clock of %s, %s that of %s, it is valid: one of the two clocks is wrong", other.Of, apart(other.Ahead), here)
		u.Hint = fmt.Sprintf("compare date -u on both machines, %s and %s, and set the clock that is wrong by NTP", here, other.Of)
	}
	return u
}

// renewal is the command that makes a holder's certificate anew.
func renewal(w Who) string {
	command := "linkd agent certificate for " + w.Name
	if w.Role == Daemon {
		command += " --daemon"
	}
	if len(w.Allow) > 0 {
		var prefixes []string
		for _, prefix := range w.Allow {
			prefixes = append(prefixes, prefix.String())
		}
		command += " --allow " + strings.Join(prefixes, ",")
	}
	return command + " --force"
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// apart says how far a clock is off: "26h0m0s ahead of". What was measured
// varies by some milliseconds, so that it is rounded.
func apart(offset time.Duration) string {
	round := time.Second
	if offset.Abs() > time.Minute {
		round = time.Minute
	}
	if offset < 0 {
		return offset.Abs().Round(round).String() + " behind"
	}
	return offset.Round(round).String() + " ahead of"
}
