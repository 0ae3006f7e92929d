package endtoend

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/sim/ground"
	"linkd/internal/survey"
)

// TestASurveyTellsWhatTheCloudsHold compares a look at the article's link with
// what stands there.
func TestASurveyTellsWhatTheCloudsHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		world, s := l.world(), examine.Survey(t.Context(), l.open(t.Context()))
		for _, target := range l.file.Probes.Targets {
			l.mustTellMachine(target, s.Machines[target.Name])
		}
		l.mustTellHubs(s)
		l.mustTellTransitGateway(s.TransitGateways["tgw-tokyo"], world[desired.TransitGatewayID("tgw-tokyo")].Attrs[desired.FactRouteTable].One())
		tunnel := s.Tunnels["tokyo-0-1"]
		if !tunnel.Known() || tunnel.Changed.IsZero() || tunnel.Pending != "" || len(s.Tunnels) != 1 {
			t.Errorf("tunnels: %+v", s.Tunnels)
		}
	})
}

// towardsIn is the longest match for an address.
func towardsIn(table survey.Table, address netip.Addr) survey.Route {
	var best survey.Route
	for _, route := range table.Routes {
		if route.Prefix.Contains(address) && (!best.Prefix.IsValid() || route.Prefix.Bits() > best.Prefix.Bits()) {
			best = route
		}
	}
	return best
}

// mustTellMachine checks a machine of a survey against the file and the way to
// each of the others.
func (l *lab) mustTellMachine(target desired.Target, m survey.Machine) {
	l.Helper()
	if m.Ref != target.ID || !slices.Equal(m.Addresses, []netip.Addr{target.Address}) || m.Power != survey.Running || m.Interface == "" {
		l.Errorf("%s: %+v", target.Name, m)
	}
	if target.VPC != "" && (m.Subnet != target.Subnet || m.Zone != target.Zone || m.Health != survey.Healthy) {
		l.Errorf("%s: %+v", target.Name, m)
	}
	for _, other := range l.file.Probes.Targets {
		want := survey.NextGateway
		switch {
		case other.Name == target.Name:
			want = survey.NextLocal
		case target.VPC != "":
			want = survey.NextTGW
		}
		if route := towardsIn(m.Routes, other.Address); route.Next != want || route.State != survey.Active {
			l.Errorf("%s → %s: %+v, want by %s", target.Name, other.Name, route, want)
		}
	}
	if len(m.Filters) == 0 {
		l.Errorf("%s has no filter", target.Name)
	}
	for _, filter := range m.Filters {
		if !filter.Known() || len(filter.Rules) == 0 || filter.ID == "" {
			l.Errorf("%s: %+v", target.Name, filter)
		}
	}
}

func (l *lab) mustTellHubs(s *survey.Survey) {
	l.Helper()
	for name, next := range map[string]map[string]survey.Next{
		"hub-jpe": {"10.1.0.4": survey.NextVNet, "10.2.0.4": survey.NextHub, "172.20.0.10": survey.NextVPN, "172.21.0.10": survey.NextVPN},
		"hub-use": {"10.1.0.4": survey.NextHub, "10.2.0.4": survey.NextVNet, "172.20.0.10": survey.NextHub, "172.21.0.10": survey.NextHub},
	} {
		hub := s.Hubs[name]
		for address, want := range next {
			route := towardsIn(hub.Routes, netip.MustParseAddr(address))
			if route.Next != want || len(route.Via) != 1 || (want == survey.NextHub) != (route.ASPath != "") || hub.Preference == "" {
				l.Errorf("%s → %s: %+v, want %s", name, address, route, want)
			}
		}
	}
}

