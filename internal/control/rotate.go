package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// RotateRequest is an order of new keys, as the body of a POST.
type RotateRequest struct {
	// ID names the order, for who asks how far it is. The same order given twice is
	// one.
	ID      string   `json:"id"`
	Links   []string `json:"links,omitempty"`   // by name; none: all whose keys AWS makes
	Tunnels []int    `json:"tunnels,omitempty"` // by their number in their AWS connection; none: all
	// Approve and Now are a person's word: also what waits for approval, and outside
	// of the maintenance windows.
	Approve bool `json:"approve,omitempty"`
	Now     bool `json:"now,omitempty"`
	DryRun  bool `json:"dry_run,omitempty"` // only tell the turns
}

// Turn is what is done about the key of one tunnel.
type Turn struct {
	Link     string    `json:"link"`
	Instance int       `json:"instance"`
	Number   int       `json:"number"`
	What     string    `json:"what"`           // change, finish or prove
	State    string    `json:"state"`          // planned, running, done, failed or held
	Held     string    `json:"held,omitempty"` // why it must not be done, in a word
	Text     string    `json:"text,omitempty"`
	Waits    string    `json:"waits,omitempty"` // what is waited for before its turn, as a clause
	Took     float64   `json:"took_seconds,omitempty"`
	KeySet   time.Time `json:"key_set,omitzero"`
	KeyDue   time.Time `json:"key_due,omitzero"`
}

// The states of a Turn.
const (
	TurnPlanned = "planned"
	TurnRunning = "running"
	TurnDone    = "done"
	TurnFailed  = "failed"
	TurnHeld    = "held"
)

// Ordered is the last order of new keys, and how far it is.
type Ordered struct {
	ID    string    `json:"id"`
	By    string    `json:"by"`
	Since time.Time `json:"since"`
	Ended time.Time `json:"ended,omitzero"` // zero: it is not
	Turns []Turn    `json:"turns"`
	Waits string    `json:"waits,omitempty"` // what it waits for now, as a clause
	// Problem is why it ended early, or ""; Hint what to do then. Unchecked says that
	// a cloud could not be asked.
	Problem   string `json:"problem,omitempty"`
	Hint      string `json:"hint,omitempty"`
	Unchecked bool   `json:"unchecked,omitempty"`
}

// RotateKeys orders new keys, and returns the turns that the order comes to. It
// is not begun when there are none, or one is held; else it is under way when this
// returns, and the status tells how far.
func (c *Client) RotateKeys(ctx context.Context, request RotateRequest) ([]Turn, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("cannot write the request: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var answer Answer
	err = c.ask(ctx, http.MethodPost, "/v1/rotate-keys", body, &answer)
	return answer.Turns, err
}
