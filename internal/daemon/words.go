package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"linkd/internal/control"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
)

// The daemon takes the words of package control. Each is done by the loop.
var _ control.Daemon = (*Daemon)(nil)

// errPaused ends the repairs that run when a person pauses.
var errPaused = errors.New("repairs were paused")

// longestPause keeps a pause from being forgotten for ever.
const longestPause = 30 * 24 * time.Hour

// Status implements [control.Daemon].
func (d *Daemon) Status(ctx context.Context) (control.Status, error) {
	var status control.Status
	err := d.post(ctx, func() { status = d.status(time.Now()) })
	return status, err
}

// Audit implements [control.Daemon]: an audit begins at once, or as soon as
// the one that runs has ended. Who waits is answered when it has ended, and
// what it found is in the status.
func (d *Daemon) Audit(ctx context.Context, by string, wait bool) (string, error) {
	ended := make(chan struct{})
	if err := d.post(ctx, func() {
		d.again = true
		d.wanted = append(d.wanted, ended)
		d.Log.Info("an audit was asked for", "by", by)
	}); err != nil {
		return "", err
	}
	if !wait {
		return "An audit begins now.", nil
	}
	select {
	case <-ended:
		return "The audit has ended.", nil
	case <-ctx.Done():
		return "", fmt.Errorf("cannot wait for the audit any longer: %w", context.Cause(ctx))
	}
}

// Reload implements [control.Daemon]. Forced, it takes also a file that has
// lost much.
func (d *Daemon) Reload(ctx context.Context, by string, force bool) (text string, err error) {
	posted := d.post(ctx, func() { text, err = d.reload(ctx, by, force) })
	return text, errors.Join(posted, err)
}

// Pause implements [control.Daemon]: nothing more is written until it ends.
// What a cloud has accepted goes on.
func (d *Daemon) Pause(ctx context.Context, by string, span time.Duration, why string) (text string, err error) {
	switch {
	case span <= 0 || span > longestPause:
		return "", &control.Refusal{Text: fmt.Sprintf("cannot pause for %s", span), Hint: fmt.Sprintf("say for how long, up to %dh: --for 2h", int(longestPause.Hours()))}
	case strings.TrimSpace(why) == "":
		return "", &control.Refusal{Text: "cannot pause without a reason", Hint: "say why, for whoever looks at night: --why \"…\""}
	}
	posted := d.post(ctx, func() {
		until := time.Now().Add(span)
		d.said.Pause = &pause{Until: until, Why: why, By: by}
		saveErr := d.said.save() // a pause holds all the same: somebody needs it now
		stands := d.interrupt()
		told := fmt.Sprintf("paused until %s: %s", until.UTC().Format(time.RFC3339), why)
		if stands != "" {
			told = strings.TrimRight(told, ".") + "." + stands
		}
		d.record(journal.Entry{Event: journal.Paused, By: by, Text: told})
		d.again = true
		d.publish()
		text = "Nothing is repaired until " + until.Format(time.RFC3339) + ". Audits go on." + stands
		if saveErr != nil {
			d.Log.Error("the pause would not survive a restart", "error", saveErr)
			text += " It would not survive a restart: " + saveErr.Error() + "."
		}
	})
	return text, errors.Join(posted, err)
}

// Resume implements [control.Daemon].
func (d *Daemon) Resume(ctx context.Context, by string) (text string, err error) {
	posted := d.post(ctx, func() {
		if d.said.Pause == nil {
			err = &control.Refusal{Text: "cannot resume: nothing is paused"}
			return
		}
		d.said.Pause = nil
		saveErr := d.said.save() // repairs go on all the same: somebody wants them now
		d.record(journal.Entry{Event: journal.Resumed, By: by, Text: "resumed before the pause had ended"})
		d.again = true
		d.publish()
		text = "Repairs go on; an audit begins now."
		if saveErr != nil {
			d.Log.Error("the pause would be back after a restart", "error", saveErr)
			text += " The pause would be back after a restart: " + saveErr.Error() + "."
		}
	})
	return text, errors.Join(posted, err)
}

// Approve implements [control.Daemon]. It is taken only for what is pending
// at this moment: a plan that has changed since it was read is another one.
func (d *Daemon) Approve(ctx context.Context, by, digest string, now bool) (text string, err error) {
	posted := d.post(ctx, func() {
		pending := d.plan.Digest()
		if digest == "" || digest != pending {
			d.record(journal.Entry{Event: journal.Refused, By: by, Digest: digest, Text: "an approval names another plan than what is pending"})
			err = &control.Refusal{Text: "cannot approve " + digest + ": nothing of that digest is pending", Hint: whatPends(pending)}
			return
		}
		at := time.Now()
		if d.said.Approvals == nil {
			d.said.Approvals = map[string]approval{}
		}
		waiting := d.plan.Waiting()
		d.said.Approvals[digest] = approval{By: by, At: at, Until: at.Add(approvalLasts), Now: now, Of: reconcile.DifferencesOf(waiting)}
		if err = d.said.save(); err != nil {
			delete(d.said.Approvals, digest)
			return
		}
		entries := make([]journal.Entry, len(waiting))
		for i, w := range waiting {
			entries[i] = EntryOf(d.current.file, journal.Approved, w, "")
			entries[i].By, entries[i].Digest = by, digest
		}
		d.record(entries...)
		d.again = true
		text = fmt.Sprintf("Approved: %s. What is approved is mended after the next look, which begins now", counted(len(waiting), "difference"))
		if open, opens := d.current.file.WindowAt(at); !open && !now {
			text += "; what interrupts traffic waits for the window at " + opens.Format(time.RFC3339)
		}
		text += "."
	})
	return text, errors.Join(posted, err)
}

func whatPends(digest string) string {
	if digest == "" {
		return "nothing waits for approval now; linkd drift shows what stands"
	}
	return "what waits now is " + digest + "; linkd drift shows it"
}

// keepSaid saves what was said, and is loud when it cannot.
func (d *Daemon) keepSaid() {
	if err := d.said.save(); err != nil {
		d.Log.Error("what was said cannot be kept", "error", err)
	}
}
