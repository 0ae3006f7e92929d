package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// DrillRequest is an order of a drill, as the body of a POST.
type DrillRequest struct {
	// ID names the order, for who asks how far it is. The same order given twice is
	// one.
	ID     string `json:"id"`
	Link   string `json:"link"`
	Tunnel string `json:"tunnel,omitempty"` // by name; "": the first of the link
	// Approve and Now are a person's word: also where a rule wants approval, and
	// outside of the maintenance windows.
	Approve bool `json:"approve,omitempty"`
	Now     bool `json:"now,omitempty"`
	DryRun  bool `json:"dry_run,omitempty"` // only tell whether it may be done
}

// Drill is the last drill of a link: how far it is, and what it has shown.
type Drill struct {
	ID     string    `json:"id,omitempty"` // of the order; "": it was made without a running linkd
	By     string    `json:"by,omitempty"`
	Link   string    `json:"link"`
	Tunnel string    `json:"tunnel"`
	State  string    `json:"state"` // planned, running, done, failed, held or stopped
	Began  time.Time `json:"began,omitzero"`
	Ended  time.Time `json:"ended,omitzero"` // zero: it is not
	// LastDone is when the last drill of the link began that was done; absent: none is known.
	LastDone time.Time `json:"last_done,omitzero"`
	Steps    []string  `json:"steps,omitempty"`

	Held string `json:"held,omitempty"` // why it must not be made, in a word
	// Problem is why it is held, or ended early, in a sentence, or ""; Hint what to
	// do then.
	Problem string `json:"problem,omitempty"`
	Hint    string `json:"hint,omitempty"`

	// OutSeconds is for how long the tunnel was out of use; 0: it was not seen up
	// again, or never taken down.
	OutSeconds float64     `json:"out_seconds"`
	Pairs      []DrillPair `json:"pairs"` // none: nothing was measured
}

// DrillPair is what was lost of the echoes from one place to another.
type DrillPair struct {
	From           string  `json:"from"`
	To             string  `json:"to"`
	Vantage        string  `json:"vantage"` // who sent: local, or agent
	Sent           int     `json:"sent"`
	Lost           int     `json:"lost"`
	SilenceSeconds float64 `json:"longest_silence_seconds"`
	Why            string  `json:"why,omitempty"` // what kept echoes from being sent
}

// The states of a Drill.
const (
	DrillPlanned = "planned"
	DrillRunning = "running"
	DrillDone    = "done"    // the tunnel was taken down, and is up again
	DrillFailed  = "failed"  // it was not taken down, or was not seen up again
	DrillHeld    = "held"    // it must not be made
	DrillStopped = "stopped" // by a pause, another file or the end of linkd
)

// Drill orders a drill, and returns what it comes to. It is not begun when it is
// held; else it is under way when this returns, and the status tells how far.
func (c *Client) Drill(ctx context.Context, request DrillRequest) (Drill, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return Drill{}, fmt.Errorf("cannot write the request: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var answer Answer
	if err = c.ask(ctx, http.MethodPost, "/v1/drill", body, &answer); err != nil {
		return Drill{}, err
	}
	if answer.Drill == nil {
		return Drill{}, &Absent{errors.New("it does not answer as linkd does")}
	}
	return *answer.Drill, nil
}
