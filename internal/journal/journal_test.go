package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fails is what both kinds of test are here.
type fails interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func mustOpen(t fails, folder string, o Options) *Journal {
	t.Helper()
	j, err := Open(folder, o)
	if err != nil {
		t.Fatalf("cannot open: %v", err)
	}
	return j
}

func mustAppend(t fails, j *Journal, entries ...Entry) {
	t.Helper()
	if err := j.Append(entries...); err != nil {
		t.Fatalf("cannot append: %v", err)
	}
}

func mustClose(t fails, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatalf("cannot close: %v", err)
	}
}

func mustRead(t fails, folder string, f Filter) []Entry {
	t.Helper()
	var all []Entry
	if err := Read(folder, f, func(e Entry) bool { all = append(all, e); return true }); err != nil {
		t.Fatalf("cannot read: %v", err)
	}
	return all
}

func mustBeWhole(t fails, folder string) Verified {
	t.Helper()
	v, err := Verify(folder)
	if err != nil {
		t.Fatalf("cannot verify: %v", err)
	}
	if !v.Whole() || v.Torn != "" {
		t.Errorf("broken: %v, torn: %q", v.Breaks, v.Torn)
	}
	return v
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// some returns entries to append, numbered in their text from first.
func some(first, count int) []Entry {
	entries := make([]Entry, count)
	for i := range entries {
		entries[i] = Entry{
			At: noon.Add(time.Duration(first+i) * time.Second), Event: Appeared, Round: 7, Link: "tokyo",
			Resource: "azure/vpn-site/tokyo", Drift: "azure/vpn-site.address_space", Class: "differs", Decision: "repair",
			Want: []string{"172.20.0.0/16"}, Have: []string{"172.31.0.0/16"}, Text: fmt.Sprintf("the %d. entry", first+i),
		}
	}
	return entries
}

// bare is an entry as it was given to Append.
func bare(entries []Entry) []Entry {
	entries = slices.Clone(entries)
	for i := range entries {
		entries[i].Seq, entries[i].Previous, entries[i].Hash = 0, "", ""
	}
	return entries
}

// written makes a journal of so many entries and returns its folder.
func written(t *testing.T, o Options, count int) string {
	t.Helper()
	folder := t.TempDir()
	j := mustOpen(t, folder, o)
	for i := range count {
		mustAppend(t, j, some(i, 1)...)
	}
	mustClose(t, j)
	return folder
}

func names(t fails, folder string) []string {
	t.Helper()
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatalf("%v", err)
	}
	list := make([]string, len(all))
	for i, entry := range all {
		list[i] = entry.Name()
	}
	return list
}

func TestWhatWasAppendedIsReadBackInOrder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "journal")
	j := mustOpen(t, folder, Options{})
	want := some(0, 5)
	want[3].At = noon.In(time.FixedZone("JST", 9*3600)).Add(123456789)
	mustAppend(t, j, want[:2]...)
	mustAppend(t, j, want[2:]...)
	want[3].At = want[3].At.UTC()
	got := mustRead(t, folder, Filter{})
	if diff := cmp.Diff(want, bare(got)); diff != "" {
		t.Error(diff)
	}
	for i, e := range got {
		if e.Seq != uint64(i+1) {
			t.Errorf("the %d. entry has Seq %d", i+1, e.Seq)
		}
	}
	mustClose(t, j)
	if v := mustBeWhole(t, folder); v.Count != 5 || v.First.Seq != 1 || v.Last.Seq != 5 || v.From != 1 {
		t.Errorf("verified as %+v", v)
	}
	for _, path := range []string{folder, filepath.Join(folder, current)} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", path, info.Mode())
		}
	}
	if err := j.Append(Entry{}); err == nil {
		t.Error("a closed journal takes entries")
	}
}

func TestTheChainGoesOnOverRestartsAndFiles(t *testing.T) {
	folder := t.TempDir()
	for i := range 30 {
		j := mustOpen(t, folder, Options{MaxBytes: 2000, Keep: 100})
		mustAppend(t, j, some(i, 1)...)
		mustClose(t, j)
	}
	if v := mustBeWhole(t, folder); v.Count != 30 || v.First.Seq != 1 {
		t.Errorf("verified as %+v", v)
	}
	if diff := cmp.Diff(some(0, 30), bare(mustRead(t, folder, Filter{}))); diff != "" {
		t.Error(diff)
	}
	if files := names(t, folder); len(files) < 5 {
		t.Errorf("not rotated: %v", files)
	}
}

func TestTheOldestFilesAreDroppedAndTheChainBeginsLater(t *testing.T) {
	folder := written(t, Options{MaxBytes: 1200, Keep: 3}, 40)
	if files := names(t, folder); len(files) != 3 {
		t.Errorf("kept: %v", files)
	}
	v := mustBeWhole(t, folder)
	if v.First.Seq <= 1 || v.From != v.First.Seq || v.Last.Seq != 40 {
		t.Errorf("verified as %+v", v)
	}
}

func TestARotationThatWasInterruptedIsGoneOnWith(t *testing.T) {
	folder := written(t, Options{}, 3)
	// Killed between the rename and the making of the new file.
	if err := os.Rename(filepath.Join(folder, current), filepath.Join(folder, rotated{first: 1}.String())); err != nil {
		t.Fatal(err)
	}
	j := mustOpen(t, folder, Options{})
	mustAppend(t, j, some(3, 2)...)
	mustClose(t, j)
	if v := mustBeWhole(t, folder); v.Count != 5 || v.Gaps != 0 {
		t.Errorf("verified as %+v", v)
	}
	if diff := cmp.Diff(some(0, 5), bare(mustRead(t, folder, Filter{}))); diff != "" {
		t.Error(diff)
	}
}

