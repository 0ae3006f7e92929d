package probe

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// address is the address of a target by its number.
func address(number int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, 2, byte(number >> 8), byte(number)})
}

// heard is what a Prober has told.
type heard struct {
	results map[string][]Result
	seen    map[string]int
	lost    map[string]int
}

func listen() (*heard, Events) {
	h := &heard{map[string][]Result{}, map[string]int{}, map[string]int{}}
	return h, Events{
		Seen:  func(target string, rtt time.Duration) { h.seen[target]++ },
		Lost:  func(target string, at time.Time) { h.lost[target]++ },
		Ended: func(r Result) { h.results[r.To] = append(h.results[r.To], r) },
	}
}

// run lets a Prober run in the background until the returned function is called.
func run(t *testing.T, p *Prober) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func add(t *testing.T, p *Prober, targets ...Target) {
	t.Helper()
	for _, target := range targets {
		if err := p.Add(target); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSendsAreSpreadOverTheInterval(t *testing.T) {
	for _, targets := range []int{1, 10, 100, 1000, 5000} {
		t.Run(fmt.Sprint(targets), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wire, sent := after(10 * ms).wire()
				h, events := listen()
				p := NewProber(wire, "here", events)
				for i := range targets {
					add(t, p, Target{Name: fmt.Sprint(i), Address: address(i), Count: 3})
				}
				began := time.Now()
				stop := run(t, p)
				time.Sleep(4*time.Second - 1)
				stop()
				if len(*sent) != 4*targets {
					t.Errorf("%d echoes were sent, want %d", len(*sent), 4*targets)
				}
				// In each hundredth of a second of each second as many as in any
				// other, but for the three that an even sequence may be off.
				bins := make([]int, 400)
				for _, at := range *sent {
					bins[at.Sub(began)/(10*ms)]++
				}
				if fair := targets / 100; slices.Max(bins) > fair+3 || slices.Min(bins) < fair-3 {
					t.Errorf("between %d and %d echoes within 10 ms, %d would be even", slices.Min(bins), slices.Max(bins), fair)
				}
				for name, results := range h.results {
					if len(results) != 1 || results[0].Received != 3 || h.seen[name] < 3 {
						t.Fatalf("%s: %+v", name, results)
					}
				}
				if len(h.results) != targets || len(h.lost) != 0 {
					t.Errorf("%d targets have a result, %d lost something", len(h.results), len(h.lost))
				}
			})
		})
	}
}

func TestTargetsComeAndGoWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := map[netip.Addr]int{}
		wire := Carried(func(e Echo) ([]Delivery, error) {
			asked[e.To]++
			return after(10*ms)(0, e)
		})
		h, events := listen()
		p := NewProber(wire, "here", events)
		stop := run(t, p)
		time.Sleep(5*time.Second - ms) // nothing to do, and it waits
		one, two := Target{Name: "one", Address: address(1), Count: 2}, Target{Name: "two", Address: address(2), Count: 2}
		add(t, p, one, two)
		time.Sleep(10 * time.Second)
		p.Remove("two")
		p.Remove("three") // never known
		add(t, p, one)    // the same
		time.Sleep(10 * time.Second)
		one.Address = address(3)
		add(t, p, one)
		time.Sleep(10 * time.Second)
		stop()
		want := map[netip.Addr]int{address(1): 20, address(2): 10, address(3): 10}
		if !maps.Equal(asked, want) {
			t.Errorf("asked %v, want %v", asked, want)
		}
		if len(h.results["one"]) < 14 || len(h.results["two"]) != 5 {
			t.Errorf("%d and %d results", len(h.results["one"]), len(h.results["two"]))
		}
	})
}

func TestBurstsOnAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, sent := after(10 * ms).wire()
		h, events := listen()
		p := NewProber(wire, "here", events)
		add(t, p, Target{Name: "there", Address: host, Count: 5, Interval: 100 * ms, Every: time.Minute})
		began := time.Now()
		stop := run(t, p)
		time.Sleep(10*time.Minute - time.Second)
		stop()
		if len(*sent) != 50 || len(h.results["there"]) != 10 {
			t.Fatalf("%d echoes, %d results", len(*sent), len(h.results["there"]))
		}
		for i, at := range *sent {
			if want := time.Duration(i/5)*time.Minute + time.Duration(i%5)*100*ms; at.Sub(began) != want {
				t.Errorf("echo %d was sent after %v, want %v", i, at.Sub(began), want)
			}
		}
	})
}

func TestAProbeStormIsImpossible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, sent := after(10 * ms).wire()
		p := NewProber(wire, "", Events{})
		number := 0
		for ; number < 1000; number++ {
			if err := p.Add(Target{Name: fmt.Sprint(number), Address: address(number), Interval: MinInterval}); err != nil {
				if want := "10050 echoes a second, and 10000 is the limit"; !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
				break
			}
		}
		if number != 200 {
			t.Errorf("%d targets of 50 echoes a second were taken", number)
		}
		add(t, p, Target{Name: "0", Address: address(0)}) // it asks for less now
		stop := run(t, p)
		time.Sleep(time.Second)
		stop()
		if len(*sent) > MaxRate {
			t.Errorf("%d echoes in a second", len(*sent))
		}
	})
}

