package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/clouds"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/verify"
)

// runOn has a machine run a script, by the cloud that it is in.
func (l *lab) runOn(name, script string, within time.Duration) (string, error) {
	l.Helper()
	runner, err := clouds.RunnerOf(l.open(l.Context()), l.file, name)
	if err != nil {
		l.Fatal(err)
	}
	return runner.Run(l.Context(), name, script, within)
}

// The machines of the seed, one in each cloud, as the simulator's mutations
// name them.
var ran = []struct {
	name, other, call string
	mutation          func(field string, value any) ground.Mutation
	hang              any
}{
	{
		"vm-jpe", "172.20.0.10", "POST virtualMachines/runCommand",
		func(field string, value any) ground.Mutation {
			return ground.Mutation{Cloud: "azure", Kind: "virtualMachines", Name: "vm-jpe", Op: "set", Field: field, Value: value}
		},
		map[string]any{"hangs": true},
	},
	{
		"ec2-a", "10.1.0.4", "SendCommand",
		func(field string, value any) ground.Mutation {
			return ground.Mutation{Cloud: "aws", Kind: "instance", Name: "i-0a1000000000000aa", Op: "set", Field: strings.ToUpper(field[:1]) + field[1:], Value: value}
		},
		map[string]any{"hangs": "true"},
	},
}

func TestMachinesRunScriptsByTheMeansOfTheirCloud(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		for _, on := range ran {
			output, err := l.runOn(on.name, "LC_ALL=C ping -n -c 3 -i 0.2 -W 1 "+on.other, time.Minute)
			if err != nil || !strings.Contains(output, "3 packets transmitted, 3 received, 0% packet loss") {
				t.Errorf("%s → %s: %v, %q", on.name, on.other, err, output)
			}
		}
	})
}

// TestWhyAScriptDidNotRunIsTold makes each thing that keeps a script from being
// carried out, and looks for the word that tells it from the others.
func TestWhyAScriptDidNotRunIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		for _, on := range ran {
			l.sim.Inject(ground.Fault{Operation: on.call, Effect: ground.EffectDeny})
			_, err := l.runOn(on.name, "true", time.Minute)
			if resource.ReasonOf(err) != resource.Denied || !strings.Contains(err.Error(), map[string]string{"vm-jpe": "Microsoft.Compute/virtualMachines/runCommand/action", "ec2-a": "ssm:SendCommand"}[on.name]) {
				t.Errorf("%s, denied: %v", on.name, err)
			}
			l.sim.Heal()

			l.mustMutate(on.mutation("temper", on.hang))
			began := time.Now()
			_, err = l.runOn(on.name, "ping -c 1 "+on.other, time.Minute)
			if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "did not end within") || took > 2*time.Minute {
				t.Errorf("%s, hung: %v after %s", on.name, err, took)
			}
			if on.name == "ec2-a" && l.sim.Calls()["CancelCommand"] != 1 {
				t.Errorf("the command that nobody waits for was taken back %d times, want once", l.sim.Calls()["CancelCommand"])
			}
			l.mustMutate(on.mutation("temper", map[string]any{}))
			time.Sleep(2 * time.Hour)
		}
		l.mustMutate(ran[0].mutation("powerState", "stopped"))
		if _, err := l.runOn("vm-jpe", "true", time.Minute); err == nil || !strings.Contains(err.Error(), "does not run") {
			t.Errorf("stopped: %v", err)
		}
		l.mustMutate(ran[1].mutation("managed", "false"))
		if _, err := l.runOn("ec2-a", "true", time.Minute); err == nil || !strings.Contains(resource.HintOf(err), "SSM agent") {
			t.Errorf("not managed: %v, %s", err, resource.HintOf(err))
		}
		l.mustMutate(ran[1].mutation("managed", "true"))
		if _, err := l.runOn("ec2-a", "exit 3", time.Minute); err == nil || !strings.Contains(err.Error(), "code 3") {
			t.Errorf("a script that fails: %v", err)
		}
	})
}

// TestAMachineInAzureRunsOneScriptAtATime has two at once: the second waits.
func TestAMachineInAzureRunsOneScriptAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		runner, err := clouds.RunnerOf(l.open(t.Context()), l.file, "vm-jpe")
		if err != nil {
			t.Fatal(err)
		}
		l.sim.ForgetCalls()
		ended := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := runner.Run(t.Context(), "vm-jpe", "ping -n -c 3 172.20.0.10", 10*time.Minute)
				ended <- err
			}()
		}
		for range 2 {
			if err := <-ended; err != nil {
				t.Errorf("one of two: %v", err)
			}
		}
		if asked := l.sim.Calls()["POST virtualMachines/runCommand"]; asked < 3 {
			t.Errorf("the machine was asked %d times: the two never met", asked)
		}
	})
}

// TestVerifyPingsByTheCloudsOwnMeans lets the machines' own ping send, with
// nothing of linkd's on them: a healthy link is all marks, and MTU each way is
// what the link carries.
func TestVerifyPingsByTheCloudsOwnMeans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		evidence, report := l.verifyByCommands()
		if len(report.Findings) > 0 || report.Exit(verify.Bar{Strict: true}) != 0 {
			t.Errorf("exit %d: %+v", report.Exit(verify.Bar{Strict: true}), report.Findings)
		}
		if len(evidence.Pings) != 8 {
			t.Fatalf("%d pings, want 8", len(evidence.Pings))
		}
		for _, ping := range evidence.Pings {
			if ping.Err != "" || ping.Received == 0 || ping.Received != ping.Sent || ping.MTU == nil || ping.MTU.Passes < 1400 {
				t.Errorf("%s → %s by %s: %+v, MTU %+v", ping.From, ping.To, ping.Vantage, ping.Result, ping.MTU)
			}
		}
	})
}
