package failures

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/sim"
	"linkd/internal/sim/fabric"
)

// encoded is a value as JSON shows it.
func encoded(t testing.TB, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// passing are fields that change by themselves, or with every change and its
// way back.
var passing = map[string]bool{
	"etag": true, "resourceGuid": true, "Changed": true, "virtualNetworkPeerings": true,
	"ingressBytesTransferred": true, "egressBytesTransferred": true,
}

// plainly is a state without those, and with its lists in one order.
func plainly(value any) any {
	switch v := value.(type) {
	case object:
		out := object{}
		for key, member := range v {
			if !passing[key] && !strings.HasPrefix(key, "Last") {
				out[key] = plainly(member)
			}
		}
		return out
	case []any:
		out := []any{}
		for _, member := range v {
			out = append(out, plainly(member))
		}
		slices.SortFunc(out, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return out
	}
	return value
}

func state(t testing.TB, s *sim.Simulator) any { return plainly(encoded(t, s.Dump())) }

// machinesOf are the addresses of all machines.
func machinesOf(s *sim.Simulator) (all []netip.Addr) {
	azure, aws := s.Sides()
	for _, vm := range azure.VMs {
		all = append(all, vm.Address)
	}
	for _, host := range aws.Instances {
		all = append(all, host.Address)
	}
	return all
}

// mustBe compares what packets do with what must come of an injection: every
// loss at its hop, and nothing else.
func mustBe(t *testing.T, s *sim.Simulator, losses []Loss) {
	t.Helper()
	at := map[[2]netip.Addr]Loss{}
	for _, loss := range losses {
		at[[2]netip.Addr{loss.From, loss.To}] = loss
	}
	all := machinesOf(s)
	for _, from := range all {
		for _, to := range all {
			if from == to {
				continue
			}
			fate := s.Carry(fabric.Packet{From: from, To: to})[0]
			there, lost := at[[2]netip.Addr{from, to}]
			back, lostBack := at[[2]netip.Addr{to, from}]
			switch {
			case lost:
				if fate.Request.DroppedAt != there.At {
					t.Errorf("%s to %s: dropped at %q (%s), want %q", from, to, fate.Request.DroppedAt, fate.Request.Why, there.At)
				}
			case lostBack && !back.RequestsOnly:
				if !fate.Request.Arrived || fate.Answer.DroppedAt != back.At {
					t.Errorf("%s to %s: request %+v, answer dropped at %q (%s), want %q", from, to, fate.Request, fate.Answer.DroppedAt, fate.Answer.Why, back.At)
				}
			case !fate.Answered:
				t.Errorf("%s to %s: lost: request %+v, answer %+v", from, to, fate.Request, fate.Answer)
			}
		}
	}
}

// kindsOf are the kinds of hops at which packets to each cloud are lost.
func kindsOf(s *sim.Simulator, losses []Loss) (toAWS, toAzure []string) {
	azure, aws := s.Sides()
	kind := func(loss Loss) string { word, _, _ := strings.Cut(loss.At, " "); return word }
	in := func(a netip.Addr) bool {
		return slices.ContainsFunc(azure.VMs, func(vm fabric.VM) bool { return vm.Address == a })
	}
	_ = aws
	for _, loss := range losses {
		switch {
		case in(loss.From) && !in(loss.To):
			toAWS = append(toAWS, kind(loss))
		case !in(loss.From) && in(loss.To):
			toAzure = append(toAzure, kind(loss))
		}
	}
	slices.Sort(toAWS)
	slices.Sort(toAzure)
	return slices.Compact(toAWS), slices.Compact(toAzure)
}

func listOf(kind string) []string {
	if kind == "" {
		return nil
	}
	return []string{kind}
}

func TestEveryInjectionDropsWhatItSaysWhereItSays(t *testing.T) {
	for _, injection := range All() {
		for tunnels := 1; tunnels <= 2; tunnels++ {
			if !injection.Fits(tunnels, injection.BGP) {
				continue
			}
			t.Run(fmt.Sprintf("%s, %d tunnels: %s", injection.Code, tunnels, injection.Name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := built(t, tunnels)
					if injection.BGP {
						if _, err := SpeakBGP(s); err != nil {
							t.Fatal(err)
						}
						time.Sleep(10 * time.Minute)
					}
					mustBe(t, s, nil)
					before := state(t, s)
					injected, err := injection.Inject(s)
					if err != nil {
						t.Fatal(err)
					}
					mustBe(t, s, injected.Losses)
					time.Sleep(10 * time.Minute)
					mustBe(t, s, injected.Losses)
					if len(injected.Losses) == 0 {
						mustKeep(t, s, injected.Limits)
					}
					toAWS, toAzure := kindsOf(s, injected.Losses)
					if !slices.Equal(toAWS, listOf(injection.ToAWS)) || !slices.Equal(toAzure, listOf(injection.ToAzure)) {
						t.Errorf("packets to AWS are lost at %v and to Azure at %v, want %q and %q", toAWS, toAzure, injection.ToAWS, injection.ToAzure)
					}
					if len(injected.Losses) == 0 && len(injected.Limits) == 0 && cmp.Equal(before, state(t, s)) && injection.Code != "ASYMMETRIC_PATH" {
						t.Error("it changes nothing")
					}
					if err := injected.Undo(); err != nil {
						t.Fatal(err)
					}
					time.Sleep(10 * time.Minute)
					mustBe(t, s, nil)
					if difference := cmp.Diff(before, state(t, s)); difference != "" {
						t.Errorf("the undone state differs: %s", difference)
					}
				})
			})
		}
	}
}

