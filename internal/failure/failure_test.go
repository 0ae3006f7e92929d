package failure

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

//go:generate go test -run TestThePageFollowsTheTable . -update

var update = flag.Bool("update", false, "write the page again")

// pinned are the codes for good: scripts, alerts and links refer to them. One
// may be added; none may go, change, or come to mean something else.
const pinned = `NOT_OWNED LIMIT_REACHED NOT_BUILT AZ_RESOURCE_FAILED AZ_HUB_ROUTER_NOT_READY PREFIX_OVERLAP OBSERVATION_GAP
ENDPOINT_STALE TUNNEL_DOWN_PSK_MISMATCH TUNNEL_DOWN_PROPOSAL_MISMATCH NO_INITIATOR TUNNEL_MAINTENANCE TUNNEL_DOWN REDUNDANCY_LOST
BGP_ADDRESS_OR_ASN_MISMATCH BGP_ROUTES_ZERO_OR_LIMIT
SITE_PREFIX_DRIFT AZ_VNET_CONNECTION_ROUTING AZ_HUB_ROUTE_MISSING_OR_SHADOWED AZ_NIC_ROUTE_OVERRIDDEN
AWS_TGW_ASSOCIATION_MISSING AWS_TGW_PROPAGATION_OFF AWS_TGW_ROUTE_BLACKHOLE AWS_TGW_ROUTE_MISSING TGW_PEERING_ROUTE_MISSING AWS_VPC_ROUTE_MISSING AWS_TGW_AZ_UNATTACHED
ICMP_BLOCKED TARGET_DOWN_OR_HOST_FIREWALL PATH_LOST MTU_BLACKHOLE ASYMMETRIC_PATH`

func TestCodesNeverChange(t *testing.T) {
	var have []string
	for _, row := range All() {
		have = append(have, string(row.Code))
	}
	want := strings.Fields(pinned)
	slices.Sort(have)
	slices.Sort(want)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("-pinned +table:\n%s", diff)
	}
}

// TestARepairStandsAlone: verify prints it below one finding, where nobody has
// the row of another failure before him.
func TestARepairStandsAlone(t *testing.T) {
	for _, row := range All() {
		for _, other := range All() {
			if other.Code != row.Code && strings.Contains(row.Repair, string(other.Code)) {
				t.Errorf("the repair of %s sends its reader to %s: %q", row.Code, other.Code, row.Repair)
			}
		}
	}
}

// TestACauseComesBeforeItsEffects keeps causes free of circles: what explains
// a failure stands above it in the table.
func TestACauseComesBeforeItsEffects(t *testing.T) {
	shares := []Share{Same, Needs, Hub, Link, Tunnel, Peering, Network, Machine, Way}
	for i, row := range All() {
		for _, cause := range slices.Concat(row.Told, row.Turned) {
			if !slices.Contains(shares, cause.At) || leadsBack(cause.On, row.Code) {
				t.Errorf("%s is told by %s at %q: that is a circle, or nothing that failures share", row.Code, cause.On, cause.At)
			}
		}
		for _, cause := range row.Causes {
			self := cause == Cause{row.Code, Needs} // along the graph, which has no circle
			if Position(cause.On) >= i && !self {
				t.Errorf("%s names %s as a cause, which does not stand above it", row.Code, cause.On)
			}
			if !slices.Contains(shares, cause.At) {
				t.Errorf("%s: %q is nothing that failures share", row.Code, cause.At)
			}
		}
	}
}

// leadsBack tells whether the causes of a failure lead to another one.
func leadsBack(from, to Code) bool {
	row, _ := Of(from)
	return slices.ContainsFunc(slices.Concat(row.Causes, row.Told, row.Turned), func(cause Cause) bool {
		return cause.On == to || cause.On != from && leadsBack(cause.On, to)
	})
}

