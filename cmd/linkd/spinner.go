package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// spinner shows on a terminal what is being done, and for how long; elsewhere
// it shows nothing.
type spinner struct {
	out  io.Writer
	mu   sync.Mutex
	what string
	quit chan struct{}
	done sync.WaitGroup
}

// spinner starts one on the story's stream.
func (p *program) spinner() *spinner {
	s := &spinner{quit: make(chan struct{})}
	if dumb, _ := p.env("TERM"); !onTerminal(p.err) || dumb == "dumb" {
		return s
	}
	s.out = p.err
	s.done.Go(s.spin)
	return s
}

// tell says what is being done now.
func (s *spinner) tell(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.what = what
}

func (s *spinner) spin() {
	const wipe = "\r\033[K"
	began := time.Now()
	ticks := time.NewTicker(200 * time.Millisecond)
	defer ticks.Stop()
	for i := 0; ; i++ {
		select {
		case <-s.quit:
			fmt.Fprint(s.out, wipe)
			return
		case <-ticks.C:
			s.mu.Lock()
			fmt.Fprintf(s.out, "%s%c %s (%s)", wipe, `|/-\`[i%4], s.what, time.Since(began).Round(time.Second))
			s.mu.Unlock()
		}
	}
}

// stop takes it away.
func (s *spinner) stop() {
	if s.out != nil {
		close(s.quit)
		s.done.Wait()
	}
}
