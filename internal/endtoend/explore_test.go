package endtoend

import (
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/sim/failures"
)

func TestExplore(t *testing.T) {
	if os.Getenv("EXPLORE") == "" {
		t.Skip()
	}
	for _, injection := range failures.All() {
		for n, redundancy := range []desired.Redundancy{desired.Single, desired.Tunnels} {
			if !injection.Fits(n+1, injection.BGP) {
				continue
			}
			t.Run(injection.Name+", "+string(redundancy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLab(t, instant)
					l.file.Links[0].Redundancy = redundancy
					if injection.BGP {
						l.file.Links[0].Inside = []netip.Prefix{netip.MustParsePrefix("169.254.21.0/30"), netip.MustParsePrefix("169.254.21.4/30")}
					}
					l.mustBuild()
					time.Sleep(time.Hour)
					if injection.BGP {
						if _, err := failures.SpeakBGP(l.sim); err != nil {
							t.Fatal(err)
						}
						l.file.Links[0].Routing = desired.BGP
						time.Sleep(10 * time.Minute)
						report := l.verify()
						t.Log("BGP", report.First)
					}
					injected, err := injection.Inject(l.sim)
					if err != nil {
						t.Fatal(err)
					}
					for _, m := range injected.Added {
						l.file.Probes.Targets = append(l.file.Probes.Targets, desired.Target{Name: m.ID, Address: m.Address, VPC: "vpc-a", ID: m.ID, Subnet: m.Subnet, Zone: m.Zone})
					}
					time.Sleep(10 * time.Minute)
					report := l.verify()
					ok := len(report.Findings) == 1 && string(report.Findings[0].Code) == injection.Code
					t.Logf("%v %s (%s) stops=%v %s | %s", ok, injection.Code, injection.Name, injection.Stops(), redundancy, report.First)
					if !ok {
						for _, f := range report.Findings {
							t.Logf("    %s %s: %s", f.Severity, f.Line(), f.Says)
							for _, c := range f.Consequences {
								t.Logf("        > %s %s: %s", c.Severity, c.Line(), c.Says)
							}
						}
					}
				})
			})
		}
	}
}
