package endtoend

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/sim/failures"
	"linkd/internal/sim/ground"
)

// named lists the codes of what a daemon finds.
func (k *keeper) named() []string {
	var codes []string
	for _, finding := range k.status().Findings {
		codes = append(codes, finding.Code)
	}
	return codes
}

// findingSeries is a series of a failure that stands.
var findingSeries = regexp.MustCompile(`(?m)^linkd_finding\{.*code="([A-Z_]+)".*\} 1$`)

// scraped are the codes of linkd_finding, as a scrape shows them.
func (k *keeper) scraped() []string {
	answer := httptest.NewRecorder()
	k.Metrics.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	var codes []string
	for _, parts := range findingSeries.FindAllStringSubmatch(answer.Body.String(), -1) {
		codes = append(codes, parts[1])
	}
	return codes
}

// looked is what a daemon tells of its look along the paths.
func (k *keeper) looked() control.Look {
	for _, look := range k.status().Looks {
		if look.Name == "survey" {
			return look
		}
	}
	k.lab.Fatal("no look is along the paths")
	return control.Look{}
}

// TestTheDaemonLooksAlongThePaths lets a filter block echoes, which no
// audit sees: the daemon names it, with and without leave to write, and it
// passes when it is undone.
func TestTheDaemonLooksAlongThePaths(t *testing.T) {
	t.Parallel()
	for _, auditOnly := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, instant)
			l.mustBuild()
			k := l.keep(func(o *daemon.Options) { o.AuditOnly = auditOnly })
			time.Sleep(time.Hour)
			if codes := k.named(); len(codes) > 0 {
				t.Errorf("a link that is well has %v", codes)
			}
			if look := k.looked(); look.Result != "complete" || look.Next.IsZero() || time.Since(look.Success) > 16*time.Minute {
				t.Errorf("the look is %+v", look)
			}
			injection := blocked(t)
			injected, err := injection.Inject(l.sim)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(35 * time.Minute)
			for from, codes := range map[string][]string{"status": k.named(), "metrics": k.scraped()} {
				if !slices.Equal(codes, []string{"ICMP_BLOCKED"}) {
					t.Errorf("%s: %v of %q", from, codes, injection.Name)
				}
			}
			if err := injected.Undo(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(35 * time.Minute)
			if codes := append(k.named(), k.scraped()...); len(codes) > 0 {
				t.Errorf("undone, it still has %v", codes)
			}
			k.stop()
		})
	}
}

// blocked is an injection by which a security group of Azure blocks echoes.
func blocked(t *testing.T) failures.Injection {
	t.Helper()
	for _, injection := range failures.All() {
		if injection.Code == "ICMP_BLOCKED" && injection.ToAzure != "" && strings.Contains(injection.Name, "security group") {
			return injection
		}
	}
	t.Fatal("no injection blocks echoes")
	return failures.Injection{}
}

// TestALookThatIsForbiddenIsToldOnce refuses the routes and filters of the
// machines: what is not seen is a gap, which the record has once, and audits and
// repairs go on.
func TestALookThatIsForbiddenIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		l.sim.Inject(ground.Fault{Operation: "POST networkInterfaces/effectiveRouteTable", Effect: ground.EffectDeny})
		k := l.keep(nil)
		time.Sleep(5 * time.Hour)
		if look := k.looked(); look.Result != "incomplete" || !look.Success.IsZero() {
			t.Errorf("the look is %+v", look)
		}
		codes := k.named()
		if len(codes) == 0 || slices.ContainsFunc(codes, func(code string) bool { return code != "OBSERVATION_GAP" }) {
			t.Errorf("it has %v", codes)
		}
		told := 0
		for _, line := range k.journal() {
			if strings.HasPrefix(line, "named") {
				told++
			}
		}
		if told != len(codes) {
			t.Errorf("%d gaps were told %d times", len(codes), told)
		}
		if verdict := k.status().Verdict; verdict != control.AsDesired {
			t.Errorf("the audits say %s", verdict)
		}
		k.stop()
	})
}

// TestALookThatIsOffIsNeverMade turns the look off: none of its calls is made.
func TestALookThatIsOffIsNeverMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		l.sim.ForgetCalls()
		k := l.keepOf(seedFile(t)+"\nschedule: {survey: off}\n", nil)
		time.Sleep(3 * time.Hour)
		if look := k.looked(); !look.Last.IsZero() || !look.Next.IsZero() || look.Missed > 0 {
			t.Errorf("the look is %+v", look)
		}
		if calls := l.sim.Calls()["POST networkInterfaces/effectiveRouteTable"]; calls > 0 {
			t.Errorf("the routes of machines were asked for %d times", calls)
		}
		k.stop()
	})
}

// TestNothingIsNamedThatIsBeingBuilt has a daemon build a link in clouds that take
// their time, and audit it often meanwhile: nothing that is missing is named.
func TestNothingIsNamedThatIsBeingBuilt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		k := l.keepOf(seedFile(t)+"\nschedule: {audit: \"@every 5m\", survey: \"@every 5m\", budget: 3h}\n", nil)
		for began := time.Now(); time.Since(began) < 3*time.Hour && k.status().Verdict != control.AsDesired; time.Sleep(20 * time.Second) {
			if codes := k.named(); len(codes) > 0 {
				t.Fatalf("after %s it names %v", time.Since(began), codes)
			}
		}
		time.Sleep(30 * time.Minute)
		if status := k.status(); status.Verdict != control.AsDesired || len(status.Findings) > 0 {
			t.Errorf("at the end it is %s with %v", status.Verdict, status.Findings)
		}
		k.stop()
	})
}
