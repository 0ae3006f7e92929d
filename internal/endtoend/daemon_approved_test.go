package endtoend

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
)

// TestAnApprovalIsUsedUpByWhatEndedAndNoMore approves two differences, which
// are mended side by side, and pauses when one of them has been. The other
// needs no second approval; and neither is approved when it comes again.
func TestAnApprovalIsUsedUpByWhatEndedAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.mustBuild()
		time.Sleep(time.Hour)
		k := l.keepOf(strings.Replace(seedFile(t), "version: 1\n", "version: 1\npolicy: {default: approve}\n", 1), nil)
		k.until(control.AsDesired, time.Hour)
		differ := func() control.Status {
			l.mustMutate(sitePrefix)
			l.mustMutate(vpcRoute)
			time.Sleep(30 * time.Second)
			return k.audited()
		}
		status := differ()
		if status.Pending == nil || status.Pending.Count < 2 {
			t.Fatalf("what waits: %+v", status.Pending)
		}
		if _, err := k.Approve(l.Context(), "uid 0", status.Pending.Digest, false); err != nil {
			t.Fatal(err)
		}
		for range 600 {
			time.Sleep(100 * time.Millisecond)
			if status = k.status(); len(status.Repairs) == 1 {
				break
			}
		}
		if len(status.Repairs) != 1 {
			t.Fatalf("not one repair is left: %+v", status.Repairs)
		}
		if _, err := k.Pause(l.Context(), "uid 0", time.Hour, "a test"); err != nil {
			t.Fatal(err)
		}
		k.audited()
		if _, err := k.Resume(l.Context(), "uid 0"); err != nil {
			t.Fatal(err)
		}
		k.until(control.AsDesired, 10*time.Minute)
		writes := l.wire.sent()
		if status = differ(); status.Pending == nil || status.Pending.ApprovedBy != "" || l.wire.sent() != writes {
			t.Errorf("what was approved once is approved again: %+v, %d writes", status.Pending, l.wire.sent()-writes)
		}
		k.stop()
	})
}

// TestAPauseThatHasEndedIsOverAlsoAfterARestart lets a pause end by itself.
func TestAPauseThatHasEndedIsOverAlsoAfterARestart(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		if _, err := k.Pause(l.Context(), "uid 0", time.Hour, "a test"); err != nil {
			l.Fatal(err)
		}
		page := httptest.NewRecorder()
		k.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
		if !strings.Contains(page.Body.String(), "linkd_paused 1\n") {
			l.Error("the metrics lag behind the pause")
		}
		time.Sleep(2 * time.Hour)
		kept, err := os.ReadFile(filepath.Join(k.folder, "said.json"))
		if err != nil || strings.Contains(string(kept), "pause") {
			l.Errorf("it is kept: %s, %v", kept, err)
		}
	})
}
