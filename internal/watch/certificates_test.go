package watch

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linkd/internal/agent/agenttest"
	"linkd/internal/desired"
	"linkd/internal/identity"
)

// shown is a certificate that is shown, and can be put in place anew. It counts
// how often it was read: once a connection.
type shown struct {
	own   atomic.Pointer[identity.Identity]
	reads atomic.Int64
}

func (s *shown) show() (*identity.Identity, error) {
	s.reads.Add(1)
	return s.own.Load(), nil
}

// lines are those of a log that warn and hold a text.
func lines(log, text string) (found []string) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "level=WARN") && strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// TestACertificateThatIsNotTakenIsToldOnceByEachEnd has something wrong with
// the certificate of one end, or with both, for half an hour. Whichever end
// dials, it tries again with patience, each end tells why and what to do, and
// tells it once; once the certificate is mended, all goes on.
func TestACertificateThatIsNotTakenIsToldOnceByEachEnd(t *testing.T) {
	type office = agenttest.Office
	issue := func(o *office, name string, role identity.Role) *identity.Identity {
		return o.Issue(name, role, agenttest.Year)
	}
	ended := func(o *office, name string, role identity.Role) *identity.Identity {
		return o.Dated(name, role, time.Now().Add(-4*time.Minute), time.Now().Add(-time.Minute))
	}
	early := func(o *office, name string, role identity.Role) *identity.Identity {
		return o.Dated(name, role, time.Now().Add(48*time.Hour), time.Now().Add(96*time.Hour))
	}
	foreign := func(o *office, name string, role identity.Role) *identity.Identity {
		return issue(agenttest.NewOffice(t), name, role)
	}
	const endedOn, begins, foreignSays = " ended on 1999-12-31 23:59:00Z", " begins only on 2000-01-03 00:00:00Z", "the certificate "
	// What the daemon calls a connection that was dialled in, and one that it
	// dialled.
	met := map[string]string{"vm-jpe": "who has connected is not served", "ec2-a": "the agent on ec2-a"}
	type maker = func(*office, string, identity.Role) *identity.Identity
	for name, c := range map[string]struct {
		agent, daemon maker
		says, hint    string // of both ends
	}{
		"the agent's ended":     {ended, issue, "the certificate of agent NAME" + endedOn, "make a new one, linkd agent certificate for NAME --force, and put it"},
		"the daemon's ended":    {issue, ended, "the certificate of daemon linkd" + endedOn, "make a new one, linkd agent certificate for linkd --daemon --force"},
		"the agent's is early":  {early, issue, "the certificate of agent NAME" + begins, "set them by NTP"},
		"the daemon's is early": {issue, early, "the certificate of daemon linkd" + begins, "set them by NTP"},
		"another authority":     {foreign, issue, foreignSays, "both ends "},
	} {
		t.Run(name, func(t *testing.T) {
			onStage(t, twoAgents(t), func(s *stage) {
				daemon, agents := &shown{}, map[string]*shown{"vm-jpe": {}, "ec2-a": {}}
				daemon.own.Store(c.daemon(s.office, "linkd", identity.Daemon))
				s.watch.Identity = func(desired.Agents) (*identity.Identity, error) { return daemon.show() }
				logs := map[string]*agenttest.Log{}
				for name, listens := range map[string]string{"vm-jpe": "", "ec2-a": agenttest.Dialled} {
					agents[name].own.Store(c.agent(s.office, name, identity.Agent))
					logs[name] = &agenttest.Log{}
					host := vmAddress
					if listens != "" {
						host = ec2Address
					}
					defer s.agentAs(agents[name].show, host, listens, logs[name])()
				}
				time.Sleep(30 * time.Minute)
				for name, own := range agents {
					if tries := own.reads.Load(); tries < 25 || tries > 80 {
						t.Errorf("%s: there were %d tries in half an hour", name, tries)
					}
					named := func(text string) string { return strings.ReplaceAll(text, "NAME", name) }
					for end, said := range map[string][]string{
						"the agent":  lines(logs[name].String(), named(c.says)),
						"the daemon": lines(strings.Join(lines(s.log.String(), met[name]), ""), named(c.says)),
					} {
						if len(said) != 1 || !strings.Contains(said[0], named(c.hint)) {
							t.Errorf("%s tells of %s %d times:\n%s\nits log:\n%s", end, name, len(said), strings.Join(said, ""), &s.log)
						}
					}
					if warned := lines(logs[name].String(), ""); len(warned) != 1 {
						t.Errorf("the agent %s tells more or nothing:\n%s", name, strings.Join(warned, ""))
					}
					if a := s.agentOf(name); (name == "ec2-a" || c.says != foreignSays) && // whose name nothing has proved
						(!strings.Contains(a.Why, named(c.says)) || !strings.Contains(a.Hint, named(c.hint))) {
						t.Errorf("the state of %s is %+v", name, a)
					}
					if all := s.log.String() + logs[name].String(); strings.Contains(all, `hint=""`) {
						t.Errorf("an empty hint is logged:\n%s", all)
					}
				}
				if warned := lines(s.log.String(), ""); len(warned) != 2 {
					t.Errorf("the daemon tells more or less:\n%s", strings.Join(warned, ""))
				}
				daemon.own.Store(issue(s.office, "linkd", identity.Daemon))
				for name, own := range agents {
					own.own.Store(issue(s.office, name, identity.Agent))
				}
				time.Sleep(3 * time.Minute)
				for name := range agents {
					if a := s.agentOf(name); !a.Connected {
						t.Errorf("mended, %s is not connected: %s", name, a.Why)
					}
				}
			})
		})
	}
}

