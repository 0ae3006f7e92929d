// Package daemon keeps the link: on a schedule it looks at both clouds, decides
// what may be mended, mends it, looks again, and tells. One goroutine owns
// all that it knows; looks and repairs run beside it and report to it. It is
// where the parts are put together: engine, journal, metrics, notification
// and control.
package daemon
