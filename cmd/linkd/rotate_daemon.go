package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/rotate"
)

// rotateByDaemon has the linkd that runs give new keys: it plans, the command
// shows and asks, and follows it until all is done. Ended in the middle, the
// command leaves that to it.
func (p *program) rotateByDaemon(ctx context.Context, r *rotating, client *control.Client) error {
	request := control.RotateRequest{
		ID: rand.Text(), Links: r.order.Links, Tunnels: r.order.Tunnels, Approve: r.approve, Now: r.now, DryRun: true,
	}
	turns, err := client.RotateKeys(ctx, request)
	if err != nil {
		return asked(err)
	}
	told := toldOf(turns)
	if !r.dryRun && !told.held() && len(turns) > 0 {
		if !r.yes {
			fmt.Fprint(p.err, told.text())
			if err := p.ask("Have the linkd that runs change these keys? Only 'yes' goes on: ", "yes"); err != nil {
				return err
			}
		}
		request.DryRun = false
		if turns, err = client.RotateKeys(ctx, request); err != nil {
			return asked(err)
		}
		if told = toldOf(turns); !told.held() && len(turns) > 0 {
			return p.followOrder(ctx, r, client, request.ID)
		}
	}
	if err := told.show(p, r.output.value); err != nil {
		return err
	}
	return told.verdict(nil)
}

// askOrder is how often the running linkd is asked how far an order is.
const askOrder = time.Second

// followOrder tells each turn of an order as it begins and ends, and reports.
func (p *program) followOrder(ctx context.Context, r *rotating, client *control.Client, id string) error {
	ctx, release := stoppable(ctx, func(string) {
		fmt.Fprintln(p.err, "The linkd that runs goes on with it; linkd status shows how far it is.")
	})
	defer release()
	said := map[string]bool{}
	for {
		status, err := client.Status(ctx)
		switch {
		case ctx.Err() != nil:
			return &verdict{code: exitFinding, err: errors.New("cannot wait any longer: the command was stopped")}
		case err != nil:
			return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot tell how the new keys stand: %w", err), hint: "the same command goes on with what was begun"}
		case status.Ordered == nil || status.Ordered.ID != id:
			return &verdict{code: exitUnchecked, err: errors.New("cannot tell how the new keys stand: the linkd that runs was started anew, or follows another order"), hint: "linkd history tells what was done; the same command goes on"}
		}
		if waits := status.Ordered.Waits; waits != "" && !said[waits] {
			said[waits] = true
			fmt.Fprintf(p.err, "%s: waiting until that has ended\n", waits)
		}
		for _, turn := range status.Ordered.Turns {
			p.sayTurn(turn, said)
		}
		if !status.Ordered.Ended.IsZero() {
			told := toldOf(status.Ordered.Turns)
			if err := told.show(p, r.output.value); err != nil {
				return err
			}
			return orderVerdict(*status.Ordered, told)
		}
		select {
		case <-time.After(askOrder):
		case <-ctx.Done():
		}
	}
}

// sayTurn tells of a turn what was not said of it before.
func (p *program) sayTurn(turn control.Turn, said map[string]bool) {
	one := turnOfControl(turn)
	begun, done := turn.State != control.TurnPlanned && turn.State != control.TurnHeld, turn.State == control.TurnDone
	if key := one.Name() + turn.What; begun && !said[key] {
		said[key] = true
		fmt.Fprintf(p.err, "%s: %s\n", one.Name(), one.What.Text())
	}
	if key := one.Name() + turn.What + "done"; done && !said[key] {
		said[key] = true
		fmt.Fprintf(p.err, "%s: up in both clouds with its new key\n", one.Name())
	}
}

// orderVerdict turns how an order ended into the exit code.
func orderVerdict(o control.Ordered, told *toldTurns) error {
	switch {
	case o.Problem == "", told.held(): // what is held is told by its turn
		return told.verdict(nil)
	case o.Unchecked:
		return &verdict{code: exitUnchecked, err: errors.New(o.Problem), hint: o.Hint}
	}
	return &verdict{code: exitFinding, err: errors.New(o.Problem), hint: o.Hint}
}

// turnOfControl is a turn as the running linkd tells it.
func turnOfControl(turn control.Turn) rotate.Turn {
	t := desired.Tunnel{Link: turn.Link, Instance: turn.Instance, Number: turn.Number}
	return rotate.Turn{
		Tunnel: t, What: rotate.What(turn.What), Held: reconcile.HoldReason(turn.Held), Text: turn.Text, Waits: turn.Waits,
		Age: rotate.Age{Tunnel: t, Set: turn.KeySet, Due: turn.KeyDue},
	}
}

// toldOf is what the command tells of turns of the running linkd.
func toldOf(turns []control.Turn) *toldTurns {
	plain := make([]rotate.Turn, len(turns))
	for i, turn := range turns {
		plain[i] = turnOfControl(turn)
	}
	told := newTold(plain)
	for i, turn := range turns {
		told.Turns[i].State, told.Turns[i].TookSeconds = turn.State, turn.Took
	}
	return told
}

// held reports whether a turn is.
func (t *toldTurns) held() bool {
	return slices.ContainsFunc(t.Turns, func(one toldTurn) bool { return one.State == "held" })
}
