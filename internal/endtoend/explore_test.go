package endtoend

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/sim/catalogue"
)

func TestExplore(t *testing.T) {
	if os.Getenv("EXPLORE") == "" {
		t.Skip()
	}
	for _, entry := range catalogue.Entries() {
		for _, redundancy := range []desired.Redundancy{desired.Single, desired.Tunnels} {
			t.Run(entry.Name+", "+string(redundancy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLab(t, instant)
					l.file.Links[0].Redundancy = redundancy
					l.vary(entry.File)
					l.mustBuild()
					time.Sleep(time.Hour)
					l.do(entry.Do)
					time.Sleep(10 * time.Minute)
					report := l.verify()
					t.Logf("crosses=%v %s | %s %s", l.allCross(), report.First, entry.Key, redundancy)
					for _, f := range report.Findings {
						t.Logf("    %s %s: %s", f.Severity, f.Line(), f.Says)
						for _, c := range f.Consequences {
							t.Logf("        > %s %s: %s", c.Severity, c.Line(), c.Says)
						}
					}
				})
			})
		}
	}
}
