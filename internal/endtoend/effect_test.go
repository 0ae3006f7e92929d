package endtoend

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/path"
	"linkd/internal/reconcile"
	"linkd/internal/sim/catalogue"
	"linkd/internal/survey"
)

// TestAPlanForetellsWhatItsRepairReaches plays every entry of the catalogue. What
// the plan says of each pair of networks is what becomes of their echoes once
// it is carried out; under report, nothing is said to change.
func TestAPlanForetellsWhatItsRepairReaches(t *testing.T) {
	t.Parallel()
	for i, entry := range catalogue.Entries() {
		if testing.Short() && i%8 != 3 {
			continue
		}
		t.Run(entry.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, instant)
				l.vary(entry.File)
				l.file.Policy = everything
				if entry.File == catalogue.AsItIs {
					l.mustForetell("of the build")
				} else {
					l.mustBuild()
				}
				time.Sleep(time.Hour)
				l.do(entry.Do)
				time.Sleep(10 * time.Minute)
				l.file.Policy = desired.Policy{Default: desired.Report}
				if changes, _, _ := l.foretold(); len(changes) > 0 {
					t.Errorf("under report it foretells %v", changes)
				}
				l.file.Policy = everything
				if !entry.Tries { // then the plan hopes for what does not come
					l.mustForetell(entry.Name)
				}
			})
		})
	}
}

// foretold is what the plan of now changes, and what it leaves of each pair.
func (l *lab) foretold() ([]path.Change, map[[2]string]path.Verdict, *path.Model) {
	l.Helper()
	engine := l.engine(l.Context())
	plan, world := engine.Plan(l.Context())
	now := time.Now()
	after := path.Settle(l.file, world, reconcile.After(engine.Graph, l.file, world, plan), now)
	before, foretold := path.New(l.file, world, survey.Survey{}, now), path.New(l.file, after, survey.Survey{}, now)
	changes, _ := path.Compare(before, foretold)
	verdicts := map[[2]string]path.Verdict{}
	for _, pair := range foretold.Pairs() {
		verdicts[[2]string{pair.From, pair.To}] = pair.Verdict
	}
	return changes, verdicts, foretold
}

// mustForetell compares what a plan foretells with what its repair leaves.
func (l *lab) mustForetell(when string) {
	l.Helper()
	_, foretold, model := l.foretold()
	if _, err := l.build(l.Context()); err != nil {
		l.Logf("%s: apply: %v", when, err)
	}
	time.Sleep(10 * time.Minute)
	for _, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets {
			verdict, one := foretold[[2]string{from.VNet + from.VPC, to.VNet + to.VPC}]
			if !one {
				continue // one direction stands for both; several prefixes have no one verdict
			}
			if echo := l.sim.Echo(from.Address, to.Address); verdict == path.Pass != echo.Crossed {
				l.Errorf("%s: %s → %s was foretold to %s; after the repair: %s\n%s", when, from.Name, to.Name, verdict, fate(echo.Crossed, echo.DroppedAt, echo.Why), l.hopsBetween(model, from, to))
			}
		}
	}
}

func fate(crossed bool, at, why string) string {
	if crossed {
		return "it crosses"
	}
	return fmt.Sprintf("it is dropped at %s: %s", at, why)
}

func (l *lab) hopsBetween(model *path.Model, from, to desired.Target) string {
	l.Helper()
	traces, err := model.Ways(from.VNet+from.VPC, to.VNet+to.VPC)
	if err != nil {
		l.Fatal(err)
	}
	return hopsOf(traceOf(traces, from.Address, to.Address))
}
