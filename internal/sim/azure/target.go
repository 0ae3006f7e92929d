package azure

import (
	"net/http"
	"strings"
)

// target is what a path names.
type target struct {
	subscription string
	group        string
	groups       bool // the collection of resource groups
	provider     string
	path         []string // collections
	names        []string // one for each collection; one less names a list
	action       string   // a POST
	operation    string   // operations, operationResults
	operationID  string
	bad          bool
}

// isList says that the target is a collection, not a resource.
func (t target) isList() bool { return len(t.path) > 0 && len(t.names) < len(t.path) }

// name is the resource's name with its parents', as Mutation has it.
func (t target) name() string {
	if len(t.names) == 0 {
		return ""
	}
	return t.names[len(t.names)-1]
}

// parseTarget takes a path apart. Words of the path may be in any case.
func parseTarget(path string) target {
	words := strings.Split(strings.Trim(path, "/"), "/")
	var t target
	next := func() string {
		if len(words) == 0 {
			return ""
		}
		word := words[0]
		words = words[1:]
		return word
	}
	if !same(next(), "subscriptions") {
		return target{bad: true}
	}
	t.subscription = next()
	if len(words) > 0 && same(words[0], "resourceGroups") {
		next()
		t.group = next()
		t.groups = t.group == ""
	}
	if len(words) == 0 {
		return t
	}
	if !same(next(), "providers") {
		return target{bad: true}
	}
	t.provider = next()
	if len(words) == 4 && same(words[0], "locations") {
		t.operation, t.operationID = words[2], words[3]
		return t
	}
	for len(words) > 0 {
		t.path = append(t.path, next())
		if len(words) > 0 {
			t.names = append(t.names, next())
		}
	}
	t.bad = len(t.path) == 0
	return t
}

// Operation names what a request asks for, as the rows of faults do: "PUT
// virtualHubs", "LIST virtualHubs/hubVirtualNetworkConnections", "POST
// virtualHubs/effectiveRoutes", "GET operations". Parents are part of the
// name, names of resources are not.
func Operation(r *http.Request) string {
	if isVault(r) {
		return r.Method + " secrets"
	}
	t := parseTarget(r.URL.Path)
	if r.Method == http.MethodPost {
		t = t.posted()
	}
	words := strings.Join(t.path, "/")
	switch {
	case t.operation != "":
		words = t.operation
	case t.groups || t.group != "" && words == "":
		words = "resourceGroups"
	case words == "":
		words = "subscriptions"
	case t.action != "":
		words += "/" + t.action
	}
	if r.Method == http.MethodGet && (t.isList() || t.groups) && !t.isInstanceView() {
		return "LIST " + words
	}
	return r.Method + " " + words
}

// posted reads the last word of a POST as an action, not as a collection.
func (t target) posted() target {
	if !t.isList() {
		return t
	}
	last := len(t.path) - 1
	t.action, t.path = t.path[last], t.path[:last]
	return t
}

// resourceID is the id of a target's resource, in the words of the service.
func (t target) resourceID(k *kind, g *group) string {
	var id strings.Builder
	id.WriteString(g.id() + "/providers/" + strings.Split(k.typ(), "/")[0])
	for i, name := range t.names {
		id.WriteString("/" + k.path[i] + "/" + name)
	}
	return id.String()
}
