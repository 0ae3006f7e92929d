package endtoend

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// chosen are the facts that a cloud chooses when it makes a thing: of one that
// was made anew they are others. All of them are told apart by the thing they
// belong to, so that what refers to them is compared all the same.
var chosen = map[string][]string{
	"aws/transit-gateway": {"route_table"},
	"aws/vpn-connection":  {"attachment", "tunnel_1_outside_address", "tunnel_2_outside_address"},
	"azure/vpn-gateway":   {"instance_0_address", "instance_1_address", "instance_0_bgp_addresses", "instance_1_bgp_addresses"},
}

// restless are the facts that move by themselves, or go with what was made: since when
// a tunnel is up, and when keys were made, of which a tag tells.
var restless = map[string][]string{"aws/vpn-tunnel": {"last_change"}, "aws/vpn-connection": {desired.FactKeyNote}}

// compareWorlds fails the test unless both worlds say the same. When was a
// fact was learned is left out. With anew, things may have been made again: then
// what the clouds named is compared by what it is the name of, and keys that
// AWS made may be others.
func compareWorlds(t *testing.T, before, after resource.World, anew bool) {
	t.Helper()
	if !maps.EqualFunc(before, after, func(resource.Live, resource.Live) bool { return true }) {
		t.Errorf("the world had %v and has %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
	was, is := strings.NewReplacer(), strings.NewReplacer()
	if anew {
		was, is = namesOf(before), namesOf(after)
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		a, b := before[id], after[id]
		if a.Phase != b.Phase || a.Owner != b.Owner || a.NotOurs != b.NotOurs || was.Replace(a.Ref) != is.Replace(b.Ref) {
			t.Errorf("%s was %s, %s of %q, and is %s, %s of %q", id, a.Phase, a.Ref, a.Owner, b.Phase, b.Ref, b.Owner)
		}
		for _, name := range slices.Sorted(maps.Keys(union(a.Attrs, b.Attrs))) {
			if slices.Contains(restless[kindOf(id)], name) {
				continue
			}
			x, y := rename(was, a.Attrs[name]), rename(is, b.Attrs[name])
			if !x.Equal(y) {
				t.Errorf("%s: %s was %v and is %v", id, name, x, y)
			}
		}
		for name := range union(a.Secrets, b.Secrets) {
			if x, y := a.Secrets[name], b.Secrets[name]; x.IsZero() != y.IsZero() || !anew && !x.Equal(y) {
				t.Errorf("%s: the secret %s is another", id, name)
			}
		}
	}
}

func union[V any](a, b map[string]V) map[string]V {
	both := maps.Clone(a)
	if both == nil {
		both = map[string]V{}
	}
	maps.Copy(both, b)
	return both
}

// namesOf puts in the place of each name that a cloud chose what it is the
// name of.
func namesOf(world resource.World) *strings.Replacer {
	var pairs []string
	for _, id := range slices.SortedFunc(maps.Keys(world), func(a, b resource.ID) int { return cmp.Compare(a, b) }) {
		live := world[id]
		if strings.HasPrefix(string(id), "aws/") && live.Ref != "" && chosenRef(live.Ref) {
			pairs = append(pairs, live.Ref, "<"+string(id)+">")
		}
		for _, name := range chosen[kindOf(id)] {
			if value := live.Attrs[name].One(); value != "" {
				pairs = append(pairs, value, "<"+name+" of "+string(id)+">")
			}
		}
	}
	return strings.NewReplacer(pairs...)
}

// chosenRef reports whether a name in AWS may be another when the thing is
// made again. VPCs and their tables are the user's.
func chosenRef(ref string) bool {
	return !strings.HasPrefix(ref, "vpc-") && !strings.HasPrefix(ref, "rtb-")
}

func rename(names *strings.Replacer, value resource.Value) resource.Value {
	renamed := make([]string, len(value))
	for i, member := range value {
		renamed[i] = names.Replace(member)
	}
	return resource.Of(renamed...)
}

func kindOf(id resource.ID) string { return string(id[:strings.LastIndexByte(string(id), '/')]) }
