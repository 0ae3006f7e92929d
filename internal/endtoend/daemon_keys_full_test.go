package endtoend

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// ageAll has the keys of all links as old as if they were made so long ago.
func (l *lab) ageAll(ago time.Duration) {
	l.Helper()
	at, world := time.Now().Add(-ago).UTC().Format(time.RFC3339), l.world()
	for _, link := range l.file.Links {
		for _, instance := range link.Instances() {
			l.mustMutate(ground.Mutation{
				Cloud: "aws", Op: "set", Kind: "vpn-connection", Name: world[desired.AWSConnectionID(link.Name, instance)].Ref,
				Field: "Tags." + desired.KeysTag, Value: "1=" + at + " 2=" + at,
			})
		}
	}
	time.Sleep(time.Minute) // until describes show it
}

// mustAllBeNew fails the test unless both clouds have one key of each pair, and another
// than before.
func (l *lab) mustAllBeNew(before map[desired.Tunnel]resource.Secret) {
	l.Helper()
	time.Sleep(time.Minute)
	now := l.everyKey()
	for pair, key := range before {
		if now[pair].IsZero() || now[pair].Equal(key) {
			l.Errorf("%s has the key of before, or the clouds have two", pair.Name())
		}
	}
	l.mustBeClean()
	l.mustCross()
}

// rotatesBySchedule has keys that are a day old at the most come to their age, lets
// something happen in the middle, and fails the test unless all pairs get new ones, one
// at a time and each in one turn, while no echo is lost.
func rotatesBySchedule(t *testing.T, l *lab, content string, meanwhile func(*keeper)) {
	l.mustBuild()
	time.Sleep(time.Hour)
	k := l.keepOf(content, nil)
	defer func() { k.stop() }()
	k.audited()
	pairs := len(l.file.Tunnels())
	l.ageAll(25 * time.Hour)
	before, lost, fewest, began := l.everyKey(), l.lostByPair(), l.fewestUp(), time.Now()
	l.sim.ForgetCalls()
	k.audited()
	open := func() bool {
		for _, r := range k.status().Rotations {
			if r.Due || r.Running || r.Unfinished {
				return true
			}
		}
		return false
	}
	if !open() {
		t.Fatalf("nothing is due: %+v", k.status().Rotations)
	}
	for open() {
		if time.Since(began) > 4*time.Hour {
			t.Fatalf("it does not end: %+v", k.status().Rotations)
		}
		if meanwhile != nil && time.Since(began) > 2*time.Minute {
			meanwhile(k)
			meanwhile = nil
		}
		time.Sleep(10 * time.Second)
	}
	k.until(control.AsDesired, time.Hour)
	took, least, calls := time.Since(began), fewest(), l.sim.Calls()
	t.Logf("%d pairs by the schedule in %s; %d were up at the fewest", pairs, took.Round(time.Second), least)
	for pair, echoes := range lost() {
		if echoes != 0 {
			t.Errorf("%s lost %d echoes", pair, echoes)
		}
	}
	if least != pairs-1 {
		t.Errorf("%d of %d pairs were up at the fewest", least, pairs)
	}
	if turns := calls["ModifyVpnTunnelOptions"]; turns != pairs {
		t.Errorf("the keys of %d pairs were changed in %d calls", pairs, turns)
	}
	if moves := calls["ReplaceTransitGatewayRoute"]; moves != 0 {
		t.Errorf("%d routes were led elsewhere", moves)
	}
	l.mustAllBeNew(before)
}

// TestTheDaemonGivesNewKeysToEveryShape gives the keys of links of four pairs, of links
// that speak BGP, and of two links whose keys are all due at once, by their schedule.
func TestTheDaemonGivesNewKeysToEveryShape(t *testing.T) {
	t.Parallel()
	article := func(redundancy desired.Redundancy, routing desired.Routing) func(*testing.T) (*lab, string) {
		return func(t *testing.T) (*lab, string) {
			l := newLab(t, hurried)
			l.file.Links[0].Redundancy, l.file.Links[0].Routing = redundancy, routing
			return l, strings.Replace(withKeys(t, string(redundancy), "1d", ""), "routing: static", "routing: "+string(routing), 1)
		}
	}
	regions := func(t *testing.T) (*lab, string) {
		content, err := os.ReadFile("../../deploy/examples/two-regions.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return newLabOfRegions(t, hurried), strings.ReplaceAll(string(content), "from: aws  ", "rotate_every: 1d  ")
	}
	restart := func(k *keeper) { k.stop(); k.start(nil) }
	for name, c := range map[string]struct {
		labOf     func(*testing.T) (*lab, string)
		meanwhile func(*keeper)
		long      bool
	}{
		"full, static":              {article(desired.Full, desired.Static), nil, false},
		"full, BGP, begun again":    {article(desired.Full, desired.BGP), restart, false},
		"full, static, begun again": {article(desired.Full, desired.Static), restart, true},
		"tunnels, BGP":              {article(desired.Tunnels, desired.BGP), nil, true},
		"two links":                 {regions, nil, true},
	} {
		if c.long && testing.Short() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, content := c.labOf(t)
				rotatesBySchedule(t, l, content, c.meanwhile)
			})
		})
	}
}
