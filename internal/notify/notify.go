// Package notify tells the service manager how the daemon is: ready, reloading,
// alive, stopping, and one line on what it does. It speaks the protocol of
// sd_notify(3) and knows nothing of what it tells.
package notify

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coreos/go-systemd/v22/daemon"
)

// The environment by which a service manager says that it listens.
const (
	socketVariable   = "NOTIFY_SOCKET"
	watchdogVariable = "WATCHDOG_USEC"
	watchedVariable  = "WATCHDOG_PID"
)

const (
	// longestStatus is the most bytes of a status line. `systemctl status` shows
	// it in one line of a terminal, and a datagram has an end.
	longestStatus = 240

	// patience is how long one message may wait for a service manager that does
	// not read. The daemon goes on without having told.
	patience = 500 * time.Millisecond
)

// Notifier tells one service manager. The zero value has none, and all that it
// is told goes nowhere without an error. It holds no connection and may be
// used by many goroutines.
type Notifier struct {
	socket   string        // a path, or "@name" in the abstract namespace; empty: nobody listens
	watchdog time.Duration // silence after which the service manager kills us; zero: it does not watch
}

// FromEnvironment reads who listens from the variables NOTIFY_SOCKET,
// WATCHDOG_USEC and WATCHDOG_PID, which getenv answers as [os.Getenv] does. A
// watchdog that means another process, or a figure that is none, is no
// watchdog.
func FromEnvironment(getenv func(name string) string) Notifier {
	n := Notifier{socket: getenv(socketVariable)}
	if watched := getenv(watchedVariable); watched != "" && watched != strconv.Itoa(os.Getpid()) {
		return n
	}
	if limit, err := strconv.ParseInt(getenv(watchdogVariable), 10, 53); err == nil && limit > 0 {
		n.watchdog = time.Duration(limit) * time.Microsecond
	}
	return n
}

// Ready says that the daemon serves: after its start, and again at the end of
// each reload, whether or not the new file was taken.
func (n Notifier) Ready(status string) error {
	return n.send(daemon.SdNotifyReady + "\n" + statusLine(status))
}

// Reloading says that a reload has begun. Ready ends it, and must be called.
func (n Notifier) Reloading() error {
	return n.send(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
}

// Stopping says that the daemon has begun to stop.
func (n Notifier) Stopping() error { return n.send(daemon.SdNotifyStopping) }

// Watchdog says that the daemon is alive. It belongs where the daemon's work
// makes progress, not on a timer beside it.
func (n Notifier) Watchdog() error { return n.send(daemon.SdNotifyWatchdog) }

// WatchdogInterval is how often Watchdog is due: half of the silence after which
// the service manager kills the daemon. It is false when nobody watches.
func (n Notifier) WatchdogInterval() (time.Duration, bool) {
	if n.socket == "" || n.watchdog == 0 {
		return 0, false
	}
	return n.watchdog / 2, true
}

// send writes one datagram of assignments, one a line.
func (n Notifier) send(assignments string) error {
	if n.socket == "" {
		return nil
	}
	connection, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("cannot reach the service manager: %w", err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return fmt.Errorf("cannot limit the wait for the service manager: %w", err)
	}
	if _, err := connection.Write([]byte(assignments)); err != nil {
		return fmt.Errorf("cannot tell the service manager: %w", err)
	}
	return nil
}

// statusLine is the assignment of a status. A line break in the text would
// begin an assignment of its own, and the service manager refuses what is not
// UTF-8.
func statusLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return "STATUS=" + shortened(strings.TrimSpace(text))
}

// shortened cuts the text at a whole character, so that it has no more than
// longestStatus bytes.
func shortened(text string) string {
	const ellipsis = "…"
	if len(text) <= longestStatus {
		return text
	}
	end := longestStatus - len(ellipsis)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}
