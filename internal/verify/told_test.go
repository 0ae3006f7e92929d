package verify

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

func TestFiltersBehindAHopThatBlocksAreNotCalledWell(t *testing.T) {
	s := newScene(t)
	s.set(siteID, "address_space", "172.20.0.0/16") // what vm-jpe sends to ec2-b ends in the hub
	report := s.judge(t, "")
	for _, check := range []string{"filters", "nic-routes"} {
		o := outcomeOf(report, check)
		if o.Mark != Skipped || !strings.Contains(o.Says, "end at another hop") {
			t.Errorf("%s is %s: %s", check, o.Mark, o.Says)
		}
	}
	if o := outcomeOf(report, "machines"); o.Mark != OK {
		t.Errorf("the machines run, and are marked %s: %s", o.Mark, o.Says)
	}
}

func TestWhatBlocksEchoesTheOtherWayDoesNotExplainSizes(t *testing.T) {
	s := newScene(t)
	narrow("vm-jpe", "ec2-a")(s)
	lost([2]string{"ec2-a", "vm-jpe"})(s)
	back := path.Way{From: "ec2-a", To: "vm-jpe", Verdict: path.Block, Hops: []path.Hop{{
		Kind: path.NSG, Ref: "nsg-1", Verdict: path.Block, Code: failure.ICMPBlocked, Says: "it denies echoes",
	}}}
	s.judge(t, "") // has the model walk
	i := slices.IndexFunc(s.Traces, func(trace path.Trace) bool { return trace.Forward.From == "ec2-a" && trace.Forward.To == "vm-jpe" })
	s.Traces[i].Forward = back
	report := Run(s.Evidence, Selection{})
	roots := map[failure.Code]bool{}
	for _, f := range report.Findings {
		roots[f.Code] = true
	}
	if !roots[failure.MTUBlackhole] || !roots[failure.ICMPBlocked] {
		t.Errorf("root causes are %v, and both ICMP_BLOCKED and MTU_BLACKHOLE are", roots)
	}
}

func TestAResourceThatFailedDoesNotExplainWhatSettingsShow(t *testing.T) {
	s := newScene(t)
	s.phase(gatewayID, resource.Failed)
	secrets := maps.Clone(s.World[connectionID].Secrets)
	secrets["shared_key/tokyo-0-1"] = resource.NewSecret("another key")
	s.secret(connectionID, secrets)
	report := s.judge(t, "")
	if o := outcomeOf(report, "keys"); o.Mark != Warned || len(o.Findings) != 1 {
		t.Errorf("keys that differ are marked %s beside a gateway that failed: %s", o.Mark, o.Says)
	}
}

func TestWhatCouldNotBeSeenSaysWhatToDo(t *testing.T) {
	s := newScene(t)
	seen := survey.Seen{Why: "there is no instance i-1 in ap-northeast-1", Do: "Mend the id of target ec2-a in the file, or make the instance."}
	s.machine("ec2-a", func(m *survey.Machine) { *m = survey.Machine{Seen: seen} })
	s.machine("ec2-b", func(m *survey.Machine) { *m = survey.Machine{Seen: survey.Seen{Why: "it was refused"}} })
	report := s.judge(t, "")
	findings := outcomeOf(report, "surveyed").Findings
	if len(findings) != 1 {
		t.Fatalf("%d findings of what could not be read, want one", len(findings))
	}
	if findings[0].Hint != seen.Do {
		t.Errorf("the hint is %q, want %q", findings[0].Hint, seen.Do)
	}
	if want := "tokyo could not be checked: the machine ec2-a could not be read: " + seen.Why; report.First != want {
		t.Errorf("the first line is %q, want %q", report.First, want)
	}
}

func TestTheFirstLineNamesWhatCouldNotBeSeen(t *testing.T) {
	s := newScene(t)
	s.drift(resource.Drift{ID: siteID, Class: resource.Unseen, Why: "it was refused"})
	s.drift(resource.Drift{ID: siteID, Attr: "address_space", Class: resource.Unseen, Why: "it was throttled"})
	report := s.judge(t, "")
	if want := "tokyo could not be checked: azure/vpn-site/tokyo: it could not be read: it was refused"; report.First != want {
		t.Errorf("the first line is %q, want %q", report.First, want)
	}
	var text strings.Builder
	if err := report.Text(&text); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.String()) {
		if strings.Contains(line, "seen      of") || strings.Contains(line, ": ,") {
			t.Errorf("a line with a gap in it: %q", line)
		}
	}
}

// TestWhatIsKnownIsSaidBesideWhatCouldNotBeChecked has AWS change a connection, which takes
// one of its tunnels down: the other carries.
func TestWhatIsKnownIsSaidBesideWhatCouldNotBeChecked(t *testing.T) {
	s := newScene(t)
	s.down("2")
	s.drift(resource.Drift{ID: awsID, Class: resource.BusyNow, Why: "its state is modifying"})
	want := "tokyo could not be checked: aws/vpn-connection/tokyo-0: an operation runs on it: its state is modifying; and REDUNDANCY_LOST at aws/vpn-tunnel/tokyo-0-2"
	if report := s.judge(t, ""); report.First != want {
		t.Errorf("the first line is %q, want %q", report.First, want)
	}
}

func TestAMachineThatIsDownIsCalledByItsNameInTheFile(t *testing.T) {
	s := newScene(t)
	s.machine("ec2-a", func(m *survey.Machine) { m.Power = survey.Stopped })
	if want := "tokyo is broken: TARGET_DOWN_OR_HOST_FIREWALL at ec2-a"; s.judge(t, "").First != want {
		t.Errorf("the first line is %q, want %q", s.judge(t, "").First, want)
	}
}

func TestSeveralLinksAreAndOneIs(t *testing.T) {
	link := func(names ...string) *Evidence {
		file := &desired.File{Owner: "us"}
		for _, name := range names {
			file.Links = append(file.Links, desired.Link{Name: name})
		}
		return &Evidence{File: file}
	}
	for want, e := range map[string]*Evidence{
		"tokyo is": link("tokyo"), "tokyo, virginia are": link("tokyo", "virginia"), "us (4 links) is": link("a", "b", "c", "d"), "us is": link(),
	} {
		if got := e.be(nil); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNothingThatWasCheckedIsNotCalledWell(t *testing.T) {
	s := newScene(t)
	s.PingsOff = true
	if report := s.judge(t, "^ping-"); strings.Contains(report.First, "well") || !strings.Contains(report.First, "none of 3 checks was made") {
		t.Errorf("the first line is %q", report.First)
	}
}

func TestAFileWithoutMachinesSaysWhyNothingWasSent(t *testing.T) {
	s := newScene(t)
	s.File.Probes.Targets, s.Pings, s.Traces = nil, nil, nil
	o := outcomeOf(Run(s.Evidence, Selection{}), "ping-azure-aws")
	if o.Mark != Unknown || !strings.Contains(o.Says, "probes.targets") {
		t.Errorf("marked %s: %s", o.Mark, o.Says)
	}
}
