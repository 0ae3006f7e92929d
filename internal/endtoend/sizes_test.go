package endtoend

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/examine"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
	"linkd/internal/survey"
	"linkd/internal/verify"
)

// TestALossByChanceIsNotLaidToASize has the machines' own ping send over a
// tunnel that loses some packets, of whatever size, and over one that loses
// large ones besides.
func TestALossByChanceIsNotLaidToASize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		condition fabric.Condition
		hole      bool
		passes    int // 0: of a hole with chance beside it, the byte is not certain
	}{
		{"5 % are lost", fabric.Condition{Kind: "tunnel", Loss: 0.05}, false, 1400},
		{"15 % are lost", fabric.Condition{Kind: "tunnel", Loss: 0.15}, false, 1400},
		{"large ones are lost", fabric.Condition{Kind: "tunnel", Toward: fabric.TowardAWS, MTU: 1300, Silent: true}, true, 1300},
		{"large ones are lost, and 5 % of the small ones", fabric.Condition{Kind: "tunnel", Toward: fabric.TowardAWS, MTU: 1300, Silent: true, Loss: 0.05}, true, 0},
		{"what is too large is told", fabric.Condition{Kind: "tunnel", Toward: fabric.TowardAWS, MTU: 1300}, false, 1300},
		{"one size is lost, and beyond it is told", fabric.Condition{Kind: "tunnel", Toward: fabric.TowardAWS, MTU: 1395, SilentFrom: 1395, SilentTo: 1395}, true, 1394},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, instant)
				l.mustBuild()
				time.Sleep(time.Hour)
				if err := l.sim.SetConditions(test.condition); err != nil {
					t.Fatal(err)
				}
				for range 4 {
					evidence, report := l.verifyByCommands()
					told := false
					for _, f := range report.Findings {
						told = told || f.Code == failure.MTUBlackhole || len(mtuEffects(f)) > 0
					}
					if told != test.hole {
						t.Fatalf("%s is told: %v, want %v: %+v", failure.MTUBlackhole, told, test.hole, report.Findings)
					}
					for _, ping := range evidence.Pings {
						if ping.From == "vm-jpe" && ping.To == "ec2-a" && ping.MTU != nil && test.passes > 0 && ping.MTU.Passes != test.passes {
							t.Fatalf("%d bytes pass, want %d: %+v", ping.MTU.Passes, test.passes, ping.MTU)
						}
					}
				}
			})
		})
	}
}

// mtuEffects are the effects of a finding that are about sizes.
func mtuEffects(f verify.Finding) (all []string) {
	for _, effect := range f.Consequences {
		if effect.Code == failure.MTUBlackhole {
			all = append(all, fmt.Sprint(effect))
		}
	}
	return all
}

// verifyByCommands gathers the evidence with the machines' own ping, and
// judges it.
func (l *lab) verifyByCommands() (*verify.Evidence, verify.Report) {
	l.Helper()
	engine := l.engine(l.Context())
	runners := map[string]survey.Runner{}
	for _, cloud := range engine.Clouds {
		runners[cloud.Name()] = cloud.(survey.Runner)
	}
	evidence := examine.Gather(context.WithoutCancel(l.Context()), engine, examine.Options{
		MTU: true, Vantages: []examine.Vantage{examine.RunCommand{Azure: runners["azure"], AWS: runners["aws"]}},
	})
	return evidence, verify.Run(evidence, verify.Selection{})
}

// TestAnAnswerOfNothingIsAReason has each call that runs a script answered by
// an empty body, and by half of one.
func TestAnAnswerOfNothingIsAReason(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		for _, operation := range []string{"SendCommand", "GetCommandInvocation"} {
			for _, how := range []string{"empty", "cut", "garbage"} {
				l.sim.Inject(ground.Fault{Operation: operation, Effect: ground.EffectNonsense, Nonsense: how})
				if _, err := l.runOn("ec2-a", "true", time.Minute); resource.ReasonOf(err) != resource.Nonsense {
					t.Errorf("%s answered %s: %v", operation, how, err)
				}
				l.sim.Heal()
			}
		}
	})
}
