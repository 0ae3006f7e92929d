package agent

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// Events are what a daemon hears of one agent. Each is called by the session's
// own goroutine, one at a time, and must not block.
type Events struct {
	Findings func([]vantage.Finding) // with times of this end's clock
	// Arrivals are echo requests that came in at the agent since the last call,
	// by their sender; watches: they can be counted there at all.
	Arrivals func(counts map[netip.Addr]int, watches bool)
	Trouble  func(why string)    // why the agent cannot send; "": it can
	Offset   func(time.Duration) // how far its clock is ahead
	Dropped  func(findings int)  // that found no room on their way
}

// Session is a daemon's connection with one agent.
type Session struct {
	Peer Peer

	own    identity.Who
	link   *link
	mu     sync.Mutex
	number uint64
	sent   map[uint64]time.Time // beats that have not come back
	clock  clock
	tasks  chan struct{} // there are new ones
	wanted []vantage.Task
	asked  []string
}

// Meet greets an agent. Admit refuses one whose certificate is well, for a
// reason of the daemon's. The connection is closed when it fails, and [Unmet]
// says who it was with.
func Meet(ctx context.Context, connection net.Conn, dialled bool, own *identity.Identity, software string, admit func(Peer) *Refused) (*Session, error) {
	e := end{identity: own, software: software, dialled: dialled, admit: admit}
	l, peer, err := e.greet(ctx, connection)
	if err != nil && peer.Name != "" {
		return nil, &unmet{err, peer.Name}
	}
	if err != nil {
		return nil, err
	}
	return &Session{Peer: peer, own: own.Who, link: l, sent: map[uint64]time.Time{}, tasks: make(chan struct{}, 1)}, nil
}

// Close ends a session that is not run.
func (s *Session) Close() { s.link.close() }

// Follow tells the agent what to probe from now on. It never blocks.
func (s *Session) Follow(tasks []vantage.Task) {
	s.mu.Lock()
	s.wanted, s.number = tasks, s.number+1
	s.mu.Unlock()
	s.wake()
}

// Search wants a path MTU searched now. It never blocks.
func (s *Session) Search(name string) {
	s.mu.Lock()
	if len(s.asked) < mostTasks {
		s.asked = append(s.asked, name)
	}
	s.mu.Unlock()
	s.wake()
}

func (s *Session) wake() {
	select {
	case s.tasks <- struct{}{}:
	default:
	}
}

// Run hears the agent until the connection ends, a certificate or ctx does, and
// says why. A ctx that ends by a [Farewell] tells the agent.
func (s *Session) Run(ctx context.Context, events Events) error {
	ctx, stop := whileValid(ctx, s.own, s.Peer.Who)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	defer s.link.close()
	defer s.link.closeWith(ctx)()
	failed := make(chan error, 1)
	running.Go(func() { failed <- s.speak(ctx) })
	events.Offset(s.Peer.Offset)
	for {
		m, err := s.link.receive(silence)
		if err != nil {
			select {
			case speaking := <-failed:
				if speaking != nil {
					err = speaking
				}
			default:
			}
			return because(ctx, err)
		}
		switch {
		case m.Report != nil:
			s.hear(m.Report, events)
		case m.Beat != nil:
			s.beaten(m.Beat, events)
		case m.Refusal != nil:
			return &Refused{By: s.Peer.Name, Text: oneLine(m.Refusal.Text), Hint: oneLine(m.Refusal.Hint)}
		}
	}
}

// speak sends tasks when there are new ones, and beats.
func (s *Session) speak(ctx context.Context) error {
	tick := time.NewTicker(beats)
	defer tick.Stop()
	for number, told := uint64(0), uint64(0); ; {
		m := message{}
		select {
		case <-ctx.Done():
			return nil
		case <-s.tasks:
			s.mu.Lock()
			wanted, round, asked := s.wanted, s.number, s.asked
			s.asked = nil
			s.mu.Unlock()
			if round != told {
				told = round
				m.Tasks = &tasks{Number: round, Tasks: wanted}
			}
			for _, name := range asked {
				if err := s.send(message{Search: &search{Name: name}}); err != nil {
					return err
				}
			}
		case <-tick.C:
			number++
			now := time.Now()
			s.mu.Lock()
			s.sent[number] = now
			delete(s.sent, number-rememberedBeats)
			s.mu.Unlock()
			m.Beat = &beat{Number: number, Clock: now}
		}
		if m == (message{}) {
			continue
		}
		if err := s.send(m); err != nil {
			return err
		}
	}
}

// send closes the connection when it cannot, so that the reader ends too.
func (s *Session) send(m message) error {
	err := s.link.send(m)
	if err != nil {
		s.link.close()
		return fmt.Errorf("cannot tell the agent: %w", err)
	}
	return nil
}

// hear hands on a report. Ages are turned into times of this end's clock.
func (s *Session) hear(r *report, events Events) {
	now := time.Now()
	var findings []vantage.Finding
	for _, f := range r.Findings {
		result := believable(f.Result)
		result.From = s.Peer.Name
		result.At = now.Add(-min(max(f.Age, 0), time.Hour))
		findings = append(findings, vantage.Finding{Result: result, RTTs: f.RTTs})
	}
	events.Trouble(oneLine(r.Trouble))
	events.Arrivals(r.Arrivals, r.Watches)
	if len(findings) > 0 {
		events.Findings(findings)
	}
	if r.Dropped > 0 {
		events.Dropped(r.Dropped)
	}
}

// beaten takes a beat that has come back.
func (s *Session) beaten(b *beat, events Events) {
	s.mu.Lock()
	sent, known := s.sent[b.Number]
	delete(s.sent, b.Number)
	s.mu.Unlock()
	if !known {
		return
	}
	s.clock.heard(sent, time.Now(), b.Clock)
	if offset, known := s.clock.offset(); known {
		events.Offset(offset)
	}
}

// believable keeps what another host says within what a prober can have
// counted.
func believable(r probe.Result) probe.Result {
	r.Err = oneLine(r.Err)
	r.Sent = min(max(r.Sent, 0), probe.MaxCount)
	for _, count := range []*int{&r.Unsent, &r.Received} {
		*count = min(max(*count, 0), r.Sent)
	}
	for _, count := range []*int{&r.Late, &r.Duplicates, &r.Reordered} {
		*count = min(max(*count, 0), probe.MaxCount)
	}
	for _, span := range []*time.Duration{&r.Min, &r.Mean, &r.Max, &r.Deviation, &r.Jitter} {
		*span = min(max(*span, 0), time.Minute)
	}
	texts := map[string]int{}
	for text, count := range r.Refusals {
		if len(texts) < mostTexts {
			texts[oneLine(text)] += min(max(count, 0), probe.MaxCount)
		}
	}
	if r.Refusals = texts; len(texts) == 0 {
		r.Refusals = nil
	}
	return r
}

// mostTexts is how many different refusals a result may name.
const mostTexts = 20
