package clouds

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	difference "github.com/google/go-cmp/cmp"

	"linkd/internal/aws"
	"linkd/internal/azure"
	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/catalogue"
)

var update = flag.Bool("update", false, "write the page again")

const pagePath = "../../docs/drift.md"

const pagePreface = `# Drift

What linkd compares, what each difference breaks and how it is mended. This page is generated from the tables that linkd
works by: ` + "`go generate ./internal/clouds`" + `.

A difference has a key: the kind of the resource and the attribute, or the kind and what is the matter with the resource
itself. Rules of the file's policy match keys, plans and the record show them, and metrics are labelled with them. A member
that nobody declared, such as a route, has a key of its own that ends in ` + "`.extra`" + `. Every key is driven by tests: something
is changed in simulated clouds behind linkd's back, and linkd must find it under its key, leave it under ` + "`report`" + `, mend it under
` + "`repair`" + `, and leave both clouds as they were.

## Of every kind

| key | meaning | by default |
| --- | --- | --- |
`

// classes are the keys that every kind has, for what they mean.
var classes = []struct {
	class resource.Class
	means string
}{
	{resource.Missing, "the file wants it and the cloud has none"},
	{resource.FailedNow, "an operation on it failed; mending writes it again, or makes it anew where the cloud takes no write"},
	{resource.Unowned, "something stands under its name, or in its place, and has not linkd's tags. Give it its tags back, adopt it in the file, or take it away"},
	{resource.Orphan, "it carries linkd's tags and the file does not have it. `linkd destroy`, or a person, removes it"},
	{resource.Duplicate, "a second one carries the same tags. Take away the one that nothing uses"},
	{resource.Extra, "a whole resource that nobody declared, where only linkd's should stand: a connection on its VPN gateway"},
	{resource.BusyNow, "an operation runs on it: it is looked at again"},
	{resource.Blocked, "what it should be cannot be told yet, because something that it needs is not there"},
	{resource.Unseen, "it could not be read, which is never taken for well"},
}

const keyPreface = "\nA table of a kind below shows of each key what it holds, what stops working while it differs, how it is mended, what the\n" +
	"mending interrupts, what a `repair` policy does about it when no rule names its key, and what was changed in the tests.\n" +
	"What a column says of one tunnel is all there is of a link with no other.\n"

// page is docs/drift.md.
func page() string {
	var b strings.Builder
	b.WriteString(pagePreface)
	for _, c := range classes {
		fmt.Fprintf(&b, "| `….%s` | %s | %s |\n", c.class, c.means, byDefault(resource.Drift{Kind: "…", Class: c.class}))
	}
	b.WriteString(keyPreface)
	for _, cloud := range []struct {
		name  string
		kinds []*resource.Kind
	}{{"Azure", azure.Kinds()}, {"AWS", aws.Kinds()}} {
		fmt.Fprintf(&b, "\n## %s\n", cloud.name)
		for _, kind := range cloud.kinds {
			writeKind(&b, kind)
		}
	}
	return b.String()
}

func writeKind(b *strings.Builder, kind *resource.Kind) {
	fmt.Fprintf(b, "\n### %s\n\n%s Without it, %s.%s\n\n", kind.Name, kind.Is, kind.Breaks, durations(kind))
	b.WriteString("| key | holds | breaks | mended | interrupts | by default | for instance |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, attr := range kind.Attrs {
		drift := resource.Drift{Kind: kind.Name, Class: resource.Differs, Attr: attr.Name, Fix: attr.Fix, Effect: attr.Effect, Breaks: attr.Breaks}
		writeKey(b, kind, attr.Means, drift)
		if attr.Members {
			drift.Class, drift.Breaks = resource.Extra, cmp.Or(attr.BreaksExtra, attr.Breaks)
			writeKey(b, kind, "what nobody declared there", drift)
		}
	}
}

// writeKey writes one row, unless nothing can bring its drift about: the test
// of the catalogue wants a reason for that.
func writeKey(b *strings.Builder, kind *resource.Kind, means string, drift resource.Drift) {
	if instances(drift.Key()) == "" {
		return
	}
	fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", strings.TrimPrefix(drift.Key(), kind.Name), means, drift.Breaks,
		mended(kind, drift), interrupts(kind, drift), byDefault(drift), instances(drift.Key()))
}

