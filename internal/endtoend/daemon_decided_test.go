package endtoend

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// keptBy runs a test on a daemon that has built its link in instant clouds by
// a file that some texts of the article's, each followed by another, are
// replaced in.
func keptBy(t *testing.T, replace []string, do func(*lab, *keeper)) {
	t.Parallel()
	keptAlone(t, replace, do)
}

// keptAlone is keptBy, while no other test of the package runs.
func keptAlone(t *testing.T, replace []string, do func(*lab, *keeper)) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		k := l.keepOf(strings.NewReplacer(replace...).Replace(seedFile(t)), nil)
		k.until(control.AsDesired, 3*time.Hour)
		time.Sleep(5 * time.Minute)
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
		time.Sleep(5 * time.Minute)
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
		time.Sleep(5 * time.Minute)
		if held := k.held(startupKey); held != "window" {
			l.Errorf("the approval is lost: it is held for %q", held)
		}
		time.Sleep(13 * time.Hour)
		if status := k.status(); status.Verdict != control.AsDesired {
			l.Errorf("after the window it says %s: %+v", status.Verdict, status.Drifts)
		}
	})
}

// TestTheDaemonBelievesNoLookFromBeforeARepairEnded begins an audit while a
// repair runs, that sees the site as it was before; it ends after the repair.
func TestTheDaemonBelievesNoLookFromBeforeARepairEnded(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		slow := &slowly{next: l.wire.client.Transport}
		l.wire.client.Transport = slow
		l.wire.tell(func(_ string, carryOut func()) {
			time.Sleep(10 * time.Second) // the repair's write, until the audit has read
			carryOut()
		})
		l.mustMutate(sitePrefix)
		if _, err := k.Audit(l.Context(), "the test", true); err != nil {
			l.Fatal(err)
		}
		time.Sleep(time.Second)
		slow.path.Store("/virtualHubs")
		if _, err := k.Audit(l.Context(), "the test", true); err != nil {
			l.Fatal(err)
		}
		slow.path.Store("")
		k.until(control.AsDesired, time.Hour)
		if lines := k.journal(); slices.Contains(lines, "persists azure/vpn-site.address_space") || !slices.Contains(lines, "proved azure/vpn-site.address_space") {
			l.Errorf("a repair that worked is said to have done nothing: %v", lines)
		}
	})
}

// slowly delays the answers to what ends with a path, one "" delays none.
type slowly struct {
	next http.RoundTripper
	path atomic.Value
}

func (s *slowly) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(request)
	if path, _ := s.path.Load().(string); path != "" && strings.HasSuffix(request.URL.Path, path) {
		time.Sleep(5 * time.Minute)
	}
	return response, err
}

// TestTheLastTunnelKnownToBeUpWaitsForApproval plans to change the first tunnel
// while nothing is known of the second.
func TestTheLastTunnelKnownToBeUpWaitsForApproval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.file.Links[0].Redundancy = desired.Tunnels
		l.mustBuild()
		time.Sleep(time.Hour)
		l.startup("0", "add")
		engine := l.engine(t.Context())
		for what, live := range map[reconcile.HoldReason]resource.Live{
			reconcile.NotHeld:      l.world()[desired.AzureTunnelID(l.file.Tunnels()[1])],
			reconcile.HeldLastPair: {Why: "denied"},
		} {
			world, _ := reconcile.Observe(t.Context(), engine.Clouds)
			world[desired.AzureTunnelID(l.file.Tunnels()[1])] = live
			plan := reconcile.Decide(engine.Graph, l.file, world, nil, reconcile.Circumstances{Now: time.Now()})
			for _, step := range plan.Steps {
				if step.ID == desired.AWSConnectionID("tokyo", 0) && step.Drifts[0].Held != what {
					t.Errorf("it is held for %q, want %q", step.Drifts[0].Held, what)
				}
			}
		}
	})
}

// TestTheDaemonGoesOnWhenTheFileIsReadAnewUnchanged storms it with reloads
// while a repair runs.
func TestTheDaemonGoesOnWhenTheFileIsReadAnewUnchanged(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		l.wire.tell(func(_ string, carryOut func()) {
			time.Sleep(10 * time.Second)
			carryOut()
		})
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

// TestAPauseHoldsWhereItCannotBeKept takes the state folder away.
func TestAPauseHoldsWhereItCannotBeKept(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		if err := errors.Join(os.Rename(k.folder, k.folder+"-gone"), os.WriteFile(k.folder, nil, 0o600)); err != nil {
			l.Fatal(err)
		}
		text, err := k.Pause(l.Context(), "uid 0", 2*time.Hour, "the disk is full")
		if err != nil || !strings.Contains(text, "would not survive a restart") {
			l.Errorf("%q, %v", text, err)
		}
		writes := l.wire.sent()
		l.mustMutate(sitePrefix)
		time.Sleep(2 * time.Minute)
		status := k.audited()
		if len(status.Drifts) == 0 || status.Drifts[0].Held != "paused" || l.wire.sent() != writes {
			l.Errorf("it repairs: %+v, %d writes", status.Drifts, l.wire.sent()-writes)
		}
		if status.Journal.OK || status.Config.OK {
			l.Errorf("nothing is said of the folder that is gone: %+v, %+v", status.Journal, status.Config)
		}
		if err := errors.Join(os.Remove(k.folder), os.Rename(k.folder+"-gone", k.folder)); err != nil {
			l.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		if status := k.audited(); status.Verdict != control.AsDesired || !status.Journal.OK || !status.Config.OK {
			l.Errorf("later it says %s: %+v, %+v", status.Verdict, status.Journal, status.Config)
		}
	})
}

// TestAFolderInThePlaceOfTheFileIsRefused replaces the file by a folder, takes
// it away, and puts a bad one there twice.
func TestAFolderInThePlaceOfTheFileIsRefused(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		refused := func(what, problem string) {
			l.Helper()
			time.Sleep(3 * time.Minute)
			if c := k.status().Config; c.OK || !strings.Contains(c.Problem, problem) {
				l.Errorf("%s: %+v", what, c)
			}
		}
		k.write("version: 2\n")
		refused("a bad file", "version")
		if err := errors.Join(os.Remove(k.path), os.Mkdir(k.path, 0o700)); err != nil {
			l.Fatal(err)
		}
		refused("a folder", "directory")
		if err := os.Remove(k.path); err != nil {
			l.Fatal(err)
		}
		refused("nothing", "no such file")
		k.write("version: 2\n")
		refused("the bad file again", "version")
		before := len(k.journal())
		time.Sleep(3 * time.Hour)
		if grown := len(k.journal()) - before; grown > 0 {
			l.Errorf("the journal grew by %d while nothing changed", grown)
		}
		k.write(seedFile(l.TB.(*testing.T)))
		time.Sleep(3 * time.Minute)
		if c := k.status().Config; !c.OK {
			l.Errorf("the good one: %+v", c)
		}
	})
}
