package azure_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.yaml.in/yaml/v4"
)

// recordings is where traffic of the real service lies; it is not part of the
// repository.
const recordings = "../../../../shared/recordings/azure/cli-vwan-2022"

// interaction is a request that was made and the answer it had.
type interaction struct {
	Request struct {
		Method, URI, Body string
	}
	Response struct {
		Status  struct{ Code int }
		Headers map[string][]string
		Body    struct{ String string }
	}
}

func (i interaction) header(name string) string {
	for key, values := range i.Response.Headers {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func (i interaction) date() time.Time {
	at, err := http.ParseTime(i.header("date"))
	if err != nil {
		panic(err)
	}
	return at
}

func (i interaction) pollOf(operation string) bool {
	return operation != "" && i.Request.Method == http.MethodGet && strings.Contains(i.Request.URI, "/operations/"+operation)
}

// notSimulated are routes that the simulator does not have.
var notSimulated = []struct{ pattern, reason string }{
	{"/azureFirewalls/", "firewalls are no part of a link; what refers to one is taken on trust"},
}

// exceptions are interactions that do not agree, each with its reason.
var exceptions = []struct {
	file   string
	index  int
	reason string
}{
	{"vhub_connection_routing_configuration", 0, gatewaysOf2020},
	{"vhub_connection_routing_configuration", 5, gatewaysOf2020},
	{"vhub_connection_routing_configuration", 6, gatewaysOf2020},
	{"vhub_connection_routing_configuration", 7, gatewaysOf2020},
	{"vhub_get_effective_routes", 1, routesOfBefore},
	{"vhub_get_effective_routes", 2, routesOfBefore},
	{"vwan_vpn_gateway.yaml", 38, "the list of the subscription shows a gateway that another test had made"},
}

const (
	gatewaysOf2020 = "allowRemoteVnetToUseHubVnetGateways read true in 2020, and false in the newer recordings, which the simulator follows"
	routesOfBefore = "the routes come from connections that were made before the recording began; their shape is compared in the tunnels test"
)

func TestRecordedRequestsGetTheRecordedAnswers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recordings, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the recordings are not here")
	}
	total, agreed, skipped := 0, 0, 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all, good, out := replay(t, file)
				total, agreed, skipped = total+all, agreed+good, skipped+out
			})
		})
	}
	t.Logf("%d of %d interactions agree; %d are of routes that are not simulated", agreed, total, skipped)
}

// replay makes the requests of a file at their recorded times and counts how
// many have the recorded answer.
func replay(t *testing.T, path string) (total, agreed, skipped int) {
	interactions := load(t, path)
	c := newReplay(t, interactions)
	begin, first := time.Now(), interactions[0].date()
	ours := map[string]string{} // a recorded operation, and where ours is polled
	for index, recorded := range interactions {
		total++
		time.Sleep(recorded.date().Sub(first) - time.Since(begin))
		if unsimulated(recorded, ours) {
			skipped++
			continue
		}
		c.lasts(recorded, interactions[index+1:])
		got := c.repeat(recorded, ours)
		differences := compare(recorded, got)
		switch reason := excepted(path, index); {
		case len(differences) == 0 && reason != "":
			t.Errorf("#%d agrees, and is in the table of exceptions", index)
		case len(differences) == 0:
			agreed++
		case reason != "":
			t.Logf("#%d is an exception: %s", index, reason)
		default:
			t.Errorf("#%d %s %s:\n\t%s", index, recorded.Request.Method, recorded.Request.URI, strings.Join(differences, "\n\t"))
		}
	}
	return total, agreed, skipped
}

func load(t *testing.T, path string) []interaction {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Interactions []interaction }
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Interactions
}

var operationGUID = regexp.MustCompile(`/(?:operations|operationResults)/([0-9a-f-]{36})`)

func unsimulated(i interaction, ours map[string]string) bool {
	for _, row := range notSimulated {
		if strings.Contains(i.Request.URI, row.pattern) {
			return true
		}
	}
	found := operationGUID.FindStringSubmatch(i.Request.URI)
	return found != nil && ours[found[1]] == "" // of an operation on such a route
}

var collectionOf = regexp.MustCompile(`/([A-Za-z0-9]+)/[^/?]+(?:\?|$)|/([A-Za-z0-9]+)/[^/?]+/(effectiveRoutes)\?`)

// lasts makes an operation take as long as it took: it ends half-way between
// the last poll that found it under way and the poll that found it done.
func (c *cloud) lasts(i interaction, later []interaction) {
	found := operationGUID.FindStringSubmatch(i.header("azure-asyncoperation"))
	if found == nil {
		return
	}
	from, until := i.date(), i.date()
	for _, poll := range later {
		if !poll.pollOf(found[1]) {
			continue
		}
		until = poll.date()
		if !strings.Contains(poll.Response.Body.String, "InProgress") {
			break
		}
		from = until
	}
	verb := map[int]string{http.StatusCreated: "create", http.StatusOK: "update"}[i.Response.Status.Code]
	if i.Request.Method == http.MethodDelete {
		verb = "delete"
	}
	names := collectionOf.FindStringSubmatch(i.Request.URI)
	collection := names[1]
	if i.Request.Method == http.MethodPost {
		collection, verb = names[2], names[3]
	}
	c.config.Scenario.Behaviour.Durations["azure/"+collection+"/"+verb] = from.Add(until.Sub(from) / 2).Sub(i.date())
}

// repeat makes a recorded request; a poll goes to our own operation.
func (c *cloud) repeat(i interaction, ours map[string]string) reply {
	url := strings.Replace(i.Request.URI, "https://management.azure.com", "http://arm.test", 1)
	if found := operationGUID.FindStringSubmatch(url); found != nil {
		url = ours[found[1]]
		if strings.Contains(i.Request.URI, "/operationResults/") {
			url = strings.Replace(url, "/operations/", "/operationResults/", 1)
		}
	}
	var body any
	if i.Request.Body != "" {
		body = json.RawMessage(i.Request.Body)
	}
	got := c.do(i.Request.Method, url, body)
	if found := operationGUID.FindStringSubmatch(i.header("azure-asyncoperation")); found != nil && i.Request.Method != http.MethodGet {
		ours[found[1]] = got.header.Get("Azure-AsyncOperation")
	}
	return got
}

func excepted(path string, index int) string {
	for _, row := range exceptions {
		if strings.Contains(path, row.file) && row.index == index {
			return row.reason
		}
	}
	return ""
}
