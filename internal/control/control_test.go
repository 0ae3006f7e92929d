package control

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// ear is a daemon that repeats what it was told.
type ear struct{}

func (ear) Status(context.Context) (Status, error) {
	return Status{Verdict: AsDesired, Owner: "seed"}, nil
}

func (ear) Audit(_ context.Context, by string, _ bool) (string, error) { return "audit by " + by, nil }

func (ear) Reload(context.Context, string, bool) (string, error) {
	return "", &Refusal{Text: "cannot reload", Hint: "mend it"}
}

func (ear) Pause(_ context.Context, by string, span time.Duration, why string) (string, error) {
	return "paused by " + by + " for " + span.String() + ": " + why, nil
}

func (ear) Resume(context.Context, string) (string, error) { return "", errors.New("a fault") }

func (ear) Approve(_ context.Context, by, digest string, _ bool) (string, error) {
	return digest + " by " + by, nil
}

func (ear) RotateKeys(_ context.Context, by string, r RotateRequest) ([]Turn, error) {
	if r.DryRun {
		return nil, &Refusal{Text: "cannot rotate " + r.Links[0], Hint: "wait"}
	}
	return []Turn{{Link: r.Links[0], Number: r.Tunnels[0], What: r.ID, Text: by}}, nil
}

func (ear) Drill(_ context.Context, by string, r DrillRequest) (Drill, error) {
	if r.DryRun {
		return Drill{}, &Refusal{Text: "cannot drill " + r.Link, Hint: "wait"}
	}
	return Drill{ID: r.ID, Link: r.Link, Tunnel: r.Tunnel, By: by}, nil
}

// serve serves an ear on a socket, whose path it returns.
func serve(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run", "linkd.sock")
	listener, err := Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, ear{}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return path
}

func TestWordsAreTakenOverTheSocketAndWhoSaysThemIsKnown(t *testing.T) {
	client := AtSocket(serve(t))
	text, err := client.Say(t.Context(), "pause", Request{For: 2 * time.Hour, Why: "the provider's night"})
	if err != nil || !strings.HasPrefix(text, "paused by uid ") || !strings.HasSuffix(text, "for 2h0m0s: the provider's night") {
		t.Errorf("pause: %q, %v", text, err)
	}
	if status, err := client.Status(t.Context()); err != nil || status.Owner != "seed" {
		t.Errorf("status: %+v, %v", status, err)
	}
	if _, err := client.Say(t.Context(), "reload", Request{}); err == nil || err.Error() != "cannot reload" {
		t.Errorf("a refusal comes as %v", err)
	} else if refusal, is := errors.AsType[*Refusal](err); !is || refusal.Hint != "mend it" {
		t.Errorf("its hint is lost: %+v", err)
	}
	if _, err := client.Say(t.Context(), "resume", Request{}); err == nil || err.Error() != "a fault" {
		t.Errorf("a fault comes as %v", err)
	} else if _, is := errors.AsType[*Fault](err); !is {
		t.Errorf("it is a %T", err)
	}
	for _, word := range []string{"resume", "nonsense"} {
		if _, err := client.Say(t.Context(), word, Request{}); err == nil {
			t.Errorf("%s was taken", word)
		}
	}
}

