package agent

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"linkd/internal/agent/agenttest"
	"linkd/internal/identity"
	"linkd/internal/probe"
)

func mustAddr(text string) netip.Addr { return netip.MustParseAddr(text) }

// TestACertificateThatEndedIsRefusedInClearWords lets an agent's certificate
// end; both ends say the same.
func TestACertificateThatEndedIsRefusedInClearWords(t *testing.T) {
	bubble(t, func(o *office) {
		own, agent := o.Issue("linkd", identity.Daemon, year), newAgent(o.Issue("vm-jpe", identity.Agent, time.Hour), &agenttest.Log{})
		time.Sleep(26 * time.Hour)
		a, b := agenttest.NewPipe()
		agentSays := make(chan error, 1)
		go func() { agentSays <- agent.Serve(o.Context(), a, true) }()
		_, daemonSays := Meet(o.Context(), b, false, own, "1.0.0", nil)
		const want = "the certificate of agent vm-jpe ended on 2000-01-01 01:00:00Z"
		if err := <-agentSays; err == nil || !strings.HasSuffix(err.Error(), "refuses: "+want) {
			t.Errorf("the agent says %v", err)
		}
		refused, is := errors.AsType[*Refused](daemonSays)
		if !is || refused.Text != want || !strings.HasPrefix(refused.Hint, "make a new one, linkd agent certificate for vm-jpe --force, and put it") {
			t.Errorf("the daemon says %+v", daemonSays)
		}
	})
}

// TestWhoseClockIsOffIsSaid has an agent whose clock is two days behind, by
// which a certificate that has ended is still valid: its own, or this end's.
func TestWhoseClockIsOffIsSaid(t *testing.T) {
	for whose, valid := range map[string][2]time.Duration{"agent vm-jpe": {year, 24 * time.Hour}, "daemon linkd": {24 * time.Hour, year}} {
		bubble(t, func(o *office) {
			own, theirs := o.Issue("linkd", identity.Daemon, valid[0]), o.Issue("vm-jpe", identity.Agent, valid[1])
			time.Sleep(48 * time.Hour)
			a, b := agenttest.NewPipe()
			go func() {
				l := o.byHand(theirs, a)
				_, _ = l.receive(greeting)
				_ = l.send(message{Hello: &hello{Newest: 1, Oldest: 1, Software: "1.0.0", Clock: time.Now().Add(-47 * time.Hour)}})
				_, _ = l.receive(greeting)
				l.close()
			}()
			_, err := Meet(o.Context(), b, true, own, "1.0.0", nil)
			refused, is := errors.AsType[*Refused](err)
			if !is || refused.Text != "the certificate of "+whose+" ended on 2000-01-02 00:00:00Z, and by the clock of vm-jpe, 47h0m0s behind that of linkd, it is valid: one of the two clocks is wrong" || refused.Hint != "compare date -u on both machines, linkd and vm-jpe, and set the clock that is wrong by NTP" {
				t.Errorf("%s: it says %v, %s", whose, err, HintOf(err))
			}
		})
	}
}

// TestAnotherVersionIsRefusedWithWhomToUpdate speaks an older protocol, a newer
// one that still knows this one, and one that no longer does.
func TestAnotherVersionIsRefusedWithWhomToUpdate(t *testing.T) {
	for name, c := range map[string]struct {
		newest, oldest int
		want, hint     string
	}{
		"older":        {0, 0, "this end refuses: agent vm-jpe runs linkd 9.9.9, whose protocol 0 is too old: daemon linkd runs linkd 1.0.0 and needs 1", "update linkd on vm-jpe"},
		"newer":        {7, 1, "", ""},
		"much newer":   {7, 3, "this end refuses: agent vm-jpe runs linkd 9.9.9 and needs protocol 3: daemon linkd runs linkd 1.0.0, which knows 1", "update linkd on the machine where daemon linkd runs"},
		"of this time": {1, 1, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(o *office) {
				a, b := agenttest.NewPipe()
				theirs := o.Issue("vm-jpe", identity.Agent, year)
				heard := make(chan message, 1)
				go func() {
					l := o.byHand(theirs, a)
					defer l.close()
					_, _ = l.receive(greeting)
					_ = l.send(message{Hello: &hello{Newest: c.newest, Oldest: c.oldest, Software: "9.9.9", Clock: time.Now()}})
					m, _ := l.receive(greeting)
					heard <- m
					_ = l.send(message{Welcome: &welcome{Version: 1}})
				}()
				session, err := Meet(o.Context(), b, true, o.Issue("linkd", identity.Daemon, year), "1.0.0", nil)
				m := <-heard
				switch {
				case c.want == "" && (err != nil || session.Peer.Version != 1 || m.Welcome == nil):
					t.Errorf("it is not welcome: %v", err)
				case c.want != "" && (err == nil || err.Error() != c.want || HintOf(err) != c.hint || m.Refusal == nil || m.Refusal.Hint != c.hint):
					t.Errorf("it says %v, %s, and to the other %+v", err, HintOf(err), m)
				}
				if session != nil {
					session.link.close()
				}
			})
		})
	}
}

