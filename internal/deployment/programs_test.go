package deployment

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// root is the repository's root, seen from this package.
const root = "../.."

// need skips the test where a program is absent, or fails it where all must be
// there.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("LINKD_REQUIRE_CLIENTS") == "1" {
			t.Fatalf("there is no %s here, and LINKD_REQUIRE_CLIENTS=1 asks for it", program)
		}
		t.Skipf("there is no %s here", program)
	}
}

// build compiles commands of this module as `make build` does, statically, and
// returns the folder that holds them.
func build(t *testing.T, commands ...string) (folder string) {
	t.Helper()
	dependOnSources(t)
	folder = t.TempDir()
	compile := exec.CommandContext(t.Context(), "go", append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", folder + "/"}, commands...)...)
	compile.Dir = root
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("cannot build %s: %v\n%s", strings.Join(commands, ", "), err, output)
	}
	return folder
}

// dependOnSources lets a cached result of the test fall with a changed source,
// which the go command cannot know: it sees only what the test itself looks at.
func dependOnSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "bin" || name == "dist"):
			return fs.SkipDir
		case entry.IsDir() || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		_, err = os.Stat(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// output runs a program and returns what it says on both streams, ends
// trimmed.
func output(ctx context.Context, program string, arguments ...string) (string, error) {
	said, err := exec.CommandContext(ctx, program, arguments...).CombinedOutput()
	return strings.TrimSpace(string(said)), err
}

// absolute is the path of a file of the repository.
func absolute(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the text of a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write makes a file in a folder and returns its path.
func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
