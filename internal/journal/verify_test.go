package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// contents reads all files of a folder.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, name := range names(t, folder) {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = text
	}
	return all
}

func mustWrite(t fails, folder, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
		t.Fatalf("%v", err)
	}
}

func breaks(t *testing.T, folder string) []string {
	t.Helper()
	v, err := Verify(folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, b := range v.Breaks {
		list = append(list, b.String())
	}
	return list
}

func TestNoByteCanBeChangedUnseen(t *testing.T) {
	folder := written(t, Options{MaxBytes: 1200}, 5)
	files := contents(t, folder)
	if len(files) < 2 {
		t.Fatal("not rotated")
	}
	changes := []func(byte) byte{
		func(b byte) byte { return b ^ 1 },
		func(b byte) byte { return b ^ 0x20 },
		func(b byte) byte { return b ^ 0x80 },
		func(byte) byte { return '\n' },
		func(byte) byte { return ' ' },
		func(byte) byte { return 0 },
	}
	for name, text := range files {
		for at := range text {
			for i, change := range changes {
				changed := slices.Clone(text)
				changed[at] = change(text[at])
				if changed[at] == text[at] {
					continue
				}
				mustWrite(t, folder, name, changed)
				if v, err := Verify(folder); err == nil && v.Whole() {
					t.Fatalf("byte %d of %s was changed (%d) and nothing was said", at, name, i)
				}
			}
		}
		mustWrite(t, folder, name, text)
	}
	mustBeWhole(t, folder)
}

func TestEachSortOfTamperingIsNamedWithItsLine(t *testing.T) {
	join := func(lines ...[]byte) []byte { return append(bytes.Join(lines, []byte("\n")), '\n') }
	forged := func(line []byte, edit func(*Entry)) []byte { // with a hash that fits
		e, _, err := parse(line)
		if err != nil {
			t.Fatal(err)
		}
		edit(&e)
		again, _ := seal(e, end{e.Seq - 1, e.Previous})
		return bytes.TrimSuffix(again, []byte("\n"))
	}
	for name, c := range map[string]struct {
		edit func(l [][]byte) []byte
		want []string
	}{
		"changed": {func(l [][]byte) []byte {
			return join(l[0], bytes.Replace(l[1], []byte("tokyo"), []byte("osaka"), 1), l[2], l[3])
		}, []string{"journal.jsonl:2: it was changed: its hash does not fit it"}},
		"renumbered": {func(l [][]byte) []byte {
			return join(l[0], bytes.Replace(l[1], []byte(`"seq":2`), []byte(`"seq":9`), 1), l[2], l[3])
		}, []string{"journal.jsonl:2: it was changed: its hash does not fit it"}},
		"changed, hashed": {func(l [][]byte) []byte { return join(l[0], forged(l[1], func(e *Entry) { e.Text = "no" }), l[2], l[3]) }, []string{"journal.jsonl:3: it does not follow the line before: that one was changed, hash and all, or this is not entry 3"}},
		"taken out":       {func(l [][]byte) []byte { return join(l[0], l[2], l[3]) }, []string{"journal.jsonl:2: before it are missing: entry 2"}},
		"two taken out":   {func(l [][]byte) []byte { return join(l[0], l[3]) }, []string{"journal.jsonl:2: before it are missing: entries 2 to 3"}},
		"first taken out": {func(l [][]byte) []byte { return join(l[1], l[2], l[3]) }, []string{"journal.jsonl:1: before it are missing: entry 1"}},
		"moved":           {func(l [][]byte) []byte { return join(l[0], l[2], l[1], l[3]) }, []string{"journal.jsonl:2: before it are missing: entry 2", "journal.jsonl:3: it was put in, or moved: it is entry 2 after entry 3", "journal.jsonl:4: before it are missing: entry 3"}},
		"put in":          {func(l [][]byte) []byte { return join(l[0], l[1], l[0], l[2], l[3]) }, []string{"journal.jsonl:3: it was put in, or moved: it is entry 1 after entry 2", "journal.jsonl:4: before it are missing: entry 2"}},
		"garbage put in":  {func(l [][]byte) []byte { return join(l[0], []byte("{}"), l[1], l[2], l[3]) }, []string{"journal.jsonl:2: it is not an entry"}},
		"made garbage":    {func(l [][]byte) []byte { return join(l[0], l[1][1:], l[2], l[3]) }, []string{"journal.jsonl:2: it is not an entry"}},
		"an empty line":   {func(l [][]byte) []byte { return join(l[0], nil, l[1], l[2], l[3]) }, []string{"journal.jsonl:2: it is not an entry"}},
		"a new beginning": {func(l [][]byte) []byte { return join(forged(l[0], func(e *Entry) { e.Previous = "aa" }), l[1]) }, []string{"journal.jsonl:1: it does not begin a chain", "journal.jsonl:2: it does not follow the line before: that one was changed, hash and all, or this is not entry 2"}},
		"more after all":  {func(l [][]byte) []byte { return join(append(l, []byte(strings.Repeat("x", 3<<20)))...) }, []string{"journal.jsonl:5: it is not an entry"}},
		"cut off":         {func(l [][]byte) []byte { return join(l[0], l[1]) }, nil}, // which only a hash kept elsewhere shows
	} {
		t.Run(name, func(t *testing.T) {
			folder := written(t, Options{}, 4)
			lines := bytes.Split(bytes.TrimSpace(contents(t, folder)[current]), []byte("\n"))
			mustWrite(t, folder, current, c.edit(lines))
			if diff := cmp.Diff(c.want, breaks(t, folder)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFileThatIsMissingIsNamedByItsEntries(t *testing.T) {
	folder := written(t, Options{MaxBytes: 1200}, 12)
	older, err := full(folder)
	if err != nil || len(older) < 3 {
		t.Fatal(older, err)
	}
	if err := os.Remove(filepath.Join(folder, older[1].String())); err != nil {
		t.Fatal(err)
	}
	want := []string{older[2].String() + ":1: before it are missing: " + span(older[1].first, older[2].first-1)}
	if diff := cmp.Diff(want, breaks(t, folder)); diff != "" {
		t.Error(diff)
	}
	v, err := Verify(folder)
	if err != nil || v.From != older[2].first {
		t.Errorf("whole from %d (%v)", v.From, err)
	}
}

func TestTheFirstThousandBreaksAreNamedAndTheOthersCounted(t *testing.T) {
	folder := t.TempDir()
	mustWrite(t, folder, current, bytes.Repeat([]byte("x\n"), 1500))
	if v, err := Verify(folder); err != nil || len(v.Breaks) != 1000 || v.More != 500 || v.From != 0 {
		t.Errorf("%d breaks, %d more, from %d, %v", len(v.Breaks), v.More, v.From, err)
	}
}

func TestDamagedLinesArePassedOverAndTold(t *testing.T) {
	folder := written(t, Options{}, 2)
	mustWrite(t, folder, current, append([]byte("x\ny\n"), contents(t, folder)[current]...))
	count := 0
	err := Read(folder, Filter{}, func(Entry) bool { count++; return true })
	if damage, ok := errors.AsType[*Damage](err); !ok || damage.Line != 1 || damage.Lines != 2 || count != 2 {
		t.Errorf("%d read, %v", count, err)
	}
}

// chained checks a text by the book: each line's hash, and each line's place.
func chained(text []byte) bool {
	previous, seq := "", 0.0
	for line := range bytes.Lines(text) {
		body, ends := bytes.CutSuffix(line, []byte("\n"))
		if !ends {
			return true // torn
		}
		var fields map[string]any
		if json.Unmarshal(body, &fields) != nil {
			return false
		}
		hash, _ := fields["hash"].(string)
		before, _ := fields["previous"].(string)
		body, ends = bytes.CutSuffix(body, []byte(`,"hash":"`+hash+`"}`))
		digest := sha256.Sum256(append([]byte(before), append(body, '}')...))
		if !ends || hex.EncodeToString(digest[:]) != hash || before != previous || fields["seq"] != seq+1 {
			return false
		}
		previous, seq = hash, seq+1
	}
	return true
}

// seeds gives a fuzzer a journal, a torn one and a strange one.
func seeds(f *testing.F) {
	f.Helper()
	folder := f.TempDir()
	j := mustOpen(f, folder, Options{})
	mustAppend(f, j, some(0, 3)...)
	mustClose(f, j)
	good, err := os.ReadFile(filepath.Join(folder, current))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-7])
	f.Add([]byte("{\"seq\":1,\"hash\":\"\"}\n\x00\n"))
}

// FuzzNothingIsAcceptedThatWasNotWritten stays off the disk, which makes it fast.
func FuzzNothingIsAcceptedThatWasNotWritten(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var c check
		if _, err := c.file(current, linesOf(bytes.NewReader(text))); err != nil {
			t.Fatal(err)
		}
		if c.found.Whole() && !chained(text) {
			t.Fatalf("taken for whole: %q", text)
		}
		r := reading{yield: func(Entry, []byte) bool { return true }}
		if _, err := r.file(current, linesOf(bytes.NewReader(text))); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzWhateverStandsThereIsGoneOnWith works on files: give it
// -fuzzminimizetime 5x, or it makes inputs smaller for most of its time.
func FuzzWhateverStandsThereIsGoneOnWith(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		folder := t.TempDir()
		mustWrite(t, folder, current, text)
		before, err := Verify(folder)
		if err != nil {
			t.Fatal(err)
		}
		j := mustOpen(t, folder, Options{})
		mustAppend(t, j, some(0, 2)...)
		mustClose(t, j)
		after, err := Verify(folder)
		if err != nil || len(after.Breaks) > len(before.Breaks)+1 || after.From == 0 {
			t.Fatalf("%d breaks became %v, whole from %d (%v)", len(before.Breaks), after.Breaks, after.From, err)
		}
	})
}
