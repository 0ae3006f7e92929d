package reconcile

import (
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestThePairsAreLookedAtUnderTheLock lets a change of one pair wait for a lock,
// and the other pair go down meanwhile. A look from before the wait would say that it
// is up, and the write would take the last pair.
func TestThePairsAreLookedAtUnderTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newToy()
		first, second := desired.Tunnel{Link: "tokyo", Number: 1}, desired.Tunnel{Link: "tokyo", Number: 2}
		slow := cloud.add("toy/box/slow", 10*time.Minute)
		quick := cloud.add("toy/box/quick", time.Minute)
		option := cloud.add("toy/box/option", time.Minute, "toy/box/quick")
		slow.locks, option.locks = []string{"gateway"}, []string{"gateway"}
		option.kind.Attrs[0].Effect = resource.OneTunnel
		for _, tunnel := range []desired.Tunnel{first, second} {
			for _, id := range []resource.ID{desired.AzureTunnelID(tunnel), desired.AWSTunnelID(tunnel)} {
				shown := cloud.add(string(id), time.Minute)
				shown.want = resource.Attrs{"status": resource.Of("up")}
				shown.kind = &resource.Kind{Name: "toy/tunnel", Given: true, Attrs: []resource.Attr{{Name: "status", Fix: resource.ByHand}}}
				if tunnel == second {
					shown.needs = []resource.Need{{On: option.id, At: resource.Ready}}
				}
			}
		}
		blue := resource.Attrs{"colour": resource.Of("blue")}
		for _, r := range cloud.resources {
			cloud.boxes[r.ID()] = &box{attrs: r.(*toyResource).want, owner: "us"}
		}
		for _, r := range []*toyResource{slow, quick, option} {
			cloud.boxes[r.id].attrs = blue
		}
		engine := newEngine(t, cloud, newMemory(time.Now().Add(-time.Hour)))
		engine.File.Links = []desired.Link{{Name: "tokyo", Redundancy: desired.Tunnels}}
		go func() {
			time.Sleep(5 * time.Minute)
			cloud.mu.Lock()
			defer cloud.mu.Unlock()
			cloud.boxes[desired.AWSTunnelID(first)].attrs = resource.Attrs{"status": resource.Of("down")}
		}()
		plan, world := engine.Plan(t.Context())
		if got := len(plan.Writes()); got != 3 {
			t.Fatalf("the plan writes %d resources, want 3", got)
		}
		report, err := engine.Apply(t.Context(), plan, world)
		if err != nil {
			t.Fatal(err)
		}
		for _, outcome := range report.Outcomes {
			want := map[resource.ID]What{slow.id: Settled, quick.id: Settled, option.id: HeldBy}[outcome.ID]
			if want != "" && outcome.What != want {
				t.Errorf("%s %s: %s, want %s", outcome.ID, outcome.What, outcome.Text, want)
			}
		}
		if !cloud.boxes[option.id].attrs["colour"].Equal(resource.Of("blue")) {
			t.Error("the last pair was taken")
		}
	})
}
