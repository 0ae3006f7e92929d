package daemon

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/metrics"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// errReloaded ends the looks and repairs of a file that is no longer in force.
var errReloaded = errors.New("another file has come into force")

// begin brings the file into force for the first time.
func (d *Daemon) begin(ctx context.Context) error {
	content, err := os.ReadFile(d.Path)
	if err != nil {
		return fmt.Errorf("cannot read the desired-state file: %w", err)
	}
	file, engine, err := d.prepare(ctx, content)
	if err != nil {
		return err
	}
	d.obey(ctx, content, file, engine)
	return nil
}

// prepare makes an engine of a file's content.
func (d *Daemon) prepare(ctx context.Context, content []byte) (*desired.File, *reconcile.Engine, error) {
	file, err := desired.Parse(d.Path, content)
	if err != nil {
		return nil, nil, err
	}
	engine, err := d.Open(ctx, file, func(call metrics.Call) { d.Metrics.Called(call) })
	if err != nil {
		return nil, nil, err
	}
	return file, engine, nil
}

// obey brings a file into force. What ran for the one before is ended.
func (d *Daemon) obey(ctx context.Context, content []byte, file *desired.File, engine *reconcile.Engine) {
	now := time.Now()
	d.renew, d.judged = false, d.judged && d.config.Hash == hashOf(content)
	if d.current.cancel != nil {
		d.current.cancel(errReloaded)
	}
	d.wanted, d.waiting = append(d.wanted, d.waiting...), nil // the audit that ran is of no use any more
	engine.Listen = d.listen(engine)
	if d.current.engine != nil {
		engine.Succeed(d.current.engine)
	}
	own, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	d.current = inForce{generation: d.current.generation + 1, file: file, engine: engine, ctx: own, cancel: cancel}
	d.book.keep(engine.Graph)
	d.config = control.Config{Hash: hashOf(content), Loaded: now, OK: true}
	d.audit.name, d.tunnels.name, d.survey.name = "audit", "tunnels", "survey"
	d.audit.since, d.tunnels.since, d.survey.since = time.Time{}, time.Time{}, time.Time{}
	d.survey.wanted = true
	zone, err := file.Schedule.Zone()
	if err != nil {
		zone = time.UTC // validation refuses such a file
	}
	d.audit.follow(file.Schedule.Audit, zone, time.Duration(file.Schedule.Jitter), now)
	d.tunnels.follow(file.Schedule.Tunnels, zone, time.Duration(file.Schedule.Jitter), now)
	d.survey.follow(file.Schedule.Survey, zone, time.Duration(file.Schedule.Jitter), now)
	d.polled = now
	if w := d.watch.Load(); w != nil {
		w.Follow(file) //nolint:contextcheck // probes live as long as the daemon, and not as the file
	}
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// followFile looks whether the file has changed, and reloads it then.
func (d *Daemon) followFile(ctx context.Context) {
	content, err := os.ReadFile(d.Path)
	switch {
	case err != nil:
		d.tried = ""
		_ = d.refuseFile(fmt.Errorf("cannot read the desired-state file: %w", err), "") // it tells by itself
	case hashOf(content) == d.config.Hash:
		if !d.config.OK {
			d.config.OK, d.config.Problem, d.tried = true, "", ""
			d.record(journal.Entry{Event: journal.Reloaded, Text: "the file is again the one that is in force"})
			d.publish()
		}
	case hashOf(content) != d.tried:
		_, _ = d.reload(ctx, "", false) // it tells by itself
	}
}

// reload brings the file as it stands now into force. A bad one keeps the old
// one, and says so. By is who asked, or "" when the file itself has changed.
func (d *Daemon) reload(ctx context.Context, by string, force bool) (string, error) {
	d.told(d.Notify.Reloading())
	defer d.tellSystemd()
	content, err := os.ReadFile(d.Path)
	if err != nil {
		return "", d.refuseFile(fmt.Errorf("cannot read the desired-state file: %w", err), by)
	}
	if hashOf(content) == d.config.Hash && !force && d.busy() {
		d.renew, d.renewBy = true, by
		return "The file is as it was: what it names is read anew once what runs has ended.", nil
	}
	d.renew, d.tried = false, hashOf(content)
	file, engine, err := d.prepare(ctx, content)
	if err == nil {
		err = d.admits(file, engine, force)
	}
	if err != nil {
		return "", d.refuseFile(err, by)
	}
	d.obey(ctx, content, file, engine)
	d.Metrics.Reloaded(true)
	d.record(journal.Entry{Event: journal.Reloaded, By: by, Text: d.describe()})
	d.publish()
	d.again = true
	return "Reloaded: " + d.describe() + ". An audit begins now.", nil
}

// busy reports whether anything runs that a reload would end.
func (d *Daemon) busy() bool {
	return d.audit.runs() || d.tunnels.runs() || len(d.repairs) > 0 || d.keys.rotation != nil || d.drills.running != nil
}

// refuseFile keeps the old file in force and tells why, once a reason.
func (d *Daemon) refuseFile(err error, by string) error {
	if by == "" && d.config.Problem == err.Error() {
		return err
	}
	d.config.OK, d.config.Problem = false, err.Error()
	d.Metrics.Reloaded(false)
	d.record(journal.Entry{Event: journal.ReloadFailed, By: by, Text: "the file before stays in force: " + err.Error()})
	d.publish()
	return &control.Refusal{
		Text: "cannot reload: " + err.Error(),
		Hint: cmp.Or(resource.HintOf(err), "the file before stays in force; linkd validate names every problem"),
	}
}

// mostGone is how many percent of the resources a reload may take out of the
// file, where its limits say nothing.
const mostGone = 20

// admits refuses a file that is of other accounts, for its state is kept
// elsewhere, and one that has lost so much that it is more likely a mistake,
// unless a person forces it.
func (d *Daemon) admits(file *desired.File, engine *reconcile.Engine, force bool) error {
	before := d.current.file
	if file.Owner != before.Owner || file.AWS.Account != before.AWS.Account || file.Azure.Subscription != before.Azure.Subscription {
		return resource.WithHint(errors.New("the file has another owner, account or subscription"), "restart linkd for that")
	}
	gone, all := 0, d.current.engine.Graph.Order()
	for _, id := range all {
		if engine.Graph.Resource(id) == nil {
			gone++
		}
	}
	limits := before.Policy.Limits
	most := mostGone
	if limits.Percent > 0 {
		most = limits.Percent
	}
	if 100*gone > most*len(all) && !force {
		return resource.WithHint(
			fmt.Errorf("the file lacks %d of the %d resources that the one before has, more than %d percent", gone, len(all), most),
			"if that is meant: linkd reload --force; nothing of them is deleted, and linkd keeps them no longer")
	}
	return nil
}
