package endtoend

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/examine"
	"linkd/internal/failure"
	"linkd/internal/sim/ground"
	"linkd/internal/survey"
	"linkd/internal/verify"
)

// TestBeforeABuildTheLimitsAreCounted: what anybody has made in the account takes
// up room.
func TestBeforeABuildTheLimitsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		before := func() verify.Report {
			e := examine.Gather(l.Context(), l.engine(l.Context()), examine.Options{Surveyless: true, PingsOff: true})
			return verify.Run(e, verify.Selection{Before: true})
		}
		occupy := func(number int) {
			gateway := map[string]any{"Type": "ipsec.1", "IpAddress": fmt.Sprintf("198.51.100.%d", number), "BgpAsn": 65000}
			if err := l.sim.Mutate(ground.Mutation{Cloud: "aws", Kind: "customer-gateway", Name: "ap-northeast-1", Op: "create", Value: gateway}); err != nil {
				t.Fatal(err)
			}
		}
		for number := range 49 {
			occupy(number)
		}
		if report := before(); report.Verdict != verify.Well {
			t.Errorf("with room for one more: %s", report.First)
		}
		occupy(49)
		report := before()
		if report.Exit(verify.Bar{Threshold: failure.Warning}) != 1 || report.First != "tokyo is degraded: LIMIT_REACHED at ap-northeast-1" {
			t.Fatalf("without room: %s", report.First)
		}
		if says := report.Findings[0].Says; says != "customer gateways of the region: there are 50, the file wants 1 more, and AWS allows 50 by default" {
			t.Error(says)
		}

		// What cannot be counted is unknown, and never well.
		l.sim.Inject(ground.Fault{Cloud: "aws", Operation: "DescribeVpnConnections", Effect: "deny"})
		report = before()
		if report.Exit(verify.Bar{Threshold: failure.Error}) != 2 || !strings.Contains(fmt.Sprint(report.Outcomes), "it is not known whether it is still to be built") {
			t.Errorf("of a list that is refused: %s", report.First)
		}
		l.sim.Heal()
	})
}

// TestOnceBuiltNothingIsCounted: a link that stands needs no more room, and is
// itself what a count would find.
func TestOnceBuiltNothingIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		e := examine.Gather(l.Context(), l.engine(l.Context()), examine.Options{PingsOff: true})
		if e.Usage == nil || len(e.Usage) > 0 {
			t.Errorf("counted are %+v", e.Usage)
		}
		var found []string
		for _, cloud := range l.engine(l.Context()).Clouds {
			if counter, counts := cloud.(survey.Counter); counts {
				for _, usage := range counter.Usage(l.Context()) {
					found = append(found, fmt.Sprintf("%s %s %d %t", usage.Kind, usage.Place, usage.Count, usage.Known()))
				}
			}
		}
		want := []string{
			"aws/transit-gateway ap-northeast-1 1 true", "aws/vpn-connection ap-northeast-1 1 true", "aws/customer-gateway ap-northeast-1 1 true",
			"aws/vpc-attachment vpc-0a10000000000000a 1 true", "aws/vpc-attachment vpc-0b20000000000000b 1 true",
			"aws/vpc-routes rtb-0a10000000000000a 3 true", "aws/vpc-routes rtb-0b20000000000000b 3 true",
		}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("-want +counted:\n%s", diff)
		}
	})
}