func mended(kind *resource.Kind, drift resource.Drift) string {
	switch {
	case kind.Given && kind.Takes.Create.Typical > 0:
		return "by itself, once its cause is"
	case drift.Fix == resource.Replace:
		return "by making it anew"
	case drift.Fix == resource.Move:
		return "by making it anew in its other place"
	case drift.Fix == resource.ByHand:
		return "by hand: " + reason(drift.Key())
	}
	return string(drift.Fix)
}

func interrupts(kind *resource.Kind, drift resource.Drift) string {
	effect := drift.Effect
	switch {
	case drift.Fix == resource.ByHand:
		return ""
	case drift.Fix == resource.Replace:
		effect = kind.Replaced
	case effect == resource.OneNetwork && drift.Class == resource.Differs:
		return "nothing, unless it led elsewhere: one network"
	}
	return cmp.Or(string(effect), "nothing")
}

// byDefault is what a policy that repairs does about a drift of which no rule
// names the key.
func byDefault(drift resource.Drift) string {
	action, why := desired.Policy{Default: desired.Repair}.Decide(drift, "", time.Time{})
	switch {
	case action == desired.Repair:
		return "repair"
	case action == desired.Approve:
		return "approve, until a rule names it"
	case drift.Fix == resource.ByHand:
		return "report"
	case drift.Class == resource.Extra && drift.Attr != "":
		return "report, until a rule names it"
	}
	return "report: " + strings.TrimSuffix(strings.Split(why, ":")[0], " unless a rule names it")
}

// reason is why linkd does not mend what a person must.
func reason(key string) string {
	for _, entry := range catalogue.Entries() {
		if entry.Key == key {
			return entry.Lasts
		}
	}
	return "nothing in the catalogue says why"
}

// byTheFile are the keys that no change in a cloud brings about, and what in the file does.
var byTheFile = map[string][]string{"azure/vpn-connection.hub": {"a link has another hub in the file"}}

// instances are what the catalogue changes to bring a drift about.
func instances(key string) string {
	names := slices.Clone(byTheFile[key])
	for _, entry := range catalogue.Entries() {
		if entry.Key == key {
			names = append(names, entry.Name)
		}
	}
	return strings.Join(names, "; ")
}

// durations tells how long the operations of a kind usually take.
func durations(kind *resource.Kind) string {
	if kind.Given {
		if kind.Takes.Create.Typical == 0 {
			return ""
		}
		return fmt.Sprintf(" A change shows after %s or so.", spell(kind.Takes.Create.Typical))
	}
	var parts []string
	for _, row := range []struct {
		verb string
		span resource.Span
	}{
		{"to make", kind.Takes.Create}, {"then to settle", kind.Takes.Settle}, {"to change", kind.Takes.Update}, {"to delete", kind.Takes.Delete},
	} {
		if row.span.Typical > 0 {
			parts = append(parts, spell(row.span.Typical)+" "+row.verb)
		}
	}
	return fmt.Sprintf(" It usually takes %s.", strings.Join(parts, ", "))
}

// spell is a duration as a person says it, to the minute where it is long.
func spell(d time.Duration) string {
	minutes, seconds := int(d/time.Minute), int(d%time.Minute/time.Second)
	switch {
	case d >= 10*time.Minute:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case minutes == 0:
		return fmt.Sprintf("%d s", seconds)
	case seconds == 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d min %d s", minutes, seconds)
}

func TestTheDriftPageFollowsTheTables(t *testing.T) {
	if *update {
		if err := os.WriteFile(pagePath, []byte(page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := difference.Diff(string(written), page()); diff != "" {
		t.Errorf("run go generate ./internal/clouds; -written +tables:\n%s", diff)
	}
}

// TestEveryRowIsFitForThePage fails for a row whose texts are left out, or
// would break the table or the sentence that they stand in.
func TestEveryRowIsFitForThePage(t *testing.T) {
	t.Parallel()
	clause := func(key, text string) {
		if text == "" || strings.ContainsAny(text, "|\n") || strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q is no clause", key, text)
		}
	}
	for _, kind := range slices.Concat(azure.Kinds(), aws.Kinds()) {
		clause(kind.Name, kind.Breaks)
		if !strings.HasSuffix(kind.Is, ".") {
			t.Errorf("%s: %q is no sentence", kind.Name, kind.Is)
		}
		for _, attr := range kind.Attrs {
			clause(kind.Name+"."+attr.Name, attr.Means)
			clause(kind.Name+"."+attr.Name, attr.Breaks)
		}
	}
}
