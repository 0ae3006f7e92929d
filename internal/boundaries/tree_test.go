package boundaries

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// root is the repository's root, seen from this package.
const root = "../.."

// source is one Go file of the main module.
type source struct {
	path    string // from the root, "internal/azure/hub.go"
	lines   int
	imports []string
	syntax  *ast.File
}

func (s source) folder() string { return path.Dir(s.path) }

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// sources parses every Go file of the main module. The test opens them itself,
// rather than asking the go command, so that a cached result falls with a
// changed file.
func sources(t *testing.T) []source {
	t.Helper()
	var found []source
	files := token.NewFileSet()
	for name, text := range texts(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "tools/") || strings.Contains(name, "/testdata/") {
			continue
		}
		syntax, err := parser.ParseFile(files, name, text, parser.ParseComments)
		if err != nil {
			t.Errorf("cannot parse %s: %v", name, err)
			continue
		}
		s := source{path: name, lines: strings.Count(text, "\n"), syntax: syntax}
		for _, spec := range syntax.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			s.imports = append(s.imports, imported)
		}
		found = append(found, s)
	}
	if len(found) == 0 {
		t.Fatal("no Go file found: is the root where this test looks for it?")
	}
	return found
}

// texts reads every text file of the repository, by its path from the root.
// What git ignores is not there, nor is .git, which may be a file as well: build results and dot folders but our own.
func texts(t *testing.T) map[string]string {
	t.Helper()
	skipped := map[string]bool{".git": true, "bin": true, "dist": true}
	found := map[string]string{}
	tree := os.DirFS(root)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped[name]:
			return fs.SkipDir
		case skipped[name] || entry.IsDir() || !entry.Type().IsRegular():
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err == nil && !strings.Contains(string(text), "\x00") {
			found[name] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatalf("cannot read the repository: %v", err)
	}
	return found
}

// below reports whether name is one of the folders, or lies in one.
func below(name string, folders ...string) bool {
	for _, folder := range folders {
		if name == folder || strings.HasPrefix(name, folder+"/") {
			return true
		}
	}
	return false
}
