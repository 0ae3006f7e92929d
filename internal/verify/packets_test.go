package verify

import (
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/probe"
)

// TestWhatPacketsShowIsOfTheLinkThatTheModelTakes has the file's second region have a
// link of its own, and packets to its VPC go by the first one and the peering: there
// one that has room for less.
func TestWhatPacketsShowIsOfTheLinkThatTheModelTakes(t *testing.T) {
	file, err := desired.Load("../../deploy/examples/two-regions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	over := func(from, to, link string) path.Way {
		return path.Way{From: from, To: to, Verdict: path.Pass, Hops: []path.Hop{
			{Kind: path.Tunnel, ID: desired.AWSTunnelID(desired.Tunnel{Link: link, Instance: 0, Number: 1}), Verdict: path.Pass},
		}}
	}
	small := func(from, to string) Ping {
		p := burst(from, to, "agent", 5)
		p.MTU = &probe.MTU{Passes: 1000, SilentFrom: 1001, SilentTo: 1500}
		return p
	}
	silent := burst("vm-jpe", "ec2-c", "agent", 0)
	for name, c := range map[string]struct {
		traces []path.Trace
		want   string
	}{
		"the model was not asked":    {nil, "virginia"},
		"by the first":               {[]path.Trace{{Forward: over("vm-jpe", "ec2-c", "tokyo"), Back: over("ec2-c", "vm-jpe", "virginia")}}, "tokyo"},
		"by its own":                 {[]path.Trace{{Forward: over("vm-jpe", "ec2-c", "virginia"), Back: over("ec2-c", "vm-jpe", "tokyo")}}, "virginia"},
		"by the answer of the other": {[]path.Trace{{Forward: over("ec2-c", "vm-jpe", "virginia"), Back: over("vm-jpe", "ec2-c", "tokyo")}}, "tokyo"},
	} {
		e := &Evidence{File: file, Traces: c.traces, Pings: []Ping{small("vm-jpe", "ec2-c")}}
		for _, f := range mtuFromAzure(e).findings {
			if f.Code != failure.MTUBlackhole || f.ID != desired.AzureConnectionID(c.want) || f.Link != c.want {
				t.Errorf("%s: sizes are told of %s, of the link %s, want %s", name, f.ID, f.Link, c.want)
			}
		}
		e.Pings = []Ping{silent}
		loss, sizes := pingFromAzure(e).findings, len(mtuFromAzure(&Evidence{File: file, Traces: c.traces, Pings: []Ping{small("vm-jpe", "ec2-c")}}).findings)
		if sizes != 1 || len(loss) != 1 || loss[0].Code != failure.PathLost || loss[0].ID != desired.AzureConnectionID(c.want) {
			t.Errorf("%s: %d of sizes, and loss is told as %+v, want the link %s", name, sizes, loss, c.want)
		}
	}
}
