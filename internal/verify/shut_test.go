package verify

import (
	"strings"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// TestACloudThatLetsNobodyInIsOneFinding: all that is in it is unseen for one
// reason, which is told first and once, with what to do.
func TestACloudThatLetsNobodyInIsOneFinding(t *testing.T) {
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	unseen := func(id resource.ID) (resource.Live, resource.Drift) {
		return resource.Live{Why: "could not sign in", AsOf: now}, resource.Drift{ID: id, Class: resource.Unseen, Why: "could not sign in"}
	}
	e := &Evidence{
		File: file, At: now, World: resource.World{}, PingsOff: true,
		Access: []Access{{Cloud: "azure"}, {Cloud: "aws", Problem: "no credentials", Hint: "sign in"}},
		Survey: &survey.Survey{Machines: map[string]survey.Machine{
			"ec2-a": {Seen: survey.Seen{At: now, Why: "could not sign in"}}, "ec2-b": {Seen: survey.Seen{At: now, Why: "could not sign in"}},
		}, TransitGateways: map[string]survey.TransitGateway{"tgw-tokyo": {Seen: survey.Seen{At: now, Why: "could not sign in"}}}},
	}
	for _, id := range []resource.ID{desired.TransitGatewayID("tgw-tokyo"), desired.AWSConnectionID("tokyo", 0), desired.VPCID("vpc-a")} {
		live, drift := unseen(id)
		e.World[id], e.Drifts = live, append(e.Drifts, drift)
	}
	report := Run(e, Selection{})
	if len(report.Findings) != 1 || report.Findings[0].Code != failure.ObservationGap || report.Findings[0].Hint != "sign in" {
		t.Errorf("found: %+v", report.Findings)
	}
	if report.Verdict != CannotCheck || report.First != "tokyo could not be checked: cannot work with aws: no credentials" {
		t.Errorf("%s: %s", report.Verdict, report.First)
	}
	var seen string
	for _, o := range report.Outcomes {
		if o.Check == "seen" || o.Check == "surveyed" {
			seen += o.Says + "\n"
		}
	}
	if strings.Count(seen, "but for 3 resources of a cloud that does not let linkd in") != 1 || strings.Count(seen, "but for 2 parts of a cloud") != 1 {
		t.Errorf("what was not seen: %s", seen)
	}
}
