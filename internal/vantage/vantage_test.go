package vantage

import (
	"errors"
	"math"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/probe"
)

// network answers every echo after its way, but for those lost.
type network struct {
	mu     sync.Mutex
	rtt    map[netip.Addr]time.Duration
	mtu    int
	broken error
	opened int
}

func (n *network) open() (probe.Wire, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.opened++
	if n.broken != nil {
		return nil, n.broken
	}
	return probe.Carried(func(e probe.Echo) ([]probe.Delivery, error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		rtt, there := n.rtt[e.To]
		if !there || n.mtu > 0 && e.Size > n.mtu {
			return nil, nil
		}
		return []probe.Delivery{{After: rtt, Arrival: probe.Arrival{From: e.To}}}, nil
	}), nil
}

// told collects what a vantage tells.
type told struct {
	mu       sync.Mutex
	findings []Finding
	trouble  []string
}

func (s *told) take() ([]Finding, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, t := s.findings, s.trouble
	s.findings, s.trouble = nil, nil
	return f, t
}

var (
	near = netip.MustParseAddr("10.1.0.4")
	far  = netip.MustParseAddr("172.20.0.10")
)

func task(name string, address netip.Addr) Task {
	return Task{Name: name, Address: address, Interval: time.Second, Timeout: time.Second, Count: 10, Size: 84}
}

// at runs a vantage on a network.
func at(t *testing.T, n *network, do func(*Vantage, *told)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &told{}
		v := &Vantage{Name: "here", Open: n.open, Tell: func(f Finding) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.findings = append(s.findings, f)
		}, Trouble: func(why string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.trouble) == 0 || s.trouble[len(s.trouble)-1] != why {
				s.trouble = append(s.trouble, why)
			}
		}}
		done := make(chan struct{})
		ctx := t.Context()
		go func() { defer close(done); v.Run(ctx) }()
		t.Cleanup(func() { <-done })
		do(v, s)
	})
}

// of lists the findings of one target.
func of(findings []Finding, name string) []Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return f.Result.To != name })
}

func TestAVantageKeepsToItsTasksAndTellsTheTimes(t *testing.T) {
	at(t, &network{rtt: map[netip.Addr]time.Duration{near: 5 * time.Millisecond}}, func(v *Vantage, s *told) {
		v.Follow([]Task{task("near", near), task("far", far)})
		time.Sleep(101 * time.Second)
		findings, _ := s.take()
		if n, f := of(findings, "near"), of(findings, "far"); len(n) < 9 || len(f) < 9 {
			t.Fatalf("%d and %d findings", len(n), len(f))
		}
		for _, f := range of(findings, "near") {
			if f.Result.Received != 10 || f.Result.From != "here" || f.RTTs.Total() < 9 {
				t.Errorf("near: %+v", f)
			}
			f.RTTs.Each(func(rtt time.Duration, _ int) {
				if math.Abs(float64(rtt-5*time.Millisecond)) > 0.012*float64(5*time.Millisecond) {
					t.Errorf("5ms travel as %s", rtt)
				}
			})
		}
		if f := of(findings, "far"); f[0].Result.Loss() != 1 || f[0].RTTs.Total() != 0 {
			t.Errorf("far: %+v", f[0])
		}
	})
}

func TestAChangeOfTheTasksInterruptsNoOther(t *testing.T) {
	at(t, &network{rtt: map[netip.Addr]time.Duration{near: time.Millisecond, far: time.Millisecond}}, func(v *Vantage, s *told) {
		v.Follow([]Task{task("near", near), task("far", far)})
		time.Sleep(35 * time.Second)
		s.take()
		for range 20 { // a change each second, in the middle of the bursts of near
			time.Sleep(time.Second)
			other := task("far", far)
			other.Size += int(time.Now().Unix() % 50)
			v.Follow([]Task{task("near", near), other})
		}
		findings, _ := s.take()
		if n, f := of(findings, "near"), of(findings, "far"); len(n) < 2 || len(f) != 0 {
			t.Errorf("%d findings of what stayed, %d of what was changed all the time", len(n), len(f))
		}
		v.Follow([]Task{task("far", far)})
		time.Sleep(time.Second)
		s.take()
		time.Sleep(time.Minute)
		if findings, _ := s.take(); len(of(findings, "near")) > 0 || len(of(findings, "far")) == 0 {
			t.Errorf("a target that is gone is probed: %+v", findings)
		}
	})
}

func TestAHostThatMayNotSendIsToldOnceAndTriedAgain(t *testing.T) {
	n := &network{rtt: map[netip.Addr]time.Duration{near: time.Millisecond}, broken: errors.New("no socket for ICMP may be opened")}
	at(t, n, func(v *Vantage, s *told) {
		time.Sleep(time.Hour)
		if n.opened > 0 {
			t.Error("it opens a socket without a task")
		}
		v.Follow([]Task{task("near", near)})
		time.Sleep(10 * time.Minute)
		findings, trouble := s.take()
		if len(trouble) != 1 || trouble[0] != n.broken.Error() || len(findings) == 0 || findings[0].Result.Err != n.broken.Error() {
			t.Errorf("it tells %q, %+v", trouble, findings)
		}
		n.mu.Lock()
		n.broken = nil
		n.mu.Unlock()
		time.Sleep(time.Minute)
		findings, trouble = s.take()
		if last := findings[len(findings)-1].Result; last.Received != 10 || len(trouble) != 1 || trouble[0] != "" {
			t.Errorf("once it may: %q, %+v", trouble, last)
		}
	})
}

func TestThePathMTUIsSearchedOnItsScheduleAndOnRequest(t *testing.T) {
	at(t, &network{rtt: map[netip.Addr]time.Duration{near: time.Millisecond, far: time.Millisecond}, mtu: 1400}, func(v *Vantage, s *told) {
		regular, asked := task("near", near), task("far", far)
		regular.MTUEvery = time.Hour
		v.Follow([]Task{regular, asked})
		time.Sleep(2*time.Hour + 10*time.Minute)
		findings, _ := s.take()
		searches := func(all []Finding, name string) (count int) {
			for _, f := range of(all, name) {
				if f.Result.MTU != nil {
					count++
					if f.Result.MTU.Passes != 1400 {
						t.Errorf("the MTU is %+v", f.Result.MTU)
					}
				}
			}
			return count
		}
		if got := searches(findings, "near"); got != 3 || searches(findings, "far") != 0 {
			t.Errorf("%d searches of near, %d of far", got, searches(findings, "far"))
		}
		v.Search("far")
		v.Search("nobody")
		time.Sleep(time.Minute)
		if findings, _ := s.take(); searches(findings, "far") != 1 {
			t.Errorf("%d searches on request", searches(findings, "far"))
		}
	})
}

func TestATimeIsKnownToOnePercent(t *testing.T) {
	for rtt := time.Microsecond; rtt < 3*time.Second; rtt = rtt * 21 / 20 {
		c := Counts{}
		c.Add(rtt)
		c.Each(func(middle time.Duration, count int) {
			if off := math.Abs(float64(middle-rtt)) / float64(rtt); off > 0.0112 || count != 1 {
				t.Errorf("%s is told as %s, %.2f%% off", rtt, middle, 100*off)
			}
		})
	}
	odd := Counts{-5: 3, lastBucket + 1: 2, 4: -1}
	odd.Add(0)
	odd.Add(math.MaxInt64)
	if odd.Total() != 2 {
		t.Errorf("what nobody can have counted counts: %v", odd)
	}
}
