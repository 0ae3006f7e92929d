package endtoend

import (
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/sim/ground"
	"linkd/internal/verify"
)

// TestALinkThatIsYetToMoveIsNotBroken asks after the file has another routing, and before
// the first apply: the link carries as it did. What then goes wrong of BGP is not laid at
// the VPN site, which has no prefixes until the link is static.
func TestALinkThatIsYetToMoveIsNotBroken(t *testing.T) {
	t.Parallel()
	for from, to := range map[desired.Routing]desired.Routing{desired.Static: desired.BGP, desired.BGP: desired.Static} {
		for _, redundancy := range []desired.Redundancy{desired.Single, desired.Full} {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, instant)
				l.file.Links[0].Redundancy, l.file.Links[0].Routing = redundancy, from
				l.mustBuild()
				time.Sleep(time.Hour)
				l.file.Links[0].Routing = to
				report, _ := l.verify()
				if report.Verdict != verify.Degraded || len(report.Findings) == 0 {
					t.Errorf("%s, from %s to %s: %s", redundancy, from, to, report.First)
				}
				for _, f := range report.Findings {
					if f.Code != failure.NotBuilt && f.Severity != failure.Info {
						t.Errorf("%s, from %s to %s: %s: %s", redundancy, from, to, f.Line(), f.Says)
					}
				}
				for _, instance := range l.file.Links[0].Instances() {
					attachment := l.world()[desired.AWSConnectionID("tokyo", instance)].Attrs[desired.FactAttachment].One()
					l.mustMutate(ground.Mutation{Cloud: "aws", Op: "unset", Kind: "transit-gateway-attachment", Name: attachment, Field: "Association"})
				}
				time.Sleep(time.Minute)
				report, e := l.verify()
				for _, trace := range e.Traces {
					if hop, broken := trace.Forward.Broken(); broken && hop.Code == failure.SitePrefixDrift {
						t.Errorf("%s, from %s to %s, associated with no table: trace says: %s", redundancy, from, to, hop.Says)
					}
				}
				for _, f := range report.Findings {
					if f.Code == failure.SitePrefixDrift {
						t.Errorf("%s, from %s to %s, associated with no table: %s: %s", redundancy, from, to, f.Line(), f.Says)
					}
				}
				if report.Verdict != verify.Broken {
					t.Errorf("%s, from %s to %s, associated with no table: %s", redundancy, from, to, report.First)
				}
			})
		}
	}
}
