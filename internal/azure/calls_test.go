package azure

import (
	"slices"
	"sync"
	"testing"
	"time"

	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// TestCallTellsHowARequestWasAnswered injects one fault at a time and looks at
// what is told of the requests that it hits, each repeat by itself.
func TestCallTellsHowARequestWasAnswered(t *testing.T) {
	type told struct {
		status    int
		throttled bool
	}
	hubs := func(s *stage) { s.sweep() }
	writeSite := func(s *stage) {
		site := s.resource("azure/vpn-site/tokyo")
		want, err := site.Want(s.see(site))
		if err != nil {
			s.Fatal(err)
		}
		_ = site.Apply(s.Context(), want, s.world[site.ID()]) // the calls tell how it went
		s.world[site.ID()] = resource.Live{}
		s.make(site)
	}
	for name, row := range map[string]struct {
		fault     *ground.Fault
		does      func(*stage)
		operation string
		want      []told
	}{
		"answered":          {nil, hubs, "virtualHubs.list", []told{{200, false}}},
		"too many requests": {&ground.Fault{Operation: "LIST virtualHubs", Count: 1, Effect: ground.EffectStatus, Status: 429, Code: "SubscriptionRequestsThrottled", Message: "Please try again after '6' seconds.", RetryAfter: 6}, hubs, "virtualHubs.list", []told{{429, true}, {200, false}}},
		"busy is no throttling, and is not repeated here": {&ground.Fault{Operation: "PUT vpnSites", Count: 1, Effect: ground.EffectStatus, Status: 429, Code: "RetryableError", Message: "A retryable error occurred."}, writeSite, "vpnSites.put", []told{{429, false}}},
		"a server error":                {&ground.Fault{Operation: "LIST virtualHubs", Count: 1, Effect: ground.EffectStatus, Status: 503, Code: "ServiceUnavailable", Message: "try later"}, hubs, "virtualHubs.list", []told{{503, false}, {200, false}}},
		"no answer":                     {&ground.Fault{Operation: "PUT vpnSites", Count: 1, Effect: ground.EffectDrop}, writeSite, "vpnSites.put", []told{{0, false}, {200, false}}},
		"an answer cut short is none":   {&ground.Fault{Operation: "LIST virtualHubs", Count: 1, Effect: ground.EffectNonsense, Nonsense: "cut"}, hubs, "virtualHubs.list", []told{{0, false}, {200, false}}},
		"denied":                        {&ground.Fault{Operation: "LIST virtualHubs", Effect: ground.EffectDeny}, hubs, "virtualHubs.list", []told{{403, false}}},
		"a question is accepted":        {nil, hubs, "virtualHubs.effectiveRoutes", []told{{202, false}, {202, false}}},
		"and each poll of it is a call": {&ground.Fault{Operation: "GET operations", Count: 1, Effect: ground.EffectStatus, Status: 429, Code: "TooManyRequests", Message: "slow down", RetryAfter: 1}, hubs, "operations.get", []told{{200, false}, {429, true}}},
		"a poll that tells of a failure was answered": {&ground.Fault{Operation: "PUT vpnSites", Count: 1, Effect: ground.EffectFail, Code: "SomethingBroke", Message: "the region is on fire"}, writeSite, "operations.get", []told{{200, false}}},
	} {
		t.Run(name, func(t *testing.T) {
			onStage(t, nil, func(s *stage) {
				var guard sync.Mutex
				var calls []told
				watched, err := New(s.file, Options{Credential: token{}, Transport: s.transport, OnCall: func(call Call) {
					guard.Lock()
					defer guard.Unlock()
					if call.Operation == row.operation {
						calls = append(calls, told{call.Status, call.Throttled})
					}
				}})
				if err != nil {
					s.Fatal(err)
				}
				s.build()
				s.cloud = watched
				time.Sleep(time.Hour)
				if row.fault != nil {
					row.fault.Cloud = "azure"
					s.sim.Inject(*row.fault)
				}
				row.does(s)
				if row.operation == "operations.get" { // of several questions, as often as they are asked
					slices.SortFunc(calls, func(a, b told) int { return a.status - b.status })
					calls = slices.Compact(calls)
				}
				if !slices.Equal(calls, row.want) {
					s.Errorf("told of %s: %v, want %v", row.operation, calls, row.want)
				}
			})
		})
	}
}
