package endtoend

import (
	"context"
	"time"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/probe"
	"linkd/internal/sim"
	"linkd/internal/sim/fabric"
)

// onTheSpot is a vantage that stands on every machine: its packets cross the
// simulator's fabric.
type onTheSpot struct{ sim *sim.Simulator }

func (onTheSpot) Name() string             { return "on the spot" }
func (onTheSpot) From(desired.Target) bool { return true }

func (v onTheSpot) Ping(_ context.Context, from desired.Target, to []desired.Target, ask examine.Ask) []probe.Result {
	var results []probe.Result
	for _, target := range to {
		r := probe.Result{From: from.Name, To: target.Name, At: time.Now(), Sent: ask.Count}
		for range ask.Count {
			if fate := v.sim.Carry(fabric.Packet{From: from.Address, To: target.Address})[0]; fate.Answered {
				r.Received++
				r.Mean, r.TTL = fate.RoundTrip, fate.TTL
			}
		}
		if ask.MTU && r.Received > 0 {
			r.MTU = v.search(from, target)
		}
		results = append(results, r)
	}
	return results
}

// search tries every size from the largest down.
func (v onTheSpot) search(from, to desired.Target) *probe.MTU {
	var mtu probe.MTU
	for size := 1500; size >= 576 && mtu.Passes == 0; size-- {
		fate := v.sim.Carry(fabric.Packet{From: from.Address, To: to.Address, Size: size, DontFragment: true})[0]
		switch {
		case fate.Answered:
			mtu.Passes = size
		case fate.Error != nil:
			mtu.Told, mtu.By = fate.Error.MTU, "the network"
		default:
			if mtu.SilentTo == 0 {
				mtu.SilentTo = size
			}
			mtu.SilentFrom = size
		}
	}
	return &mtu
}
