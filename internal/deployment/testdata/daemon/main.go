// Command daemon stands in for linkd in the test that boots a machine: it
// keeps the promises that the unit relies on, and does nothing else.
package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"linkd/internal/notify"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func serve() error {
	manager := notify.FromEnvironment(os.Getenv)
	socket := filepath.Join(os.Getenv("RUNTIME_DIRECTORY"), "linkd.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := os.Chmod(socket, 0o660); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("STATE_DIRECTORY"), "book"), nil, 0o600); err != nil {
		return err
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM)
	if err := manager.Ready("link tokyo is as desired"); err != nil {
		return err
	}
	interval, watched := manager.WatchdogInterval()
	if !watched {
		interval = time.Hour
	}
	for {
		select {
		case <-time.After(interval):
			err = manager.Watchdog()
		case s := <-signals:
			if s == syscall.SIGTERM {
				return manager.Stopping()
			}
			if err = manager.Reloading(); err == nil {
				err = manager.Ready("read again")
			}
		}
		if err != nil {
			return err
		}
	}
}
