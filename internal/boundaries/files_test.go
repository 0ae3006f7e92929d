package boundaries

import (
	"go/ast"
	"strings"
	"testing"
)

const (
	longest          = 300 // lines of a file that needs no explanation
	longestExplained = 400 // lines of any other
)

// explained gives the reason of each file that is longer than it should be.
var explained = map[string]string{
	"internal/desired/file.go": "the types of the whole file stand together, as a user reads them",
}

func TestNoFileIsLongerThanAReaderHolds(t *testing.T) {
	length := map[string]int{}
	for _, s := range sources(t) {
		length[s.path] = s.lines
		limit := longest
		if explained[s.path] != "" {
			limit = longestExplained
		}
		if !s.isTest() && s.lines > limit {
			t.Errorf("%s has %d lines, and %d is the limit: split it by what its parts are about", s.path, s.lines, limit)
		}
	}
	for name := range explained {
		if length[name] <= longest {
			t.Errorf("%s has %d lines and needs no explanation any more: remove its entry", name, length[name])
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]string{}
	for _, s := range sources(t) {
		if _, known := said[s.folder()]; !known && !s.isTest() {
			said[s.folder()] = ""
		}
		if s.syntax.Doc != nil && !s.isTest() {
			said[s.folder()] += s.syntax.Doc.Text()
		}
	}
	for folder, doc := range said {
		want := "Package " + folder[strings.LastIndex(folder, "/")+1:] + " "
		if below(folder, "cmd") {
			want = "Command " + folder[strings.LastIndex(folder, "/")+1:] + " "
		}
		if !strings.HasPrefix(doc, want) {
			t.Errorf("the comment on package %s begins with %.30q, and should with %q", folder, doc, want)
		}
	}
}

// revealers are the folders that may take a key out of a resource.Secret, and
// why they must.
var revealers = map[string]string{
	"internal/azure":    "Azure is told the key in a request body",
	"internal/aws":      "AWS is told the key in a request body",
	"internal/resource": "the method itself stands there",
}

func TestAKeyIsRevealedOnlyToACloud(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || revealers[topFolder(s.folder())] != "" {
			continue
		}
		ast.Inspect(s.syntax, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok && selector.Sel.Name == "Reveal" {
				t.Errorf("%s calls Reveal: compare secrets by Equal, carry them as they are, and let the adapters hand them over", s.path)
			}
			return true
		})
	}
}

// topFolder is the first two parts of a folder: "internal/azure".
func topFolder(folder string) string {
	parts := strings.SplitN(folder, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}
