package ground

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheAgendaPlaysInOrderOfTimeAndWhatItEnters(t *testing.T) {
	var agenda Agenda
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	var played []string
	enter := func(name string, after time.Duration, then func(time.Time)) {
		agenda.At(noon.Add(after), func(at time.Time) {
			played = append(played, name)
			if then != nil {
				then(at)
			}
		})
	}
	enter("late", time.Hour, nil)
	enter("second", 2*time.Second, nil)
	enter("first", time.Second, func(at time.Time) {
		agenda.At(at.Add(2*time.Second), func(time.Time) { played = append(played, "entered by the first") })
	})
	enter("also second", 2*time.Second, nil)
	var settled int
	agenda.Settle(noon.Add(time.Minute), func(time.Time) { settled++ })
	if have := strings.Join(played, ", "); have != "first, second, also second, entered by the first" {
		t.Error(have)
	}
	if settled != 4 {
		t.Errorf("settled %d times, want 4", settled)
	}
	if next, coming := agenda.Next(); !coming || !next.Equal(noon.Add(time.Hour)) {
		t.Errorf("next %v %v", next, coming)
	}
}

func TestTheClockRunsAsFastAsItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(1000)
		before := clock.Now()
		time.Sleep(time.Second)
		if passed := clock.Now().Sub(before); passed != 1000*time.Second {
			t.Errorf("%v passed in a second", passed)
		}
		if span := clock.Real(1000 * time.Second); span != time.Second {
			t.Errorf("1000 s are %v", span)
		}
	})
}

func TestWhichRequestsAFaultHits(t *testing.T) {
	for name, c := range map[string]struct {
		fault Fault
		hits  string // of five GETs of hubs: x hit, - not
	}{
		"all":                 {Fault{Effect: EffectDrop}, "xxxxx"},
		"another cloud":       {Fault{Cloud: "aws", Effect: EffectDrop}, "-----"},
		"another operation":   {Fault{Operation: "PUT *", Effect: EffectDrop}, "-----"},
		"another path":        {Fault{Path: "/subscriptions/6*", Effect: EffectDrop}, "-----"},
		"a path":              {Fault{Path: "/subscriptions/1*", Effect: EffectDrop}, "xxxxx"},
		"a pattern":           {Fault{Operation: "get virtual*", Effect: EffectDrop}, "xxxxx"},
		"from the third":      {Fault{Nth: 3, Effect: EffectDrop}, "--xxx"},
		"two from the second": {Fault{Nth: 2, Count: 2, Effect: EffectDrop}, "-xx--"},
		"never, by chance":    {Fault{Probability: 1e-12, Effect: EffectDrop}, "-----"},
		"always, by chance":   {Fault{Probability: 1, Effect: EffectDrop}, "xxxxx"},
	} {
		t.Run(name, func(t *testing.T) {
			faults := NewFaults(1, c.fault)
			var hits strings.Builder
			for range 5 {
				mark := byte('-')
				if faults.Match("azure", "GET virtualHubs", "/subscriptions/11/resourceGroups/rg").Drop {
					mark = 'x'
				}
				hits.WriteByte(mark)
			}
			if hits.String() != c.hits {
				t.Errorf("%s, want %s", hits.String(), c.hits)
			}
		})
	}
}

func TestSeveralFaultsHitTogether(t *testing.T) {
	faults := NewFaults(1,
		Fault{Effect: EffectStatus, Status: 429, Code: "Slow", RetryAfter: 1.5},
		Fault{Effect: EffectFail, Code: "InternalError", Message: "broken"},
		Fault{Effect: EffectStall, Stall: 2}, Fault{Effect: EffectStall, Stall: 3},
		Fault{Effect: EffectDeny}, Fault{Effect: EffectDie}, Fault{Effect: EffectStale}, Fault{Effect: EffectNonsense, Nonsense: "cut"},
	)
	have := faults.Match("aws", "DescribeVpcs", "/")
	want := Injected{
		Status: 429, Code: "Slow", RetryAfter: 1500 * time.Millisecond, Deny: true, Stale: true,
		Fail: true, FailCode: "InternalError", FailText: "broken", Die: true, Stall: 5 * time.Second, Nonsense: "cut",
	}
	if have != want {
		t.Errorf("%+v\nwant %+v", have, want)
	}
	faults.Clear()
	if have := faults.Match("aws", "DescribeVpcs", "/"); have != (Injected{}) {
		t.Errorf("cleared: %+v", have)
	}
}

