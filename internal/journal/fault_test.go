package journal

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fullAt lets no file of this process grow beyond so many bytes, as a full disk
// does: a write is cut short there, and the next one fails.
func fullAt(t *testing.T, bytes int64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = uint64(bytes)
	if bytes < 0 {
		limit.Cur = limit.Max
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}

// alone runs a test in a process of its own, whose other files a limit does not
// touch. It returns false in the process that started that one.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv("LINKD_TEST_ALONE") != "" {
		signal.Ignore(syscall.SIGXFSZ)
		return true
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	command.Env = append(os.Environ(), "LINKD_TEST_ALONE=1")
	if output, err := command.CombinedOutput(); err != nil || !strings.Contains(string(output), "PASS") {
		t.Errorf("%v\n%s", err, output)
	}
	return false
}

func TestWhereverTheDiskFillsNothingIsLostAndLaterItIsWritten(t *testing.T) {
	if !alone(t) {
		return
	}
	for room := int64(0); room < 1300; room += 19 {
		folder := t.TempDir()
		j := mustOpen(t, folder, Options{})
		mustAppend(t, j, some(0, 1)...)
		fullAt(t, j.size+room)
		err := j.Append(some(1, 4)...)
		since, lost, trouble := j.Trouble()
		if err == nil || trouble == nil || since.IsZero() || lost != 0 {
			t.Fatalf("room %d: %v; since %v, lost %d, %v", room, err, since, lost, trouble)
		}
		if v := mustBeWhole(t, folder); v.Count > 5 {
			t.Fatalf("room %d: %d entries", room, v.Count)
		}
		fullAt(t, -1)
		mustAppend(t, j, some(5, 1)...)
		if since, _, trouble := j.Trouble(); trouble != nil || !since.IsZero() {
			t.Fatalf("room %d: the trouble is over: %v %v", room, since, trouble)
		}
		mustClose(t, j)
		mustBeWhole(t, folder)
		if diff := cmp.Diff(some(0, 6), bare(mustRead(t, folder, Filter{}))); diff != "" {
			t.Fatalf("room %d: %s", room, diff)
		}
	}
}

func TestWhatFindsNoRoomInMemoryIsCountedAndTold(t *testing.T) {
	if !alone(t) {
		return
	}
	folder := t.TempDir()
	j := mustOpen(t, folder, Options{MaxBytes: 100000, Keep: 1000})
	mustAppend(t, j, some(0, 1)...)
	fullAt(t, j.size+10)
	for i := range 100 {
		if err := j.Append(some(1+i*50, 50)...); err == nil {
			t.Fatal("written to a full disk")
		}
	}
	if _, lost, _ := j.Trouble(); lost != 5000-mostWaiting {
		t.Errorf("lost %d", lost)
	}
	fullAt(t, -1)
	mustAppend(t, j, some(6000, 1)...)
	mustClose(t, j)
	if v := mustBeWhole(t, folder); v.Gaps != 1 {
		t.Errorf("%d gaps", v.Gaps)
	}
	got := mustRead(t, folder, Filter{Last: 2})
	if want := fmt.Sprintf("%d entries are lost: the journal could not be written", 5000-mostWaiting); got[0].Event != Gap || got[0].Text != want {
		t.Errorf("told as %+v", got[0])
	}
	if diff := cmp.Diff(some(6000, 1), bare(got[1:])); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(some(0, 1+mostWaiting), bare(mustRead(t, folder, Filter{}))[:1+mostWaiting]); diff != "" {
		t.Error(diff)
	}
	if _, lost, err := j.Trouble(); lost != 5000-mostWaiting || err != nil {
		t.Errorf("afterwards: lost %d, %v", lost, err)
	}
}

