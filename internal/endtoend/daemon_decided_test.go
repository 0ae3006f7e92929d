package endtoend

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/sim/ground"
)

// keptBy runs a test on a daemon that has built its link in instant clouds by
// a file that some texts of the article's, each followed by another, are
// replaced in.
func keptBy(t *testing.T, replace []string, do func(*lab, *keeper)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		k := l.keepOf(strings.NewReplacer(replace...).Replace(seedFile(t)), nil)
		k.until(control.AsDesired, 3*time.Hour)
		time.Sleep(10 * time.Minute)
		do(l, k)
		k.stop()
	})
}

// windowed has both tunnels and a maintenance window each noon.
var windowed = []string{"version: 1\n", "version: 1\npolicy: {windows: [{start: 0 12 * * *, duration: 1h}]}\n"}

// startup changes the startup action of a tunnel: to mend it interrupts it.
func (l *lab) startup(tunnel, value string) {
	l.Helper()
	vpn := l.world()[desired.AWSConnectionID("tokyo", 0)].Ref
	l.mustMutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: vpn + "/" + tunnel, Field: "StartupAction", Value: value})
}

// disown takes our tag from the attachment of the VPN connection: to mend it
// interrupts nothing.
func (l *lab) disown() {
	l.Helper()
	attachment := l.world()[desired.AWSConnectionID("tokyo", 0)].Attrs[desired.FactAttachment].One()
	l.mustMutate(ground.Mutation{Cloud: "aws", Op: "unset", Kind: "transit-gateway-attachment", Name: attachment, Field: "Tags.linkd-owner"})
}

func (k *keeper) held(key string) string {
	for _, d := range k.status().Drifts {
		if d.Key == key {
			return d.Held
		}
	}
	return "nothing of it differs"
}

const startupKey = "aws/vpn-connection.tunnel_1_startup"

// TestOneScheduleMayBeThatOfBothLooks gives both looks one expression.
func TestTheDaemonTakesOneScheduleForBothLooks(t *testing.T) {
	keptBy(t, []string{"version: 1\n", "version: 1\nschedule: {audit: \"@every 5m\", tunnels: \"@every 5m\"}\n"}, func(l *lab, k *keeper) {
		for _, look := range k.status().Looks {
			if look.Next.IsZero() {
				l.Errorf("the look %s is never due", look.Name)
			}
		}
	})
}

// TestTheDaemonKeepsToTheWindowsInAWalk lets a harmless repair of the very same
// resource come while the window is closed.
func TestTheDaemonKeepsToTheWindowsInAWalk(t *testing.T) {
	keptBy(t, append([]string{"redundancy: single", "redundancy: tunnels"}, windowed...), func(l *lab, k *keeper) {
		l.startup("0", "add")
		k.audited()
		if held := k.held(startupKey); held != "window" {
			l.Fatalf("it is held for %q", held)
		}
		l.disown()
		k.audited()
		time.Sleep(10 * time.Minute)
		if held := k.held(startupKey); held != "window" {
			l.Errorf("outside of the window it was mended: %q", held)
		}
		if held := k.held("aws/vpn-connection.attachment_owner"); held != "nothing of it differs" {
			l.Errorf("what interrupts nothing was not mended: %q", held)
		}
		time.Sleep(13 * time.Hour)
		if status := k.status(); status.Verdict != control.AsDesired {
			l.Errorf("after the window it says %s: %+v", status.Verdict, status.Drifts)
		}
	})
}

// TestAnApprovalWaitsForItsWindow lets another repair come before the window
// opens.
func TestTheDaemonKeepsAnApprovalForItsWindow(t *testing.T) {
	keptBy(t, windowed, func(l *lab, k *keeper) {
		l.startup("0", "add")
		status := k.audited()
		if status.Pending == nil {
			l.Fatalf("nothing waits: %+v", status.Drifts)
		}
		if _, err := k.Approve(l.Context(), "uid 0", status.Pending.Digest, false); err != nil {
			l.Fatal(err)
		}
		k.audited()
		l.mustMutate(vpcRoute)
		k.audited()
		time.Sleep(10 * time.Minute)
		if held := k.held(startupKey); held != "window" {
			l.Errorf("the approval is lost: it is held for %q", held)
		}
		time.Sleep(13 * time.Hour)
		if status := k.status(); status.Verdict != control.AsDesired {
			l.Errorf("after the window it says %s: %+v", status.Verdict, status.Drifts)
		}
	})
}

// slowly delays the answers to a cloud's reads, one after the other.
type slowly struct {
	next http.RoundTripper
	by   time.Duration
}

func (s *slowly) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(request)
	if request.Method == http.MethodGet {
		time.Sleep(s.by)
	}
	return response, err
}

// TestTheDaemonBelievesNoLookFromBeforeARepairEnded begins an audit while a
// repair runs; it ends after it, and tells of a world before it.
func TestTheDaemonBelievesNoLookFromBeforeARepairEnded(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		transport := &slowly{next: l.wire.client.Transport}
		l.wire.client.Transport = transport
		for wait := range 40 {
			transport.by = 0
			l.mustMutate(sitePrefix)
			if _, err := k.Audit(l.Context(), "the test", true); err != nil {
				l.Fatal(err)
			}
			transport.by = time.Second // the audit's reads are from before, and come after
			time.Sleep(time.Duration(wait) * 100 * time.Millisecond)
			if _, err := k.Audit(l.Context(), "the test", true); err != nil {
				l.Fatal(err)
			}
			transport.by = 0
			time.Sleep(2 * time.Hour)
		}
		if lines := k.journal(); slices.Contains(lines, "persists azure/vpn-site.address_space") || !slices.Contains(lines, "proved azure/vpn-site.address_space") {
			l.Errorf("a repair that worked is said to have done nothing: %v", lines)
		}
	})
}

// TestTheDaemonAsksForTheTunnelOfWhichNothingIsKnown changes the only tunnel
// that is known to be up, while nothing is known of the other.
func TestTheDaemonAsksAboutTheLastTunnelKnownToBeUp(t *testing.T) {
	keptBy(t, []string{"redundancy: single", "redundancy: tunnels"}, func(l *lab, k *keeper) {
		l.startup("0", "add")
		l.sim.Inject(ground.Fault{Cloud: "azure", Operation: "GET vpnGateways/vpnConnections/vpnLinkConnections", Effect: ground.EffectDeny})
		k.audited()
		for _, p := range k.status().Pairs {
			l.Logf("%+v", p)
		}
	})
}

// TestTheDaemonGoesOnWhenTheFileIsReadAnewUnchanged storms it with reloads
// while a repair runs.
func TestTheDaemonGoesOnWhenTheFileIsReadAnewUnchanged(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		transport := &slowly{next: l.wire.client.Transport, by: time.Second}
		l.wire.client.Transport = transport
		l.mustMutate(sitePrefix)
		began := time.Now()
		for time.Since(began) < 30*time.Minute {
			if _, err := k.Reload(l.Context(), "SIGHUP", false); err != nil {
				l.Fatal(err)
			}
			time.Sleep(5 * time.Second)
		}
		lines := k.journal()
		if !slices.Contains(lines, "proved azure/vpn-site.address_space") {
			l.Errorf("for half an hour nothing was repaired: %v", lines)
		}
	})
}
