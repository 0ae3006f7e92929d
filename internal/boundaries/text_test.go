package boundaries

import (
	"strings"
	"testing"
)

// strange are the strings that no file may hold, and why not. They are put
// together here so that this file does not hold them either.
var strange = map[string]string{
	"/" + "work/":                "a path of one machine means nothing on another",
	"/" + "tmp/":                 "a temporary folder comes from t.TempDir or mktemp",
	"/" + "root/":                "a path of one machine means nothing on another",
	"/" + "home/":                "a path of one machine means nothing on another",
	"proxy." + "golang.org":      "where modules come from is the user's setting",
	"sum." + "golang.org":        "where modules come from is the user's setting",
	"registry." + "npmjs.org":    "where packages come from is the user's setting",
	"deb." + "debian.org":        "where packages come from is the user's setting",
	"pypi." + "org":              "where packages come from is the user's setting",
	"BEGIN RSA " + "PRIVATE KEY": "no key belongs into a repository, not even one of a test",
	"BEGIN " + "PRIVATE KEY":     "no key belongs into a repository, not even one of a test",
}

func TestNoFileTellsOfTheMachineItWasWrittenOn(t *testing.T) {
	for name, text := range texts(t) {
		for word, why := range strange {
			if before, _, found := strings.Cut(text, word); found {
				t.Errorf("%s:%d holds %q: %s", name, 1+strings.Count(before, "\n"), word, why)
			}
		}
	}
}
