package azure_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// normalised are leaves of bodies that may differ, each with how and why. A
// pattern is a regular expression over the dotted path.
var normalised = []struct {
	pattern string
	how     excuse
	reason  string
}{
	{`(^|\.)etag$`, drawn, "drawn anew at each write"},
	{`\.resourceGuid$`, drawn, "drawn at creation"},
	{`\.(publicIpAddress|tunnelIpAddresses\.0|defaultBgpIpAddresses\.0)$`, drawn, "given by the service, different in each run"},
	{`\.virtualRouterIps\.\d$`, drawn, "given by the service; that there are two is compared"},
	{`\.connectionStatus$`, drawn, "which of Unknown and NotConnected a link without a peer reads is a matter of time"},
	{`\.virtualRouterAsn$`, drawn, "0 in 2021 until the router was there, 65515 from the start in 2024"},
	{`^tags\.(product|cause|date|type|StorageType)$`, absent, "tags of the recorded resource group, which a scenario does not have"},
	{`\.virtualRouterAutoScaleConfiguration\.minCapacity$`, newer, "since 2024"},
	{`^properties\.(networkVirtualAppliances|hubRoutingPreference|allowBranchToBranchTraffic)$`, newer, "of hubs, since 2024"},
	{`\.staticRoutesConfig\.\w+$`, newer, "since 2024"},
	{`\.connectivityStatus$`, newer, "since 2024"},
	{`\.vpnGatewayCustomBgpAddresses$`, newer, "since 2022"},
}

// excuse says how a leaf may differ.
type excuse int

const (
	drawn  excuse = iota // there in both, with another value
	newer                // here, and not yet in the recording
	absent               // in the recording only
)

func (e excuse) covers(recorded, here bool) bool {
	switch e {
	case drawn:
		return recorded && here
	case newer:
		return here && !recorded
	default:
		return recorded && !here
	}
}

// compare lists how an answer differs from the recorded one: the status, the
// headers that clients follow, every leaf of the body. The recorder dropped
// Retry-After, so it is held against the rule of when it is sent.
func compare(want interaction, got reply) []string {
	var out []string
	if got.status != want.Response.Status.Code {
		out = append(out, fmt.Sprintf("status %d, want %d: %s", got.status, want.Response.Status.Code, got.raw))
	}
	for _, name := range []string{"Azure-AsyncOperation", "Azure-AsyncNotification", "Location"} {
		if (got.header.Get(name) != "") != (want.header(name) != "") {
			out = append(out, fmt.Sprintf("header %s: %q, want %q", name, got.header.Get(name), want.header(name)))
		}
	}
	underWay := want.header("azure-asyncoperation") != "" && want.Request.Method != http.MethodGet || strings.Contains(want.Response.Body.String, `"InProgress"`)
	if (got.header.Get("Retry-After") != "") != underWay {
		out = append(out, fmt.Sprintf("header Retry-After: %q", got.header.Get("Retry-After")))
	}
	wanted, have := leaves(want.Response.Body.String), leaves(got.raw)
	for _, path := range union(wanted, have) {
		if wanted[path] == have[path] || excused(path, wanted, have) {
			continue
		}
		out = append(out, fmt.Sprintf("%s: %s, want %s", path, shown(have, path), shown(wanted, path)))
	}
	return out
}

func shown(leaves map[string]string, path string) string {
	if value, there := leaves[path]; there {
		return value
	}
	return "nothing"
}

func union(a, b map[string]string) []string {
	all := map[string]bool{}
	for path := range a {
		all[path] = true
	}
	for path := range b {
		all[path] = true
	}
	out := make([]string, 0, len(all))
	for path := range all {
		out = append(out, path)
	}
	slices.Sort(out)
	return out
}

// inList is a member of a list's value, which is held to the same rules as
// the resource itself.
var inList = regexp.MustCompile(`^value\.\d+\.`)

func excused(path string, wanted, have map[string]string) bool {
	_, recorded := wanted[path]
	_, here := have[path]
	path = inList.ReplaceAllString(path, "")
	for _, row := range normalised {
		if row.how.covers(recorded, here) && regexp.MustCompile(row.pattern).MatchString(path) {
			return true
		}
	}
	return false
}

// leaves flattens a JSON text: the dotted way to each value, and the value.
// An empty list or object is a leaf.
func leaves(raw string) map[string]string {
	out := map[string]string{}
	if strings.TrimSpace(raw) == "" {
		return out
	}
	var value any
	if err := json.Unmarshal([]byte(raw), &value); err != nil {
		out["(not JSON)"] = raw
		return out
	}
	flatten(out, "", value)
	return out
}

func flatten(out map[string]string, path string, value any) {
	under := func(step string) string { return strings.TrimPrefix(path+"."+step, ".") }
	switch v := value.(type) {
	case object:
		for key, item := range v {
			flatten(out, under(key), item)
		}
		if len(v) == 0 {
			out[path] = "{}"
		}
	case []any:
		for i, item := range v {
			flatten(out, under(fmt.Sprint(i)), item)
		}
		if len(v) == 0 {
			out[path] = "[]"
		}
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		out[path] = string(raw)
	}
}
