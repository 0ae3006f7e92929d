package durable

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "note.json")
	var before *os.File // a reader of the file that is replaced
	for _, content := range []string{"first", "second, and longer"} {
		if err := Replace(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("it holds %q, %v; want %q", got, err, content)
		}
		if before != nil {
			if got, err := io.ReadAll(before); err != nil || string(got) != "first" {
				t.Errorf("who had it open reads %q, %v", got, err)
			}
			continue
		}
		opened, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		before = opened
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if err := Replace(filepath.Join(path, "below a file"), nil); err == nil {
		t.Error("a path below a file was written")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%v is left, %v; want the file alone", left, err)
	}
}
