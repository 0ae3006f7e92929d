package reconcile

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAnIntentOutlivesTheProcess(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state")
	began := time.Now().Add(-time.Hour).Round(time.Second)
	first, err := OpenIntentFile(folder, began)
	if err != nil {
		t.Fatal(err)
	}
	if at, open := first.Sent("aws/transit-gateway/t"); open || !at.Equal(began) {
		t.Errorf("a new file says %v, %v; want the time it was begun", at, open)
	}
	sent := began.Add(time.Minute)
	if err := first.Open("aws/transit-gateway/t", sent); err != nil {
		t.Fatal(err)
	}
	second, err := OpenIntentFile(folder, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if at, open := second.Sent("aws/transit-gateway/t"); !open || !at.Equal(sent) {
		t.Errorf("after a restart it says %v, %v; want the create of %v still open", at, open, sent)
	}
	if err := second.Close("aws/transit-gateway/t"); err != nil {
		t.Fatal(err)
	}
	third, err := OpenIntentFile(folder, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if at, open := third.Sent("aws/transit-gateway/t"); open || !at.Equal(began) {
		t.Errorf("after it was closed it says %v, %v", at, open)
	}
}

func TestASpoiltIntentFileSaysNothingOfThePast(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "intents.json"), []byte("{cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	file, err := OpenIntentFile(folder, now)
	if err != nil {
		t.Fatal(err)
	}
	if at, open := file.Sent("x"); open || !at.Equal(now) {
		t.Errorf("it claims to know the past since %v", at)
	}
}

func TestAStateFolderThatCannotBeWrittenIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenIntentFile(filepath.Join(file, "state"), time.Now()); err == nil {
		t.Error("a folder below a file was accepted")
	}
}
