package sim

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

const wan = network + "/virtualWans/wan"

func TestFortyVirtualMinutesPassInNoTime(t *testing.T) {
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{}, nil)
		before := d.sim.Now()
		for d.sim.Now().Sub(before) < 40*time.Minute {
			if status, answer, err := d.arm(http.MethodGet, network+"/virtualNetworks/vnet-jpe", ""); err != nil || status != http.StatusOK {
				t.Fatalf("%d %s %v", status, answer, err)
			}
			time.Sleep(10 * time.Second)
		}
		if calls := d.sim.Calls(); calls["GET virtualNetworks"] != 240 {
			t.Errorf("calls %v", calls)
		}
	}) // the bubble fails the test if a goroutine is left
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestWhatFaultsDoToARequest(t *testing.T) {
	for name, c := range map[string]struct {
		fault ground.Fault
		fails bool   // without an answer that can be read
		has   string // in the answer
		made  bool   // the WAN exists afterwards
	}{
		"dropped before it is done":  {ground.Fault{Effect: ground.EffectDrop}, true, "", false},
		"done and left unanswered":   {ground.Fault{Effect: ground.EffectDie}, true, "", true},
		"done and answered in part":  {ground.Fault{Effect: ground.EffectNonsense, Nonsense: "cut"}, true, "", true},
		"done and answered nonsense": {ground.Fault{Effect: ground.EffectNonsense, Nonsense: "garbage"}, false, "Bad Gateway", true},
		"refused with a status":      {ground.Fault{Effect: ground.EffectStatus, Status: 503, Code: "ServerBusy"}, false, "ServerBusy", false},
		"not permitted":              {ground.Fault{Effect: ground.EffectDeny}, false, "AuthorizationFailed", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.fault.Operation, c.fault.Count = "PUT virtualWans", 1
				d := drive(t, Options{Faults: []ground.Fault{c.fault}}, nil)
				_, answer, err := d.arm(http.MethodPut, wan, `{"location":"japaneast"}`)
				if (err != nil) != c.fails || !strings.Contains(answer, c.has) {
					t.Errorf("error %v, answer %q", err, answer)
				}
				if status, _, _ := d.arm(http.MethodGet, wan, ""); (status == http.StatusOK) != c.made {
					t.Errorf("afterwards GET says %d", status)
				}
				if status, _, err := d.arm(http.MethodPut, wan, `{"location":"japaneast"}`); err != nil || status >= 500 {
					t.Errorf("the fault hits twice: %d %v", status, err)
				}
			})
		})
	}
}

func TestAnAcceptedOperationFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{Faults: []ground.Fault{{Operation: "PUT virtualWans", Effect: ground.EffectFail, Code: "InternalServerError", Message: "broken"}}}, nil)
		if status, answer, err := d.arm(http.MethodPut, wan, `{"location":"japaneast"}`); err != nil || status != http.StatusCreated {
			t.Fatalf("%d %s %v", status, answer, err)
		}
		d.await(wan, `"provisioningState":\s*"Failed"`)
	})
}

func TestLatencyAndStallsTakeSimulatedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{Scale: 10, Faults: []ground.Fault{{Operation: "GET virtualNetworks", Nth: 2, Effect: ground.EffectStall, Stall: 60}}},
			func(s *scenario.Scenario) { s.Behaviour.Latency = time.Second })
		for i, want := range []time.Duration{time.Second, 61 * time.Second} {
			before, began := d.sim.Now(), time.Now()
			if _, _, err := d.arm(http.MethodGet, network+"/virtualNetworks/vnet-jpe", ""); err != nil {
				t.Fatal(err)
			}
			if took := d.sim.Now().Sub(before); took != want || time.Since(began) != want/10 {
				t.Errorf("request %d took %v simulated and %v real, want %v at ten times the speed", i, took, time.Since(began), want)
			}
		}
	})
}

func TestWhoHangsUpIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{Faults: []ground.Fault{{Effect: ground.EffectStall, Stall: 3600}}}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+network+"/virtualWans", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.client.Do(request); err == nil {
			t.Error("it was answered")
		}
		synctest.Wait()
		if passed := d.sim.Now().Sub(d.sim.Recent()[0].At); passed > 2*time.Minute {
			t.Errorf("%v have passed", passed)
		}
	})
}

func TestTheAdminEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{Scale: 1}, nil)
		var clock struct{ Scale float64 }
		if status := d.ask("GET", "clock", "", &clock); status != 200 || clock.Scale != 1 {
			t.Errorf("clock %d %+v", status, clock)
		}
		var echo struct {
			Crossed bool
			Why     string
		}
		if d.ask("GET", "echo?from=10.1.0.4&to=172.20.0.10", "", &echo); echo.Crossed || echo.Why == "" {
			t.Errorf("an echo without a link: %+v", echo)
		}
		var all []any
		if d.ask("GET", "echo", "", &all); len(all) != 12 {
			t.Errorf("%d echoes", len(all))
		}
		if status := d.ask("GET", "echo?from=nobody&to=10.1.0.4", "", nil); status != 400 {
			t.Errorf("an echo from nobody: %d", status)
		}
		var state struct{ Azure, AWS any }
		if d.ask("GET", "state", "", &state); state.Azure == nil || state.AWS == nil {
			t.Errorf("state %+v", state)
		}
		mutation := `{"cloud":"aws","kind":"route-table","name":"rtb-0a10000000000000a","op":"add","field":"Routes","value":{"DestinationCidrBlock":"10.9.0.0/16","GatewayId":"igw-1"}}`
		if status := d.ask("POST", "mutate", mutation, nil); status != 204 {
			t.Errorf("mutate: %d", status)
		}
		for body, status := range map[string]int{
			`{"effect":"drop","operation":"PUT *"}`: 200, `{"effect":"no such"}`: 400, `{"unknown":1}`: 400, `[]`: 200, `nonsense`: 400,
		} {
			if have := d.ask("POST", "faults", body, nil); have != status {
				t.Errorf("faults %s: %d, want %d", body, have, status)
			}
		}
		if _, _, err := d.arm(http.MethodPut, wan, `{"location":"japaneast"}`); err == nil {
			t.Error("the injected fault does nothing")
		}
		var calls struct {
			Counts map[string]int
			Recent []Call
		}
		if d.ask("GET", "calls", "", &calls); calls.Counts["PUT virtualWans"] != 1 || len(calls.Recent) != 1 || calls.Recent[0].Status != 0 {
			t.Errorf("calls %+v", calls)
		}
		var fates []fabric.Fate
		if status := d.ask("POST", "carry", `[{"from":"10.1.0.4","to":"172.20.0.10"},{"from":"9.9.9.9","to":"172.20.0.10"}]`, &fates); status != 200 || len(fates) != 2 ||
			fates[0].Answered || fates[0].Request.DroppedAt == "" || !strings.HasPrefix(fates[1].Request.DroppedAt, "machine") {
			t.Errorf("packets without a link: %d %+v", status, fates)
		}
		var conditions []fabric.Condition
		if status := d.ask("PUT", "conditions", `[{"kind":"tunnel","toward":"aws","loss":0.1}]`, &conditions); status != 200 || len(conditions) != 1 || conditions[0].Loss != 0.1 {
			t.Errorf("conditions: %d %+v", status, conditions)
		}
		if status := d.ask("PUT", "conditions", `[{"kind":"tunnel","loss":2}]`, nil); status != 400 || len(d.sim.Conditions()) != 1 {
			t.Errorf("a loss of 2: %d, and %+v", status, d.sim.Conditions())
		}
		if d.ask("DELETE", "conditions", "", nil); len(d.sim.Conditions()) != 0 {
			t.Errorf("after the reset %+v", d.sim.Conditions())
		}
		d.ask("DELETE", "faults", "", nil)
		d.ask("DELETE", "calls", "", nil)
		if _, _, err := d.arm(http.MethodPut, wan, `{"location":"japaneast"}`); err != nil {
			t.Errorf("the fault is still there: %v", err)
		}
		if status, _, _, err := d.send(http.MethodGet, "/nowhere", "", nil); err != nil || status != http.StatusNotFound {
			t.Errorf("a path of nobody: %d %v", status, err)
		}
	})
}

func TestNoKeyIsEverDumped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{}, nil)
		d.buildLink()
		key := within(t, d.call("DescribeVpnConnections"), "preSharedKey")
		_, state, _, err := d.send(http.MethodGet, "/_sim/state", "", nil)
		if err != nil || len(key) < 8 || strings.Contains(state, key) {
			t.Errorf("the dump has a key (error %v, key of %d letters)", err, len(key))
		}
	})
}

func TestTheRecordOfCallsIsBounded(t *testing.T) {
	s := &Simulator{calls: record{counts: map[string]int{}}}
	for i := range 2*remembered + 1 {
		s.note(Call{Operation: "GET virtualHubs", Status: i})
	}
	if len(s.calls.last) != remembered || s.calls.counts["GET virtualHubs"] != 2*remembered+1 {
		t.Errorf("%d kept, counts %v", len(s.calls.last), s.calls.counts)
	}
}

func TestTheSameCloudsOverTCP(t *testing.T) {
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	simulator, err := New(given, Options{Scale: 1000})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- simulator.Serve(ctx, listener) }()
	response, err := http.Get("http://" + listener.Addr().String() + "/_sim/tunnels")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if strings.TrimSpace(string(body)) != "[]" {
		t.Errorf("tunnels of clouds without a link: %s", body)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
