package main

import (
	"strings"
	"testing"

	"linkd/internal/control"
	"linkd/internal/desired"
)

// TestALinkdThatKeepsSomethingElseIsNotAsked compares what a daemon says of
// itself with the file that a person named.
func TestALinkdThatKeepsSomethingElseIsNotAsked(t *testing.T) {
	file := &desired.File{Owner: "ours", Links: []desired.Link{{Name: "tokyo"}, {Name: "osaka"}}}
	for name, test := range map[string]struct {
		status control.Status
		same   bool
	}{
		"the same":              {control.Status{Owner: "ours", Links: []string{"tokyo", "osaka"}}, true},
		"a link was added":      {control.Status{Owner: "ours", Links: []string{"tokyo"}}, true},
		"another owner":         {control.Status{Owner: "theirs", Links: []string{"tokyo"}, File: "/etc/linkd/linkd.yaml"}, false},
		"other links of ours":   {control.Status{Owner: "ours", Links: []string{"sydney"}, File: "/etc/linkd/linkd.yaml"}, false},
		"it does not tell whom": {control.Status{File: "/etc/linkd/linkd.yaml"}, false},
	} {
		err := keepsAnother(file, "mine.yaml", test.status)
		if (err == nil) != test.same {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "/etc/linkd/linkd.yaml") || !strings.Contains(err.Error(), "mine.yaml")) {
			t.Errorf("%s: it does not say which files: %v", name, err)
		}
	}
}
