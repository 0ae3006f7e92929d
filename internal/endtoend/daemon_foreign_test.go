package endtoend

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"linkd/internal/daemon"
)

// TestAnAuditorInAForeignAccountTakesNothingForMissing gives an auditor credentials of
// another account than that of its file: nothing of the file is there, and that says nothing.
func TestAnAuditorInAForeignAccountTakesNothingForMissing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seed, err := os.ReadFile("../../deploy/examples/seed.yaml")
		if err != nil {
			t.Fatal(err)
		}
		l := newLab(t, instant)
		k := l.keepOf(strings.ReplaceAll(string(seed), "123456789012", "210987654321"), func(o *daemon.Options) { o.AuditOnly = true })
		defer k.stop()
		unseen := 0
		for _, d := range k.audited().Drifts {
			switch {
			case !strings.HasPrefix(d.Key, "aws/"):
			case d.Class != "unseen" && d.Class != "blocked": // blocked by what is unseen
				t.Errorf("%s is told as %s", d.Key, d.Class)
			case strings.Contains(d.Text, "the credentials are of account 123456789012, and the file names account 210987654321"):
				unseen++
			}
		}
		if unseen == 0 {
			t.Error("nothing of AWS is told as unseen for its account")
		}
	})
}

// TestAnAuditOfWhatStandsAsksForNoAccount has an audit of a link that stands prove no account:
// what is seen proves it.
func TestAnAuditOfWhatStandsAsksForNoAccount(t *testing.T) {
	kept(t, func(o *daemon.Options) { o.AuditOnly = true }, func(l *lab, k *keeper) {
		l.sim.ForgetCalls()
		k.audited()
		if asked := l.sim.Calls()["GetCallerIdentity"]; asked != 0 || len(l.sim.Calls()) == 0 {
			l.Errorf("it asked %d times: %v", asked, l.sim.Calls())
		}
	})
}
