package fabric

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// wired is the article's link, settled, with conditions.
func wired(t *testing.T, conditions ...Condition) *Fabric {
	t.Helper()
	f := settled(t, article())
	f.Seed(1)
	for _, c := range conditions {
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
	}
	f.SetConditions(conditions...)
	return f
}

func TestAPacketCrossesAHealthyLinkInAFewMilliseconds(t *testing.T) {
	f := wired(t)
	near, far := f.Carry(Packet{From: vmA, To: hostA}), f.Carry(Packet{From: vmB, To: hostA})
	if !near.Answered || near.RoundTrip < time.Millisecond || near.RoundTrip > 10*time.Millisecond || near.TTL != 61 {
		t.Errorf("inside the region: %+v", near)
	}
	if !far.Answered || far.RoundTrip-near.RoundTrip < 2*betweenRegions || far.TTL != 60 {
		t.Errorf("from the other region: %+v, near %+v", far, near)
	}
	back := f.Carry(Packet{From: hostA, To: vmA})
	if !back.Answered || back.RoundTrip != near.RoundTrip {
		t.Errorf("the other way: %+v, want %v", back, near.RoundTrip)
	}
}

func TestWhatTheModelDropsIsLostAtItsHop(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(w *world)
		arrives bool
	}{
		"on the way":      {func(w *world) { w.Connections[0].Tunnels[0].Key = "x"; w.Connections[0].Tunnels[1].Key = "x" }, false},
		"on the way back": {func(w *world) { w.VPCs[0].Subnets[0].Routes = w.VPCs[0].Subnets[0].Routes[:1] }, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := article()
			c.change(w)
			f := settled(t, w)
			echo, fate := f.Echo(vmA, hostA), f.Carry(Packet{From: vmA, To: hostA})
			leg := fate.Request
			if c.arrives {
				leg = fate.Answer
			}
			if fate.Answered || fate.Request.Arrived != c.arrives || leg.DroppedAt != echo.DroppedAt || leg.Why != echo.Why || fate.Error != nil {
				t.Errorf("%+v, the echo says %+v", fate, echo)
			}
		})
	}
}

func TestSizesOfAPacketThatMayNotBeFragmented(t *testing.T) {
	small := Condition{Kind: "tunnel", Toward: TowardAWS, MTU: 1300}
	silent := Condition{Kind: "tunnel", Toward: TowardAzure, MTU: 1300, Silent: true}
	band := Condition{Kind: "tunnel", Toward: TowardAWS, MTU: 1395, SilentFrom: 1395, SilentTo: 1395}
	for name, c := range map[string]struct {
		conditions []Condition
		packet     Packet
		answered   bool
		mtu        int // that an ICMP error tells
		hop        string
	}{
		"as large as a healthy link takes":        {nil, Packet{From: vmA, To: hostA, Size: LinkMTU, DontFragment: true}, true, 0, ""},
		"a byte more":                             {nil, Packet{From: vmA, To: hostA, Size: LinkMTU + 1, DontFragment: true}, false, LinkMTU, "tunnel"},
		"a byte more, and it may be fragmented":   {nil, Packet{From: vmA, To: hostA, Size: LinkMTU + 1}, true, 0, ""},
		"a byte more from AWS":                    {nil, Packet{From: hostA, To: vmA, Size: LinkMTU + 1, DontFragment: true}, false, LinkMTU, "tunnel"},
		"more than the sender's interface takes":  {nil, Packet{From: vmA, To: hostA, Size: azureMTU + 1, DontFragment: true}, false, azureMTU, "machine"},
		"a smaller link":                          {[]Condition{small}, Packet{From: vmA, To: hostA, Size: 1301, DontFragment: true}, false, 1300, "tunnel"},
		"the smaller link's other way":            {[]Condition{small}, Packet{From: hostA, To: vmA, Size: 1400, DontFragment: true}, true, 0, ""},
		"a black hole for large packets":          {[]Condition{silent}, Packet{From: hostA, To: vmA, Size: 1301, DontFragment: true}, false, 0, "tunnel"},
		"the black hole's own limit":              {[]Condition{silent}, Packet{From: hostA, To: vmA, Size: 1300, DontFragment: true}, true, 0, ""},
		"an answer is fragmented":                 {[]Condition{silent}, Packet{From: vmA, To: hostA, Size: 1400, DontFragment: true}, true, 0, ""},
		"below the silent band of one byte":       {[]Condition{band}, Packet{From: vmA, To: hostA, Size: 1394, DontFragment: true}, true, 0, ""},
		"in the silent band":                      {[]Condition{band}, Packet{From: vmA, To: hostA, Size: 1395, DontFragment: true}, false, 0, "tunnel"},
		"above the silent band":                   {[]Condition{band}, Packet{From: vmA, To: hostA, Size: 1396, DontFragment: true}, false, 1395, "tunnel"},
		"in the silent band, and may be cut":      {[]Condition{band}, Packet{From: vmA, To: hostA, Size: 1395}, true, 0, ""},
		"a time to live that ends at the gateway": {nil, Packet{From: vmA, To: hostA, TTL: 2}, false, 0, "gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			fate := wired(t, c.conditions...).Carry(c.packet)
			if fate.Answered != c.answered || !strings.HasPrefix(fate.Request.DroppedAt, c.hop) {
				t.Fatalf("%+v", fate)
			}
			switch {
			case c.mtu == 0 && fate.Error != nil && fate.Error.Kind == TooBig, c.mtu != 0 && fate.Error == nil:
				t.Errorf("error %+v", fate.Error)
			case c.mtu != 0 && (fate.Error.MTU != c.mtu || fate.Error.Kind != TooBig || !fate.Error.By.IsValid() || fate.Error.Local != (c.hop == "machine")):
				t.Errorf("error %+v", fate.Error)
			}
		})
	}
}

