package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linkd/deploy/examples"
	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/reconcile"
	"linkd/internal/verify"
)

// standingOn is the seed with linkd itself on a machine, or "outside" or "none".
func standingOn(t *testing.T, local string) *desired.File {
	t.Helper()
	file, err := desired.Parse("linkd.yaml", []byte(strings.Replace(string(examples.Seed()), "probes:\n", "probes:\n  local: "+local+"\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// askedFrom is verify with flags as they are given.
func askedFrom(t *testing.T, words string) *verifying {
	t.Helper()
	v := &verifying{from: &someOf{words: vantageWords}}
	if words != "" {
		if err := v.from.Set(words); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// TestFromRestrictsTheVantages: what a running linkd has of late comes first, and
// what is not of late last. There is no cloud here that runs commands.
func TestFromRestrictsTheVantages(t *testing.T) {
	now := time.Now()
	pair := func(from, vantage string, mtuAt time.Time) control.Probe {
		return control.Probe{From: from, To: "ec2-a", Vantage: vantage, State: "answers", At: now, Sent: 5, Received: 5, MTU: &control.MTU{Passes: 1400}, MTUAt: mtuAt}
	}
	status := &control.Status{Probes: &control.Probes{Pairs: []control.Probe{
		pair("vm-jpe", "agent", now), pair("ec2-b", "agent", now.Add(-time.Hour)), pair("vm-use", "local", now),
		{From: "ec2-a", To: "vm-jpe", Vantage: "agent", State: "answers", At: now.Add(-time.Hour), Sent: 5, Received: 5},
	}}}
	for words, want := range map[string]string{
		"":                  "agent [vm-jpe], local [vm-use], local [vm-use], run-command [], agent [vm-jpe ec2-b], local [vm-use]",
		"agent":             "agent [vm-jpe], agent [vm-jpe ec2-b]",
		"local":             "local [vm-use]",
		"run-command":       "run-command []",
		"run-command,local": "local [vm-use], run-command []",
	} {
		p, options := &program{simulator: "http://127.0.0.1:1"}, examine.Options{}
		file := standingOn(t, "vm-use")
		if err := p.sendFrom(&options, askedFrom(t, words), &reconcile.Engine{File: file}, status); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, vantage := range options.Vantages {
			var from []string
			for _, target := range file.Probes.Targets {
				if vantage.From(target) {
					from = append(from, target.Name)
				}
			}
			got = append(got, fmt.Sprintf("%s %v", vantage.Name(), from))
		}
		if have := strings.Join(got, ", "); have != want || options.Outside {
			t.Errorf("--from %q takes\n%s, want\n%s", words, have, want)
		}
	}
}

// TestASimulatedNetworkNeverSeesARealPacket: nothing stands outside of it, and
// from a machine of it echoes go through the simulator alone.
func TestASimulatedNetworkNeverSeesARealPacket(t *testing.T) {
	p := &program{simulator: "http://127.0.0.1:1"}
	for _, local := range []string{"outside", "none"} {
		if here, err := p.here(standingOn(t, local), false); here != nil || err != nil {
			t.Errorf("%s: %v, %v", local, here, err)
		}
		if here, err := p.here(standingOn(t, local), true); here != nil || err == nil || !strings.Contains(err.Error(), "nothing stands outside") {
			t.Errorf("%s, named: %v, %v", local, here, err)
		}
	}
	here, err := p.here(standingOn(t, "vm-use"), true)
	if err != nil || here.At.Name != "vm-use" {
		t.Fatalf("%+v, %v", here, err)
	}
	results := here.Ping(t.Context(), here.At, []desired.Target{*standingOn(t, "none").TargetNamed("ec2-a")}, examine.Ask{Count: 1, Within: time.Minute})
	if len(results) != 1 || results[0].Received != 0 || !strings.Contains(fmt.Sprint(results[0]), "cannot ask the simulator") {
		t.Errorf("%+v", results)
	}
}

// On real networks a host that is no machine of the file sends from outside, and
// only when that is asked for.
func TestAHostThatIsNoMachineSendsOnlyWhenAsked(t *testing.T) {
	p, file := &program{}, standingOn(t, "vm-use")
	addresses, err := hostAddresses()
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(file.Probes.Targets, func(target desired.Target) bool { return slices.Contains(addresses, target.Address) }) {
		t.Skip("this host has an address of the example")
	}
	if here, err := p.here(file, false); here != nil || err != nil {
		t.Errorf("%v, %v", here, err)
	}
	if here, err := p.here(file, true); err != nil || here == nil || !here.Outside() {
		t.Errorf("%v, %v", here, err)
	}
}

func TestNamedVantagesThatSendNothingAreNoSuccess(t *testing.T) {
	file := standingOn(t, "none")
	none, some := []verify.Ping{{}}, []verify.Ping{{}, {Vantage: "agent"}}
	for _, test := range []struct {
		words  string
		pings  []verify.Ping
		daemon bool
		says   string
	}{
		{"", none, false, ""},
		{"agent", some, true, ""},
		{"agent", none, true, "the last two minutes"},
		{"agent", nil, false, "no linkd that has agents answers here"},
		{"local,run-command", none, false, "sends to no machine of the other cloud, and the file names no machine by an id"},
	} {
		err := askedFrom(t, test.words).sent(file, test.pings, test.daemon)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("--from %q: %v, want %q", test.words, err, test.says)
		}
	}
}
