package verify

import (
	"strings"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/probe"
)

func burst(from, to, vantage string, received int) Ping {
	return Ping{Result: probe.Result{From: from, To: to, At: time.Unix(0, 0), Sent: 5, Received: received, Mean: time.Millisecond}, Vantage: vantage}
}

// outcomeOf is the line of a check, nil when it was not made.
func outcomeOf(report Report, check string) *Outcome {
	for i := range report.Outcomes {
		if report.Outcomes[i].Check == check {
			return &report.Outcomes[i]
		}
	}
	return nil
}

// TestEchoesFromOutsideAreJudgedApart: they have no direction, no model, and
// accuse no link.
func TestEchoesFromOutsideAreJudgedApart(t *testing.T) {
	e := &Evidence{File: seed(t), Pings: []Ping{burst(desired.LocalName, "vm-jpe", "local", 5), burst(desired.LocalName, "ec2-a", "local", 0)}}
	report := Run(e, Selection{})
	o := outcomeOf(report, "ping-outside")
	if o == nil || o.Mark != Warned || len(o.Findings) != 1 {
		t.Fatalf("%+v", o)
	}
	if f := o.Findings[0]; f.Code != failure.PathLost || !strings.HasPrefix(f.Ref, "i-") || f.Direction != BothWays || f.Link != "" {
		t.Errorf("%+v", f)
	}
	for _, check := range []string{"ping-azure-aws", "ping-aws-azure"} {
		if o := outcomeOf(report, check); len(o.Findings)+len(o.Gaps) > 0 || strings.Contains(o.Says, "local") {
			t.Errorf("%s: %+v", check, o)
		}
	}
	if len(report.Pings) != 2 || report.Pings[1].Vantage != "local" || report.Pings[0].Mean != 0.001 {
		t.Errorf("%+v", report.Pings)
	}
}

func TestEachPingNamesItsVantage(t *testing.T) {
	file := seed(t)
	tests := []struct {
		name  string
		pings []Ping
		want  string
	}{
		{
			name:  "one vantage",
			pings: []Ping{burst("vm-jpe", "ec2-a", "agent", 5), burst("vm-use", "ec2-a", "agent", 5)},
			want:  "(2 pairs, by agent)",
		},
		{
			name:  "two vantages",
			pings: []Ping{burst("vm-jpe", "ec2-a", "agent", 5), burst("vm-use", "ec2-a", "run-command", 5), burst("ec2-a", "vm-jpe", "local", 5)},
			want:  "(2 pairs, by agent from vm-jpe, by run-command from vm-use)",
		},
		{
			name:  "one that failed",
			pings: []Ping{burst("vm-jpe", "ec2-a", "local", 5), {Result: probe.Result{From: "vm-use", To: "ec2-a", Err: "no socket"}, Vantage: "local"}},
			want:  "(1 pair, by local)",
		},
	}
	for _, test := range tests {
		report := Run(&Evidence{File: file, Pings: test.pings}, Selection{})
		if says := outcomeOf(report, "ping-azure-aws").Says; !strings.HasSuffix(says, test.want) {
			t.Errorf("%s: it says %q, want %q", test.name, says, test.want)
		}
	}
}
