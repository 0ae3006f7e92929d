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
// link does. Naming is the policy that an edit needs to be taken back: what the
// file no longer has goes only when a rule names it.
var edits = map[string]struct{ old, by, naming string }{
	"both tunnels are dialled": {
		"redundancy: single ", "redundancy: tunnels ",
		"policy: {rules: [{drift: \"azure/*.extra\", do: repair, why: the second tunnel is not wanted any more}]}\n",
	},
	"the gateway grows":            {old: "scale_units: 1 ", by: "scale_units: 2 "},
	"the site has another vendor":  {old: "device_vendor: AWS", by: "device_vendor: Cisco"},
	"the tunnels agree on another": {old: "    keys:", by: "    ike: {version: 2, phase1: {encryption: aes256, integrity: sha384, dh_group: 24}}\n    keys:"},
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
				for _, text := range []string{strings.Replace(string(examples.Seed()), edit.old, edit.by, 1), string(examples.Seed()) + edit.naming} {
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
