package examine

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/probe"
	"linkd/internal/verify"
)

func seed(t *testing.T) *desired.File {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// hosts answer after a millisecond, those that are down never.
func hosts(down ...string) func() (probe.Wire, error) {
	return func() (probe.Wire, error) {
		return probe.Carried(func(e probe.Echo) ([]probe.Delivery, error) {
			if slices.Contains(down, e.To.String()) {
				return nil, nil
			}
			return []probe.Delivery{{After: time.Millisecond, Arrival: probe.Arrival{From: e.To}}}, nil
		}), nil
	}
}

func names(pings []verify.Ping) (all []string) {
	for _, p := range pings {
		if p.Vantage != "" {
			all = append(all, p.From+" → "+p.To+" by "+p.Vantage)
		}
	}
	return all
}

func TestLocalSendsFromTheMachineThatItStandsOn(t *testing.T) {
	file := seed(t)
	synctest.Test(t, func(t *testing.T) {
		all := pings(t.Context(), file, Options{MTU: true, Vantages: []Vantage{Local{At: *file.TargetNamed("vm-use"), Open: hosts("172.21.0.10"), Timeout: time.Second}}})
		if got, want := names(all), []string{"vm-use → ec2-a by local", "vm-use → ec2-b by local"}; !slices.Equal(got, want) {
			t.Fatalf("sent are %q, want %q", got, want)
		}
		for _, p := range all {
			switch {
			case p.Vantage == "":
			case p.To == "ec2-a" && (p.Sent != 5 || p.Received != 5 || p.Mean != time.Millisecond || p.MTU == nil || p.MTU.Passes != 1500):
				t.Errorf("ec2-a: %+v", p)
			case p.To == "ec2-b" && (p.Sent != 5 || p.Received != 0 || p.MTU != nil || p.Err != ""):
				t.Errorf("ec2-b: %+v", p)
			}
		}
	})
}

func TestLocalSendsToEveryMachineFromOutside(t *testing.T) {
	file := seed(t)
	synctest.Test(t, func(t *testing.T) {
		all := pings(t.Context(), file, Options{MTU: true, Outside: true, Vantages: []Vantage{Local{Open: hosts(), Timeout: time.Second}}})
		want := []string{"local → vm-jpe by local", "local → vm-use by local", "local → ec2-a by local", "local → ec2-b by local"}
		if got := names(all); !slices.Equal(got, want) {
			t.Errorf("sent are %q, want %q", got, want)
		}
	})
}

func TestALocalThatMayNotSendSaysWhy(t *testing.T) {
	file := seed(t)
	forbidden := Local{At: *file.TargetNamed("vm-use"), Timeout: time.Second, Open: func() (probe.Wire, error) { return nil, errors.New("no socket") }}
	for _, result := range forbidden.Ping(t.Context(), forbidden.At, file.Probes.Targets[2:], usual) {
		if result.Err != "no socket" || result.Sent != 0 {
			t.Errorf("%+v", result)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stopped := Local{At: forbidden.At, Timeout: time.Second, Open: hosts()}
	for _, result := range stopped.Ping(ctx, stopped.At, file.Probes.Targets[2:], usual) {
		if result.Err == "" {
			t.Errorf("%+v", result)
		}
	}
}

func TestAHostIsTheMachineWhoseAddressItHas(t *testing.T) {
	file := seed(t)
	for address, want := range map[string]string{"10.2.0.4": "vm-use", "172.20.0.10": "ec2-a", "10.9.9.9": ""} {
		if at := Standing(file, []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr(address)}); at.Name != want {
			t.Errorf("%s is %q, want %q", address, at.Name, want)
		}
	}
}
