package sim

import (
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

// settle lets everything happen that is due by now, in order of time: what
// the halves entered in the agenda, and the tunnels that come up.
func (s *Simulator) settle() {
	now := s.clock.Now()
	for {
		entry, entered := s.agenda.Next()
		change, changes := s.fabric.NextChange()
		switch {
		case changes && !change.After(now) && (!entered || !entry.Before(change)):
			s.update(change)
		case entered && !entry.After(now):
			s.agenda.Settle(entry, s.join)
		default:
			return
		}
	}
}

// join brings the fabric up to date if a half has changed.
func (s *Simulator) join(at time.Time) {
	if s.joined != [2]uint64{s.azure.Generation(), s.aws.Generation()} {
		s.update(at)
	}
}

// joinUnlessRoute is join after a request. A route that was written changes
// nothing about tunnels and so has no time of its own in the fabric: it is
// joined with whatever is asked or changed next, which makes the thousands of
// routes of a large network cheap.
func (s *Simulator) joinUnlessRoute(at time.Time, operation string) {
	if !routeWrites[operation] {
		s.join(at)
	}
}

var routeWrites = map[string]bool{
	"CreateRoute": true, "ReplaceRoute": true, "DeleteRoute": true,
	"CreateTransitGatewayRoute": true, "ReplaceTransitGatewayRoute": true, "DeleteTransitGatewayRoute": true,
}

func (s *Simulator) update(at time.Time) {
	s.fabric.Update(at, s.azure.Side(), s.aws.Side())
	s.joined = [2]uint64{s.azure.Generation(), s.aws.Generation()}
}

// half is who answers for a cloud.
func (s *Simulator) half(cloud string) http.Handler {
	switch cloud {
	case "azure":
		return s.azure
	case "aws":
		return s.aws
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "linksim: Azure is at /subscriptions and /providers, AWS at / (POST), the simulator itself at /_sim/", http.StatusNotFound)
	})
}

// within calls do under the lock, with everything settled.
func (s *Simulator) within(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	s.join(s.clock.Now())
	do()
}

// Echo sends an echo from one machine to another.
func (s *Simulator) Echo(from, to netip.Addr) (echo fabric.Echo) {
	s.within(func() { echo = s.fabric.Echo(from, to) })
	return echo
}

// Tunnels lists every pair of an instance of an Azure gateway and an AWS
// tunnel, whether it is up, and why not.
func (s *Simulator) Tunnels() (pairs []fabric.Pair) {
	pairs = []fabric.Pair{}
	s.within(func() { pairs = append(pairs, s.fabric.Pairs()...) })
	return pairs
}

// State is the whole state of both halves, ready for encoding/json.
type State struct {
	Azure any `json:"azure"`
	AWS   any `json:"aws"`
}

// Dump is the whole state of both halves, with the keys redacted.
func (s *Simulator) Dump() (state State) {
	s.within(func() { state = State{s.azure.Dump(), s.aws.Dump()} })
	return state
}

// Mutate changes the state behind the clouds' backs.
func (s *Simulator) Mutate(m ground.Mutation) error {
	var err error
	s.within(func() {
		switch m.Cloud {
		case "azure":
			err = s.azure.Mutate(m)
		case "aws":
			err = s.aws.Mutate(m)
		default:
			err = fmt.Errorf("there is no cloud %q: azure or aws", m.Cloud)
		}
		s.join(s.clock.Now())
	})
	return err
}

// Inject adds faults.
func (s *Simulator) Inject(faults ...ground.Fault) { s.within(func() { s.faults.Add(faults...) }) }

// Heal takes all faults out.
func (s *Simulator) Heal() { s.within(func() { s.faults.Clear() }) }

// Now is the simulated time.
func (s *Simulator) Now() time.Time { return s.clock.Now() }

// Faults lists what is injected.
func (s *Simulator) Faults() (faults []ground.Fault) {
	s.within(func() { faults = s.faults.Rows() })
	return faults
}

// Echoes sends an echo between every two machines, each way.
func (s *Simulator) Echoes() []Crossing {
	echoes := []Crossing{}
	s.within(func() {
		machines := s.fabric.Machines()
		for _, from := range machines {
			for _, to := range machines {
				if from != to {
					echoes = append(echoes, Crossing{from.Address, to.Address, s.fabric.Echo(from.Address, to.Address)})
				}
			}
		}
	})
	return echoes
}

// Carry sends packets, one after the other, and tells what became of each. It
// does not wait: whoever sent them waits for the times in the answer, which are
// the network's and not shortened by the clock's scale.
func (s *Simulator) Carry(packets ...fabric.Packet) []fabric.Fate {
	fates := make([]fabric.Fate, 0, len(packets))
	s.within(func() {
		for _, packet := range packets {
			fates = append(fates, s.fabric.Carry(packet))
		}
	})
	return fates
}

// SetConditions says how the places on the way treat packets, in the place of
// what was said before, also in the scenario. Without any, all are well.
func (s *Simulator) SetConditions(conditions ...fabric.Condition) error {
	for i, condition := range conditions {
		if err := condition.Check(); err != nil {
			return fmt.Errorf("condition %d: %w", i+1, err)
		}
	}
	s.within(func() {
		s.fabric.SetConditions(conditions...)
		s.update(s.clock.Now())
	})
	return nil
}

// Sides are what both halves tell the fabric: what stands and works, with the
// keys. It is for the simulator's own tools, and is never printed.
func (s *Simulator) Sides() (azure fabric.Azure, aws fabric.AWS) {
	s.within(func() { azure, aws = s.azure.Side(), s.aws.Side() })
	return azure, aws
}

// Conditions lists what is set.
func (s *Simulator) Conditions() (conditions []fabric.Condition) {
	s.within(func() { conditions = s.fabric.Conditions() })
	return conditions
}