// A machine that was suspended, or a callback that blocked for ten seconds.
func TestAPauseOfTheHostIsNotMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []time.Time
		paused := false
		wire := Carried(func(e Echo) ([]Delivery, error) {
			if len(sent) == 500 && !paused {
				paused = true
				time.Sleep(10*time.Second + 300*ms)
			}
			sent = append(sent, time.Now())
			return after(10*ms)(0, e)
		})
		p := NewProber(wire, "", Events{})
		for i := range 100 {
			add(t, p, Target{Name: fmt.Sprint(i), Address: address(i)})
		}
		began := time.Now()
		stop := run(t, p)
		time.Sleep(30 * time.Second)
		stop()
		if len(sent) < 1900 || len(sent) > 2100 {
			t.Errorf("%d echoes in the 20 seconds without the pause", len(sent))
		}
		for i := 1; i < len(sent); i++ {
			if gap := sent[i].Sub(sent[i-1]); gap < time.Second/MaxRate {
				t.Fatalf("echo %d, after %v, comes %v after the one before", i, sent[i].Sub(began), gap)
			}
		}
	})
}

func TestLossTakesNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, _ := network(func(int, Echo) ([]Delivery, error) { return nil, nil }).wire()
		h, events := listen()
		p := NewProber(wire, "", events)
		add(t, p, Target{Name: "there", Address: host, Interval: MinInterval, Timeout: MaxTimeout, Count: 50})
		stop := run(t, p)
		time.Sleep(10*time.Minute - 1)
		stop()
		s := p.engine.agenda[0]
		if len(s.flights) != 1024 {
			t.Errorf("%d flights are remembered", len(s.flights))
		}
		tallies := map[*tally]bool{}
		for _, f := range s.flights {
			tallies[f.tally] = true
		}
		if len(tallies) > 13 { // ten seconds of bursts of one second, the one that runs, and none
			t.Errorf("%d bursts are remembered", len(tallies))
		}
		if got := len(h.results["there"]); got != 590 {
			t.Errorf("%d bursts have ended", got)
		}
		if got := h.lost["there"]; got != 590*50 {
			t.Errorf("%d echoes were lost", got)
		}
	})
}

// Whatever a network does, each echo of a burst is counted once.
func TestEachEchoIsCountedOnceWhateverTheNetworkDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(4, 4))
		want := map[string]int{}
		wire := Carried(func(e Echo) ([]Delivery, error) {
			var all []Delivery
			for range random.IntN(3) {
				d := answer(e, time.Duration(random.IntN(1500))*ms)
				switch random.IntN(6) {
				case 0:
					d.Arrival.From = stranger
				case 1:
					d.Arrival.Refusal = &Refusal{Text: "host unreachable"}
				}
				all = append(all, d)
			}
			if random.IntN(20) == 0 {
				return all, fmt.Errorf("no buffer space available")
			}
			return all, nil
		})
		h, events := listen()
		p := NewProber(wire, "", events)
		for i := range 50 {
			add(t, p, Target{Name: fmt.Sprint(i), Address: address(i), Count: 10, Interval: 100 * ms})
		}
		stop := run(t, p)
		time.Sleep(100 * time.Second)
		stop()
		for name, results := range h.results {
			received, lost := 0, 0
			for _, r := range results {
				if r.Sent != 10 || r.Received > 10 || r.Unsent > 10-r.Received {
					t.Fatalf("%s: %+v", name, r)
				}
				received += r.Received
				lost += r.Sent - r.Received
			}
			// What was seen since the last result is in none yet.
			if seen, gone := h.seen[name]-received, h.lost[name]-lost; seen < 0 || gone < 0 || seen+gone > 20 {
				t.Errorf("%s: %d answers and %d losses are in no result", name, seen, gone)
			}
			want[name] = len(results)
		}
		if len(want) != 50 || want["0"] < 97 {
			t.Errorf("%d targets, %d results of the first", len(want), want["0"])
		}
	})
}

func TestTwoTargetsOfOneAddressAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := Carried(func(e Echo) ([]Delivery, error) {
			if e.Size == 1400 {
				return deliver(Delivery{4 * ms, Arrival{From: router, Short: true, To: e.To, Refusal: &Refusal{Text: "fragmentation needed"}}})
			}
			return deliver(answer(e, 10*ms))
		})
		h, events := listen()
		p := NewProber(wire, "", events)
		add(t, p, Target{Name: "small", Address: host}, Target{Name: "large", Address: host, Size: 1400})
		stop := run(t, p)
		time.Sleep(1000 * time.Second)
		stop()
		for _, r := range h.results["small"] {
			if r.Received != 10 || len(r.Refusals) > 0 {
				t.Fatalf("small: %+v", r)
			}
		}
		for _, r := range h.results["large"] {
			if r.Received != 0 || r.Refusals["fragmentation needed (from 10.1.0.1)"] != 10 {
				t.Fatalf("large: %+v", r)
			}
		}
	})
}
