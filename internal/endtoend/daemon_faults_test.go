package endtoend

import (
	"slices"
	"testing"
	"time"

	"linkd/internal/control"
	"linkd/internal/sim/ground"
)

// TestFaultsAreNeverTakenForWell breaks the way to the clouds for an hour, in
// each way there is, while one difference stands in each cloud. What cannot be
// read is unknown and not repaired; the other cloud is kept all the same; and
// once it is over, everything is as desired.
func TestFaultsAreNeverTakenForWell(t *testing.T) {
	throttled := func(cloud string) ground.Fault {
		return ground.Fault{Cloud: cloud, Effect: ground.EffectStatus, Status: 429, Code: "RequestLimitExceeded", Message: "slow down"}
	}
	status := func(cloud string, code int, text string) ground.Fault {
		return ground.Fault{Cloud: cloud, Effect: ground.EffectStatus, Status: code, Code: text, Message: text}
	}
	for name, test := range map[string]struct {
		faults []ground.Fault
		kept   string // the key of what is mended meanwhile, in the other cloud
	}{
		"both throttle":                  {faults: []ground.Fault{throttled("azure"), throttled("aws")}},
		"Azure cannot be reached":        {[]ground.Fault{{Cloud: "azure", Effect: ground.EffectDrop}}, "proved aws/vpc-routes.routes"},
		"AWS cannot be reached":          {[]ground.Fault{{Cloud: "aws", Effect: ground.EffectDrop}}, "proved azure/virtual-wan.branch_to_branch"},
		"Azure's credentials expire":     {[]ground.Fault{status("azure", 401, "ExpiredAuthenticationToken")}, "proved aws/vpc-routes.routes"},
		"AWS's credentials expire":       {[]ground.Fault{status("aws", 401, "AuthFailure")}, "proved azure/virtual-wan.branch_to_branch"},
		"they expire in mid-round":       {faults: []ground.Fault{{Cloud: "azure", Nth: 4, Effect: ground.EffectStatus, Status: 401, Code: "ExpiredAuthenticationToken", Message: "expired"}}},
		"replies are cut short":          {faults: []ground.Fault{{Effect: ground.EffectNonsense, Nonsense: "cut"}}},
		"replies are garbage":            {faults: []ground.Fault{{Effect: ground.EffectNonsense, Nonsense: "garbage"}}},
		"one list is denied":             {[]ground.Fault{{Operation: "LIST vpnSites", Effect: ground.EffectDeny}}, "proved aws/vpc-routes.routes"},
		"every second answer is a fault": {faults: []ground.Fault{{Probability: 0.5, Effect: ground.EffectStatus, Status: 500, Code: "InternalError", Message: "it broke"}}},
		"answers never come":             {faults: []ground.Fault{{Cloud: "azure", Effect: ground.EffectStall, Stall: 3600}}},
	} {
		t.Run(name, func(t *testing.T) {
			kept(t, nil, func(l *lab, k *keeper) {
				l.mustMutate(sitePrefix)
				l.mustMutate(vpcRoute)
				l.mustMutate(ground.Mutation{Cloud: "azure", Op: "set", Kind: "virtualWans", Name: "wan-global", Field: "properties.allowBranchToBranchTraffic", Value: false})
				l.sim.Inject(test.faults...)
				well := 0
				for began := time.Now(); time.Since(began) < time.Hour; time.Sleep(10 * time.Second) {
					if k.status().Verdict == control.AsDesired && time.Since(began) > 20*time.Minute && len(test.faults) == 1 && test.faults[0].Probability == 0 {
						well++
					}
				}
				if well > 0 {
					l.Errorf("%d times it was called well while a part could not be read", well)
				}
				if test.kept != "" && !slices.Contains(k.journal(), test.kept) {
					l.Errorf("the other cloud was not kept: %v", k.journal())
				}
				l.sim.Heal()
				k.until(control.AsDesired, 3*time.Hour)
				l.mustCross()
				l.mustBeSingle()
			})
		})
	}
}
