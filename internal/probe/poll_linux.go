package probe

import (
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// shortWait is up to when a wait is made without telling Go's scheduler. At 100
// echoes a second and more, telling it costs more than all the rest of an echo.
// The processor that is held meanwhile is held for no longer than by any
// goroutine that computes: those too may do so for 10 ms.
const shortWait = 10 * time.Millisecond

// ppoll waits until one of fds is ready, the time until, or an interruption. It
// has no limit when until is zero.
func ppoll(fds *[3]unix.PollFd, until time.Time) error {
	if until.IsZero() {
		_, err := unix.Ppoll(fds[:], nil, nil)
		return err
	}
	left := max(0, time.Until(until))
	timeout := unix.NsecToTimespec(left.Nanoseconds())
	if left > shortWait || runtime.GOMAXPROCS(0) == 1 {
		_, err := unix.Ppoll(fds[:], &timeout, nil)
		return err
	}
	// A collection of garbage that must stop this goroutine interrupts the wait by
	// a signal, so it need not last till its end.
	_, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(fds)), uintptr(len(fds)), uintptr(unsafe.Pointer(&timeout)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
