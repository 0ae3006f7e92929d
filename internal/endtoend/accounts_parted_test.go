package endtoend

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/sim/ground"
)

// TestARoleThatIsRevokedStopsNothingOfTheOwnAccount revokes the role of the second account
// under a daemon. A route of the first account is mended all the same, and the connection of
// tokyo that stands by takes over there when the other goes down.
func TestARoleThatIsRevokedStopsNothingOfTheOwnAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		example, err := os.ReadFile("../../deploy/examples/two-accounts.yaml")
		if err != nil {
			t.Fatal(err)
		}
		l := newLabOfAccounts(t, instant)
		k := l.keepOf(strings.Replace(string(example), "redundancy: tunnels", "redundancy: full", 1), nil)
		defer k.stop()
		k.until(control.AsDesired, 4*time.Hour)
		time.Sleep(15 * time.Minute)
		l.role("delete")
		l.mustMutate(ground.Mutation{Cloud: "aws", Op: "remove", Kind: "route-table", Name: "rtb-0a10000000000000a", Field: "Routes", Value: "10.1.0.0/16"})
		time.Sleep(30 * time.Minute)
		jpe, a := netip.MustParseAddr("10.1.0.4"), netip.MustParseAddr("172.20.0.10")
		if !l.crosses(jpe, a) {
			t.Error("the route of the first account is not mended while the role of the second is revoked")
		}
		l.cutTunnels([]desired.Tunnel{{Link: "tokyo", Number: 1}, {Link: "tokyo", Number: 2}})
		time.Sleep(10 * time.Minute)
		if !l.crosses(jpe, a) || !l.crosses(a, jpe) {
			t.Error("the connection that stands by does not carry while the role of another account is revoked")
		}
	})
}