func TestAJournalThatCannotBeOpenedIsTriedAgain(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "journal")
	mustWrite(t, filepath.Dir(folder), "journal", []byte("a file where the folder should be"))
	j, err := Open(folder, Options{})
	if err == nil || j == nil {
		t.Fatal("opened", err)
	}
	if err := j.Append(some(0, 2)...); err == nil || !strings.HasPrefix(err.Error(), "cannot make the journal's folder") {
		t.Errorf("%v", err)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, some(2, 1)...)
	mustClose(t, j)
	if diff := cmp.Diff(some(0, 3), bare(mustRead(t, folder, Filter{}))); diff != "" {
		t.Error(diff)
	}
}

func TestALineThatCannotBeCutBackIsLeftToTheNextTry(t *testing.T) {
	folder := t.TempDir()
	j := mustOpen(t, folder, Options{})
	mustAppend(t, j, some(0, 1)...)
	_ = j.file.Close()
	file, err := os.Open(filepath.Join(folder, current)) // neither write nor truncate will do
	if err != nil {
		t.Fatal(err)
	}
	j.file = file
	if err := j.Append(some(1, 1)...); err == nil {
		t.Fatal("written to a file that is open for reading")
	}
	mustAppend(t, j, some(2, 1)...)
	mustClose(t, j)
	mustBeWhole(t, folder)
	if diff := cmp.Diff(some(0, 3), bare(mustRead(t, folder, Filter{}))); diff != "" {
		t.Error(diff)
	}
}

func TestARotationThatFailsIsLoudAndLosesNothing(t *testing.T) {
	folder := t.TempDir()
	j := mustOpen(t, folder, Options{MaxBytes: 1000, Keep: 2})
	mustAppend(t, j, some(0, 2)...)
	// A folder of the oldest file's name cannot be deleted as a file.
	old := filepath.Join(folder, rotated{}.String())
	if err := os.MkdirAll(filepath.Join(old, "within"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(some(2, 5)...); err == nil {
		t.Error("nothing was said")
	}
	if err := os.RemoveAll(old); err != nil {
		t.Fatal(err)
	}
	mustClose(t, j)
	if v := mustBeWhole(t, folder); v.Last.Seq != 7 {
		t.Errorf("verified as %+v", v)
	}
}

func TestAFileThatSomebodyTakesAwayIsTold(t *testing.T) {
	for name, meddle := range map[string]func(path string) error{
		"removed": os.Remove,
		"emptied": func(path string) error { return os.Truncate(path, 0) },
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"all of it": func(path string) error {
			return os.RemoveAll(filepath.Dir(path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "journal")
			j := mustOpen(t, folder, Options{})
			mustAppend(t, j, some(0, 3)...)
			if err := meddle(filepath.Join(folder, current)); err != nil {
				t.Fatal(err)
			}
			mustAppend(t, j, some(3, 1)...)
			mustClose(t, j)
			got := mustRead(t, folder, Filter{})
			if len(got) != 2 || got[0].Event != Gap || got[0].Seq != 4 {
				t.Errorf("read %+v", got)
			}
			if diff := cmp.Diff([]string{"journal.jsonl:1: before it are missing: entries 1 to 3"}, breaks(t, folder)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhoReadsWhileItIsWrittenSeesWholeLinesInOrder(t *testing.T) {
	folder := t.TempDir()
	j := mustOpen(t, folder, Options{MaxBytes: 1500, Keep: 4})
	mustAppend(t, j, some(0, 1)...)
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 1; i < 600; i += 3 {
			mustAppend(t, j, some(i, 3)...)
		}
	})
	written := make(chan struct{})
	go func() { writer.Wait(); close(written) }()
	for looking := true; looking; {
		select {
		case <-written:
			looking = false
		default:
		}
		last := uint64(0)
		for _, e := range mustRead(t, folder, Filter{}) {
			if last > 0 && e.Seq != last+1 {
				t.Fatalf("entry %d after %d", e.Seq, last)
			}
			last = e.Seq
		}
		v, err := Verify(folder)
		if err != nil || !v.Whole() {
			t.Fatalf("%v %v", v.Breaks, err)
		}
	}
	mustClose(t, j)
	if v := mustBeWhole(t, folder); v.Last.Seq != 601 {
		t.Errorf("the last is %d", v.Last.Seq)
	}
}
