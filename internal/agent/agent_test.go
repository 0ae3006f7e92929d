package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/agent/agenttest"
	"linkd/internal/identity"
	"linkd/internal/vantage"
)

// TestADaemonAndAnAgentWorkTogetherWhoeverDials probes over a session: two
// targets, one of which never answers, and one that the agent may not probe.
func TestADaemonAndAnAgentWorkTogetherWhoeverDials(t *testing.T) {
	for name, daemonDials := range map[string]bool{"the agent dials": false, "the daemon dials": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(o *office) {
				said, h := &agenttest.Log{}, &heard{}
				a, b := agenttest.NewPipe()
				ctx, stop := context.WithCancel(o.Context())
				ended := make(chan error, 2)
				agent := newAgent(o.Issue("vm-jpe", identity.Agent, year), said)
				go func() { ended <- agent.Serve(ctx, a, !daemonDials) }()
				session, err := Meet(ctx, b, daemonDials, o.Issue("linkd", identity.Daemon, year), "1.0.0", nil)
				if err != nil {
					t.Fatal(err)
				}
				go func() { ended <- session.Run(ctx, h.events()) }()
				public := task("public", far)
				public.Address = near.Next().Next()
				public.Address = mustAddr("203.0.113.7")
				session.Follow([]vantage.Task{task("near", near), task("far", far), public})
				time.Sleep(65 * time.Second)
				if f, count := h.last("near"); count < 5 || f.Result.Received != 10 || f.Result.From != "vm-jpe" || f.RTTs.Total() < 9 || time.Since(f.Result.At) > 12*time.Second {
					t.Errorf("near: %d times, last %+v", count, f)
				}
				if f, _ := h.last("far"); f.Result.Loss() != 1 {
					t.Errorf("far: %+v", f)
				}
				if f, count := h.last("public"); count != 1 || !strings.Contains(f.Result.Err, "203.0.113.7 is not among the addresses that this agent may send to") {
					t.Errorf("public: %d times, %+v", count, f)
				}
				h.look(func() {
					if h.arrivals[far] < 60 || !h.watches || h.offset != 0 || h.why != "" {
						t.Errorf("%v %t %s %s", h.arrivals, h.watches, h.offset, h.why)
					}
				})
				session.Search("near")
				time.Sleep(10 * time.Second)
				found := false
				h.look(func() {
					for _, f := range h.findings {
						found = found || f.Result.MTU != nil && f.Result.MTU.Passes == 1500
					}
				})
				if !found {
					t.Error("no path MTU was found on request")
				}
				session.Follow([]vantage.Task{task("far", far)})
				time.Sleep(15 * time.Second)
				_, before := h.last("near")
				time.Sleep(time.Minute)
				if _, after := h.last("near"); after != before {
					t.Error("a target that is gone is probed")
				}
				stop()
				if err := errors.Join(<-ended, <-ended); err == nil {
					t.Error("the session ended without a word")
				}
				if text := said.String(); strings.Contains(text, "PRIVATE") || !strings.Contains(text, "msg=connected daemon=linkd") {
					t.Errorf("the log says %s", text)
				}
			})
		})
	}
}

