package endtoend

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/sim/catalogue"
)

// repairsAll is the article's file with a policy whose rules name every drift
// and let its repair take the only tunnel.
func repairsAll(t *testing.T) string {
	t.Helper()
	var rules strings.Builder
	for _, key := range catalogue.Keys() {
		if key == "" {
			continue // what must not be seen has none
		}
		fmt.Fprintf(&rules, "    - {drift: %s, do: repair, may_cut_last_tunnel: true}\n", key)
	}
	return strings.Replace(seedFile(t), "version: 1\n", "version: 1\npolicy:\n  rules:\n"+rules.String(), 1)
}

// mendable lists the entries of the catalogue that a repair mends, a part of
// them in short.
func mendable() []catalogue.Entry {
	return slices.DeleteFunc(catalogue.Entries(), func(e catalogue.Entry) bool {
		return e.Key == "" || e.Lasts != "" || e.File != catalogue.AsItIs
	})
}

// end is how the journal tells the end of an entry: a repair is proved, and what
// is only watched goes when what it follows from was repaired.
func end(entry catalogue.Entry) string {
	for _, watched := range []string{"azure/hub-routes.", "azure/vpn-tunnel.", "aws/vpn-tunnel."} {
		if strings.HasPrefix(entry.Key, watched) {
			return "gone"
		}
	}
	return "proved"
}

// TestTheDaemonMendsTheCatalogueUnattended lets everything of the catalogue
// happen, one thing an hour, to a link that one daemon keeps: it names and
// mends each by itself, and proves it.
func TestTheDaemonMendsTheCatalogueUnattended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		k := l.keepOf(repairsAll(t), nil)
		k.until(control.AsDesired, time.Hour)
		for i, entry := range mendable() {
			if testing.Short() && i%8 != 0 {
				continue
			}
			time.Sleep(2 * time.Hour) // so that nothing looks like a rival
			before := len(k.journal())
			l.do(entry.Do)
			time.Sleep(20 * time.Minute)
			k.until(control.AsDesired, 6*time.Hour)
			if ends := end(entry) + " " + entry.Key; !slices.Contains(k.journal()[before:], ends) {
				t.Errorf("%s: %s was not recorded: %v", entry.Name, ends, k.journal()[before:])
			}
			l.mustCross()
			l.do(entry.Then)
			if len(entry.Then) > 0 {
				time.Sleep(20 * time.Minute)
				k.until(control.AsDesired, 6*time.Hour)
			}
		}
		k.stop()
	})
}

// TestAnAuditorTouchesNothingOfTheCatalogue lets the same happen under the same
// policy to a daemon that only audits: it names each and never writes.
func TestAnAuditorTouchesNothingOfTheCatalogue(t *testing.T) {
	t.Parallel()
	for i, entry := range mendable() {
		if testing.Short() && i%16 != 0 {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, instant)
			l.mustBuild()
			time.Sleep(time.Hour)
			k := l.keepOf(repairsAll(t), func(o *daemon.Options) { o.AuditOnly = true })
			k.until(control.AsDesired, time.Hour)
			l.do(entry.Do)
			time.Sleep(10 * time.Minute)
			writes := l.wire.sent()
			status := k.audited()
			found := slices.ContainsFunc(status.Drifts, func(d control.Drift) bool {
				return d.Key == entry.Key && d.Decision == "report" && (d.Held == "audit" || end(entry) == "gone")
			})
			if !found || l.wire.sent() != writes {
				t.Errorf("%s: held by the audit: %t; %d writes: %+v", entry.Name, found, l.wire.sent()-writes, status.Drifts)
			}
			k.stop()
		})
	}
}
