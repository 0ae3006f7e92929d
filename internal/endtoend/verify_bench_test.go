package endtoend

import (
	"testing"

	"linkd/internal/examine"
	"linkd/internal/verify"
)

// BenchmarkVerify is a whole verify of the seed without pings, against clouds
// in memory that answer at once: signing in, the audit, the look along the paths,
// the model of eight ways, all checks.
func BenchmarkVerify(b *testing.B) {
	l := newLab(b, instant)
	l.mustBuild()
	for b.Loop() {
		e := examine.Gather(b.Context(), l.engine(b.Context()), examine.Options{PingsOff: true})
		if report := verify.Run(e, verify.Selection{}); report.Verdict == verify.Broken {
			b.Fatal(report.First)
		}
	}
}
