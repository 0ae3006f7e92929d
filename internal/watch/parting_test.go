package watch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"linkd/internal/agent/agenttest"
	"linkd/internal/desired"
	"linkd/internal/identity"
)

// TestAnAgentHearsWhyItsSessionEnds ends sessions for each reason of a daemon's,
// and reads the agent's log.
func TestAnAgentHearsWhyItsSessionEnds(t *testing.T) {
	for name, c := range map[string]struct {
		ends func(*stage)
		says string // the agent
		hint string
	}{
		"another agent with its certificate": {
			func(s *stage) { defer s.agent("vm-jpe", ec2Address, "")(); time.Sleep(10 * time.Second) },
			"linkd refuses: an agent has connected with the certificate of this one, from pipe", "make one for each machine",
		},
		"the file has it no more": {
			func(s *stage) { s.follow(strings.Replace(s.file, "agent: dials-in", "", 1)) },
			"linkd refuses: linkd's file has no agent on vm-jpe any more", "stop this agent, or give the target vm-jpe its line agent: again",
		},
		"the file has it elsewhere": {
			func(s *stage) {
				s.follow(strings.Replace(s.file, "agent: dials-in", "agent: 10.1.0.4:9718", 1))
			},
			"linkd refuses: linkd's file says now that the agent on vm-jpe listens at 10.1.0.4:9718", "start this agent so",
		},
	} {
		t.Run(name, func(t *testing.T) {
			onStage(t, twoAgents(t), func(s *stage) {
				var log agenttest.Log
				defer s.agentAs(s.office.Holder("vm-jpe", identity.Agent), vmAddress, "", &log)()
				time.Sleep(time.Minute)
				c.ends(s)
				time.Sleep(10 * time.Second)
				said := lines(log.String(), "disconnected, and sending nothing")
				if len(said) == 0 || !strings.Contains(said[0], c.says) || !strings.Contains(said[0], c.hint) {
					t.Errorf("it says:\n%s", &log)
				}
			})
		})
	}
}

// TestASessionEndsWithItsCertificates lets the certificate of one end run out
// while both are connected, and renews it.
func TestASessionEndsWithItsCertificates(t *testing.T) {
	for whose, role := range map[string]identity.Role{"vm-jpe": identity.Agent, "linkd": identity.Daemon} {
		t.Run(whose, func(t *testing.T) {
			onStage(t, twoAgents(t), func(s *stage) {
				var log agenttest.Log
				daemon, agent := &shown{}, &shown{}
				daemon.own.Store(s.office.Issue("linkd", identity.Daemon, agenttest.Year))
				agent.own.Store(s.office.Issue("vm-jpe", identity.Agent, agenttest.Year))
				short := map[identity.Role]*shown{identity.Agent: agent, identity.Daemon: daemon}[role]
				short.own.Store(s.office.Dated(whose, role, time.Now().Add(-time.Minute), time.Now().Add(10*time.Minute)))
				s.watch.Identity = func(desired.Agents) (*identity.Identity, error) { return daemon.show() }
				defer s.agentAs(agent.show, vmAddress, "", &log)()
				time.Sleep(9 * time.Minute)
				if a := s.agentOf("vm-jpe"); !a.Connected {
					t.Fatalf("it is not connected: %s", a.Why)
				}
				time.Sleep(2 * time.Minute)
				ended := fmt.Sprintf("the certificate of %s %s ended on", role, whose)
				a := s.agentOf("vm-jpe")
				if a.Connected || !strings.Contains(a.Why, ended) || !strings.Contains(a.Hint, "make a new one") {
					t.Errorf("the daemon says %+v", a)
				}
				said := lines(log.String(), "disconnected, and sending nothing")
				if len(said) != 1 || !strings.Contains(said[0], ended) || !strings.Contains(said[0], "make a new one") {
					t.Errorf("the agent says:\n%s", &log)
				}
				short.own.Store(s.office.Issue(whose, role, agenttest.Year))
				time.Sleep(2 * time.Minute)
				if a := s.agentOf("vm-jpe"); !a.Connected {
					t.Errorf("with a new one it is not connected: %s", a.Why)
				}
			})
		})
	}
}

// TestAnAgentIsToldAsManyTargetsAsAFileMayHave gives one agent as many as the
// check of the file lets through, with the longest names.
func TestAnAgentIsToldAsManyTargetsAsAFileMayHave(t *testing.T) {
	file := twoAgents(t) + "  interval: 10s\n"
	var more strings.Builder
	for i := range desired.MostOfAgent - 3 { // with vm-use, ec2-a and ec2-b
		name := fmt.Sprintf("%0*d", 80, i)
		fmt.Fprintf(&more, "    - {name: \"%s\", address: 172.20.%d.%d, vpc: vpc-a, zone: ap-northeast-1a}\n", name, 100+i/250, 1+i%250)
	}
	file = strings.Replace(file, "    - name: ec2-a\n", more.String()+"    - name: ec2-a\n", 1)
	onStage(t, file, func(s *stage) {
		defer s.agent("vm-jpe", vmAddress, "")()
		time.Sleep(5 * time.Minute)
		told := 0
		for _, p := range s.watch.State().Pairs {
			if p.From == "vm-jpe" && (p.State == Answers || p.State == Unknown && strings.Contains(p.Why, "the agent on vm-jpe refuses: this agent takes no more targets than 500")) {
				told++
			}
		}
		if a := s.agentOf("vm-jpe"); !a.Connected || told != desired.MostOfAgent {
			t.Errorf("of %d targets %d are told; the agent: %+v", desired.MostOfAgent, told, a)
		}
	})
	_, err := desired.Parse("f.yaml", []byte(strings.Replace(file, "    - name: ec2-a\n", "    - {name: more, address: 172.20.99.1, vpc: vpc-a, zone: ap-northeast-1a}\n    - name: ec2-a\n", 1)))
	if err == nil || !strings.Contains(err.Error(), "the agent on vm-jpe would have 2001 targets, and an agent takes 2000 at most") {
		t.Errorf("one more: %v", err)
	}
}
