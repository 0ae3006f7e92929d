package endtoend

import (
	"fmt"
	"testing"
	"time"

	"linkd/internal/path"
	"linkd/internal/reconcile"
	"linkd/internal/survey"
)

// BenchmarkEffect asks of a plan that builds links from nothing which pairs of
// networks it joins. A link has two VNets and two VPCs, and all reach all of the
// other cloud.
func BenchmarkEffect(b *testing.B) {
	for _, links := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("links=%d", links), func(b *testing.B) {
			l := newLabOfMany(b, links)
			engine := l.engine(b.Context())
			plan, world := engine.Plan(b.Context())
			for b.Loop() {
				now := time.Now()
				after := path.Settle(l.file, world, reconcile.After(engine.Graph, l.file, world, plan), now)
				changes, all := path.Compare(path.New(l.file, world, survey.Survey{}, now), path.New(l.file, after, survey.Survey{}, now))
				if len(changes) == 0 || all != 4*links*(4*links-1)/2 {
					b.Fatalf("%d of %d pairs change", len(changes), all)
				}
			}
		})
	}
}