// TestTheClockOfAnAgentIsMeasured answers beats by a clock that is ahead, with
// ways of different lengths.
func TestTheClockOfAnAgentIsMeasured(t *testing.T) {
	bubble(t, func(o *office) {
		const ahead = 90 * time.Second
		a, b := agenttest.NewPipe()
		theirs := o.Issue("vm-jpe", identity.Agent, year)
		go func() {
			l := o.byHand(theirs, a)
			defer l.close()
			_, _ = l.receive(greeting)
			_ = l.send(message{Hello: &hello{Newest: 1, Oldest: 1, Software: "1.0.0", Clock: time.Now().Add(ahead)}})
			_, _ = l.receive(greeting)
			_ = l.send(message{Welcome: &welcome{Version: 1}})
			for slow := time.Duration(0); ; slow++ {
				m, err := l.receive(silence)
				if err != nil {
					return
				}
				_ = l.send(message{Report: &report{Findings: []finding{{Result: probe.Result{To: "near", Sent: 10, Received: 99, At: time.Now().Add(ahead), Err: "two\nlines"}, Age: 2 * time.Second}}}})
				if m.Beat != nil {
					clock := time.Now().Add(ahead)
					time.Sleep(slow % 3 * 100 * time.Millisecond) // only the way back is slow
					_ = l.send(message{Beat: &beat{Number: m.Beat.Number, Clock: clock}})
				}
			}
		}()
		session, err := Meet(o.Context(), b, true, o.Issue("linkd", identity.Daemon, year), "1.0.0", nil)
		if err != nil {
			t.Fatal(err)
		}
		if session.Peer.Offset != ahead {
			t.Errorf("by the hello it is %s ahead", session.Peer.Offset)
		}
		h := &heard{}
		go func() { _ = session.Run(o.Context(), h.events()) }()
		time.Sleep(2 * time.Minute)
		h.mu.Lock()
		if h.offset != ahead {
			t.Errorf("by the beats it is %s ahead", h.offset)
		}
		h.mu.Unlock()
		f, _ := h.last("near")
		if age := time.Since(f.Result.At); age < 2*time.Second || age > 8*time.Second || f.Result.Received != 10 || f.Result.Err != "two lines" {
			t.Errorf("the result is of %s ago, by this end's clock: %+v", age, f.Result)
		}
		session.link.close()
		time.Sleep(time.Second) // until the other end has noticed
	})
}

// TestStrangersAreTurnedAway has others at the end of the line than an agent.
func TestStrangersAreTurnedAway(t *testing.T) {
	for name, c := range map[string]struct {
		speak func(*office, net.Conn)
		want  string
	}{
		"nothing at all": {func(*office, net.Conn) {}, "the other end did not greet in time"},
		"another protocol": {func(_ *office, c net.Conn) {
			_, _ = c.Read(make([]byte, 10))
			go func() { _, _ = c.Read(make([]byte, 4096)) }()
			_, _ = c.Write([]byte("SSH-2.0-OpenSSH_9.2p1\r\n"))
		}, "the other end does not speak TLS"},
		"who hangs up": {func(_ *office, c net.Conn) { _ = c.Close() }, "the "},
		"another authority": {func(o *office, c net.Conn) {
			other := newOffice(o.T)
			l := other.byHand(other.Issue("vm-jpe", identity.Agent, year), c)
			_, _ = l.receive(greeting)
		}, "the certificate in the name of agent vm-jpe is of another authority than the authority.crt of this end"},
		"another daemon": {func(o *office, c net.Conn) {
			l := o.byHand(o.Issue("linkd", identity.Daemon, year), c)
			_, _ = l.receive(greeting)
		}, "is of the same role as this end"},
		"no hello": {func(o *office, c net.Conn) {
			l := o.byHand(o.Issue("vm-jpe", identity.Agent, year), c)
			_, _ = l.receive(greeting)
			_ = l.send(message{Beat: &beat{}})
		}, "the other end does not begin with a hello"},
		"no message": {func(o *office, c net.Conn) {
			l := o.byHand(o.Issue("vm-jpe", identity.Agent, year), c)
			_, _ = l.receive(greeting)
			_, _ = l.connection.Write([]byte("hello\n"))
		}, "the other end sent what is no message"},
		"a line without an end": {func(o *office, c net.Conn) {
			l := o.byHand(o.Issue("vm-jpe", identity.Agent, year), c)
			_, _ = l.receive(greeting)
			for range 80 {
				if _, err := l.connection.Write(bytes.Repeat([]byte("x"), 16<<10)); err != nil {
					return
				}
			}
		}, "a message of more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(o *office) {
				o.Cleanup(func() { time.Sleep(2 * time.Minute) })
				a, b := agenttest.NewPipe()
				go func() {
					c.speak(o, a)
					time.Sleep(time.Minute)
					_ = a.Close()
				}()
				_, err := Meet(o.Context(), b, true, o.Issue("linkd", identity.Daemon, year), "1.0.0", nil)
				if err == nil || !strings.Contains(err.Error(), c.want) || HintOf(err) == "" {
					t.Errorf("it says %v, and what to do: %q", err, HintOf(err))
				}
			})
		})
	}
}

func TestADaemonRefusesAnAgentThatItsFileDoesNotName(t *testing.T) {
	bubble(t, func(o *office) {
		a, b := agenttest.NewPipe()
		says := make(chan error, 1)
		agent := newAgent(o.Issue("stranger", identity.Agent, year), &agenttest.Log{})
		go func() { says <- agent.Serve(o.Context(), a, true) }()
		_, err := Meet(o.Context(), b, false, o.Issue("linkd", identity.Daemon, year), "1.0.0", func(p Peer) *Refused {
			return &Refused{By: thisEnd, Text: "no target of the file is called " + p.Name}
		})
		if other := <-says; err == nil || other == nil || other.Error() != "linkd refuses: no target of the file is called stranger" {
			t.Errorf("%v; the agent says %v", err, other)
		}
	})
}
