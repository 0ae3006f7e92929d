package endtoend

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/sim/failures"
)

// TestTheModelNamesEveryFailure injects each failure that stops packets, and
// compares as above. The hop that it names carries the failure's code.
func TestTheModelNamesEveryFailure(t *testing.T) {
	t.Parallel()
	for _, injection := range failures.All() {
		for _, redundancy := range []desired.Redundancy{desired.Single, desired.Tunnels} {
			if !injection.Fits(map[desired.Redundancy]int{desired.Single: 1, desired.Tunnels: 2}[redundancy], false) {
				continue
			}
			t.Run(injection.Code+", "+injection.Name+", "+string(redundancy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLab(t, instant)
					l.file.Links[0].Redundancy = redundancy
					l.mustBuild()
					time.Sleep(time.Hour)
					injected, err := injection.Inject(l.sim)
					if err != nil {
						t.Fatal(err)
					}
					l.aim(injected.Added)
					time.Sleep(10 * time.Minute)
					want := injection.Code
					if slices.Contains(ofTunnels, want) {
						want = "TUNNEL_DOWN" // the settings of both sides say why, which are no part of a way
					}
					codes := l.tracesMustAgree(injection.Name)
					if injection.Stops() && !slices.Contains(codes, want) && !strings.Contains(injection.Name, "a firewall of its own") {
						t.Errorf("the model names %v", slices.Compact(codes))
					}
					if len(codes) > 0 && !injection.Stops() && len(injected.Added) == 0 && len(injected.Losses) == 0 {
						t.Errorf("nothing is lost, and the model names %v", slices.Compact(codes))
					}
				})
			})
		}
	}
}

// ofTunnels are the reasons why a tunnel is down.
var ofTunnels = []string{"TUNNEL_DOWN_PSK_MISMATCH", "TUNNEL_DOWN_PROPOSAL_MISMATCH", "ENDPOINT_STALE", "TUNNEL_MAINTENANCE", "NO_INITIATOR"}

// aim makes targets of machines that an injection has added.
func (l *lab) aim(added []failures.Machine) {
	for _, machine := range added {
		for _, gateway := range l.file.TransitGateways() {
			for _, vpc := range gateway.VPCs {
				if vpc.ID == machine.VPC {
					l.file.Probes.Targets = append(slices.Clone(l.file.Probes.Targets), desired.Target{
						Name: machine.ID, Address: machine.Address, VPC: vpc.Name, ID: machine.ID, Subnet: machine.Subnet, Zone: machine.Zone,
					})
				}
			}
		}
	}
}