// TestAStormOfTasksIsRefusedInOneLine asks for 100 targets more than an agent
// takes, twice.
func TestAStormOfTasksIsRefusedInOneLine(t *testing.T) {
	bubble(t, func(o *office) {
		said, h := &agenttest.Log{}, &heard{}
		a, b := agenttest.NewPipe()
		agent := newAgent(o.Issue("vm-jpe", identity.Agent, year), said)
		agent.Limits.Total = 100
		go func() { _ = agent.Serve(o.Context(), a, true) }()
		session, err := Meet(o.Context(), b, false, o.Issue("linkd", identity.Daemon, year), "1.0.0", nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = session.Run(o.Context(), h.events()) }()
		storm := make([]vantage.Task, 200)
		for i := range storm {
			storm[i] = task(fmt.Sprintf("target-%03d", i), netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
		}
		session.Follow(storm)
		time.Sleep(30 * time.Second)
		if text := said.String(); strings.Count(text, "level=WARN") != 1 || !strings.Contains(text, `msg="targets are refused" count=100 first=target-100 why="all targets together would get 101 echoes a second, and this agent sends 100" hint="what an agent may send`) {
			t.Errorf("the agent says:\n%s", text)
		}
		for i := range storm {
			last, count := h.last(storm[i].Name)
			if refused := i >= 100; count == 0 || refused != strings.HasPrefix(last.Result.Err, "the agent on vm-jpe refuses: all targets together would get 101") {
				t.Errorf("of %s it tells %d times, last %+v", storm[i].Name, count, last.Result)
			}
		}
		session.link.close()
	})
}

// TestAHalfOpenConnectionEnds cuts the way in one direction, so that nothing
// says that the other end is gone.
func TestAHalfOpenConnectionEnds(t *testing.T) {
	bubble(t, func(o *office) {
		a, b := agenttest.NewPipe()
		agent, h := newAgent(o.Issue("vm-jpe", identity.Agent, year), &agenttest.Log{}), &heard{}
		agentEnded, daemonEnded := make(chan error, 1), make(chan error, 1)
		go func() { agentEnded <- agent.Serve(o.Context(), a, true) }()
		session, err := Meet(o.Context(), b, false, o.Issue("linkd", identity.Daemon, year), "1.0.0", nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() { daemonEnded <- session.Run(o.Context(), h.events()) }()
		session.Follow([]vantage.Task{task("near", near)})
		time.Sleep(time.Minute)
		cut := time.Now()
		a.Sever()
		b.Sever()
		for side, ended := range map[string]chan error{"agent": agentEnded, "daemon": daemonEnded} {
			if err := <-ended; !errors.Is(err, errGone) {
				t.Errorf("the %s says: %v", side, err)
			}
		}
		if took := time.Since(cut); took > silence+beats {
			t.Errorf("it took %s", took)
		}
		a.End()
		b.End()
	})
}

// TestASessionThatIsBegunAnewEndsTheOneBefore connects a second time while the
// first connection hangs; another daemon is refused meanwhile.
func TestASessionThatIsBegunAnewEndsTheOneBefore(t *testing.T) {
	bubble(t, func(o *office) {
		agent := newAgent(o.Issue("vm-jpe", identity.Agent, year), &agenttest.Log{})
		own := o.Issue("linkd", identity.Daemon, year)
		var ended [2]chan error
		for i := range ended {
			a, b := agenttest.NewPipe()
			ended[i] = make(chan error, 1)
			go func() { ended[i] <- agent.Serve(o.Context(), a, false) }()
			session, err := Meet(o.Context(), b, true, own, "1.0.0", nil)
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = session.Run(o.Context(), (&heard{}).events()) }()
			time.Sleep(time.Second)
		}
		if err := <-ended[0]; !errors.Is(err, errReplaced) {
			t.Errorf("the first says %v", err)
		}
		a, b := agenttest.NewPipe()
		go func() { _ = agent.Serve(o.Context(), a, false) }()
		_, err := Meet(o.Context(), b, true, o.Issue("other", identity.Daemon, year), "1.0.0", nil)
		if err == nil || err.Error() != "vm-jpe refuses: this agent serves the daemon linkd" {
			t.Errorf("another daemon: %v", err)
		}
	})
}

// TestAnAgentComesBackWithPatience lets a daemon be away for an hour.
func TestAnAgentComesBackWithPatience(t *testing.T) {
	bubble(t, func(o *office) {
		said := &agenttest.Log{}
		agent := newAgent(o.Issue("vm-jpe", identity.Agent, year), said)
		own := o.Issue("linkd", identity.Daemon, year)
		var tries atomic.Int64
		var away atomic.Bool
		away.Store(true)
		ctx := o.Context()
		var last time.Time
		met := make(chan *Session, 1)
		done := make(chan struct{})
		go func() {
			defer close(done)
			agent.Connect(ctx, "linkd.example:9718", func(ctx context.Context) (net.Conn, error) {
				try := tries.Add(1)
				if gap := time.Since(last); try > 10 && (gap < longestWait/2 || gap > longestWait) {
					t.Errorf("try %d came after %s", try, gap)
				}
				last = time.Now()
				if away.Load() {
					return nil, errors.New("connection refused")
				}
				a, b := agenttest.NewPipe()
				go func() {
					if session, err := Meet(ctx, b, false, own, "1.0.0", nil); err == nil {
						met <- session
					}
				}()
				return a, nil
			})
		}()
		time.Sleep(time.Hour)
		if tried := tries.Load(); tried < 60 || tried > 130 {
			t.Errorf("it tried %d times in an hour", tried)
		}
		if count := strings.Count(said.String(), "no connection"); count != 1 {
			t.Errorf("one reason was told %d times", count)
		}
		away.Store(false)
		session := <-met
		if session.Peer.Name != "vm-jpe" {
			t.Errorf("it is %+v", session.Peer)
		}
		session.link.close()
		o.Cleanup(func() { <-done })
		synctest.Wait()
	})
}
