package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"

	"linkd/internal/journal"
)

// TestAHungDiskDoesNotKeepAnApplyFromItsEnd lets the disk take the first entry
// and never answer.
func TestAHungDiskDoesNotKeepAnApplyFromItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := make(chan struct{})
		var told bytes.Buffer
		r := &record{
			entries: make(chan journal.Entry, mostUnwritten),
			append:  func(...journal.Entry) error { <-answers; return nil },
		}
		r.done.Go(r.write)
		r.add(journal.Entry{Event: journal.Started})
		synctest.Wait()
		r.add(journal.Entry{Event: journal.Repairing})
		r.close(&program{err: &told}, "done")
		if text := told.String(); !strings.Contains(text, "the disk has not answered for 10s, and 3 entries or more are lost") {
			t.Errorf("it says %q", text)
		}
		close(answers)
	})
}
