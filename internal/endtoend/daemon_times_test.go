package endtoend

import (
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/journal"
	"linkd/internal/sim/ground"
)

// TestHowLongADifferenceLasts measures, in clouds whose operations take their
// time and with the schedule that a file has when it says nothing, how long
// after a change it is named, and how long until its repair is proved. The
// schedule bounds the first; no number is asserted but that.
func TestHowLongADifferenceLasts(t *testing.T) {
	t.Parallel()
	changes := map[string]ground.Mutation{
		"a prefix is taken out of the site": sitePrefix,
		"a VPC route is deleted":            vpcRoute,
		"Azure has another key":             wrongKey,
		"a VNet connection is deleted":      {Cloud: "azure", Op: "delete", Kind: "virtualHubs/hubVirtualNetworkConnections", Name: "hub-use/vnet-use"},
		"Azure's connection is deleted":     {Cloud: "azure", Op: "delete", Kind: "vpnGateways/vpnConnections", Name: tokyoConnection},
		"a setting of the WAN":              {Cloud: "azure", Op: "set", Kind: "virtualWans", Name: "wan-global", Field: "properties.allowBranchToBranchTraffic", Value: false},
	}
	var named, proved []time.Duration
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, nil)
				l.mustBuild()
				time.Sleep(time.Hour)
				k := l.keep(nil)
				k.until(control.AsDesired, time.Hour)
				time.Sleep(time.Until(k.status().Looks[0].Next) + time.Minute) // the worst moment: an audit has just been
				round := k.rounds()
				began := time.Now()
				l.mustMutate(change)
				var seen, mended time.Time
				for mended.IsZero() && time.Since(began) < 2*time.Hour {
					time.Sleep(5 * time.Second)
					seen, mended = k.life(began)
				}
				k.until(control.AsDesired, time.Hour)
				if seen.IsZero() || mended.IsZero() {
					t.Fatalf("it was never named, or its repair never proved: %v", k.journal())
				}
				named, proved = append(named, seen.Sub(began)), append(proved, mended.Sub(began))
				t.Logf("named after %s, its repair proved after %s, by %d audits", seen.Sub(began).Round(time.Second), mended.Sub(began).Round(time.Second), k.rounds()-round)
				if seen.Sub(began) > 16*time.Minute {
					t.Errorf("it was named after %s, and audits come every 15 minutes", seen.Sub(began))
				}
				k.stop()
			})
		})
	}
	if len(named) > 0 {
		t.Logf("named: %s to %s; proved: %s to %s", slices.Min(named).Round(time.Second), slices.Max(named).Round(time.Second), slices.Min(proved).Round(time.Second), slices.Max(proved).Round(time.Second))
	}
}

// life is when the first repair of what came after a moment was named, and
// when one was proved.
func (k *keeper) life(after time.Time) (named, proved time.Time) {
	k.lab.Helper()
	err := journal.Read(filepath.Join(k.folder, "journal"), journal.Filter{Since: after}, func(e journal.Entry) bool {
		switch {
		case e.Event == journal.Appeared && named.IsZero() && e.Decision != "report":
			named = e.At
		case e.Event == journal.Proved && proved.IsZero():
			proved = e.At
		}
		return true
	})
	if err != nil {
		k.lab.Fatal(err)
	}
	return named, proved
}

// rounds counts the audits so far.
func (k *keeper) rounds() int { return k.lab.sim.Calls()["DescribeTransitGateways"] }
