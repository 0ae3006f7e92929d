package resource_test

import (
	"fmt"
	"testing"

	"linkd/internal/resource"
)

var tableKind = &resource.Kind{
	Name: "aws/tgw-routes", Breaks: "everything",
	Attrs: []resource.Attr{
		{Name: "routes", Fix: resource.InPlace, Members: true, Breaks: "the networks behind the missing routes"},
		{Name: "name", Fix: resource.Replace},
		{Name: "key", Fix: resource.InPlace, Secret: true},
	},
}

func ready(attrs resource.Attrs, secrets resource.Secrets) resource.Live {
	return resource.Live{Phase: resource.Ready, Owner: "us", Attrs: attrs, Secrets: secrets}
}

func TestDiff(t *testing.T) {
	routes := func(members ...string) resource.Attrs { return resource.Attrs{"routes": resource.Of(members...)} }
	key := func(text string) resource.Secrets { return resource.Secrets{"key/1": resource.NewSecret(text)} }
	for name, test := range map[string]struct {
		want resource.Spec
		live resource.Live
		keys []string
	}{
		"equal sets in another order agree":           {resource.Spec{Attrs: routes("b", "a")}, ready(routes("a", "b"), nil), nil},
		"a missing member and an undeclared one":      {resource.Spec{Attrs: routes("a", "b")}, ready(routes("b", "c"), nil), []string{"aws/tgw-routes.routes", "aws/tgw-routes.routes.extra"}},
		"what is not wanted is not compared":          {resource.Spec{}, ready(routes("x"), nil), nil},
		"what is wanted and not shown is unseen":      {resource.Spec{Attrs: routes("a")}, ready(nil, nil), []string{"aws/tgw-routes.routes"}},
		"another key differs":                         {resource.Spec{Secrets: key("one")}, ready(nil, key("two")), []string{"aws/tgw-routes.key"}},
		"the same key agrees":                         {resource.Spec{Secrets: key("one")}, ready(nil, key("one")), nil},
		"a key that is not shown is unseen":           {resource.Spec{Secrets: key("one")}, ready(nil, nil), []string{"aws/tgw-routes.key"}},
		"an absent one is missing":                    {resource.Spec{}, resource.Live{Phase: resource.Absent}, []string{"aws/tgw-routes.missing"}},
		"one that was not read is unseen":             {resource.Spec{}, resource.Live{}, []string{"aws/tgw-routes.unseen"}},
		"another's is unowned, whatever else differs": {resource.Spec{Owner: "them", Attrs: routes("z")}, ready(routes("a"), nil), []string{"aws/tgw-routes.unowned"}},
		"another's that failed is unowned first":      {resource.Spec{Owner: "them"}, resource.Live{Phase: resource.Failed, Owner: "us"}, []string{"aws/tgw-routes.unowned"}},
		"ours that failed":                            {resource.Spec{Owner: "us"}, resource.Live{Phase: resource.Failed, Owner: "us"}, []string{"aws/tgw-routes.failed"}},
		"one that is being changed is busy":           {resource.Spec{Owner: "us", Attrs: resource.Attrs{"routes": resource.Of("a")}}, resource.Live{Phase: resource.Created, Owner: "us"}, []string{"aws/tgw-routes.busy"}},
		"one under way is busy":                       {resource.Spec{Owner: "us"}, resource.Live{Phase: resource.Pending, Owner: "us"}, []string{"aws/tgw-routes.busy"}},
	} {
		t.Run(name, func(t *testing.T) {
			var keys []string
			for _, drift := range resource.Diff("id", tableKind, test.want, test.live) {
				keys = append(keys, drift.Key())
				if drift.Class == resource.Unseen && drift.Breaks != "" {
					t.Errorf("nobody has seen it, and it breaks %s", drift.Breaks)
				}
			}
			if fmt.Sprint(keys) != fmt.Sprint(test.keys) {
				t.Errorf("got %v, want %v", keys, test.keys)
			}
		})
	}
}

func TestTargetMendsWhatIsAllowedAndKeepsWhatIsHeld(t *testing.T) {
	want := resource.Spec{Attrs: resource.Attrs{"routes": resource.Of("a", "b"), "name": resource.Of("new"), "table": resource.Of("t1")}}
	live := ready(resource.Attrs{"routes": resource.Of("b", "c"), "name": resource.Of("old")}, nil)
	drifts := resource.Diff("id", tableKind, want, live)

	target := resource.Target(tableKind, want, live, drifts[:1]) // only the missing member
	if got := target.Attrs["routes"]; !got.Equal(resource.Of("a", "b", "c")) {
		t.Errorf("routes become %v, want the missing one added and the undeclared one left", got)
	}
	if got := target.Attrs["name"].One(); got != "old" {
		t.Errorf("the held name becomes %q", got)
	}
	if got := target.Attrs["table"].One(); got != "t1" {
		t.Errorf("what the call needs besides is %q, want t1", got)
	}
	target = resource.Target(tableKind, want, live, drifts)
	if got := resource.Diff("id", tableKind, want, ready(target.Attrs, nil)); len(got) != 0 {
		t.Errorf("with everything allowed the target still differs: %+v", got)
	}
}

