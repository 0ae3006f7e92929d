package desired

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"linkd/internal/resource"
)

// TestANoteOfKeysIsReadAsItWasWritten follows a note through a rotation.
func TestANoteOfKeysIsReadAsItWasWritten(t *testing.T) {
	at := time.Date(2026, 11, 27, 23, 20, 0, 5, time.UTC)
	note := KeyNote{}
	for _, step := range []struct {
		name string
		then func(KeyNote) KeyNote
		text string
		open bool
	}{
		{"never changed", func(n KeyNote) KeyNote { return n }, "", false},
		{"begun", func(n KeyNote) KeyNote { return n.Begun(2, 1).Begun(1) }, "todo=2+1", true},
		{"the first changed", func(n KeyNote) KeyNote { return n.Changed(2, at) }, "2=2026-11-27T23:20:00Z prove=2 todo=1", true},
		{"the first proved", func(n KeyNote) KeyNote { return n.Proved(2) }, "2=2026-11-27T23:20:00Z todo=1", true},
		{"the second changed", func(n KeyNote) KeyNote { return n.Changed(1, at.Add(time.Hour)) }, "1=2026-11-28T00:20:00Z 2=2026-11-27T23:20:00Z prove=1", true},
		{"all done", func(n KeyNote) KeyNote { return n.Proved(1, 2) }, "1=2026-11-28T00:20:00Z 2=2026-11-27T23:20:00Z", false},
	} {
		before := note.String()
		next := step.then(note)
		if note.String() != before {
			t.Errorf("%s: the note before became %q", step.name, note)
		}
		if note = ParseKeyNote(next.String()); next.String() != step.text || note.String() != step.text || note.Open() != step.open {
			t.Errorf("%s: %q is read as %q, open %v; want %q", step.name, next, note, note.Open(), step.text)
		}
		if !regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$`).MatchString(note.String()) {
			t.Errorf("%s: %q is no value that a tag may have", step.name, note)
		}
	}
	if note := ParseKeyNote("todo=3+x+1 prove== 1=yesterday 7=2026-11-27T23:20:00Z nonsense"); note.String() != "todo=1" {
		t.Errorf("an edited note is read as %q", note)
	}
}

// TestAKeyThatLinkdMakesIsOneThatAWSTakes makes many, of which some would have
// begun with 0, and looks for characters that never come.
func TestAKeyThatLinkdMakesIsOneThatAWSTakes(t *testing.T) {
	seen, keys := map[rune]bool{}, map[string]bool{}
	for range 1000 {
		key := NewKey()
		if wrong := wrongKey(key.Reveal()); wrong != "" || len(key.Reveal()) != keyLength {
			t.Fatalf("a key of %d characters was made: %s", len(key.Reveal()), wrong)
		}
		keys[key.Reveal()] = true
		for _, c := range key.Reveal() {
			seen[c] = true
		}
	}
	if len(keys) != 1000 || len(seen) != 64 || len(keyAlphabet) != 64 || strings.ContainsFunc(keyAlphabet, func(c rune) bool { return !seen[c] }) {
		t.Errorf("%d different keys of %d different characters", len(keys), len(seen))
	}
	if (resource.Secret{}).IsZero() == NewKey().IsZero() {
		t.Error("no key was made")
	}
}
