package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"linkd/internal/control"
	"linkd/internal/drill"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// drillByDaemon has the linkd that runs make the drill: it says whether that may be
// done, the command asks, and follows it to its end. Ended in the middle, the command
// leaves it to that.
func (p *program) drillByDaemon(ctx context.Context, d *drilling, client *control.Client) error {
	request := control.DrillRequest{
		ID: rand.Text(), Link: d.order.Link, Tunnel: d.order.Tunnel, Approve: d.approve, Now: d.now, DryRun: true,
	}
	told, err := client.Drill(ctx, request)
	switch {
	case err != nil:
		return asked(err)
	case told.State == control.DrillHeld:
		return refusedDrill(refusalOf(told))
	case d.dryRun:
		return p.mayDrill(told.Tunnel)
	case !d.yes:
		if err := p.ask("Have the linkd that runs take "+told.Tunnel+" down for some minutes? Only 'yes' goes on: ", "yes"); err != nil {
			return err
		}
	}
	request.DryRun = false
	told, err = client.Drill(ctx, request)
	switch {
	case err != nil:
		return asked(err)
	case told.State == control.DrillHeld:
		return refusedDrill(refusalOf(told))
	}
	return p.followDrill(ctx, d, client, request)
}

// followDrill tells each step of a drill of the linkd that runs, and reports.
func (p *program) followDrill(ctx context.Context, d *drilling, client *control.Client, request control.DrillRequest) error {
	ctx, release := stoppable(ctx, func(string) {
		fmt.Fprintln(p.err, "The linkd that runs goes on with it; linkd status tells how it ends.")
	})
	defer release()
	said := 0
	for {
		status, err := client.Status(ctx)
		told := drillOf(status, request.ID)
		switch {
		case ctx.Err() != nil:
			return &verdict{code: exitFinding, err: errors.New("cannot wait any longer: the command was stopped")}
		case err != nil:
			return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot tell how the drill stands: %w", err), hint: "linkd history tells what was done; AWS brings the tunnel back in any case"}
		case told == nil:
			return &verdict{code: exitUnchecked, err: errors.New("cannot tell how the drill stands: the linkd that runs tells of another"), hint: "linkd history tells what was done"}
		}
		for ; said < len(told.Steps); said++ {
			fmt.Fprintln(p.err, told.Steps[said])
		}
		if !told.Ended.IsZero() {
			report, failed := reportOf(*told)
			return p.drillEnded(report, failed, d.output.value)
		}
		select {
		case <-time.After(askOrder):
		case <-ctx.Done():
		}
	}
}

// drillOf finds the drill of an order, or nil.
func drillOf(status control.Status, id string) *control.Drill {
	for _, told := range status.Drills {
		if told.ID == id {
			return &told
		}
	}
	return nil
}

// refusalOf is why the running linkd does not make a drill, as the drill itself tells it.
func refusalOf(told control.Drill) *drill.Refused {
	return &drill.Refused{Tunnel: told.Tunnel, Held: reconcile.HoldReason(told.Held), Text: told.Problem}
}

// reportOf is what the running linkd tells of a drill as the drill itself tells it, and
// why it ended early, or nil.
func reportOf(told control.Drill) (report drill.Report, failed error) {
	report = drill.Report{Link: told.Link, Tunnel: told.Tunnel, Began: told.Began, Out: seconds(told.OutSeconds)}
	for _, p := range told.Pairs {
		report.Gaps = append(report.Gaps, drill.Gap{From: p.From, To: p.To, Vantage: p.Vantage, Sent: p.Sent, Lost: p.Lost, Silence: seconds(p.SilenceSeconds), Why: p.Why})
	}
	switch told.State {
	case control.DrillDone:
	case control.DrillHeld:
		failed = refusalOf(told)
	case control.DrillStopped:
		failed = resource.WithHint(errors.New("cannot finish: "+told.Problem), told.Hint)
	default:
		failed = resource.WithHint(errors.New(told.Problem), told.Hint)
	}
	return report, failed
}