func TestConditionsHoldOneWay(t *testing.T) {
	plain := wired(t).Carry(Packet{From: vmA, To: hostA}).RoundTrip
	f := wired(t, Condition{Kind: "tunnel", ID: outside1.String(), Toward: TowardAzure, Latency: 40 * time.Millisecond})
	fate := f.Carry(Packet{From: vmA, To: hostA})
	if fate.RoundTrip != plain+40*time.Millisecond || fate.Answer.Delay-fate.Request.Delay < 39*time.Millisecond {
		t.Errorf("%+v, without it %v", fate, plain)
	}
	f.SetConditions()
	if fate := f.Carry(Packet{From: vmA, To: hostA}); fate.RoundTrip != plain {
		t.Errorf("after the reset %v, want %v", fate.RoundTrip, plain)
	}
	refused := wired(t, Condition{Kind: "gateway", Refuses: Prohibited}).Carry(Packet{From: vmA, To: hostA})
	if refused.Error == nil || refused.Error.Kind != Prohibited || refused.Error.After != 2*refused.Request.Delay {
		t.Errorf("%+v", refused)
	}
}

func TestLossDuplicatesAndJitterComeFromTheSeedAndTheFlow(t *testing.T) {
	conditions := []Condition{
		{Kind: "tunnel", Toward: TowardAWS, Loss: 0.2, Jitter: 5 * time.Millisecond},
		{Kind: "tunnel", Toward: TowardAzure, Duplicate: 0.1},
	}
	const sent = 4000
	row := func(f *Fabric, between func()) (fates []Fate) {
		for range sent {
			fates = append(fates, f.Carry(Packet{From: vmA, To: hostA}))
			between()
		}
		return fates
	}
	f := wired(t, conditions...)
	alone := row(f, func() {})
	g := wired(t, conditions...)
	beside := row(g, func() { g.Carry(Packet{From: vmB, To: hostB}) })
	var lost, twice int
	for i := range alone {
		if alone[i].Answered != beside[i].Answered || alone[i].RoundTrip != beside[i].RoundTrip || !slices.Equal(alone[i].Duplicates, beside[i].Duplicates) {
			t.Fatalf("packet %d: %+v alone, %+v beside another flow", i, alone[i], beside[i])
		}
		if !alone[i].Answered {
			lost++
			if alone[i].Request.Arrived {
				t.Fatalf("lost on the way back: %+v", alone[i])
			}
		}
		twice += len(alone[i].Duplicates)
	}
	if math.Abs(float64(lost)/sent-0.2) > 0.03 || math.Abs(float64(twice)/float64(sent-lost)-0.1) > 0.03 {
		t.Errorf("of %d packets %d are lost and %d come twice", sent, lost, twice)
	}
	other := wired(t, conditions...)
	other.Seed(2)
	if slices.EqualFunc(alone, row(other, func() {}), func(a, b Fate) bool { return a.Answered == b.Answered }) {
		t.Error("another seed loses the same packets")
	}
}

func TestConditionsThatCannotBeAreRefused(t *testing.T) {
	for _, c := range []Condition{
		{Kind: "router"},
		{Kind: "tunnel", Toward: "gcp"},
		{Kind: "tunnel", Loss: 1.5},
		{Kind: "tunnel", MTU: -1},
		{Kind: "tunnel", SilentFrom: 10, SilentTo: 5},
		{Kind: "tunnel", SilentTo: 5},
		{Kind: "tunnel", Refuses: "no"},
	} {
		if c.Check() == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
