package desired

import (
	"path/filepath"
	"testing"
)

const examples = "../../deploy/examples"

// load loads an example or test file that must be right.
func load(t testing.TB, path ...string) *File {
	t.Helper()
	f, err := Load(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestExamplesAreRight(t *testing.T) {
	for _, name := range []string{"seed.yaml", "minimal.yaml", "redundant-tunnels.yaml"} {
		t.Run(name, func(t *testing.T) {
			f := load(t, examples, name)
			if later := f.NotYet(); len(later) != 0 {
				t.Error("an example asks for what cannot be built:", later)
			}
		})
	}
}
