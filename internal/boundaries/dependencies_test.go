package boundaries

import (
	"go/version"
	"regexp"
	"strings"
	"testing"
)

const dependencyRecord = "docs/decisions/0010-dependencies.md"

// row is one line of the table of dependencies.
type row struct{ purpose, reason, size string }

// dependencyRows reads the table: | module | what for | why | size |.
func dependencyRows(t *testing.T) map[string]row {
	t.Helper()
	rows := map[string]row{}
	for line := range strings.Lines(texts(t)[dependencyRecord]) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.Contains(cells[1], "`") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows[strings.Trim(cells[1], "`")] = row{cells[2], cells[3], cells[4]}
	}
	if len(rows) == 0 {
		t.Fatalf("%s holds no table of dependencies", dependencyRecord)
	}
	return rows
}

// required reads the modules that go.mod requires.
func required(t *testing.T) []string {
	t.Helper()
	line := regexp.MustCompile(`^(?:require )?\s*([^\s()]+\.[^\s()]+/?\S*) v\S+`)
	var modules []string
	for text := range strings.Lines(texts(t)["go.mod"]) {
		if found := line.FindStringSubmatch(text); found != nil {
			modules = append(modules, found[1])
		}
	}
	if len(modules) == 0 {
		t.Fatal("go.mod requires nothing: does this test read it rightly?")
	}
	return modules
}

func TestEveryModuleWeImportHasItsReasonAndItsSize(t *testing.T) {
	rows := dependencyRows(t)
	for module, file := range imported(t) {
		if r := rows[module]; r.purpose == "" || r.reason == "" || r.size == "" {
			t.Errorf("%s imports %s, and %s has no full row for it", file, module, dependencyRecord)
		}
	}
}

// imported lists the modules that our packages import themselves, tests
// included, each with one file that does. It looks at the imports and not at
// go.mod's "indirect", which holds only once go.mod was tidied.
func imported(t *testing.T) map[string]string {
	t.Helper()
	modules, found := required(t), map[string]string{}
	for _, s := range sources(t) {
		for _, name := range s.imports {
			module := ""
			for _, m := range modules {
				if below(name, m) && len(m) > len(module) {
					module = m
				}
			}
			if module != "" {
				found[module] = s.path
			}
		}
	}
	return found
}

func TestTheTableNamesNoModuleThatIsGone(t *testing.T) {
	known := map[string]bool{}
	for _, module := range required(t) {
		known[module] = true
	}
	for module := range dependencyRows(t) {
		if !known[module] {
			t.Errorf("%s has a row for %s, which go.mod does not require", dependencyRecord, module)
		}
	}
}

func TestEveryDecisionStandsInTheIndex(t *testing.T) {
	const folder = "docs/decisions/"
	all := texts(t)
	for name := range all {
		file, inside := strings.CutPrefix(name, folder)
		if inside && file != "README.md" && !strings.Contains(all[folder+"README.md"], "("+file+")") {
			t.Errorf("%s is not in the index of decisions", name)
		}
	}
}

// tooNew is the first Go that a user need not have. A go line that asks for
// it would make the Go that is installed refuse the build.
const tooNew = "go1.27"

func TestGoModAsksForNoNewerGoThanWePromise(t *testing.T) {
	for line := range strings.Lines(texts(t)["go.mod"]) {
		asked, found := strings.CutPrefix(strings.TrimSpace(line), "go ")
		if !found {
			continue
		}
		if version.Compare("go"+asked, tooNew) >= 0 {
			t.Errorf("go.mod says go %s, and less than %s is promised", asked, tooNew)
		}
		return
	}
	t.Error("go.mod has no go line")
}
