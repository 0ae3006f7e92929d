package aws

import (
	"slices"
	"strings"
	"testing"

	"linkd/internal/resource"
)

func TestEveryKindSaysWhatItBreaksAndHowItIsMended(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range Kinds() {
		if seen[kind.Name] || !strings.HasPrefix(kind.Name, "aws/") {
			t.Errorf("%s is not a name of its own below aws/", kind.Name)
		}
		seen[kind.Name] = true
		if kind.Breaks == "" {
			t.Errorf("%s does not say what breaks without it", kind.Name)
		}
		rows := map[string]bool{}
		for _, row := range kind.Attrs {
			key := kind.Name + "." + row.Name
			if rows[row.Name] {
				t.Errorf("%s is there twice", key)
			}
			rows[row.Name] = true
			if row.Breaks == "" || row.Fix == "" {
				t.Errorf("%s does not say what it breaks and how it is mended: %+v", key, row)
			}
			if kind.Given && row.Fix != resource.ByHand {
				t.Errorf("%s is the user's own and only a person can mend it, not %q", key, row.Fix)
			}
		}
		if len(kind.Attrs) == 0 {
			t.Errorf("%s has no rows: nothing of it is compared", kind.Name)
		}
	}
}

func TestEveryKindHasAResourceAndEveryResourceAKind(t *testing.T) {
	kinds := Kinds()
	used := map[string]bool{}
	for _, r := range cloudOf(t, seedFile(t)).Resources() {
		used[r.Kind().Name] = true
		if !slices.Contains(kinds, r.Kind()) {
			t.Errorf("%s is of kind %s, which is not in the table", r.ID(), r.Kind().Name)
		}
		if !strings.HasPrefix(string(r.ID()), r.Kind().Name+"/") {
			t.Errorf("%s does not begin with its kind %s", r.ID(), r.Kind().Name)
		}
	}
	for _, kind := range kinds {
		if !used[kind.Name] {
			t.Errorf("the article's file has no resource of kind %s", kind.Name)
		}
	}
}

func TestCreatesThatCannotBeRepeatedAreInDoubt(t *testing.T) {
	for _, kind := range Kinds() {
		guarded := kind == &transitGatewayKind || kind == &vpnConnectionKind
		if guarded != (kind.Doubt > 0) {
			t.Errorf("%s has a doubt of %s", kind.Name, kind.Doubt)
		}
	}
}