func TestTheSocketIsGuardedAndServedOnce(t *testing.T) {
	path := serve(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != socketMode {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if folder, err := os.Stat(filepath.Dir(path)); err != nil || folder.Mode().Perm()&0o007 != 0 {
		t.Errorf("everybody may look into its folder: %v, %v", folder.Mode(), err)
	}
	if _, err := Listen(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another linkd serves it") {
		t.Errorf("a second one may serve it: %v", err)
	}
}

func TestASocketThatAKilledLinkdLeftIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	listener, err := Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := os.WriteFile(path, []byte("not a socket"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), path); err == nil {
		t.Error("a file that is no socket was taken over")
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Error("a file that is no socket was removed")
	}
}

func TestTheReadOnlySideTakesNoWord(t *testing.T) {
	server := httptest.NewServer(Reading(ear{}))
	defer server.Close()
	orders := []string{"rotate-keys", "drill"}
	for _, word := range append(orders, slices.Collect(maps.Keys(words))...) {
		response, err := http.Post(server.URL+"/v1/"+word, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode < 400 {
			t.Errorf("%s: %s", word, response.Status)
		}
	}
	if status, err := AtAddress(strings.TrimPrefix(server.URL, "http://") + "/").Status(t.Context()); err != nil || status.Verdict != AsDesired {
		t.Errorf("status: %+v, %v", status, err)
	}
	if _, err := AtAddress("http://127.0.0.1:1").Status(t.Context()); err == nil {
		t.Error("nobody answered, and it is no error")
	} else if _, absent := errors.AsType[*Absent](err); !absent {
		t.Errorf("nobody answers, and it says %v", err)
	}
}

func TestARequestWithoutEndIsRefused(t *testing.T) {
	server := httptest.NewServer(Commanding(ear{}))
	defer server.Close()
	response, err := http.Post(server.URL+"/v1/pause", "application/json", strings.NewReader(`{"why":"`+strings.Repeat("x", 1<<20)+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("a megabyte of reason: %s", response.Status)
	}
}

func TestASocketMayLieDeeperThanTheKernelsPathsReach(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("deep", 20), "with_an_owner_and_an_account_and_a_subscription", "linkd.sock")
	if _, err := AtSocket(path).Status(t.Context()); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "/proc/") {
		t.Errorf("without a folder: %v", err)
	}
	listener, err := Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- Serve(ctx, listener, ear{}) }()
	if status, err := AtSocket(path).Status(t.Context()); err != nil || status.Owner != "seed" {
		t.Errorf("status: %+v, %v", status, err)
	}
	if _, err := Listen(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another linkd serves it") {
		t.Errorf("a second one: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	_, err = AtSocket(path).Status(t.Context())
	if err == nil || err.Error() != "cannot ask linkd: "+path+": connect: no such file or directory" {
		t.Errorf("when it has ended: %v", err)
	}
	long := filepath.Join(filepath.Dir(path), strings.Repeat("s", 120))
	if _, err := Listen(t.Context(), long); err == nil || !strings.Contains(err.Error(), "too long for a unix socket") {
		t.Errorf("a name of 120 letters: %v", err)
	}
}

func TestNewKeysAreOrderedOverTheSocket(t *testing.T) {
	client := AtSocket(serve(t))
	turns, err := client.RotateKeys(t.Context(), RotateRequest{ID: "first", Links: []string{"tokyo"}, Tunnels: []int{2}})
	if err != nil || len(turns) != 1 || turns[0] != (Turn{Link: "tokyo", Number: 2, What: "first", Text: Whoami()}) {
		t.Errorf("%v: %+v", err, turns)
	}
	_, err = client.RotateKeys(t.Context(), RotateRequest{Links: []string{"osaka"}, DryRun: true})
	if refusal, is := errors.AsType[*Refusal](err); !is || refusal.Text != "cannot rotate osaka" || refusal.Hint != "wait" {
		t.Errorf("it says %v", err)
	}
}

func TestADrillIsOrderedOverTheSocket(t *testing.T) {
	client := AtSocket(serve(t))
	told, err := client.Drill(t.Context(), DrillRequest{ID: "first", Link: "tokyo", Tunnel: "tokyo-0-2"})
	if err != nil || told.ID != "first" || told.Link != "tokyo" || told.Tunnel != "tokyo-0-2" || told.By != Whoami() {
		t.Errorf("%v: %+v", err, told)
	}
	_, err = client.Drill(t.Context(), DrillRequest{Link: "osaka", DryRun: true})
	if refusal, is := errors.AsType[*Refusal](err); !is || refusal.Text != "cannot drill osaka" || refusal.Hint != "wait" {
		t.Errorf("it says %v", err)
	}
}
