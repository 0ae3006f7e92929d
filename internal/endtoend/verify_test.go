package endtoend

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/failure"
	"linkd/internal/sim/failures"
	"linkd/internal/sim/scenario"
	"linkd/internal/verify"
)

// topologies are the links on which every failure is brought about.
var topologies = []struct {
	name    string
	tunnels int
}{{"seed.yaml", 1}, {"redundant-tunnels.yaml", 2}}

// onTopology builds the link of an example, lets it settle, and hands it on.
func onTopology(t *testing.T, name string, bgp bool, do func(*lab)) {
	t.Helper()
	t.Run(fmt.Sprintf("%s, BGP %t", name, bgp), func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { playOn(t, name, bgp, do) })
	})
}

func playOn(t *testing.T, name string, bgp bool, do func(*lab)) {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if bgp {
		file.Links[0].Routing = desired.BGP
	}
	l := newLabOf(t, file, given, instant)
	l.mustBuild()
	time.Sleep(time.Hour)
	do(l)
}

// verify gathers the evidence, packets among it, and judges it.
func (l *lab) verify() (verify.Report, *verify.Evidence) {
	l.Helper()
	e := examine.Gather(l.Context(), l.engine(l.Context()), examine.Options{Vantages: []examine.Vantage{onTheSpot{l.sim}}, MTU: true})
	return verify.Run(e, verify.Selection{}), e
}

// surveyed are the failures that show to a look along the paths alone.
var surveyed = []failure.Code{
	failure.NICRouteOverridden, failure.ICMPBlocked, failure.TargetDown, failure.TunnelMaintenance, failure.TGWZoneUnattached,
}

func TestVerifyOfAHealthyLinkFindsNothingAndWritesNothing(t *testing.T) {
	for _, topology := range topologies {
		for _, bgp := range []bool{false, true} {
			onTopology(t, topology.name, bgp, func(l *lab) {
				before := l.wire.sent()
				report, _ := l.verify()
				if made := l.wire.sent() - before; made > 0 {
					l.Errorf("%s: verify wrote %d times", topology.name, made)
				}
				l.mustBeWell(topology.name+", BGP "+strconv.FormatBool(bgp), report)
			})
		}
	}
}

// mustBeAsBuilt looks, an hour later, with everything that linkd has at what was built,
// and fails the test unless all of it is well.
func (l *lab) mustBeAsBuilt() verify.Report {
	l.Helper()
	time.Sleep(time.Hour)
	l.mustBeClean()
	l.mustCross()
	l.waysMustAgree("as built")
	l.tracesMustAgree("as built")
	report, _ := l.verify()
	l.mustBeWell("as built", report)
	return report
}

// mustBeWell fails the test for any finding.
func (l *lab) mustBeWell(when string, report verify.Report) {
	l.Helper()
	for _, f := range report.Findings {
		l.Errorf("%s: %s: %s", when, f.Line(), f.Says)
	}
	if len(report.Findings) == 0 && report.Verdict != verify.Well {
		l.Errorf("%s: %s", when, report.First)
	}
}

// TestVerifyAccusesNothingHealthy goes through random changes that have
// nothing to do with the link.
func TestVerifyAccusesNothingHealthy(t *testing.T) {
	variations := 1000
	if testing.Short() {
		variations = 50
	}
	for n, topology := range topologies {
		onTopology(t, topology.name, false, func(l *lab) {
			for seed := n; seed < variations; seed += len(topologies) {
				variation := failures.Healthy(uint64(seed))
				injected, err := variation.Inject(l.sim)
				if err != nil {
					l.Fatal(err)
				}
				time.Sleep(10 * time.Minute)
				report, _ := l.verify()
				l.mustBeWell(fmt.Sprintf("%s, seed %d (%s)", topology.name, seed, variation.Name), report)
				if err := injected.Undo(); err != nil {
					l.Fatal(err)
				}
				time.Sleep(10 * time.Minute)
			}
		})
	}
}

// TestOfTwoFailuresAtOnceARootCauseIsNamedFirst brings about random pairs of
// failures; LINKD_VERIFY_PAIRS=all goes through all of them.
func TestOfTwoFailuresAtOnceARootCauseIsNamedFirst(t *testing.T) {
	pairs, all := 100, os.Getenv("LINKD_VERIFY_PAIRS") == "all"
	if testing.Short() {
		pairs = 20
	}
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("LINKD_VERIFY_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("LINKD_VERIFY_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for _, topology := range topologies {
		onTopology(t, topology.name, false, func(l *lab) {
			var fit []failures.Injection
			for _, injection := range failures.All() {
				if injection.Fits(topology.tunnels, false) {
					fit = append(fit, injection)
				}
			}
			for i := range fit {
				for j := range i {
					if fit[i].Code == fit[j].Code { // two ways of one failure, which may undo each other
						continue
					}
					if all || random.IntN(len(fit)*(len(fit)-1)/2) < pairs/len(topologies) {
						if !l.mustNameOneOf(fit[i], fit[j]) {
							playOn(l.TB.(*testing.T), topology.name, false, func(fresh *lab) { l = fresh })
						}
					}
				}
			}
		})
	}
}

// attempt brings about a failure on clouds that are broken already: an
// injection may not find what it would break.
func attempt(injection failures.Injection, l *lab) (injected *failures.Injected, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("cannot inject %q: %v", injection.Name, cause)
		}
	}()
	return injection.Inject(l.sim)
}

// mustNameOneOf brings about two failures, and fails the test unless one of
// them is named first. It tells whether both could be taken back: of two that
// change the same thing, one may not know its way back.
func (l *lab) mustNameOneOf(a, b failures.Injection) (clean bool) {
	l.Helper()
	first, err := a.Inject(l.sim)
	if err != nil {
		l.Fatal(err)
	}
	second, err := attempt(b, l)
	if err != nil { // the first has taken what the second would break
		clean := first.Undo() == nil
		time.Sleep(10 * time.Minute)
		return clean
	}
	time.Sleep(10 * time.Minute)
	target := len(l.file.Probes.Targets)
	l.add(first.Added)
	l.add(second.Added)
	report, evidence := l.verify()
	l.file.Probes.Targets = l.file.Probes.Targets[:target]
	told := func(i failures.Injection) bool {
		code := failure.Code(i.Code)
		return evidence.Survey != nil || !slices.Contains(surveyed, code)
	}
	switch {
	case !told(a) && !told(b):
	case len(report.Findings) == 0:
		l.Errorf("%q and %q: nothing was found", a.Name, b.Name)
	case string(report.Findings[0].Code) != a.Code && string(report.Findings[0].Code) != b.Code && told(a) && told(b):
		l.Errorf("%q and %q: named first is %s: %s", a.Name, b.Name, report.Findings[0].Line(), report.Findings[0].Says)
	}
	clean = second.Undo() == nil && first.Undo() == nil
	time.Sleep(10 * time.Minute)
	return clean
}

// add makes targets of the machines that an injection has added.
func (l *lab) add(machines []failures.Machine) {
	for _, m := range machines {
		for _, gateway := range l.file.TransitGateways() {
			for _, vpc := range gateway.VPCs {
				if vpc.ID == m.VPC {
					l.file.Probes.Targets = append(l.file.Probes.Targets, desired.Target{Name: "added", Address: m.Address, VPC: vpc.Name, ID: m.ID, Subnet: m.Subnet, Zone: m.Zone})
				}
			}
		}
	}
}
