package endtoend

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// hubMove is a link that moves to another hub: the files before and after.
type hubMove struct{ name, from, to string }

// hubMoves are links of each redundancy, to a hub whose gateway stands and to one whose
// gateway the same apply builds.
func hubMoves(t *testing.T) []hubMove {
	single, full := seedFile(t), fullFile(t)
	return []hubMove{
		{"single, to a gateway that stands", ofTwoGateways(single, "hub-jpe"), ofTwoGateways(single, "hub-use")},
		{"single, with its gateway", single, ofTwoGateways(single, "hub-use")},
		{"full, to a gateway that stands", ofTwoGateways(full, "hub-jpe"), ofTwoGateways(full, "hub-use")},
		{"full, with its gateway", full, ofTwoGateways(full, "hub-use")},
	}
}

// take gives the lab another file.
func (l *lab) take(content string) {
	l.Helper()
	file, err := desired.Parse("linkd.yaml", []byte(content))
	if err != nil {
		l.Fatal(err)
	}
	l.file = file
}

// moving is a lab whose link has stood for an hour, and is to move; with how much stands
// once it has.
func (m hubMove) moving(t *testing.T) (l *lab, after map[string]int) {
	l = newLab(t, quick)
	l.take(m.from)
	l.mustBuild()
	time.Sleep(time.Hour)
	after = l.standing()
	l.take(m.to)
	return l, after
}

// TestAMoveToAnotherHubIsFinishedWhereverItIsKilled kills an apply at each of its writes,
// before the request leaves and after it was carried out: the next apply finishes the move,
// and everything stands once.
func TestAMoveToAnotherHubIsFinishedWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	for row, move := range hubMoves(t) {
		t.Run(move.name, func(t *testing.T) {
			t.Parallel()
			var writes []int
			var after map[string]int
			synctest.Test(t, func(t *testing.T) {
				l, _ := move.moving(t)
				requests, sent := l.wire.count, l.wire.sent()
				l.mustBuild()
				for _, at := range l.wire.writes[sent:] {
					writes = append(writes, at-requests)
				}
				time.Sleep(time.Hour)
				after = l.standing()
			})
			t.Logf("%d writes, %v stand", len(writes), after)
			for i, at := range writes {
				for _, late := range []bool{false, true} {
					if testing.Short() && (i != 2+row || late != (row%2 == 0)) {
						continue
					}
					synctest.Test(t, func(t *testing.T) {
						l, _ := move.moving(t)
						ctx, kill := context.WithCancelCause(t.Context())
						l.wire.armIn(at, late, kill)
						_, _ = l.build(ctx)
						kill(nil)
						l.wire.disarm()
						l.mustBuild()
						l.mustStandAs(after)
					})
					if t.Failed() {
						t.Fatalf("killed at write %d of %d, late: %t", i+1, len(writes), late)
					}
				}
			}
		})
	}
}

// TestALinkMovesToAHubWhoseGatewayTheSamePlanBuilds leaves the link where it is for the half
// hour that the gateway takes: it is down no longer than with a gateway that stands, and not
// at all as long as nobody consents.
func TestALinkMovesToAHubWhoseGatewayTheSamePlanBuilds(t *testing.T) {
	t.Parallel()
	for _, unattended := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, nil)
			l.take(seedFile(t))
			l.mustBuild()
			time.Sleep(time.Hour)
			l.take(ofTwoGateways(seedFile(t), "hub-use"))
			lost := l.watchLossesEvery(time.Second)
			if unattended {
				l.unattended()
				time.Sleep(time.Hour)
				if gone := lost(); gone != (losses{}) {
					t.Errorf("nobody consented, and it lost %+v", gone)
				}
				l.mustPlanMove(l.planOf(reconcile.Circumstances{}), "tokyo", reconcile.HeldLastPair)
				return
			}
			if step := stepOf(l.plan(), desired.AzureConnectionID("tokyo")); step.Effect != resource.AllTunnels {
				t.Errorf("the plan says that it interrupts %q", step.Effect)
			}
			l.mustBuild()
			time.Sleep(10 * time.Minute)
			if gone := lost(); gone.fromAzure > 13*60 || gone.fromAWS > 13*60 {
				t.Errorf("with an echo a second it lost %+v", gone)
			}
			l.mustBeClean()
			l.mustCross()
		})
	}
}

// TestALinkThatWasMadeAtItsNewHubByHandMovesOnceAPersonSaysSo has somebody make the
// connection at the other hub before the file has it there: the one that carries is the
// link's until it moves, and the other, which does not carry, is no reason to cut it. With
// static routes the other hub sends into it, and verify says so.
func TestALinkThatWasMadeAtItsNewHubByHandMovesOnceAPersonSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick)
		made := &recorder{next: l.wire.client.Transport, path: "/vpnConnections/tokyo"}
		l.wire.client = &http.Client{Transport: made}
		l.take(ofTwoGateways(seedFile(t), "hub-jpe"))
		l.mustBuild()
		time.Sleep(time.Hour)
		before := l.standing()
		made.repeatAt(l, "hub-use-vpn")
		time.Sleep(time.Hour)
		l.take(ofTwoGateways(seedFile(t), "hub-use"))
		writes, lost := l.wire.sent(), l.watchLossesEvery(time.Second)
		plan, _ := l.unattended()
		if gone := lost(); gone != (losses{}) || l.wire.sent() != writes {
			t.Errorf("nobody consented: %d writes, lost %+v", l.wire.sent()-writes, gone)
		}
		mustMove(t, plan, "tokyo", reconcile.HeldLastPair)
		if report, _ := l.verify(); len(report.Findings) == 0 || report.Findings[0].Code != failure.HubRouteMissing || strings.Contains(strings.Join(report.Findings[0].Ways, ""), "vm-jpe") {
			t.Errorf("the hub that sends into what was made is not led with: %+v", report.Findings)
		}
		l.mustBuild()
		l.mustStandAs(before)
	})
}

// recorder passes requests on, and keeps the last PUT of a path.
type recorder struct {
	next http.RoundTripper
	path string

	mu   sync.Mutex
	kept *http.Request
	body []byte
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodPut || !strings.HasSuffix(request.URL.Path, r.path) {
		return r.next.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.kept, r.body = request.Clone(context.WithoutCancel(request.Context())), body
	r.mu.Unlock()
	request.Body = io.NopCloser(bytes.NewReader(body))
	return r.next.RoundTrip(request)
}

// repeatAt sends what was kept again, for another VPN gateway.
func (r *recorder) repeatAt(l *lab, gateway string) {
	l.Helper()
	r.mu.Lock()
	request, body := r.kept, r.body
	r.mu.Unlock()
	request.URL.Path = strings.Replace(request.URL.Path, "/hub-jpe-vpn/", "/"+gateway+"/", 1)
	request.URL.RawPath = ""
	request.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte("hub-jpe"), []byte("hub-use"))))
	request.ContentLength = int64(len(body))
	answer, err := r.next.RoundTrip(request)
	if err != nil {
		l.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		text, _ := io.ReadAll(answer.Body)
		l.Fatalf("the clouds do not take it: %s %s", answer.Status, text)
	}
}
