package endtoend

import (
	"io"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"linkd/internal/metrics"
)

// named are the forms of what a cloud calls its own, and of addresses: none
// belongs into a label.
var named = regexp.MustCompile(`(vpn|tgw|rtb|vpc|subnet|cgw|eni|i)-[0-9a-f]{8}|tgw-(rtb|attach)-|/subscriptions/|[0-9a-f]{8}-[0-9a-f]{4}-|\b\d+\.\d+\.\d+\.\d+\b|\b\d{12}\b`)

// TestMetricsTellAllAndNameNoIDOfACloud looks at a link that was built, then
// at one whose half is gone, and at nothing at all.
func TestMetricsTellAllAndNameNoIDOfACloud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		var now metrics.Snapshot
		m := metrics.New(metrics.Build{Version: "test"}, func() metrics.Snapshot { return now })
		look := func() string {
			engine := l.engine(t.Context())
			plan, world := engine.Plan(t.Context())
			now = metrics.Of(l.file, engine.Graph, &plan, world)
			page := httptest.NewRecorder()
			m.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
			text, err := io.ReadAll(page.Body)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				labels, _, labelled := strings.Cut(line, "} ")
				if strings.HasPrefix(line, "linkd_") && labelled && named.MatchString(labels) {
					t.Errorf("a label holds an id or an address: %s", line)
				}
			}
			return string(text)
		}
		expect := func(when, page string, lines ...string) {
			for _, line := range lines {
				if !strings.Contains(page, line+"\n") {
					t.Errorf("%s, the page lacks %s", when, line)
				}
			}
		}
		expect("before it is built", look(), `linkd_link_pairs_live{link="tokyo"} 0`, `linkd_drifts{decision="repair",held="",key="azure/vpn-site.missing",link="tokyo"} 1`)
		l.mustBuild()
		expect("once it is built", look(),
			`linkd_link_pairs_live{link="tokyo"} 1`, `linkd_link_pairs_expected{link="tokyo"} 1`,
			`linkd_tunnel_status{cloud="aws",link="tokyo",status="up",tunnel="tokyo-0-1"} 1`,
			`linkd_routes_missing{kind="aws/vpc-routes",table="vpc-a"} 0`, `linkd_routes_known{kind="azure/hub-routes",table="hub-use"} 1`,
			`linkd_resources{cloud="azure",kind="azure/vpn-site",phase="ready"} 1`, `linkd_drifts_held{reason="policy"} 0`)
		for _, name := range []string{"a route of the transit gateway is deleted", "a replaced customer gateway is left behind", "the tags of the site are stripped", "Azure has another key"} {
			l.mustHappen(name)
		}
		expect("with a route, a tag and a key gone", look(),
			`linkd_routes_missing{kind="aws/tgw-routes",table="tgw-tokyo"} 1`,
			`linkd_drifts{decision="report",held="unowned",key="azure/vpn-site.unowned",link="tokyo"} 1`,
			`linkd_drifts{decision="repair",held="",key="azure/vpn-connection.shared_key",link="tokyo"} 1`)
	})
}