func TestEveryRowIsFitForThePage(t *testing.T) {
	for _, row := range All() {
		if row.Title == "" || strings.HasSuffix(row.Title, ".") {
			t.Errorf("%s: %q is no clause", row.Code, row.Title)
		}
		for _, text := range []string{row.Means, row.Apart, row.Repair} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q is no sentence", row.Code, text)
			}
		}
		for _, text := range []string{row.Title, row.Means, row.Azure, row.AWS, row.Packets, row.Apart, row.Repair} {
			if strings.ContainsAny(text, "|\n") {
				t.Errorf("%s: %q breaks the page", row.Code, text)
			}
		}
		if row.Severity.Rank() == 0 || row.Visible < time.Minute {
			t.Errorf("%s: severity %q, visible after %s", row.Code, row.Severity, row.Visible)
		}
		if found, ok := Of(row.Code); !ok || found.Title != row.Title {
			t.Errorf("%s is not found by its code", row.Code)
		}
	}
	if _, ok := Of("NO_SUCH_CODE"); ok || Position("NO_SUCH_CODE") != len(All()) {
		t.Error("a code that is not in the table is found")
	}
}

const pagePath = "../../docs/failures.md"

const preface = `# Failures

What goes wrong on a link, by the names that linkd gives it. This page is generated from the table that linkd works by: ` + "`go generate\n./internal/failure`" + `.

` + "`linkd verify`" + ` names what it finds by these codes, a running linkd reports them as the metric ` + "`linkd_finding`" + `, and each heading below is a
stable anchor. A code never changes and never comes to mean something else. How well each is told when it is brought about in
simulated clouds is in the [diagnosis table](diagnosis.md).

An *error* breaks traffic now, or at the next renewal of a tunnel. A *warning* leaves less to fall back on. *Info* is for whoever looks.
What is wrong with the settings of some tunnels of a link is a warning as long as another one is up, whose settings agree, and an error otherwise.
A failure that is only the effect of another is listed under it, where both are about the same thing: the column *explained by* says of
which. A running linkd tells a failure once it has been seen for as long as *told after* says, for clouds show some things for a moment only.

| code | what it is | severity | told after | explained by |
| --- | --- | --- | --- | --- |
`

// page is docs/failures.md.
func page() string {
	var b strings.Builder
	b.WriteString(preface)
	for _, row := range All() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %d min | %s |\n", row.Code, row.Code.Slug(), row.Title, row.Severity, int(row.Visible.Minutes()), explained(row))
	}
	for _, row := range All() {
		fmt.Fprintf(&b, "\n<a id=\"%s\"></a>\n\n## %s\n\n%s%s.\n\n%s\n\n", row.Code.Slug(), row.Code, strings.ToUpper(row.Title[:1]), row.Title[1:], row.Means)
		for _, sign := range []struct{ where, text string }{{"In Azure", row.Azure}, {"In AWS", row.AWS}, {"Packets", row.Packets}} {
			if sign.text != "" {
				fmt.Fprintf(&b, "- %s: %s.\n", sign.where, sign.text)
			}
		}
		fmt.Fprintf(&b, "- Told apart: %s\n- Repair: %s\n", row.Apart, row.Repair)
	}
	return b.String()
}

// explained lists the causes of a failure, and what they must share.
func explained(row Failure) string {
	words := map[Share]string{
		Same: "of it", Needs: "of what it needs", Hub: "of its hub", Link: "of its link", Tunnel: "of its tunnel",
		Peering: "of its peering", Network: "of its network", Machine: "of its machine", Way: "on its way",
	}
	var codes []string
	at := map[string][]string{}
	for _, cause := range slices.Concat(row.Causes, row.Told) {
		code := string(cause.On)
		if at[code] == nil {
			codes = append(codes, code)
		}
		at[code] = append(at[code], words[cause.At])
	}
	if len(codes) > 12 {
		return "whatever blocks its way"
	}
	for i, code := range codes {
		codes[i] = code + " " + strings.Join(at[code], " or ")
	}
	return strings.Join(codes, ", ")
}

func TestThePageFollowsTheTable(t *testing.T) {
	if *update {
		if err := os.WriteFile(pagePath, []byte(page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), page()); diff != "" {
		t.Errorf("run go generate ./internal/failure; -written +table:\n%s", diff)
	}
}
