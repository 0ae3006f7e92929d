package aws

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"linkd/internal/sim/ground"
)

func TestACallSaysWhatItCameTo(t *testing.T) {
	refused := func(status int, code string) ground.Fault {
		return ground.Fault{Effect: ground.EffectStatus, Status: status, Code: code}
	}
	for name, c := range map[string]struct {
		fault ground.Fault
		want  Call
	}{
		"well":                     {ground.Fault{}, Call{Status: http.StatusOK}},
		"too many":                 {refused(503, "RequestLimitExceeded"), Call{Failed: true, Status: 503, Throttled: true}},
		"too many, in other words": {refused(400, "Throttling"), Call{Failed: true, Status: 400, Throttled: true}},
		"and in others":            {refused(400, "ThrottlingException"), Call{Failed: true, Status: 400, Throttled: true}},
		"refused":                  {refused(403, "UnauthorizedOperation"), Call{Failed: true, Status: 403}},
		"a server error":           {refused(500, "InternalError"), Call{Failed: true, Status: 500}},
		"no answer":                {ground.Fault{Effect: ground.EffectDrop}, Call{Failed: true}},
		"no sense":                 {ground.Fault{Effect: ground.EffectNonsense, Nonsense: "empty"}, Call{Failed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				if c.fault.Effect != "" {
					c.fault.Cloud, c.fault.Operation = "aws", "DescribeVpnConnections"
					b.sim.Inject(c.fault)
				}
				seen := make(chan Call, attempts)
				cloud, err := New(t.Context(), b.file, Options{
					Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "not-a-secret", ""),
					HTTPClient:  b.client, Endpoint: "https://clouds.test", OnCall: func(call Call) { seen <- call },
				})
				if err != nil {
					t.Fatal(err)
				}
				newSeen(cloud, cloud.regions["ap-northeast-1"]).askConnections(t.Context(), ofAnyTag())
				got := <-seen
				c.want.Action, c.want.Region, c.want.Took = "ec2:DescribeVpnConnections", "ap-northeast-1", got.Took
				if got != c.want {
					t.Errorf("got %+v, want %+v", got, c.want)
				}
			})
		})
	}
}
