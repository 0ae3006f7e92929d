package probe

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheSearchFindsTheMTUToTheByte(t *testing.T) {
	for name, c := range map[string]struct {
		path path
		top  int
		want MTU
		most time.Duration
	}{
		"everything passes":      {path{1500, 1500, 0}, 0, MTU{Passes: 1500}, 100 * ms},
		"jumbo frames":           {path{8500, 8500, 8500}, 9001, MTU{Passes: 8500, Told: 8500, By: "10.1.0.1"}, 100 * ms},
		"told, and right":        {path{1400, 1400, 1400}, 0, MTU{Passes: 1400, Told: 1400, By: "10.1.0.1"}, 100 * ms},
		"told without a number":  {path{1400, 1400, 0}, 0, MTU{Passes: 1400, By: "10.1.0.1"}, 200 * ms},
		"told one too many":      {path{1394, 1395, 1395}, 0, MTU{Passes: 1394, SilentFrom: 1395, SilentTo: 1395, Told: 1395, By: "10.1.0.1"}, time.Minute},
		"a wide silent band":     {path{1350, 1446, 1446}, 0, MTU{Passes: 1350, SilentFrom: 1351, SilentTo: 1446, Told: 1446, By: "10.1.0.1"}, time.Minute},
		"told a lie":             {path{1400, 1400, 1200}, 0, MTU{Passes: 1400, Told: 1200, By: "10.1.0.1"}, time.Second},
		"told nonsense":          {path{1400, 1400, 70000}, 0, MTU{Passes: 1400, Told: 70000, By: "10.1.0.1"}, time.Second},
		"a black hole":           {path{1400, 1500, 0}, 0, MTU{Passes: 1400, SilentFrom: 1401, SilentTo: 1500}, time.Minute},
		"one byte less than all": {path{1499, 1500, 0}, 0, MTU{Passes: 1499, SilentFrom: 1500, SilentTo: 1500}, time.Minute},
		"less than 576":          {path{300, 300, 300}, 0, MTU{Passes: 300, Told: 300, By: "10.1.0.1"}, time.Second},
		"the least":              {path{68, 1500, 0}, 0, MTU{Passes: 68, SilentFrom: 69, SilentTo: 1500}, time.Minute},
		"nothing passes":         {path{0, 1500, 0}, 0, MTU{}, time.Minute},
		"nothing passes, told":   {path{0, 0, 40}, 0, MTU{}, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wire, sent := network(c.path.carry).wire()
				began := time.Now()
				got, err := SearchMTU(t.Context(), wire, Target{Address: host}, c.top)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
				if took := time.Since(began); took > c.most {
					t.Errorf("it took %v and %d packets", took, len(*sent))
				}
			})
		})
	}
}

func TestTheSearchOnEverySizeOfBand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for width := range 40 {
			for _, passes := range []int{576, 900, 1394, 1440} {
				p := path{passes, passes + width, passes + width}
				wire, _ := network(p.carry).wire()
				got, err := SearchMTU(t.Context(), wire, Target{Address: host}, 0)
				want := MTU{Passes: passes, Told: passes + width, By: "10.1.0.1"}
				if width > 0 {
					want.SilentFrom, want.SilentTo = passes+1, passes+width
				}
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Fatalf("width %d at %d: %v %s", width, passes, err, diff)
				}
			}
		}
	})
}

func TestLossIsNotTakenForAnMTU(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for seed := range uint64(200) {
			random := rand.New(rand.NewPCG(seed, 1))
			wire, _ := network(func(number int, e Echo) ([]Delivery, error) {
				if random.Float64() < 0.2 {
					return nil, nil
				}
				return path{1394, 1395, 1395}.carry(number, e)
			}).wire()
			got, err := SearchMTU(t.Context(), wire, Target{Address: host}, 0)
			if err != nil || got.Passes != 1394 {
				t.Errorf("seed %d: %+v %v", seed, got, err)
			}
		}
	})
}

// A router answers a burst of six with ICMP errors and then one a second.
func TestARouterThatLimitsItsErrorsIsNotTakenForSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens, last := 6.0, time.Now()
		wire, _ := network(func(number int, e Echo) ([]Delivery, error) {
			if e.Size <= 1201 {
				return path{1200, 1201, 1}.carry(number, e)
			}
			tokens = min(6, tokens+time.Since(last).Seconds())
			last = time.Now()
			if tokens < 1 {
				return nil, nil
			}
			tokens--
			return deliver(tooBig(0)) // names none, so that many sizes are tried
		}).wire()
		got, err := SearchMTU(t.Context(), wire, Target{Address: host, Interval: MinInterval}, 0)
		want := MTU{Passes: 1200, SilentFrom: 1201, SilentTo: 1201, By: "10.1.0.1"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
}

func TestTheHostsOwnInterfaceLimitsTheSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, _ := network(func(number int, e Echo) ([]Delivery, error) {
			if e.Size > 1420 {
				return nil, &TooBig{MTU: 1420}
			}
			return after(10*ms)(number, e)
		}).wire()
		got, err := SearchMTU(t.Context(), wire, Target{Address: host}, 0)
		want := MTU{Passes: 1420, Told: 1420, By: "this host"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
}

func TestASearchThatCannotSendSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, _ := network(func(int, Echo) ([]Delivery, error) { return nil, errors.New("network is unreachable") }).wire()
		_, err := SearchMTU(t.Context(), wire, Target{Name: "there", Address: host}, 0)
		if want := `cannot search the path MTU to "there": no packet could be sent: network is unreachable`; err == nil || err.Error() != want {
			t.Errorf("got %v", err)
		}
		if _, err := SearchMTU(t.Context(), wire, Target{Name: "there", Address: host}, 70000); err == nil || !strings.Contains(err.Error(), "the size must be") {
			t.Errorf("a top of 70000: %v", err)
		}
	})
}