func TestWhereverALastLineIsTornTheJournalGoesOn(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(written(t, Options{}, 2), current))
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(text) + 1 {
		folder := t.TempDir()
		path := filepath.Join(folder, current)
		if err := os.WriteFile(path, text[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		if v, err := Verify(folder); err != nil || !v.Whole() {
			t.Fatalf("cut at %d: %v %v", at, v.Breaks, err)
		}
		whole := strings.Count(string(text[:at]), "\n")
		torn := at > 0 && text[at-1] != '\n'
		j := mustOpen(t, folder, Options{})
		mustAppend(t, j, some(100, 1)...)
		mustClose(t, j)
		v := mustBeWhole(t, folder)
		if (v.Gaps == 1) != torn {
			t.Fatalf("cut at %d: %d gaps", at, v.Gaps)
		}
		got := bare(mustRead(t, folder, Filter{}))
		if diff := cmp.Diff(some(0, whole), got[:whole]); diff != "" {
			t.Fatalf("cut at %d: %s", at, diff)
		}
		if diff := cmp.Diff(some(100, 1), got[len(got)-1:]); diff != "" || len(got) != whole+1+v.Gaps {
			t.Fatalf("cut at %d: %s", at, diff)
		}
	}
}

func TestADamagedLastLineIsKeptAsItStandsAndANewFileBegun(t *testing.T) {
	for name, damage := range map[string]string{
		"zeros": strings.Repeat("\x00", 5000) + "\n", "a half": `{"seq":4,"at` + "\n", "another hash": `{"seq":4,"event":"gone","hash":"00"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			folder := written(t, Options{}, 3)
			before, err := os.ReadFile(filepath.Join(folder, current))
			if err != nil {
				t.Fatal(err)
			}
			before = append(before, damage...)
			if err := os.WriteFile(filepath.Join(folder, current), before, 0o600); err != nil {
				t.Fatal(err)
			}
			j := mustOpen(t, folder, Options{})
			mustAppend(t, j, some(3, 1)...)
			mustClose(t, j)
			after, err := os.ReadFile(filepath.Join(folder, rotated{first: 1}.String()))
			if err != nil || string(after) != string(before) {
				t.Errorf("the damaged file was changed (%v)", err)
			}
			v, err := Verify(folder)
			if err != nil || len(v.Breaks) != 1 || v.Breaks[0].Line != 4 || v.From != 4 || v.Gaps != 1 {
				t.Errorf("verified as %+v, %v", v, err)
			}
		})
	}
}

func TestReadGivesBackWhatWasAppendedHoweverItIsRotated(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		folder := t.TempDir()
		o := Options{MaxBytes: rapid.Int64Range(1, 6000).Draw(r, "bytes"), Keep: 10000}
		j := mustOpen(r, folder, o)
		var want []Entry
		for range rapid.IntRange(1, 20).Draw(r, "calls") {
			batch := some(len(want), rapid.IntRange(0, 8).Draw(r, "entries"))
			for i := range batch {
				batch[i].Text = rapid.String().Draw(r, "text")
				batch[i].Event = rapid.SampledFrom(Events()).Draw(r, "event")
				batch[i].Have = rapid.SliceOfN(rapid.StringMatching(`[0-9./"<]{0,40}`), 1, 9).Draw(r, "have")
			}
			mustAppend(r, j, batch...)
			want = append(want, batch...)
			if rapid.Bool().Draw(r, "restart") {
				mustClose(r, j)
				j = mustOpen(r, folder, o)
			}
		}
		mustClose(r, j)
		var got []Entry
		if len(want) > 0 {
			got = bare(mustRead(r, folder, Filter{}))
			mustBeWhole(r, folder)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatal(diff)
		}
	})
}

func TestAnEntryThatIsTooLongIsShortened(t *testing.T) {
	folder := t.TempDir()
	j := mustOpen(t, folder, Options{})
	long := make([]string, 100000)
	for i := range long {
		long[i] = "\x01\x01\x01\x01\x01\x01\x01\x01"
	}
	worst := strings.Repeat("\x01", 100000)
	mustAppend(t, j, Entry{Event: Event(worst), Link: worst, Resource: worst, Drift: worst, Member: worst, Class: worst, Decision: worst, Held: worst, Want: long, Have: long, By: worst, Text: strings.Repeat("山", 9000), Digest: worst})
	mustClose(t, j)
	got := mustRead(t, folder, Filter{})[0]
	if last := got.Want[len(got.Want)-1]; !strings.HasPrefix(last, "… and ") || !strings.HasSuffix(got.Text, "山…") {
		t.Errorf("cut to %q and %q", last, got.Text[len(got.Text)-9:])
	}
	mustBeWhole(t, folder)
}

func TestAnEntryWithoutATimeIsOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		j := mustOpen(t, folder, Options{})
		mustAppend(t, j, Entry{Event: Started}, Entry{Event: Stopped, At: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)})
		mustClose(t, j)
		for _, e := range mustRead(t, folder, Filter{}) {
			if !e.At.Equal(time.Now()) {
				t.Errorf("%s is of %v", e.Event, e.At)
			}
		}
	})
}

func TestAFolderWithoutAJournalIsSaidToBe(t *testing.T) {
	for _, folder := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if err := Read(folder, Filter{}, nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("read: %v", err)
		}
		if _, err := Verify(folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("verify: %v", err)
		}
	}
}
