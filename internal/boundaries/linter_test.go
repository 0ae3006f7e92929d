package boundaries

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// rule is a rule of the linter depguard.
type rule struct {
	ListMode string `yaml:"list-mode"` // strict: what is not allowed is denied; lax: the longer of both decides; else what is denied is
	Files    []string
	Allow    []string
	Deny     []struct{ Pkg, Desc string }
}

// covers reports whether the rule holds for a folder.
func (r rule) covers(folder string) bool {
	holds, chosen := true, false
	for _, pattern := range r.Files {
		pattern, excluded := strings.CutPrefix(pattern, "!")
		place, is := strings.CutPrefix(pattern, "**/")
		switch inside := is && below(folder, strings.TrimSuffix(place, "/**")); {
		case excluded && inside:
			return false
		case !excluded && !chosen:
			holds, chosen = inside, true
		case !excluded:
			holds = holds || inside
		}
	}
	return holds
}

// denies reports whether the rule lets a package not be imported.
func (r rule) denies(imported string) bool {
	var deny []string
	for _, d := range r.Deny {
		deny = append(deny, d.Pkg)
	}
	allowed, denied := longestOf(r.Allow, imported), longestOf(deny, imported)
	if r.ListMode == "strict" {
		return allowed <= denied
	}
	return denied > allowed
}

// longestOf is the length of the longest entry that names a package, or 0.
func longestOf(list []string, imported string) int {
	longest := 0
	for _, entry := range list {
		exact, only := strings.CutSuffix(entry, "$")
		first, _, _ := strings.Cut(imported, "/")
		named := strings.HasPrefix(imported, entry) || only && imported == exact ||
			entry == "$gostd" && first != "linkd" && !strings.Contains(first, ".")
		if named {
			longest = max(longest, len(exact))
		}
	}
	return longest
}

// linterRules reads depguard's rules.
func linterRules(t *testing.T) map[string]rule {
	t.Helper()
	var file struct {
		Linters struct {
			Settings struct {
				Depguard struct{ Rules map[string]rule }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(texts(t)[".golangci.yml"]), &file); err != nil {
		t.Fatal(err)
	}
	rules := file.Linters.Settings.Depguard.Rules
	if len(rules) == 0 {
		t.Fatal("the linter has no rules: does this test read them rightly?")
	}
	return rules
}

// TestTheLinterForbidsTheSameImports holds the linter's rules against the bans:
// for every folder and everything that is imported anywhere.
func TestTheLinterForbidsTheSameImports(t *testing.T) {
	rules := linterRules(t)
	folders, imports := map[string]bool{}, map[string]bool{"text/template": true, "html/template": true, "log": true, "example.org/other": true}
	for _, s := range sources(t) {
		if below(s.folder(), "internal", "cmd") {
			folders[s.folder()] = true
			imports["linkd/"+s.folder()] = true
		}
		for _, imported := range s.imports {
			imports[imported] = true
		}
	}
	for name, r := range rules {
		if !slices.Contains(r.Files, "!$test") {
			t.Errorf("the rule %s of the linter holds for tests too", name)
		}
	}
	for folder := range folders {
		for imported := range imports {
			var denying []string
			for name, r := range rules {
				if r.covers(folder) && r.denies(imported) {
					denying = append(denying, name)
				}
			}
			if banned := offences(folder, imported); len(banned) > 0 != (len(denying) > 0) {
				t.Errorf("of %s importing %s the bans say %q, and the linter's rules %q", folder, imported, banned, denying)
			}
		}
	}
}
