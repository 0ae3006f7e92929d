package desired

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func TestAllProblemsComeAtOnce(t *testing.T) {
	data, err := os.ReadFile("testdata/broken.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("broken.yaml", data)
	golden(t, "broken.golden", err.Error()+"\n")
	if typeName := regexp.MustCompile(`desired\.|netip|uint32|\bint\b|struct|yaml\.|!!`).FindString(err.Error()); typeName != "" {
		t.Errorf("the problems show a word of Go: %q", typeName)
	}
	if strings.Contains(err.Error(), "Sup3rSecretKey") {
		t.Error("the problems show what may be a key")
	}
}

func TestEveryProblemHasAPlaceAndAHint(t *testing.T) {
	data, err := os.ReadFile("testdata/broken.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("broken.yaml", data)
	problems, ok := errors.AsType[Problems](err)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	for _, p := range problems {
		if p.Line == 0 || p.Column == 0 || p.Hint == "" || p.Path == "" {
			t.Errorf("path %q lacks a place or a hint: %v", p.Path, p)
		}
	}
}