// TestTheEndOfASessionIsToldOnceByEachEnd cuts the way to an agent that dials in
// and to one that listens, and mends it.
func TestTheEndOfASessionIsToldOnceByEachEnd(t *testing.T) {
	onStage(t, twoAgents(t), func(s *stage) {
		logs := map[string]*agenttest.Log{"vm-jpe": {}, "ec2-a": {}}
		defer s.agentAs(s.office.Holder("vm-jpe", identity.Agent), vmAddress, "", logs["vm-jpe"])()
		defer s.agentAs(s.office.Holder("ec2-a", identity.Agent), ec2Address, agenttest.Dialled, logs["ec2-a"])()
		time.Sleep(2 * time.Minute)
		for _, way := range []string{agenttest.Listening, agenttest.Dialled} {
			s.doors.Sever(way)
		}
		time.Sleep(10 * time.Minute)
		const gone, nobody = "nothing was heard of the other end for 15s", "cannot connect: nobody answers within 10s"
		for _, c := range []struct {
			whose, log, text string
			times            int
		}{
			{"the daemon", s.log.String(), gone, 2},
			{"the daemon", s.log.String(), "agent=vm-jpe why=\"" + gone, 1},
			{"the daemon", s.log.String(), nobody, 1},
			{"the daemon", s.log.String(), "", 3},
			{"the agent that dials", logs["vm-jpe"].String(), gone, 1},
			{"the agent that dials", logs["vm-jpe"].String(), nobody, 1},
			{"the agent that dials", logs["vm-jpe"].String(), "", 2},
			{"the agent that listens", logs["ec2-a"].String(), gone, 1},
			{"the agent that listens", logs["ec2-a"].String(), "", 1},
		} {
			said := lines(c.log, c.text)
			if len(said) != c.times {
				t.Errorf("%s says %q %d times, want %d:\n%s", c.whose, c.text, len(said), c.times, c.log)
			}
			for _, line := range said {
				if !strings.Contains(line, "hint=\"see ") {
					t.Errorf("%s does not say what to do: %s", c.whose, line)
				}
			}
		}
		for _, way := range []string{agenttest.Listening, agenttest.Dialled} {
			s.doors.Mend(way)
		}
		time.Sleep(2 * time.Minute)
		for name := range logs {
			if a := s.agentOf(name); !a.Connected {
				t.Errorf("%s is not back: %s", name, a.Why)
			}
		}
	})
}
