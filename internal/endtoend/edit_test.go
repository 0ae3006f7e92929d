package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"

	"linkd/deploy/examples"
	"linkd/internal/desired"
	"linkd/internal/resource"
)

// edits change the seed's file in one place each, as whoever keeps a built
// link does.
var edits = map[string]struct{ old, by string }{
	"both tunnels are dialled":     {"redundancy: single ", "redundancy: tunnels "},
	"the gateway grows":            {"scale_units: 1 ", "scale_units: 2 "},
	"the site has another vendor":  {"device_vendor: AWS", "device_vendor: Cisco"},
	"the tunnels agree on another": {"    keys:", "    ike: {version: 2, phase1: {encryption: aes256, integrity: sha384, dh_group: 24}}\n    keys:"},
}

// TestAnEditIsBuiltInOneGoAndTakenBack builds the seed, edits its file, and
// takes the edit back, in clouds whose operations last: each apply ends as
// desired, and nothing is left to do.
func TestAnEditIsBuiltInOneGoAndTakenBack(t *testing.T) {
	t.Parallel()
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, nil)
				l.mustBuild()
				for _, text := range []string{strings.Replace(string(examples.Seed()), edit.old, edit.by, 1), string(examples.Seed())} {
					file, err := desired.Parse("seed.yaml", []byte(text))
					if err != nil {
						t.Fatal(err)
					}
					l.file = file
					plan := l.plan()
					if len(plan.Writes()) == 0 {
						t.Fatalf("the plan does not see the edit: %s", plan.Summary())
					}
					for _, step := range plan.Steps {
						for _, drift := range step.Drifts {
							if drift.Class == resource.Unseen {
								t.Errorf("%s: %s of %s cannot be seen, though it is ours to make", step.ID, drift.Attr, drift.Member)
							}
						}
					}
					l.mustBuild()
					l.mustBeClean()
					l.mustCross()
				}
			})
		})
	}
}
