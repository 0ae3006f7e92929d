package endtoend

import (
	"context"
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"linkd/internal/sim/scenario"
)

// TestAPeeringIsMadeOnceWhereverItsMakingIsKilled kills linkd before and after each
// write that is about the peering, of one account and of two, and at some of the looks
// between, while EC2's describes lag.
func TestAPeeringIsMadeOnceWhereverItsMakingIsKilled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		labOf       func(testing.TB, func(*scenario.Scenario)) *lab
		attachments int // with both ends of the peering
	}{
		"of one account":  {newLabOfPeering, 5},  // two VPCs, one connection
		"of two accounts": {newLabOfAccounts, 6}, // two VPCs, two connections
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ready := func(t *testing.T) *lab {
				l := c.labOf(t, quick)
				peerings := l.file.AWS.Peerings
				l.file.AWS.Peerings = nil
				l.mustBuild()
				l.file.AWS.Peerings = peerings
				l.wire.count, l.wire.writes = 0, nil
				return l
			}
			points, total := map[int]bool{}, 0
			synctest.Test(t, func(t *testing.T) {
				l := ready(t)
				l.mustBuild()
				total = l.wire.count
				for _, at := range l.wire.writes {
					points[at] = true
				}
			})
			for at := 1; at <= total; at += killStep(t, 61, 1001) {
				points[at] = true
			}
			for i, at := range slices.Sorted(maps.Keys(points)) {
				for _, late := range []bool{false, true} {
					if testing.Short() && (i%2 == 1 || late == (i%4 == 0)) {
						continue
					}
					synctest.Test(t, func(t *testing.T) {
						l := ready(t)
						ctx, kill := context.WithCancelCause(t.Context())
						l.wire.arm(at, late, kill)
						_, _ = l.build(ctx)
						kill(nil)
						l.wire.disarm()
						l.mustBuild()
						l.mustBeClean()
						l.mustCross()
						if standing := l.standing()["Attachments"]; standing != c.attachments {
							t.Errorf("%d attachments stand", standing)
						}
					})
				}
				if t.Failed() {
					t.Fatalf("killed at request %d of %d", at, total)
				}
			}
			t.Logf("killed at %d of %d requests", len(points), total)
		})
	}
}
