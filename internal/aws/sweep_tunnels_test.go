package aws

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func TestOnlyRegionsWithLinksAreAskedForTunnels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mustBuild()
		b.file.AWS.Regions = append(b.file.AWS.Regions, desired.Region{Name: "us-east-1"})
		b.restart()
		world := b.cloud.SweepTunnels(t.Context())
		if got := slices.Collect(maps.Keys(world)); !slices.Equal(got, []resource.ID{"aws/vpn-tunnel/tokyo-0-1"}) {
			t.Errorf("it answers for %v", got)
		}
		if len(b.calls) != 1 || b.calls["ec2:DescribeVpnConnections"] != 1 {
			t.Errorf("it asks %v, want one list of connections", b.calls)
		}
	})
}
