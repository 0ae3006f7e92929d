package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/clouds"
	"linkd/internal/examine"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/survey"
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
		if _, err := l.runOn("ec2-a", "exit 3", time.Minute); err == nil || !strings.Contains(err.Error(), "code 3") {
			t.Errorf("a script that fails: %v", err)
		}
	})
}

// unreachable are the states in which a machine runs no script: those of Azure
// first. Each has a word of its own, and its own way out.
var unreachable = []struct {
	name, field string
	bad, good   any
	text, hint  string
}{
	{"vm-jpe", "powerState", "deallocated", "running", "vm-jpe (vm-jpe) does not run: it is deallocated", "start the virtual machine"},
	{"vm-jpe", "powerState", "stopped", "running", "vm-jpe (vm-jpe) does not run: it is stopped", "start the virtual machine"},
	{"vm-jpe", "agent", false, true, "the agent of vm-jpe (vm-jpe) is not ready: VM status blob is found but not yet populated", "see that the Azure Linux agent runs there, and reaches 168.63.129.16"},
	{"vm-jpe", "", "vm-gone", "vm-jpe", "there is no virtual machine vm-gone", "mend the id of target vm-jpe in the file"},
	{"ec2-a", "state", "stopped", "running", "i-0a1000000000000aa (ec2-a) does not run: it is stopped", "start the instance"},
	{"ec2-a", "state", "terminated", "running", "i-0a1000000000000aa (ec2-a) is no more: it is terminated", "make another instance, and give its id to target ec2-a in the file"},
	{"ec2-a", "managed", "false", "true", "i-0a1000000000000aa (ec2-a) runs, and is not managed by Systems Manager", "give it an instance profile with AmazonSSMManagedInstanceCore, and see that its SSM agent runs"},
	{"ec2-a", "lost", "true", "false", "i-0a1000000000000aa (ec2-a) runs, and Systems Manager has last heard from it at 2000-01-01 ", "see that its SSM agent runs, and reaches the service over the Internet or by endpoints of its VPC"},
	{"ec2-a", "", "i-0fffffffffffffff0", "i-0a1000000000000aa", "there is no instance i-0fffffffffffffff0 (ec2-a) in ap-northeast-1", "mend the id of target ec2-a in the file, or make the instance"},
}

// TestWhyAMachineIsNotReachedIsTold brings each of these about: the word for it
// and its hint come from the run, and stand in the report of verify.
func TestWhyAMachineIsNotReachedIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		for _, u := range unreachable {
			l.turn(u.name, u.field, u.bad)
			_, err := l.runOn(u.name, "true", time.Minute)
			if err == nil || !strings.Contains(err.Error(), u.text) || resource.HintOf(err) != u.hint || resource.ReasonOf(err) != resource.Refused {
				t.Errorf("%s: %v\nhint: %s\nwant: %s\nhint: %s", u.bad, err, resource.HintOf(err), u.text, u.hint)
			}
			if told := l.unsent(u.name); !strings.Contains(told, u.text) || !strings.HasSuffix(told, ": "+u.hint) {
				t.Errorf("%s: verify says %q", u.bad, told)
			}
			l.turn(u.name, u.field, u.good)
			time.Sleep(2 * time.Hour) // until a script that hung is given up
			if _, err := l.runOn(u.name, "true", time.Minute); err != nil {
				t.Errorf("%s, mended: %v", u.bad, err)
			}
		}
	})
}

// TestWhoMayNotAskWhyAMachineIsNotReachedHearsWhatItMayBe forbids the questions
// that tell the reasons apart.
func TestWhoMayNotAskWhyAMachineIsNotReachedHearsWhatItMayBe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		l.turn("vm-jpe", "powerState", "deallocated")
		l.turn("ec2-a", "managed", "false")
		for _, c := range []struct{ forbidden, name, text, hint string }{
			{"GET virtualMachines", "vm-jpe", "vm-jpe (vm-jpe) does not run", "start the virtual machine"},
			{"DescribeInstances", "ec2-a", "Systems Manager does not reach i-0a1000000000000aa (ec2-a)", "see that the instance runs, that its SSM agent does, and that its instance profile has AmazonSSMManagedInstanceCore"},
			{"DescribeInstanceInformation", "ec2-a", "Systems Manager does not reach i-0a1000000000000aa (ec2-a)", "see that the instance runs, that its SSM agent does, and that its instance profile has AmazonSSMManagedInstanceCore"},
		} {
			l.sim.Inject(ground.Fault{Operation: c.forbidden, Effect: ground.EffectDeny})
			if _, err := l.runOn(c.name, "true", time.Minute); err == nil || !strings.HasSuffix(err.Error(), c.text) || resource.HintOf(err) != c.hint {
				t.Errorf("without %s: %v; %s", c.forbidden, err, resource.HintOf(err))
			}
			l.sim.Heal()
		}
	})
}

// TestACommandThatNeverBeginsIsExplained loses the instance after Systems Manager
// has taken the command.
func TestACommandThatNeverBeginsIsExplained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		ended := make(chan error, 1)
		go func() {
			_, err := l.runOn("ec2-a", "true", time.Minute)
			ended <- err
		}()
		for l.sim.Calls()["SendCommand"] == 0 {
			time.Sleep(100 * time.Millisecond)
		}
		l.turn("ec2-a", "state", "stopping")
		if err := <-ended; err == nil || !strings.HasSuffix(err.Error(), "i-0a1000000000000aa (ec2-a) does not run: it is stopping") {
			t.Errorf("it says: %v", err)
		}
	})
}

// turn changes a field of a machine, or, without one, which machine the file
// means.
func (l *lab) turn(name, field string, value any) {
	l.Helper()
	for _, on := range ran {
		if on.name == name && field != "" {
			l.mustMutate(on.mutation(field, value))
		}
	}
	for i, target := range l.file.Probes.Targets {
		if target.Name == name && field == "" {
			l.file.Probes.Targets[i].ID = target.ID[:strings.LastIndex(target.ID, "/")+1] + value.(string)
		}
	}
}

// unsent is why nothing was sent from a machine by its cloud's means, as verify
// tells it.
func (l *lab) unsent(name string) string {
	l.Helper()
	runners := map[string]survey.Runner{}
	for _, cloud := range l.open(l.Context()) {
		runners[cloud.Name()] = cloud.(survey.Runner)
	}
	by := examine.RunCommand{Azure: runners["azure"], AWS: runners["aws"]}
	return by.Ping(l.Context(), *l.file.TargetNamed(name), l.file.Probes.Targets[:1], examine.Ask{Count: 1, Within: time.Minute})[0].Err
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
