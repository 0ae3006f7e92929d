package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ms = time.Millisecond

// one is a network that does something to the third echo alone, and answers all
// others after 10 ms.
func one(odd func(Echo) ([]Delivery, error)) network {
	return func(number int, e Echo) ([]Delivery, error) {
		if number == 2 {
			return odd(e)
		}
		return after(10*ms)(number, e)
	}
}

func deliver(deliveries ...Delivery) ([]Delivery, error) { return deliveries, nil }

// healthy is the Result of ten echoes that were answered after 10 ms.
func healthy(change func(*Result)) Result {
	r := Result{From: "here", To: "there", Sent: 10, Received: 10, Min: 10 * ms, Mean: 10 * ms, Max: 10 * ms, TTL: 61}
	change(&r)
	return r
}

func TestABurstCountsWhatCameBack(t *testing.T) {
	lostOne := func(r *Result) { r.Received = 9 }
	for name, c := range map[string]struct {
		network network
		want    Result
		took    time.Duration
	}{
		"all answered": {after(10 * ms), healthy(func(*Result) {}), 910 * ms},
		"one lost":     {one(func(Echo) ([]Delivery, error) { return nil, nil }), healthy(lostOne), 910 * ms},
		"all lost": {
			func(int, Echo) ([]Delivery, error) { return nil, nil },
			Result{From: "here", To: "there", Sent: 10},
			1200 * ms,
		},
		"one late": {
			one(func(e Echo) ([]Delivery, error) { return deliver(answer(e, 350*ms)) }),
			healthy(func(r *Result) { r.Received, r.Late = 9, 1 }), 910 * ms,
		},
		"one late and doubled": {
			one(func(e Echo) ([]Delivery, error) { return deliver(answer(e, 350*ms), answer(e, 360*ms)) }),
			healthy(func(r *Result) { r.Received, r.Late, r.Duplicates = 9, 1, 1 }), 910 * ms,
		},
		"one doubled": {
			one(func(e Echo) ([]Delivery, error) { return deliver(answer(e, 10*ms), answer(e, 11*ms)) }),
			healthy(func(r *Result) { r.Duplicates = 1 }), 910 * ms,
		},
		"at the deadline": {
			one(func(e Echo) ([]Delivery, error) { return deliver(answer(e, 300*ms)) }),
			healthy(func(r *Result) {
				r.Max, r.Mean, r.Deviation, r.Jitter, r.Reordered = 300*ms, 39*ms, 87*ms, 64444444, 1
			}), 910 * ms,
		},
		"one overtaken by the next": {
			one(func(e Echo) ([]Delivery, error) { return deliver(answer(e, 120*ms)) }),
			healthy(func(r *Result) {
				r.Max, r.Mean, r.Deviation, r.Jitter, r.Reordered = 120*ms, 21*ms, 33*ms, 24444444, 1
			}), 910 * ms,
		},
		"another host answers": {one(func(e Echo) ([]Delivery, error) {
			return deliver(Delivery{10 * ms, Arrival{From: stranger, TTL: 61}})
		}), healthy(func(r *Result) {
			r.Received, r.Refusals = 9, map[string]int{"answered by 10.9.9.9 instead": 1}
		}), 910 * ms},
		"another host answers first": {one(func(e Echo) ([]Delivery, error) {
			return deliver(Delivery{5 * ms, Arrival{From: stranger}}, answer(e, 10*ms))
		}), healthy(func(r *Result) { r.Refusals = map[string]int{"answered by 10.9.9.9 instead": 1} }), 910 * ms},
		"refused": {one(func(e Echo) ([]Delivery, error) {
			return deliver(Delivery{4 * ms, Arrival{From: router, Refusal: &Refusal{Text: "administratively prohibited"}}})
		}), healthy(func(r *Result) {
			r.Received, r.Refusals = 9, map[string]int{"administratively prohibited (from 10.1.0.1)": 1}
		}), 910 * ms},
		"refused with eight bytes quoted": {one(func(e Echo) ([]Delivery, error) {
			return deliver(Delivery{4 * ms, Arrival{From: router, Short: true, To: e.To, Refusal: &Refusal{Text: "host unreachable"}}})
		}), healthy(func(r *Result) {
			r.Received, r.Refusals = 9, map[string]int{"host unreachable (from 10.1.0.1)": 1}
		}), 910 * ms},
		"one could not be sent": {
			one(func(Echo) ([]Delivery, error) { return nil, errors.New("network is unreachable") }),
			healthy(func(r *Result) {
				r.Received, r.Unsent, r.Refusals = 9, 1, map[string]int{"not sent: network is unreachable": 1}
			}), 910 * ms,
		},
		"the host says afterwards that it could not send": {one(func(Echo) ([]Delivery, error) {
			return deliver(Delivery{0, Arrival{Unsent: errors.New("network is unreachable")}})
		}), healthy(func(r *Result) {
			r.Received, r.Unsent, r.Refusals = 9, 1, map[string]int{"not sent: network is unreachable": 1}
		}), 910 * ms},
		"none could be sent": {
			func(int, Echo) ([]Delivery, error) { return nil, errors.New("permission denied") },
			Result{From: "here", To: "there", Sent: 10, Unsent: 10, Refusals: map[string]int{"not sent: permission denied": 10}},
			900 * ms,
		},
		"times that differ": {func(number int, e Echo) ([]Delivery, error) {
			return deliver(answer(e, time.Duration(10+number%2*4)*ms))
		}, healthy(func(r *Result) { r.Max, r.Mean, r.Deviation, r.Jitter = 14*ms, 12*ms, 2*ms, 4*ms }), 914 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wire, sent := c.network.wire()
				began := time.Now()
				got := Burst(t.Context(), wire, "here", Target{Name: "there", Address: host, Interval: 100 * ms, Timeout: 300 * ms})
				if took := got.At.Sub(began); took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
				got.At = time.Time{}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
				if len(*sent) != 10 {
					t.Errorf("%d echoes were sent", len(*sent))
				}
			})
		})
	}
}

func TestRefusalsOfManyHostsTakeNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, _ := network(func(number int, e Echo) ([]Delivery, error) {
			return nil, fmt.Errorf("reason %d", number)
		}).wire()
		got := Burst(t.Context(), wire, "", Target{Address: host, Count: 1000, Interval: MinInterval})
		if len(got.Refusals) != mostTexts+1 || got.Refusals[otherTexts] != 1000-mostTexts {
			t.Errorf("%d texts, %d others", len(got.Refusals), got.Refusals[otherTexts])
		}
	})
}

func TestABurstThatCannotBeMeasuredSaysWhy(t *testing.T) {
	target := Target{Name: "there", Address: host}
	for name, c := range map[string]struct {
		prepare func(Wire, context.CancelFunc, *Target)
		want    string
	}{
		"ctx has ended":      {func(_ Wire, cancel context.CancelFunc, _ *Target) { cancel() }, "context canceled"},
		"ctx ends meanwhile": {func(_ Wire, cancel context.CancelFunc, _ *Target) { time.AfterFunc(time.Second, cancel) }, "context canceled"},
		"the wire closes":    {func(w Wire, _ context.CancelFunc, _ *Target) { time.AfterFunc(time.Second, func() { _ = w.Close() }) }, "the wire is closed"},
		"a storm":            {func(_ Wire, _ context.CancelFunc, t *Target) { t.Interval = ms }, `cannot probe "there": an echo every 1ms is a storm: the interval must be at least 20ms`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wire, _ := after(10 * ms).wire()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				tried := target
				c.prepare(wire, cancel, &tried)
				if got := Burst(ctx, wire, "here", tried); got.Err != c.want || got.Sent != 0 {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

func TestTwoBurstsOnOneWireTakeNoAnswersOfEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, _ := after(1100 * ms).wire() // the first burst's answers come in the second
		target := Target{Address: host, Count: 1}
		first := Burst(t.Context(), wire, "", target)
		target.Timeout = 2 * time.Second
		second := Burst(t.Context(), wire, "", target)
		if first.Received != 0 || second.Received != 1 || second.Mean != 1100*ms || second.Late+second.Duplicates != 0 {
			t.Errorf("first %+v\nsecond %+v", first, second)
		}
	})
}

func TestATargetOutsideTheLimitsIsRefused(t *testing.T) {
	for want, change := range map[string]func(*Target){
		"it has no address":                   func(t *Target) { t.Address = netip.Addr{} },
		"is not the address of one host":      func(t *Target) { t.Address = broadcast },
		"a burst has 1 to 100000 echoes":      func(t *Target) { t.Count = -1 },
		"must be at least 20ms":               func(t *Target) { t.Interval = MinInterval - 1 },
		"at most 10s, not 10.000000001s":      func(t *Target) { t.Timeout = MaxTimeout + 1 },
		"cannot start every 1s":               func(t *Target) { t.Every = time.Second },
		"the size must be 68 to 9216 bytes":   func(t *Target) { t.Size = 67 },
		"the time to live must be 1 to 255":   func(t *Target) { t.TTL = 256 },
		"a burst has 1 to 100000 echoes, not": func(t *Target) { t.Count = MaxCount + 1 },
	} {
		target := Target{Name: "there", Address: host}
		change(&target)
		if _, err := target.complete(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}