func TestTargetTakesOnlyTheAllowedSecret(t *testing.T) {
	secrets := func(one, two string) resource.Secrets {
		return resource.Secrets{"key/1": resource.NewSecret(one), "key/2": resource.NewSecret(two)}
	}
	want, live := resource.Spec{Secrets: secrets("n1", "n2")}, ready(nil, secrets("o1", "o2"))
	drifts := resource.Diff("id", tableKind, want, live)
	if len(drifts) != 2 || drifts[0].Member != "1" || drifts[1].Member != "2" {
		t.Fatalf("want a drift for each key, got %+v", drifts)
	}
	target := resource.Target(tableKind, want, live, drifts[1:])
	if target.Secrets["key/1"].Reveal() != "o1" || target.Secrets["key/2"].Reveal() != "n2" {
		t.Error("the held key was changed, or the allowed one was not")
	}
}

func ExampleDiff() {
	kind := &resource.Kind{Name: "azure/vpn-site", Attrs: []resource.Attr{
		{Name: "address_space", Fix: resource.InPlace, Breaks: "Azure stops sending the missing prefixes towards AWS"},
	}}
	want := resource.Spec{Attrs: resource.Attrs{"address_space": resource.Of("172.20.0.0/16", "172.21.0.0/16")}}
	live := resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"address_space": resource.Of("172.21.0.0/16")}}
	for _, drift := range resource.Diff("azure/vpn-site/tokyo", kind, want, live) {
		fmt.Println(drift.Key(), drift.Class, "missing", drift.Want.Without(drift.Have))
	}
	// Output: azure/vpn-site.address_space differs missing 172.20.0.0/16
}

func BenchmarkDiffOfTenThousandRoutes(b *testing.B) {
	var wanted, have []string
	for i := range 10_000 {
		prefix := fmt.Sprintf("10.%d.%d.0/24 tgw-attach-0123456789abcdef0", i/256, i%256)
		if i%100 != 0 {
			have = append(have, prefix)
		}
		wanted = append(wanted, prefix)
	}
	want := resource.Spec{Attrs: resource.Attrs{"routes": resource.Of(wanted...)}}
	live := ready(resource.Attrs{"routes": resource.Of(have...)}, nil)
	b.ReportAllocs()
	for b.Loop() {
		if drifts := resource.Diff("id", tableKind, want, live); len(drifts) != 1 || len(drifts[0].Want) != 100 {
			b.Fatal("the hundred missing routes were not found")
		}
	}
}

func TestAFailedResourceIsComparedRowByRowAndKeepsWhatIsHeld(t *testing.T) {
	want := resource.Spec{Attrs: resource.Attrs{"routes": resource.Of("a"), "name": resource.Of("new")}}
	live := ready(resource.Attrs{"name": resource.Of("old")}, nil)
	live.Phase = resource.Failed
	drifts := resource.Diff("id", tableKind, want, live)
	if len(drifts) != 2 || drifts[0].Key() != "aws/tgw-routes.failed" || drifts[1].Key() != "aws/tgw-routes.name" {
		t.Fatalf("want the failure, and the row that shows another value, got %+v", drifts)
	}
	target := resource.Target(tableKind, want, live, drifts[:1])
	if got := target.Attrs["name"].One(); got != "old" {
		t.Errorf("the held name becomes %q", got)
	}
	if got := target.Attrs["routes"]; !got.Equal(resource.Of("a")) {
		t.Errorf("what it does not show becomes %v, want what the file says", got)
	}
}

func TestPuttingInWhatIsMissingInterruptsNoNetwork(t *testing.T) {
	kind := &resource.Kind{Name: "aws/vpc-attachment", Attrs: []resource.Attr{
		{Name: "association", Fix: resource.InPlace, Effect: resource.OneNetwork},
		{Name: "subnets", Fix: resource.InPlace, Effect: resource.OneNetwork, Members: true},
	}}
	want := resource.Spec{Attrs: resource.Attrs{"association": resource.Of("t1"), "subnets": resource.Of("a", "b")}}
	for effects, live := range map[[3]resource.Effect]resource.Attrs{
		{"", ""}: {"association": resource.Of(), "subnets": resource.Of("a")},
		{resource.OneNetwork, "", resource.OneNetwork}: {"association": resource.Of("t2"), "subnets": resource.Of("a", "c")},
	} {
		for i, drift := range resource.Diff("id", kind, want, ready(live, nil)) {
			if drift.Effect != effects[i] {
				t.Errorf("%s with %v interrupts %q, want %q", drift.Key(), live, drift.Effect, effects[i])
			}
		}
	}
}

// TestWhatIsBeingChangedBreaksNothing, as far as it shows: it may do all that it is for. What
// is being made does nothing yet.
func TestWhatIsBeingChangedBreaksNothing(t *testing.T) {
	kind := &resource.Kind{Name: "aws/thing", Breaks: "nothing stands"}
	shown := resource.Attrs{"status": resource.Of("up")}
	for want, live := range map[string][]resource.Live{
		"":          {{Phase: resource.Created}, {Phase: resource.Created, Attrs: shown}, {Phase: resource.Pending, Attrs: shown}},
		kind.Breaks: {{Phase: resource.Pending}, {Phase: resource.Deleting, Attrs: shown}, {Phase: resource.Absent}},
	} {
		for _, one := range live {
			if drifts := resource.Diff("aws/thing/a", kind, resource.Spec{}, one); len(drifts) != 1 || drifts[0].Breaks != want {
				t.Errorf("%s, %d attributes: %+v, want it to break %q", one.Phase, len(one.Attrs), drifts, want)
			}
		}
	}
}