func (l *lab) mustTellTransitGateway(gateway survey.TransitGateway, table string) {
	l.Helper()
	if !gateway.ECMP || len(gateway.Attachments) != 3 || len(gateway.Tables) != 1 {
		l.Errorf("tgw-tokyo: %+v", gateway)
	}
	for _, a := range gateway.Attachments {
		if a.Table != table || a.TableState != "associated" || a.State != "available" || !slices.Equal(a.Propagates, []string{table}) || (a.Type == "vpc") != (len(a.Zones) == 1) {
			l.Errorf("attachment: %+v", a)
		}
	}
	for address, want := range map[string]survey.Source{
		"10.1.0.4": survey.Static, "10.2.0.4": survey.Static, "172.20.0.10": survey.Propagated, "172.21.0.10": survey.Propagated,
	} {
		if route := towardsIn(gateway.Tables[table], netip.MustParseAddr(address)); route.Source != want || route.State != survey.Active || len(route.Via) != 1 {
			l.Errorf("tgw-tokyo → %s: %+v", address, route)
		}
	}
}

// TestAMachineThatStandsStillIsTold stops one machine on each side.
func TestAMachineThatStandsStillIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		l.mustMutate(ground.Mutation{Cloud: "azure", Kind: "virtualMachines", Name: "vm-jpe", Op: "set", Field: "powerState", Value: "stopped"})
		l.mustMutate(ground.Mutation{Cloud: "aws", Kind: "instance", Name: "i-0a1000000000000aa", Op: "set", Field: "State", Value: "stopped"})
		s := examine.Survey(t.Context(), l.open(t.Context()))
		vm, host := s.Machines["vm-jpe"], s.Machines["ec2-a"]
		if vm.Power != survey.Stopped || vm.Routes.Known() || !strings.Contains(vm.Routes.Why, "running virtual machine") || len(vm.Filters) == 0 || vm.Filters[0].Known() {
			t.Errorf("a stopped machine in Azure: %+v", vm)
		}
		if host.Power != survey.Stopped || !host.Routes.Known() || host.Health != survey.HealthUnsaid || host.HealthWhy == "" {
			t.Errorf("a stopped instance: %+v", host)
		}
		// Even when only the refusal of its routes tells that it is stopped.
		l.sim.Inject(ground.Fault{Operation: "GET virtualMachines", Effect: ground.EffectDeny})
		if vm := examine.Survey(t.Context(), l.open(t.Context())).Machines["vm-jpe"]; vm.Power != survey.Stopped || vm.PowerWhy != "" {
			t.Errorf("a stopped machine that may not be read: %+v", vm)
		}
	})
}

// TestAMachineIsFoundByWhatTheFileSaysOfIt has the file name the machines by
// their addresses only, by addresses that nobody has, and by ids whose
// addresses are others.
func TestAMachineIsFoundByWhatTheFileSaysOfIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		given := slices.Clone(l.file.Probes.Targets)
		look := func(change func(*desired.Target)) map[string]survey.Machine {
			l.file.Probes.Targets = slices.Clone(given)
			for i := range l.file.Probes.Targets {
				change(&l.file.Probes.Targets[i])
			}
			return examine.Survey(t.Context(), l.open(t.Context())).Machines
		}
		nobody := netip.MustParseAddr("10.99.0.1")
		unnamed := look(func(target *desired.Target) { target.ID = "" })
		nowhere := look(func(target *desired.Target) { target.ID, target.Address = "", nobody })
		moved := look(func(target *desired.Target) { target.Address = nobody })
		for _, target := range given {
			if m := unnamed[target.Name]; !m.Known() || m.Ref != target.ID || m.Power != survey.Running {
				t.Errorf("%s, named by its address: %+v", target.Name, m)
			}
			if m := nowhere[target.Name]; m.Known() || !strings.Contains(m.Do, "as id of target "+target.Name) {
				t.Errorf("%s, with an address that nobody has: %+v", target.Name, m)
			}
			if m := moved[target.Name]; m.Known() || !strings.Contains(m.Do, "Mend address or id of target "+target.Name) {
				t.Errorf("%s, with the id of a machine that has another address: %+v", target.Name, m)
			}
		}
	})
}
