package metrics

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the document again")

const documentPath = "../../docs/metrics.md"

// seriesOfALink is what a link of four pairs costs: three states in two clouds
// and the age of a key for each pair, two counts, and two of keys.
const seriesOfALink = 4*2*3 + 4 + 2 + 2

// seriesOfADrill is what a link costs that was drilled: four results, and six figures.
const seriesOfADrill = 4 + 6

const preface = `# Metrics

This page is generated from the table that linkd exports by: ` + "`go generate ./internal/metrics`" + `.

linkd serves them at ` + "`/metrics`" + ` on the address of ` + "`linkd run --listen`" + `, by TLS and with a password where a
web configuration file says so. How things stand is read at each scrape from the last look at the clouds, so a link that is
gone from the file leaves no series; what happens is counted from the start of the process. Names and labels are stable: a
changed one is a [CHANGE] in the changelog.

- No label holds an id or an address of a cloud. Tables of routes are named after their hub, transit gateway or VPC, as the file calls them.
- What is not known is never 0. Either the series is absent, or a series of its own says unknown.
- Every label is bounded by the file or by a closed list. What would pass the bound is ` + "`other`" + `. A link of %d pairs has %d series, and %d more once it was drilled.
- Durations are native histograms where the scraper takes them, with a few classic buckets beside them.
- The usual ` + "`go_…`, `process_…` and `promhttp_…`" + ` series of the Prometheus library for Go are there too.

Rules and alerts for them are in [deploy/prometheus](../deploy/prometheus).

`

// sections are the headings of the document, with their rows.
var sections = []struct {
	title string
	rows  []row
}{
	{"Differences and resources", driftRows},
	{"Links and tunnels", linkRows},
	{"Keys", keyRows},
	{"Drills", drillRows},
	{"Routes", routeRows},
	{"Looks", lookRows},
	{"The daemon", ownRows},
	{"Probes", probeRows},
	{"Agents, and linkd's own probes", agentRows},
	{"What happened", fedRows},
}

// document is docs/metrics.md.
func document() string {
	var b strings.Builder
	fmt.Fprintf(&b, preface, 4, seriesOfALink, seriesOfADrill)
	for _, section := range sections {
		fmt.Fprintf(&b, "## %s\n\n| name | type | labels | unit | meaning | example |\n| --- | --- | --- | --- | --- | --- |\n", section.title)
		for _, r := range section.rows {
			labels := "none"
			if len(r.labels) > 0 {
				labels = "`" + strings.Join(r.labels, "`, `") + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | `%s%s` |\n", r.name, r.kind, labels, r.unit, r.help, r.name, r.sample)
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func TestTheDocumentFollowsTheTable(t *testing.T) {
	want := document()
	if *update {
		if err := os.WriteFile(documentPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(documentPath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("%s is not what the table says; go generate ./internal/metrics writes it (-table +document):\n%s", documentPath, diff)
	}
	listed := 0
	for _, section := range sections {
		listed += len(section.rows)
	}
	if listed != len(rows()) {
		t.Errorf("the document has %d rows, and the table %d", listed, len(rows()))
	}
}
