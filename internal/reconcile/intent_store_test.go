package reconcile

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"linkd/internal/desired"
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

func TestWhatIsRecentOutlivesTheProcess(t *testing.T) {
	folder, now := t.TempDir(), time.Now()
	first, err := OpenIntentFile(folder, now)
	if err != nil {
		t.Fatal(err)
	}
	tunnel := desired.Tunnel{Link: "tokyo", Number: 2}
	before := newCuts(first)
	if taken, err := before.take(map[desired.Tunnel]cutAt{tunnel: {at: now, lastChange: "9:00"}}, nil, now); !taken || err != nil {
		t.Fatal(taken, err)
	}
	before.making("azure/vpn-site/tokyo")
	if err := before.deleting("azure/vpn-connection/tokyo"); err != nil {
		t.Fatal(err)
	}
	second, err := OpenIntentFile(folder, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	after := newCuts(second)
	cut, was := after.last(tunnel)
	if !was || !cut.at.Equal(now) || cut.lastChange != "9:00" {
		t.Errorf("after a restart the cut is %v, %+v", was, cut)
	}
	if at, made := after.madeAt("azure/vpn-site/tokyo"); !made || at.Before(now) || time.Now().Before(at) {
		t.Errorf("after a restart the site was made at %v, %v", at, made)
	}
	if !after.toMakeAnew()["azure/vpn-connection/tokyo"] {
		t.Error("after a restart nothing is to be made anew")
	}
	if err := after.stands("azure/vpn-connection/tokyo"); err != nil {
		t.Fatal(err)
	}
	if len(newCuts(second).toMakeAnew()) > 0 {
		t.Error("what stands again is to be made anew")
	}
}

// TestNothingIsInterruptedUnnoted takes the folder away: the next process would
// count on a pair that is down.
func TestNothingIsInterruptedUnnoted(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state")
	file, err := OpenIntentFile(folder, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := newCuts(file)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := c.take(map[desired.Tunnel]cutAt{{Link: "tokyo", Number: 1}: {at: time.Now()}}, nil, time.Now()); err == nil {
		t.Error("a pair was taken, and nothing noted")
	}
}