func TestChanceIsTheSameForTheSameSeed(t *testing.T) {
	run := func(seed uint64) string {
		faults := NewFaults(seed, Fault{Probability: 0.5, Effect: EffectDrop})
		var hits strings.Builder
		for range 64 {
			if faults.Match("azure", "GET virtualHubs", "").Drop {
				hits.WriteByte('x')
			} else {
				hits.WriteByte('-')
			}
		}
		return hits.String()
	}
	first, again, other := run(1), run(1), run(2)
	if first != again || first == other {
		t.Errorf("seed 1: %s, %s; seed 2: %s", first, again, other)
	}
}

func TestFaultsAreReadFromACommandLine(t *testing.T) {
	fault, err := ParseFault("operation=PUT virtualHubs,effect=status,status=429,retry_after=5,count=2")
	want := Fault{Operation: "PUT virtualHubs", Effect: EffectStatus, Status: 429, RetryAfter: 5, Count: 2}
	if err != nil || fault != want {
		t.Errorf("%+v %v", fault, err)
	}
	for text, why := range map[string]string{
		"effect=explode":            `no effect "explode"`,
		"effect=status":             "needs a status",
		"effect=fail":               "needs the code",
		"effect=stall":              "needs the seconds",
		"effect=nonsense":           "needs nonsense",
		"effect=drop,nth=x":         `nth of a fault cannot be "x"`,
		"effect=drop,colour=red":    `no field "colour=red"`,
		"effect=drop,cloud=gcp":     `no cloud "gcp"`,
		"effect=drop,probability=2": "between 0 and 1",
		"":                          `no field ""`,
	} {
		if _, err := ParseFault(text); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", text, err, why)
		}
	}
}

func TestFaultsAreReadFromJSON(t *testing.T) {
	for text, count := range map[string]int{
		`{"effect":"drop"}`: 1,
		` [{"effect":"drop"},{"effect":"stall","stall":1}] `: 2,
		`[]`:                 0,
		`{"effects":"drop"}`: -1,
		`{"effect":"none"}`:  -1,
		`nonsense`:           -1,
	} {
		var faults []Fault
		err := DecodeFaults([]byte(text), &faults)
		if (err != nil) != (count < 0) || err == nil && len(faults) != count {
			t.Errorf("%s: %v %v", text, faults, err)
		}
	}
}

func TestABucketEmptiesAndRefills(t *testing.T) {
	buckets := NewBuckets(true)
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for i := range 50 {
		if ok, left, _ := buckets.Take(noon, EC2Writes, "a"); !ok || left != 49-i {
			t.Fatalf("take %d: %v, %d left", i, ok, left)
		}
	}
	ok, _, wait := buckets.Take(noon, EC2Writes, "a")
	if ok || wait != 200*time.Millisecond {
		t.Errorf("empty: %v, wait %v; want 200ms", ok, wait)
	}
	if ok, _, _ := buckets.Take(noon, EC2Writes, "b"); !ok {
		t.Error("another scope is empty too")
	}
	if ok, _, _ := buckets.Take(noon.Add(wait), EC2Writes, "a"); !ok {
		t.Error("nothing was refilled")
	}
	if _, left, _ := buckets.Take(noon.Add(time.Hour), EC2Writes, "a"); left != 49 {
		t.Errorf("refilled beyond the brim or not enough: %d left", left)
	}
	off := NewBuckets(false)
	for range 1000 {
		if ok, _, _ := off.Take(noon, EC2Writes, "a"); !ok {
			t.Fatal("it throttles although it is off")
		}
	}
}
