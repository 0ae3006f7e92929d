package progress

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// story is a walk as the engine tells it, ten times as fast as life.
func story(began time.Time) []reconcile.Event {
	at := func(seconds int, e reconcile.Event) reconcile.Event {
		e.At = began.Add(time.Duration(seconds) * time.Second / 10)
		return e
	}
	const hub, gateway, site, wan = "azure/virtual-hub/tokyo", "azure/vpn-gateway/tokyo", "azure/vpn-site/tokyo", "azure/virtual-wan/one"
	return []reconcile.Event{
		at(0, reconcile.Event{ID: hub, What: reconcile.Waiting, Text: "for " + wan}),
		at(0, reconcile.Event{ID: site, What: reconcile.Waiting, Text: "for " + gateway}),
		at(0, reconcile.Event{ID: gateway, What: reconcile.Waiting, Text: "for " + hub}),
		at(0, reconcile.Event{ID: wan, What: reconcile.Sending, Verb: reconcile.Create, Usual: 5 * time.Second}),
		at(0, reconcile.Event{ID: wan, What: reconcile.Running, Verb: reconcile.Create, Usual: 5 * time.Second}),
		at(5, reconcile.Event{ID: wan, What: reconcile.Settled, Verb: reconcile.Create, Took: 5 * time.Second}),
		at(5, reconcile.Event{ID: hub, What: reconcile.Sending, Verb: reconcile.Create, Usual: 5 * time.Minute}),
		at(6, reconcile.Event{ID: hub, What: reconcile.Retried, Verb: reconcile.Create, Text: "cannot create it: another\noperation runs", Usual: 5 * time.Minute}),
		at(16, reconcile.Event{ID: hub, What: reconcile.Sending, Verb: reconcile.Create, Usual: 5 * time.Minute, Took: 11 * time.Second}),
		at(300, reconcile.Event{ID: hub, What: reconcile.Running, Verb: reconcile.Create, Text: "routing state is Provisioning", Took: 295 * time.Second, Usual: 5 * time.Minute}),
		at(305, reconcile.Event{ID: hub, What: reconcile.Running, Verb: reconcile.Create, Text: "routing state is Provisioning", Took: 300 * time.Second, Usual: 5 * time.Minute}),
		at(306, reconcile.Event{ID: gateway, What: reconcile.Sending, Verb: reconcile.Create, Usual: 1390 * time.Second}),
		at(310, reconcile.Event{ID: gateway, What: reconcile.Broken, Verb: reconcile.Create, Text: "cannot create azure/vpn-gateway/tokyo: a quota"}),
		at(310, reconcile.Event{ID: site, What: reconcile.Skipped, Text: "it needs azure/vpn-gateway/tokyo, which failed"}),
		at(315, reconcile.Event{ID: "aws/vpn-connection/tokyo-0", What: reconcile.HeldBy, Text: "aws/vpn-connection.shared_key: keys rotate in windows"}),
	}
}

func view() View {
	return View{
		Scale: 10, Takes: 1711 * time.Second,
		Size: func() (int, int) { return 100, 24 },
		Settle: func(id resource.ID) time.Duration {
			if id == "azure/virtual-hub/tokyo" {
				return 10 * time.Minute
			}
			return 0
		},
		Steps: []resource.ID{
			"azure/virtual-wan/one", "azure/virtual-hub/tokyo", "azure/vpn-gateway/tokyo", "azure/vpn-site/tokyo", "aws/vpn-connection/tokyo-0",
		},
	}
}

func TestLinesTellEachThingOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := New(&out, view())
		for _, e := range story(time.Now()) {
			p.Listen(e)
		}
		time.Sleep(40 * time.Second)
		p.Note("Stopping.")
		p.Stop()
		want := `
   0:00  azure/virtual-wan/one       creating, usually 5s
   0:05  azure/virtual-wan/one       created in 5s
   0:05  azure/virtual-hub/tokyo     creating, usually 15m
   0:06  azure/virtual-hub/tokyo     will try again: cannot create it: another operation runs
   5:00  azure/virtual-hub/tokyo     creating: routing state is Provisioning
   5:06  azure/vpn-gateway/tokyo     creating, usually 23m10s
   5:10  azure/vpn-gateway/tokyo     FAILED: cannot create azure/vpn-gateway/tokyo: a quota
   5:10  azure/vpn-site/tokyo        skipped: it needs azure/vpn-gateway/tokyo, which failed
   5:15  aws/vpn-connection/tokyo-0  held: aws/vpn-connection.shared_key: keys rotate in windows
   6:40  Stopping.
`
		if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), out.String()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheTableShowsWhatRunsAndWhatWaitsForWhat(t *testing.T) {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	b := newBoard(view(), began)
	told := story(began)
	tests := []struct {
		name          string
		events        int
		now           time.Duration // of the clouds
		width, height int
		want          string
	}{
		{"at the beginning", 4, 3 * time.Second, 100, 24, `
0 of 5 done, 1 running, 4 waiting                                                0:03 of about 28:31
▸ azure/virtual-wan/one       creating   █████████░░░░░░░  3s of 5s
· azure/virtual-hub/tokyo     waits for azure/virtual-wan/one
· azure/vpn-gateway/tokyo     waits for azure/virtual-hub/tokyo
· azure/vpn-site/tokyo        waits for azure/vpn-gateway/tokyo
· aws/vpn-connection/tokyo-0  waits for its turn
`},
		{"while an operation settles, in a narrow terminal", 11, 320 * time.Second, 72, 24, `
1 of 5 done, 1 running, 3 waiting                    5:20 of about 28:31
✓ azure/virtual-wan/one       created in 5s
▸ azure/virtual-hub/tokyo     creating   █████░░░░░░░░░░░  5m15s of 15m 
· azure/vpn-gateway/tokyo     waits for azure/virtual-hub/tokyo
· azure/vpn-site/tokyo        waits for azure/vpn-gateway/tokyo
· aws/vpn-connection/tokyo-0  waits for its turn
`},
		{"at the end, in a low terminal", 15, 320 * time.Second, 100, 6, `
2 of 5 done, 1 running, 0 waiting, 2 failed or skipped                           5:20 of about 28:31
▸ azure/virtual-hub/tokyo     creating   █████░░░░░░░░░░░  5m15s of 15m  routing state is Provisioni
✗ azure/vpn-gateway/tokyo     cannot create azure/vpn-gateway/tokyo: a quota
✗ azure/vpn-site/tokyo        skipped: it needs azure/vpn-gateway/tokyo, which failed
= aws/vpn-connection/tokyo-0  held: aws/vpn-connection.shared_key: keys rotate in windows
  and 1 more
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, e := range told[:test.events] {
				b.note(e)
			}
			frame := b.frame(began.Add(test.now/10), test.width, test.height, newStyle(false))
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), strings.Join(frame, "\n")+"\n"); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheTableIsPaintedOverItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		v := view()
		v.Terminal, v.Steps = true, v.Steps[:1]
		p := New(&out, v)
		synctest.Wait()
		p.Listen(story(time.Now())[3])
		p.Note("A note.")
		p.Stop()
		if !strings.HasPrefix(out.String(), "0 of 1 done") || !strings.HasSuffix(out.String(), clearDown) {
			t.Errorf("the painting does not begin or end as it should: %q", out.String())
		}
		if got := strings.Count(out.String(), up); got != 2 {
			t.Errorf("the second painting goes %d lines up, want the 2 of the first", got)
		}
		if !strings.Contains(out.String(), clearDown+"A note.\n0 of 1 done, 1 running") {
			t.Errorf("the note does not stand above the table: %q", out.String())
		}
	})
}

func TestWithoutColourNothingIsColoured(t *testing.T) {
	began := time.Now()
	for _, colour := range []bool{false, true} {
		b := newBoard(view(), began)
		for _, e := range story(began) {
			b.note(e)
		}
		frame := strings.Join(b.frame(began, 100, 24, newStyle(colour)), "\n")
		if strings.Contains(frame, "\x1b[") != colour {
			t.Errorf("colour %t: %q", colour, frame)
		}
	}
}

func TestSpansAreSaidAsPeopleSayThem(t *testing.T) {
	for span, want := range map[time.Duration]string{
		300 * time.Millisecond: "under 1s", 45 * time.Second: "45s", 5 * time.Minute: "5m",
		1390 * time.Second: "23m10s", time.Hour: "1h", 90 * time.Minute: "1h30m", 3661 * time.Second: "1h1m1s", 10 * time.Minute: "10m",
	} {
		if got := brief(span); got != want {
			t.Errorf("brief(%v) is %q, want %q", span, got, want)
		}
	}
}
