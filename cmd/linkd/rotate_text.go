package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
)

// planned says what each turn is, before it is done.
var planned = map[rotate.What]string{
	rotate.Change: "gets a new key", rotate.Finish: "is finished: Azure gets the key that AWS has", rotate.Prove: "is waited for: its key was changed before",
}

// toldTurn is one turn and what became of it, as JSON shows it.
type toldTurn struct {
	turn        rotate.Turn
	Tunnel      string               `json:"tunnel"`
	What        rotate.What          `json:"what"`
	State       string               `json:"state"`
	Held        reconcile.HoldReason `json:"held,omitempty"`
	Text        string               `json:"text,omitempty"`
	Waits       string               `json:"waits,omitempty"` // what a cloud is still at, before its turn
	TookSeconds float64              `json:"took_seconds,omitempty"`
	// KeySet is when linkd or AWS made the key that it has, Due when the file wants
	// that replaced; absent: nobody noted it, the file says nothing.
	KeySet time.Time `json:"key_set,omitzero"`
	Due    time.Time `json:"due,omitzero"`
}

// toldTurns is what the command tells as its result.
type toldTurns struct {
	Turns []toldTurn `json:"turns"`
}

func newTold(turns []rotate.Turn) *toldTurns {
	all := &toldTurns{Turns: []toldTurn{}}
	for _, turn := range turns {
		one := toldTurn{turn: turn, Tunnel: turn.Name(), What: turn.What, State: "planned", Held: turn.Held, Text: turn.Text, Waits: turn.Waits, KeySet: turn.Age.Set, Due: turn.Age.Due}
		if turn.Held != reconcile.NotHeld {
			one.State = "held"
		}
		all.Turns = append(all.Turns, one)
	}
	return all
}

// ended notes how a turn ended.
func (t *toldTurns) ended(turn rotate.Turn, took time.Duration, err error) {
	at := slices.IndexFunc(t.Turns, func(one toldTurn) bool { return one.turn.Tunnel == turn.Tunnel && one.What == turn.What })
	if at < 0 { // the clouds have changed since it was planned
		t.Turns = append(t.Turns, toldTurn{turn: turn, Tunnel: turn.Name(), What: turn.What})
		at = len(t.Turns) - 1
	}
	one := &t.Turns[at]
	one.State, one.Waits, one.TookSeconds = "done", "", took.Round(time.Second).Seconds()
	one.KeySet, one.Due = turn.Age.Set, turn.Age.Due
	if held, is := errors.AsType[*rotate.Held](err); is {
		one.State, one.Held, one.Text = "held", held.Held, held.Text
	} else if err != nil {
		one.State, one.Text = "failed", err.Error()
	}
}

// summary counts.
func (t *toldTurns) summary() string {
	counts := map[string]int{}
	for _, one := range t.Turns {
		counts[one.State]++
	}
	return fmt.Sprintf("%d to do, %d done, %d failed, %d held", counts["planned"], counts["done"], counts["failed"], counts["held"])
}

// text shows the turns as a person reads them.
func (t *toldTurns) text() string {
	var text strings.Builder
	for _, one := range t.Turns {
		switch one.State {
		case "planned":
			fmt.Fprintf(&text, "~ %s  %s%s%s\n", one.Tunnel, planned[one.What], one.due(), waitsText(one.Waits))
		case "done":
			fmt.Fprintf(&text, "√ %s  up in both clouds with its new key, after %s\n", one.Tunnel, time.Duration(one.TookSeconds*float64(time.Second)))
		case "failed":
			fmt.Fprintf(&text, "✗ %s  %s\n", one.Tunnel, one.Text)
		case "held":
			fmt.Fprintf(&text, "= %s  held: %s%s\n", one.Tunnel, one.Text, one.due())
		}
	}
	return text.String() + "\n" + t.summary() + ".\n"
}

// waits is what a cloud is still at before the first turn that waits for it, or "".
func (t *toldTurns) waits() string {
	for _, one := range t.Turns {
		if one.Waits != "" {
			return one.Waits
		}
	}
	return ""
}

// due says when the file wants the key that a tunnel has replaced, or nothing.
func (t toldTurn) due() string {
	if t.Due.IsZero() {
		return ""
	}
	return "; the one that it has is due by the schedule at " + t.Due.UTC().Format(time.RFC3339)
}

func (t *toldTurns) show(p *program, output string) error {
	var err error
	if output == "json" {
		encoder := json.NewEncoder(p.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(t)
	} else {
		_, err = fmt.Fprint(p.out, t.text())
	}
	if err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the result: %w", err)}
	}
	return nil
}

// releases say what lets a turn be done that is held for a reason.
var releases = map[reconcile.HoldReason]string{
	reconcile.HeldLastPair: "with --approve it is done all the same: the link is down until both clouds have the new key",
	reconcile.HeldApproval: "approve it with --approve",
	reconcile.HeldWindow:   "wait for the window, or say --now",
	reconcile.HeldPolicy:   "the file's policy keeps linkd from changing keys",
	reconcile.HeldUnknown:  "linkd verify says how the link stands",
	reconcile.HeldPaused:   "linkd resume ends the pause",
	reconcile.HeldAudit:    "start linkd run without --audit",
	reconcile.HeldInFlight: "wait until it has ended: linkd status tells",
	reconcile.HeldLimits:   "raise policy.limits in the file",
}

// verdict turns what became of the turns into the exit code.
func (t *toldTurns) verdict(err error) error {
	if held, is := errors.AsType[*rotate.Held](err); is {
		return &verdict{code: exitFinding, err: err, hint: releases[held.Held]}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return &verdict{code: exitFinding, err: errors.New("cannot finish: it was stopped"), hint: "run the same command again"}
	case err != nil && slices.ContainsFunc([]resource.Reason{resource.SignIn, resource.Unreachable, resource.Denied}, func(r resource.Reason) bool { return resource.ReasonOf(err) == r }):
		return unchecked(err)
	case err != nil:
		return &verdict{code: exitFinding, err: err, hint: resource.HintOf(err)}
	}
	for _, one := range t.Turns {
		code := exitFinding
		if one.Held == reconcile.HeldUnknown {
			code = exitUnchecked
		}
		if one.State == "held" {
			return &verdict{code: code, err: &rotate.Held{Turn: one.turn}, hint: releases[one.Held]}
		}
	}
	return nil
}
