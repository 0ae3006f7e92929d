package reconcile

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/resource"
)

// moody is a toy whose writes go wrong so many times.
type moody struct {
	*toyResource
	bad  error
	left int
	// sulks is how long after the last write reads still show an old failure.
	sulks time.Duration
	wrote time.Time
}

func (m *moody) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	if m.left > 0 {
		m.left--
		return m.bad
	}
	m.wrote = time.Now()
	return m.toyResource.Apply(ctx, want, now)
}

func (m *moody) Read(ctx context.Context, w resource.World) (resource.Live, error) {
	if m.sulks > 0 && (m.wrote.IsZero() || time.Since(m.wrote) < m.sulks) {
		return resource.Live{Phase: resource.Failed, Owner: "us", Why: "an earlier failure"}, nil
	}
	return m.toyResource.Read(ctx, w)
}

func TestHowACallThatGoesWrongEnds(t *testing.T) {
	nonsense := &resource.Problem{Reason: resource.Nonsense, Action: "toy:Put", Text: "gibberish"}
	late := &resource.Problem{Reason: resource.Unreachable, Action: "toy:Put", Text: "no answer came", Err: context.DeadlineExceeded}
	for name, row := range map[string]struct {
		moody
		what What
		text string
	}{
		"nonsense three times, then sense":       {moody{bad: nonsense, left: 3}, Settled, ""},
		"nonsense for ever":                      {moody{bad: nonsense, left: 1000}, Broken, "toy:Put got an answer that makes no sense: gibberish (4 times)"},
		"no answer in time, for ever":            {moody{bad: late, left: 1000}, Broken, "no answer came (for 1h30m0s, and then linkd gave up)"},
		"an earlier failure is still shown":      {moody{sulks: time.Minute}, Settled, ""},
		"an earlier failure stays after a write": {moody{sulks: time.Hour}, Broken, "the cloud accepted it and then failed: an earlier failure"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := newToy()
				box := row.moody
				box.toyResource = cloud.add("toy/box/a", time.Second)
				cloud.resources[0] = &box
				cloud.add("toy/box/b", time.Second, "toy/box/a")
				cloud.add("toy/box/c", time.Second, "toy/box/b")
				engine := newEngine(t, cloud, newMemory(time.Now().Add(-time.Hour)))
				plan, world := engine.Plan(t.Context())
				report, err := engine.Apply(t.Context(), plan, world)
				if err != nil {
					t.Fatal(err)
				}
				first, last := report.Outcomes[0], report.Outcomes[2]
				if first.What != row.what || !strings.Contains(first.Text, row.text) {
					t.Errorf("it ended %s: %s", first.What, first.Text)
				}
				if row.what == Broken && last.Text != "it needs toy/box/b, which was skipped because of toy/box/a" {
					t.Errorf("what follows is skipped: %s", last.Text)
				}
			})
		})
	}
}

// nobody is a toy whose cloud is not the one that the file names, and cannot
// be read either.
type nobody struct{ *toy }

func (n nobody) SweepTunnels(context.Context) resource.World { return resource.World{} }

func (n nobody) Name() string { return "nobody" }

func (n nobody) Check(context.Context, ...resource.ID) error {
	return &resource.Problem{Reason: resource.SignIn, Action: "nobody:Who", Text: "not you"}
}

func (n nobody) Sweep(context.Context) (resource.World, []resource.Stray) {
	return resource.World{"nobody/box/x": {Why: "not you"}}, nil
}

func TestNothingIsWrittenAnywhereWhenACloudThatCannotBeReadIsTheWrongOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, wrong := newToy(), newToy()
		good.add("toy/box/a", time.Second)
		wrong.add("nobody/box/x", time.Second)
		engine := newEngine(t, good, newMemory(time.Now().Add(-time.Hour)))
		graph, err := NewGraph(append(good.Resources(), wrong.Resources()...))
		if err != nil {
			t.Fatal(err)
		}
		engine.Graph, engine.Clouds = graph, []Cloud{good, nobody{wrong}}
		plan, world := engine.Plan(t.Context())
		if _, err := engine.Apply(t.Context(), plan, world); err == nil || len(good.made) > 0 {
			t.Errorf("applied, with %v made: %v", good.made, err)
		}
	})
}
