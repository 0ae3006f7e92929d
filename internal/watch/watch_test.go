package watch

import (
	"os"
	"strings"
	"testing"
	"time"

	"linkd/internal/agent/agenttest"
	"linkd/internal/desired"
	"linkd/internal/identity"
)

// twoAgents is the article's file with an agent in a VNet and one in a VPC; the
// first dials in, the second listens.
func twoAgents(t *testing.T) string {
	t.Helper()
	seed, err := os.ReadFile("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return agenttest.TwoAgents(string(seed))
}

func TestTheLossOfRequestsIsToldFromThatOfRepliesByTwoAgents(t *testing.T) {
	onStage(t, twoAgents(t), func(s *stage) {
		defer s.agent("vm-jpe", vmAddress, "")()
		defer s.agent("ec2-a", ec2Address, agenttest.Dialled)()
		time.Sleep(3 * time.Minute)
		for _, names := range [][2]string{{"vm-jpe", "ec2-a"}, {"ec2-a", "vm-jpe"}} {
			p := s.of(names[0], names[1])
			if split := p.Sides.Split(); p.State != Answers || !p.Sides.Watches || !split.Told || split.Text != "" || p.Totals.Lost != 0 || p.Last.Mean != 10*time.Millisecond {
				t.Errorf("on a healthy way: %+v, %+v", p, split)
			}
			if p.Totals.Sent-p.Totals.Arrived > 25 || p.Totals.Arrived < 100 {
				t.Errorf("of %d requests %d arrived", p.Totals.Sent, p.Totals.Arrived)
			}
		}
		s.drop(vmAddress, ec2Address, true) // only towards AWS
		time.Sleep(5 * time.Minute)
		there, back := s.of("vm-jpe", "ec2-a"), s.of("ec2-a", "vm-jpe")
		if split := there.Sides.Split(); there.State != Lost || !split.Told || split.Request != 1 || split.Reply != 0 || !strings.Contains(split.Text, "lost on the way there") {
			t.Errorf("towards AWS: %+v, %+v", there, split)
		}
		if split := back.Sides.Split(); back.State != Lost || !split.Told || split.Request != 0 || split.Reply != 1 || !strings.Contains(split.Text, "lost on the way back") {
			t.Errorf("towards Azure: %+v, %+v", back, split)
		}
		if time.Since(there.Since) < 4*time.Minute || time.Since(there.Since) > 5*time.Minute {
			t.Errorf("the state changed at %s", there.Since)
		}
		s.drop(vmAddress, ec2Address, false)
		time.Sleep(3 * time.Minute)
		if p := s.of("vm-jpe", "ec2-a"); p.State != Answers || p.Sides.Split().Text != "" {
			t.Errorf("mended: %+v", p)
		}
	})
}

func TestAnAgentThatVanishesLeavesUnknownAndNoOther(t *testing.T) {
	onStage(t, twoAgents(t), func(s *stage) {
		defer s.agent("vm-jpe", vmAddress, "")()
		stop := s.agent("ec2-a", ec2Address, agenttest.Dialled)
		time.Sleep(2 * time.Minute)
		if a := s.agentOf("ec2-a"); !a.Connected || a.Software != "1.0.0" || !a.Watches || a.Until.Before(time.Now()) {
			t.Errorf("%+v", a)
		}
		stop()
		time.Sleep(time.Minute)
		p := s.of("ec2-a", "vm-jpe")
		if p.State != Unknown || !strings.HasPrefix(p.Why, "the agent on ec2-a is not connected: cannot connect: connection refused") {
			t.Errorf("its pair: %+v", p)
		}
		a := s.agentOf("ec2-a")
		if a.Connected || a.Why != "cannot connect: connection refused" || a.Since.IsZero() {
			t.Errorf("%+v", a)
		}
		if p := s.of("vm-jpe", "ec2-a"); p.State != Answers || p.Sides.Watches {
			t.Errorf("the pair towards it: %+v", p)
		}
		before := s.of("ec2-a", "vm-jpe").Totals.Sent
		defer s.agent("ec2-a", ec2Address, agenttest.Dialled)()
		time.Sleep(3 * time.Minute)
		if p := s.of("ec2-a", "vm-jpe"); p.State != Answers || p.Totals.Sent <= before || !s.agentOf("ec2-a").Connected {
			t.Errorf("once it is back: %+v", p)
		}
	})
}

func TestAReloadLeavesTheCountsOfOthersAlone(t *testing.T) {
	file := twoAgents(t)
	onStage(t, file, func(s *stage) {
		defer s.agent("vm-jpe", vmAddress, "")()
		time.Sleep(2 * time.Minute)
		before := s.of("vm-jpe", "ec2-a").Totals.Sent
		without := strings.Replace(file, file[strings.Index(file, "    - name: ec2-b"):], "", 1)
		s.follow(without)
		time.Sleep(15 * time.Second)
		after := s.of("vm-jpe", "ec2-a")
		if after.Totals.Sent <= before || after.Totals.Sent > before+20 || after.State != Answers {
			t.Errorf("from %d to %d", before, after.Totals.Sent)
		}
		gone := map[Key]bool{}
		for _, k := range s.gone {
			gone[k] = true
		}
		if len(gone) != 2 || !gone[Key{"vm-jpe", "ec2-b", desired.AgentVantage}] || len(s.watch.State().Pairs) != 4 {
			t.Errorf("gone are %v, and there are %d pairs", s.gone, len(s.watch.State().Pairs))
		}
		if s.answered[Key{"vm-jpe", "ec2-a", desired.AgentVantage}] < before-2 {
			t.Errorf("the times of %d answers were told", s.answered[Key{"vm-jpe", "ec2-a", desired.AgentVantage}])
		}
		s.follow(strings.Replace(without, "      agent: dials-in\n", "", 1))
		time.Sleep(time.Second)
		if state := s.watch.State(); len(state.Pairs) != 2 || len(state.Agents) != 1 {
			t.Errorf("without the agent: %+v", state)
		}
	})
}

func TestAHostWithoutASocketIsUnknownAndLoudOnce(t *testing.T) {
	seed := strings.Replace(twoAgents(t), "  local: none\n", "  local: outside\n", 1)
	onStage(t, seed, func(s *stage) {
		time.Sleep(time.Hour)
		state := s.watch.State()
		if state.Local != desired.LocalName || state.LocalWhy != "no ICMP socket may be opened here" {
			t.Errorf("it is %q, %q", state.Local, state.LocalWhy)
		}
		for _, p := range state.Pairs {
			if p.State != Unknown || p.Why == "" {
				t.Errorf("%+v", p)
			}
		}
		if count := strings.Count(s.log.String(), "linkd itself cannot probe"); count != 1 {
			t.Errorf("it was told %d times:\n%s", count, s.log.String())
		}
		if text := s.log.String(); !strings.Contains(text, "connection refused") {
			t.Errorf("the agent that does not listen is not told of: %s", text)
		}
	})
}

func TestLinkdItselfOnAMachineIsAVantageLikeAnAgent(t *testing.T) {
	file := strings.NewReplacer("  local: none\n", "  local: vm-jpe\n", "      agent: dials-in\n", "").Replace(twoAgents(t))
	onStage(t, file, func(s *stage) {
		s.watch.Watch = nil
		defer s.agent("ec2-a", ec2Address, agenttest.Dialled)()
		time.Sleep(3 * time.Minute)
		p := s.of("vm-jpe", "ec2-a")
		if p.Vantage != desired.LocalVantage || p.State != Answers || !p.Sides.Watches || p.Sides.BackSent == 0 {
			t.Errorf("%+v", p)
		}
		s.drop(ec2Address, vmAddress, true)
		time.Sleep(3 * time.Minute)
		if split := s.of("vm-jpe", "ec2-a").Sides.Split(); split.Reply != 1 {
			t.Errorf("%+v", split)
		}
		s.watch.Search(Key{"vm-jpe", "ec2-a", desired.LocalVantage})
		s.drop(ec2Address, vmAddress, false)
		time.Sleep(2 * time.Minute)
		if p := s.of("vm-jpe", "ec2-a"); p.MTU == nil || p.MTU.Passes != 1500 {
			t.Errorf("the path MTU is %+v", p.MTU)
		}
	})
}

func TestAnAgentOfAnotherNameIsRefused(t *testing.T) {
	onStage(t, twoAgents(t), func(s *stage) {
		stop := s.agent("vm-use", vmAddress, "")
		time.Sleep(time.Minute)
		stop()
		defer s.agent("other", ec2Address, agenttest.Dialled)()
		time.Sleep(time.Minute)
		text := s.log.String()
		for _, want := range []string{
			"no target of the file is called vm-use and has an agent",
			"the agent of ec2-a was dialled, and its certificate is of other",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the log lacks %q:\n%s", want, text)
			}
		}
		if a := s.agentOf("ec2-a"); a.Connected || !strings.Contains(a.Why, "its certificate is of other") || !strings.Contains(a.Hint, "make a certificate for ec2-a") {
			t.Errorf("%+v", a)
		}
	})
}

func TestACertificateOfAnAgentMakesNoDaemon(t *testing.T) {
	onStage(t, twoAgents(t), func(s *stage) {
		s.watch.Identity = s.holder("linkd", identity.Agent)
		defer s.agent("ec2-a", ec2Address, agenttest.Dialled)()
		time.Sleep(2 * time.Minute)
		if a := s.agentOf("ec2-a"); a.Connected || !strings.Contains(a.Why, "is one of an agent, linkd") || a.Hint != "linkd agent certificate for linkd --daemon makes one of a daemon" {
			t.Errorf("%+v", a)
		}
	})
}
