package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"linkd/internal/durable"
	"linkd/internal/reconcile"
)

// said is what people have said to linkd and what must survive a restart: a
// pause, and approvals. It is one small file of the state folder.
type said struct {
	path string

	Pause     *pause              `json:"pause,omitempty"`
	Approvals map[string]approval `json:"approvals,omitempty"`
}

type pause struct {
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
	By    string    `json:"by"`
}

type approval struct {
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
	Now   bool      `json:"now,omitempty"`
	// Of is what was approved. When nothing of it stands any more, the approval
	// has lapsed.
	Of []reconcile.Difference `json:"of,omitempty"`
}

// approvalLasts is how long an approval waits for its plan: over a weekend, so
// that one can be given before a maintenance window.
const approvalLasts = 7 * 24 * time.Hour

// openSaid reads the file, or begins without one. What cannot be read is an
// error, for a pause may stand in it.
func openSaid(folder string) (*said, error) {
	s := &said{path: filepath.Join(folder, "said.json")}
	text, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case err != nil:
		return nil, fmt.Errorf("cannot read what was said before: %w", err)
	}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("cannot read what was said before in %s: %w", s.path, err)
	}
	return s, nil
}

// save replaces the file.
func (s *said) save() error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot keep what was said: %w", err)
	}
	if err := durable.Replace(s.path, text); err != nil {
		return fmt.Errorf("cannot keep what was said: %w", err)
	}
	return nil
}

// paused says in a sentence that repairs are paused, or "".
func (s *said) paused(now time.Time) string {
	if s.Pause == nil || !now.Before(s.Pause.Until) {
		return ""
	}
	return fmt.Sprintf("paused by %s until %s: %s", s.Pause.By, s.Pause.Until.UTC().Format(time.RFC3339), s.Pause.Why)
}

// expire drops what has ended, and reports whether a pause has.
func (s *said) expire(now time.Time) (resumed bool) {
	if s.Pause != nil && !now.Before(s.Pause.Until) {
		s.Pause, resumed = nil, true
	}
	for digest, a := range s.Approvals {
		if !now.Before(a.Until) {
			delete(s.Approvals, digest)
		}
	}
	return resumed
}

// lapse drops the approvals of which nothing stands any more, and reports
// whether there were any: what comes again needs another.
func (s *said) lapse(stands func(reconcile.Difference) bool) (lapsed bool) {
	for digest, a := range s.Approvals {
		if len(a.Of) > 0 && !slices.ContainsFunc(a.Of, stands) {
			delete(s.Approvals, digest)
			lapsed = true
		}
	}
	return lapsed
}

// approvals are those that count now, as the engine takes them.
func (s *said) approvals(now time.Time) map[string]reconcile.Approval {
	standing := map[string]reconcile.Approval{}
	for digest, a := range s.Approvals {
		if now.Before(a.Until) {
			standing[digest] = reconcile.Approval{By: a.By, Now: a.Now}
		}
	}
	return standing
}

// ends is when the pause ends, or zero.
func (s *said) ends() time.Time {
	if s.Pause == nil {
		return time.Time{}
	}
	return s.Pause.Until
}

// Paused says who paused the linkd of a state folder, and why, or is "" when nobody
// has at this moment.
func Paused(folder string, now time.Time) (string, error) {
	s, err := openSaid(folder)
	if err != nil || s.Pause == nil || !now.Before(s.Pause.Until) {
		return "", err
	}
	return s.Pause.By + " paused repairs until " + s.Pause.Until.Format(time.RFC3339) + ": " + s.Pause.Why, nil
}