// mustKeep sweeps sizes around each limit with packets that may not be cut.
func mustKeep(t *testing.T, s *sim.Simulator, limits []Limit) {
	t.Helper()
	azure, aws := s.Sides()
	ends := map[string]fabric.Packet{
		fabric.TowardAWS:   {From: azure.VMs[0].Address, To: aws.Instances[0].Address, DontFragment: true},
		fabric.TowardAzure: {From: aws.Instances[0].Address, To: azure.VMs[0].Address, DontFragment: true},
	}
	for toward, packet := range ends {
		limit := Limit{Passes: fabric.LinkMTU, Told: fabric.LinkMTU}
		for _, l := range limits {
			if l.Toward == toward {
				limit = l
			}
		}
		for size := limit.Passes - 3; size <= limit.Passes+5; size++ {
			packet.Size = size
			fate := s.Carry(packet)[0]
			silent := limit.SilentFrom != 0 && limit.SilentFrom <= size && size <= limit.SilentTo
			told := 0
			if fate.Error != nil {
				told = fate.Error.MTU
			}
			want := limit.Told
			if silent || size <= limit.Passes {
				want = 0
			}
			if fate.Answered != (size <= limit.Passes) || told != want {
				t.Errorf("%d bytes toward %s: answered %v, told %d, want %d", size, toward, fate.Answered, told, want)
			}
		}
	}
}

func TestAThousandHealthyVariationsLetEveryEchoCross(t *testing.T) {
	count := uint64(500)
	if testing.Short() {
		count = 50
	}
	for tunnels := 1; tunnels <= 2; tunnels++ {
		synctest.Test(t, func(t *testing.T) {
			s := built(t, tunnels)
			before, used := state(t, s), map[string]int{}
			for i := range count {
				variation := Healthy(uint64(tunnels)<<32 | i)
				injected, err := variation.Inject(s)
				if err != nil {
					t.Fatal(err)
				}
				for name := range strings.SplitSeq(variation.Name, "; ") {
					used[name]++
				}
				mustBe(t, s, nil)
				if err := injected.Undo(); err != nil {
					t.Fatalf("%s: %v", variation.Name, err)
				}
				if t.Failed() {
					t.Fatalf("variation %d: %s", i, variation.Name)
				}
			}
			time.Sleep(10 * time.Minute)
			if difference := cmp.Diff(before, state(t, s)); difference != "" {
				t.Errorf("the undone state differs: %s", difference)
			}
			if !testing.Short() && len(used) != len(variations()) {
				t.Errorf("of %d kinds of variations %d were made", len(variations()), len(used))
			}
		})
	}
}

func TestEveryFailureOfTheTableHasAnInjection(t *testing.T) {
	codes, names := map[string]bool{}, map[string]bool{}
	for _, injection := range All() {
		codes[injection.Code] = true
		if names[injection.Name] {
			t.Errorf("two are called %q", injection.Name)
		}
		names[injection.Name] = true
	}
	if len(codes) != 26 { // the 25, and a tunnel that is down for no reason that settings show
		t.Errorf("%d codes: %v", len(codes), codes)
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := built(t, 1)
		before := state(t, s)
		for _, injection := range All() {
			if injection.Fits(1, false) {
				continue
			}
			if _, err := injection.Inject(s); err == nil {
				t.Errorf("%s is made", injection.Name)
			}
		}
		if difference := cmp.Diff(before, state(t, s)); difference != "" {
			t.Error(difference)
		}
	})
}
