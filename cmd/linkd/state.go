package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"linkd/internal/clouds"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
)

// stateFolder is where the notes of one file's creates are: those of two
// owners, accounts or subscriptions never meet, and a simulator that was
// started anew begins without a past.
func (p *program) stateFolder(given string, file *desired.File, clock *clouds.Clock) (string, error) {
	base := given
	if base == "" {
		var err error
		if base, err = p.stateHome(); err != nil {
			return "", err
		}
	}
	name := strings.Join([]string{file.Owner, file.AWS.Account, file.Azure.Subscription}, "_")
	if clock != nil {
		name = "simulator-" + strconv.FormatInt(clock.Started.UnixNano(), 36) + "_" + name
	}
	return filepath.Join(base, name), nil
}

// stateHome is the folder that systemd or the desktop gives.
func (p *program) stateHome() (string, error) {
	if folders, ok := p.env("STATE_DIRECTORY"); ok && folders != "" {
		first, _, _ := strings.Cut(folders, ":") // systemd lists all that the unit has
		return first, nil
	}
	if home, ok := p.env("XDG_STATE_HOME"); ok && filepath.IsAbs(home) {
		return filepath.Join(home, "linkd"), nil
	}
	if home, ok := p.env("HOME"); ok && filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "linkd"), nil
	}
	return "", &verdict{
		code: exitUsage, err: errors.New("cannot tell where to keep the notes of what was sent: there is no home folder"),
		hint: "name a folder that outlives the process with --state",
	}
}

// beforeSimulation is how long a simulator is taken to have stood without
// anybody making anything: longer than any doubt, short enough to be scaled.
const beforeSimulation = 24 * time.Hour

// openState locks a state folder for this process and opens its notes.
func openState(folder string, clock *clouds.Clock) (intents *reconcile.IntentFile, release func(), err error) {
	release, err = lockFolder(folder)
	if err != nil {
		return nil, nil, err
	}
	since := time.Now()
	if clock != nil {
		since = clock.Started.Add(-beforeSimulation)
	}
	intents, err = reconcile.OpenIntentFile(folder, since)
	if err != nil {
		release()
		return nil, nil, stateTrouble(err)
	}
	return intents, release, nil
}

// errLocked says that another linkd works with a state folder.
var errLocked = errors.New("another linkd works on the same link")

// lockFolder keeps a second linkd out. The lock goes with the process, however it ends.
func lockFolder(folder string) (release func(), err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, stateTrouble(fmt.Errorf("cannot make the state folder: %w", err))
	}
	lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, stateTrouble(fmt.Errorf("cannot open the lock file: %w", err))
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &verdict{
				code: exitUnchecked, err: fmt.Errorf("cannot begin: %w (it holds %s)", errLocked, lock.Name()),
				hint: "wait until it has ended; one that stays is linkd run, and linkd status tells how it stands",
			}
		}
		return nil, stateTrouble(fmt.Errorf("cannot lock %s: %w", lock.Name(), err))
	}
	return func() { _ = lock.Close() }, nil
}

func stateTrouble(err error) error {
	return &verdict{code: exitUsage, err: err, hint: "name another folder with --state"}
}
