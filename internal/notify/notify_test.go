package notify

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// environment answers from a table, as os.Getenv does from the process.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

// serviceManager listens as systemd does, under a path or an abstract "@name",
// and hands over one datagram a call.
func serviceManager(t *testing.T, name string) (next func() string) {
	t.Helper()
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatalf("cannot listen as the service manager: %v", err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	return func() string {
		t.Helper()
		// The write ends before the call that made it does: what was sent is there.
		if err := socket.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		datagram := make([]byte, 4096)
		size, err := socket.Read(datagram)
		if err != nil {
			t.Fatalf("the service manager was told nothing: %v", err)
		}
		return string(datagram[:size])
	}
}

func TestAServiceManagerHearsTheWholeLifeInOrder(t *testing.T) {
	sockets := map[string]string{
		"under a path": filepath.Join(t.TempDir(), "notify"),
		"abstract":     "@linkd-notify-test-" + strconv.Itoa(os.Getpid()),
	}
	for where, socket := range sockets {
		t.Run(where, func(t *testing.T) {
			next := serviceManager(t, socket)
			n := FromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": socket}))
			life := []struct {
				tell func() error
				want string // a pattern of the whole datagram
			}{
				{func() error { return n.Ready("2 links, next round at 12:00") }, `READY=1\nSTATUS=2 links, next round at 12:00`},
				{n.Watchdog, `WATCHDOG=1`},
				{n.Reloading, `RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*\n`},
				{func() error { return n.Ready("the new file is in use") }, `READY=1\nSTATUS=the new file is in use`},
				{n.Stopping, `STOPPING=1`},
			}
			for _, moment := range life {
				if err := moment.tell(); err != nil {
					t.Fatal(err)
				}
			}
			for _, moment := range life {
				if got := next(); !regexp.MustCompile(`\A` + moment.want + `\z`).MatchString(got) {
					t.Errorf("the service manager heard %q, want %q", got, moment.want)
				}
			}
		})
	}
}

func TestTheMomentOfAReloadIsOfTheMonotonicClock(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	next := serviceManager(t, socket)
	n := FromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": socket}))
	var moments []int64
	for range 3 {
		if err := n.Reloading(); err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(strings.TrimSpace(next()), "MONOTONIC_USEC=")
		moment, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		moments = append(moments, moment)
	}
	if !slices.IsSorted(moments) {
		t.Errorf("the moments %v go backwards", moments)
	}
	if wall := time.Now().UnixMicro(); moments[0] > wall/2 {
		t.Errorf("%d microseconds is the time of day, not the time since the machine started", moments[0])
	}
}

func TestAStatusIsOneShortLineWhateverTheText(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	next := serviceManager(t, socket)
	n := FromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": socket}))
	texts := map[string]string{
		"":                        "STATUS=",
		"a\nREADY=1\r\nMAINPID=1": "STATUS=a READY=1  MAINPID=1",
		"a\u2028b\u2029c\x00d\te": "STATUS=a b c d e",
		"\nat the edges\n":        "STATUS=at the edges",
		"half a rune \xe2\x82":    "STATUS=half a rune \uFFFD",
		strings.Repeat("€", 500):  "STATUS=" + strings.Repeat("€", 79) + "…",
		strings.Repeat("x", 240):  "STATUS=" + strings.Repeat("x", 240),
		strings.Repeat("x", 241):  "STATUS=" + strings.Repeat("x", 237) + "…",
	}
	for text, want := range texts {
		if err := n.Ready(text); err != nil {
			t.Fatal(err)
		}
		got := strings.TrimPrefix(next(), "READY=1\n")
		if got != want {
			t.Errorf("Ready(%.20q…) said %q, want %q", text, got, want)
		}
		if !utf8.ValidString(got) || len(got) > len("STATUS=")+longestStatus {
			t.Errorf("Ready(%.20q…) said %d bytes, valid %t", text, len(got), utf8.ValidString(got))
		}
	}
}

func TestWithoutAServiceManagerNothingIsSaidAndNothingFails(t *testing.T) {
	for _, n := range []Notifier{{}, FromEnvironment(environment(map[string]string{"WATCHDOG_USEC": "1000"}))} {
		for _, err := range []error{n.Ready("well"), n.Reloading(), n.Watchdog(), n.Stopping()} {
			if err != nil {
				t.Error(err)
			}
		}
		if interval, watched := n.WatchdogInterval(); watched || interval != 0 {
			t.Errorf("a watchdog of %s, and nobody listens", interval)
		}
	}
}

func TestAServiceManagerThatIsGoneIsAnErrorAndNoStall(t *testing.T) {
	n := FromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": filepath.Join(t.TempDir(), "gone")}))
	err := n.Watchdog()
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "cannot reach the service manager: ") {
		t.Errorf("the error is %v", err)
	}
}

func TestAServiceManagerThatDoesNotReadIsNotWaitedForLong(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	serviceManager(t, socket)
	n := FromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": socket}))
	for range 100_000 { // the kernel holds back the sender after a few
		if err := n.Watchdog(); err != nil {
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the error is %v", err)
			}
			return
		}
	}
	t.Error("the queue of a socket that nobody reads never became full")
}

func TestAWatchdogIsFedTwiceInItsTimeAndOnlyWhenItMeansUs(t *testing.T) {
	us, other := strconv.Itoa(os.Getpid()), strconv.Itoa(os.Getppid())
	cases := map[string]struct {
		usec, pid string
		want      time.Duration // zero: none
	}{
		"a watchdog":                 {"30000000", us, 15 * time.Second},
		"of whoever is asked":        {"30000000", "", 15 * time.Second},
		"of another process":         {"30000000", other, 0},
		"of no process":              {"30000000", "linkd", 0},
		"none":                       {"", "", 0},
		"a text":                     {"soon", us, 0},
		"a duration with a unit":     {"30s", us, 0},
		"nothing":                    {"0", us, 0},
		"less than nothing":          {"-30000000", us, 0},
		"beyond what a duration has": {"99999999999999999999", us, 0},
	}
	for name, c := range cases {
		n := FromEnvironment(environment(map[string]string{
			"NOTIFY_SOCKET": "@nobody", "WATCHDOG_USEC": c.usec, "WATCHDOG_PID": c.pid,
		}))
		if got, watched := n.WatchdogInterval(); got != c.want || watched != (c.want > 0) {
			t.Errorf("%s: the interval is %s, %t, want %s", name, got, watched, c.want)
		}
	}
}
