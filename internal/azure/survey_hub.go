package azure

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"linkd/internal/desired"
	"linkd/internal/survey"
)

// networkVersion is the version of Microsoft.Network that the SDK speaks.
const networkVersion = "2025-05-01"

// question puts a question that Azure answers by a long-running operation: a
// POST to an action of a resource, and looks at how it went until it ends.
func (l *looking) question(ctx context.Context, at *scope, ref, action string, body, into any) (err error) {
	l.ask(func() {
		var accepted *http.Response
		if accepted, err = at.post(ctx, ref+"/"+action, networkVersion, body); err != nil {
			return
		}
		var answer json.RawMessage
		if answer, err = at.outcome(ctx, accepted, l.scale); err == nil {
			err = listed(answer, into)
		}
	})
	return err
}

// listed decodes the list that an answer holds. An answer without one says
// nothing: it must not be taken for an empty list.
func listed(answer json.RawMessage, into any) error {
	var list struct {
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(answer, &list) != nil || len(list.Value) == 0 || string(list.Value) == "null" {
		return nonsense{want: "value"}
	}
	return json.Unmarshal(answer, into)
}

// post sends a POST to what an ARM id names. body nil sends none.
func (s *scope) post(ctx context.Context, ref, version string, body any) (*http.Response, error) {
	request, err := runtime.NewRequest(ctx, http.MethodPost, s.url(ref, version))
	if err != nil {
		return nil, err
	}
	if body != nil {
		if err := runtime.MarshalAsJSON(request, body); err != nil {
			return nil, err
		}
	}
	answer, err := s.arm.Pipeline().Do(request)
	if err != nil {
		return nil, err
	}
	if !runtime.HasStatusCode(answer, http.StatusOK, http.StatusAccepted) {
		return nil, runtime.NewResponseError(answer)
	}
	return answer, nil
}

// url is the address of what an ARM id names, in a version of its provider.
func (s *scope) url(ref, version string) string {
	return runtime.JoinPaths(s.arm.Endpoint(), ref) + "?api-version=" + version
}

// hubTable asks for the effective routes of a hub's default route table, with
// their next hops, which an audit leaves alone.
func (l *looking) hubTable(ctx context.Context, at *scope, hub desired.Hub) survey.Table {
	table := survey.Table{ID: at.ref("virtualHubs", hub.Name, "hubRouteTables", "defaultRouteTable")}
	var answer struct {
		Value []struct {
			AddressPrefixes []string `json:"addressPrefixes"`
			NextHops        []string `json:"nextHops"`
			NextHopType     string   `json:"nextHopType"`
			RouteOrigin     string   `json:"routeOrigin"`
			ASPath          string   `json:"asPath"`
		} `json:"value"`
	}
	err := l.question(ctx, at, at.ref("virtualHubs", hub.Name), "effectiveRoutes",
		map[string]string{"resourceId": table.ID, "virtualWanResourceType": "RouteTable"}, &answer)
	table.Seen = seenNow("virtualHubs/effectiveRoutes/action", err)
	for _, route := range answer.Value {
		source := survey.Propagated
		if strings.Contains(strings.ToLower(route.RouteOrigin), "/hubroutetables/") {
			source = survey.Static
		}
		for _, prefix := range prefixes(route.AddressPrefixes) {
			table.Routes = append(table.Routes, survey.Route{
				Prefix: prefix, Next: survey.Next(classOf(hops, route.NextHopType)), Via: filled(route.NextHops),
				Source: source, State: survey.Active, ASPath: route.ASPath,
			})
		}
	}
	return table
}

// seenNow says that something was read now, or why not.
func seenNow(action string, err error) survey.Seen {
	seen := survey.Seen{At: time.Now()}
	if err != nil {
		seen.Why = problem(action, err).Error()
	}
	return seen
}

// unspelt takes out of Azure's names what differs between versions.
var unspelt = strings.NewReplacer(" ", "", "_", "")

// classOf is the class of a next hop by Azure's name: one of a table, or
// Azure's own word in small letters.
func classOf(classes map[string]string, name string) string {
	name = unspelt.Replace(strings.ToLower(cmp.Or(name, "unknown")))
	return cmp.Or(classes[name], name)
}

// prefixes are the prefixes among texts; an address is one of its own. Service
// tags are left out.
func prefixes(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			all = append(all, prefix.Masked())
		} else if address, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()))
		}
	}
	return all
}

// filled leaves out empty texts.
func filled(texts []string) []string {
	var all []string
	for _, text := range texts {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}
