package reconcile

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// parted is a toy with parts, which notes that it was written and may fail then.
type parted struct {
	*toyResource
	wrote *[]resource.ID
	fails bool
}

func (p parted) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	*p.wrote = append(*p.wrote, p.ID())
	if p.fails {
		return errors.New("it breaks")
	}
	return p.toyResource.Apply(ctx, want, now)
}

// TestWhatIsUsedGoesAfterItsUser takes a part away that nobody declared, and that another
// uses: after the other has let go of it, and not at all where the other is held or fails.
func TestWhatIsUsedGoesAfterItsUser(t *testing.T) {
	const site, user = "toy/site", "toy/user"
	rule := func(of string) desired.Rule { return desired.Rule{Drift: of + ".parts.extra", Do: desired.Repair} }
	for name, c := range map[string]struct {
		rules []desired.Rule
		fails bool
		wrote []resource.ID
		held  HoldReason
	}{
		"both may go":       {rules: []desired.Rule{rule(site), rule(user)}, wrote: []resource.ID{user, site}},
		"the user is held":  {rules: []desired.Rule{rule(site)}, held: HeldOrder},
		"the user fails":    {rules: []desired.Rule{rule(site), rule(user)}, fails: true, wrote: []resource.ID{user}},
		"nobody lets it go": {held: HeldPolicy},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clouds, wrote := newToy(), []resource.ID(nil)
				for _, r := range []*toyResource{clouds.add(site, time.Second), clouds.add(user, time.Second, site)} {
					r.kind.Name, r.kind.Attrs = string(r.id), []resource.Attr{{Name: "parts", Fix: resource.InPlace, Members: true}}
					r.want = resource.Attrs{"parts": resource.Of("a")}
					clouds.boxes[r.id] = &box{attrs: resource.Attrs{"parts": resource.Of("a", "b")}, owner: "us"}
				}
				for i, r := range clouds.resources {
					clouds.resources[i] = parted{r.(*toyResource), &wrote, c.fails && r.ID() == user}
				}
				clouds.resources[0].Kind().Attrs[0].UsedBy = "toy/user.parts"
				engine, err := New(&desired.File{Policy: desired.Policy{Default: desired.Repair, Rules: c.rules}}, []Cloud{clouds}, nil)
				if err != nil {
					t.Fatal(err)
				}
				plan, world := engine.Plan(t.Context())
				if d := plan.Steps[0].Drifts[0]; d.ID != site || d.Held != c.held {
					t.Errorf("%s is held as %q, want %q", d.ID, d.Held, c.held)
				}
				report, err := engine.Apply(t.Context(), plan, world)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(wrote, c.wrote) {
					t.Errorf("it wrote %v, want %v", wrote, c.wrote)
				}
				left := slices.ContainsFunc(report.Left, func(d Decided) bool { return d.ID == site })
				if left == slices.Contains(c.wrote, resource.ID(site)) {
					t.Errorf("left is %+v", report.Left)
				}
			})
		})
	}
}
