package deployment

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// debian names the system that is booted. A changed list of packages needs a
// changed name, since what was made once is kept.
const (
	debian         = "bookworm"
	debianPackages = "systemd,systemd-sysv,dbus"
)

// patience bounds one command on the machine, and one wait for it.
const patience = time.Minute

// machine is a booted Debian with a systemd, a network and a file tree of its
// own. It is gone when the test ends, however it ends.
type machine struct {
	*testing.T
	leader string // its first process, as seen from outside
	up     bool   // its systemd has started what it should
	unit   string // that show asks about
}

// tree makes a minimal Debian, or finds the one made before. Nothing is ever
// written to it but here.
func tree(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(cache, "linkd", "debian-"+debian)
	if _, err := os.Stat(made); err == nil {
		return made
	}
	if err := os.MkdirAll(filepath.Dir(made), 0o755); err != nil {
		t.Fatal(err)
	}
	half, err := os.MkdirTemp(filepath.Dir(made), "half-") //nolint:usetesting // it outlives the test
	if err != nil {
		t.Fatal(err)
	}
	if said, err := output(t.Context(), "mmdebstrap", "--quiet", "--variant=minbase", "--include="+debianPackages, debian, half); err != nil {
		_ = os.RemoveAll(half)
		t.Fatalf("cannot make a Debian: %v\n%s", err, said)
	}
	if err := os.Rename(half, made); err != nil {
		_ = os.RemoveAll(half)
		if _, none := os.Stat(made); none != nil { // else another test was quicker
			t.Fatalf("cannot keep the Debian: %v", err)
		}
	}
	return made
}

// boot starts a machine that sees files of this one, read only, at the places
// that mounts says: inside → outside.
func boot(t *testing.T, mounts map[string]string) *machine {
	t.Helper()
	arguments := []string{
		"--quiet", "--directory=" + tree(t), "--boot", "--volatile=overlay", "--private-network",
		"--register=no", "--keep-unit", "--machine=linkd-" + strconv.Itoa(os.Getpid()),
	}
	for inside, outside := range mounts {
		arguments = append(arguments, "--bind-ro="+outside+":"+inside)
	}
	// The kernel ends the machine with the thread that started it, so that a
	// test that is killed leaves none behind.
	runtime.LockOSThread()
	var console bytes.Buffer
	container := exec.CommandContext(context.WithoutCancel(t.Context()), "systemd-nspawn", arguments...) // ended below
	container.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	container.Stdout, container.Stderr = &console, &console
	if err := container.Start(); err != nil {
		t.Fatalf("cannot boot: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- container.Wait() }()
	m := &machine{T: t, unit: "linkd.service"}
	t.Cleanup(func() {
		m.end(container.Process, ended)
		runtime.UnlockOSThread()
		if !m.up {
			t.Logf("the console:\n%s", console.String())
		}
	})
	m.await("the first process", func() bool {
		children, _ := os.ReadFile("/proc/" + strconv.Itoa(container.Process.Pid) + "/task/" + strconv.Itoa(container.Process.Pid) + "/children")
		m.leader, _, _ = strings.Cut(strings.TrimSpace(string(children)), " ")
		if m.leader == "" {
			return false
		}
		_, err := m.try("systemctl", "is-system-running", "--wait") // "degraded" is an error, and up
		state, _ := m.try("systemctl", "is-system-running")
		m.up = err == nil || state == "degraded"
		return m.up
	})
	return m
}

// in is the machine as a part of the test sees it.
func (m *machine) in(t *testing.T) *machine { return &machine{t, m.leader, m.up, m.unit} }

// end powers the machine off, or ends it where that fails.
func (m *machine) end(container *os.Process, ended <-chan error) {
	if m.leader != "" {
		_, _ = m.try("systemctl", "poweroff")
	}
	select {
	case err := <-ended:
		if err != nil {
			m.Errorf("the machine did not power off well: %v", err)
		}
	case <-time.After(patience):
		_ = container.Kill()
		m.Errorf("the machine did not power off, and was killed: %v", <-ended)
	}
}

// log is what systemd keeps of what the unit said.
func (m *machine) log() string {
	m.Helper()
	return m.run("journalctl", "--boot", "--unit="+m.unit, "--no-pager", "--output=cat")
}

// try runs a program on the machine as root.
func (m *machine) try(arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(m.Context()), patience)
	defer cancel()
	return output(ctx, "nsenter", append([]string{"-t", m.leader, "-m", "-u", "-i", "-n", "-p", "-C", "--"}, arguments...)...)
}

// run runs a program on the machine as root, and fails the test if it fails.
func (m *machine) run(arguments ...string) string {
	m.Helper()
	said, err := m.try(arguments...)
	if err != nil {
		journal, _ := m.try("journalctl", "--boot", "--no-pager", "--lines=40")
		m.Fatalf("%s: %v\n%s\nthe journal:\n%s", strings.Join(arguments, " "), err, said, journal)
	}
	return said
}

// show is a property of the unit, in systemd's words.
func (m *machine) show(property string) string {
	m.Helper()
	return m.run("systemctl", "show", "--property="+property, "--value", m.unit)
}

// mustShow fails the test unless the property has this value.
func (m *machine) mustShow(property, want string) {
	m.Helper()
	if got := m.show(property); got != want {
		m.Errorf("%s of %s is %q, want %q", property, m.unit, got, want)
	}
}

// await asks until the condition holds, and fails the test when it is not to
// come.
func (m *machine) await(what string, holds func() bool) {
	m.Helper()
	ctx, cancel := context.WithTimeout(m.Context(), patience)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-ctx.Done():
			journal, _ := m.try("journalctl", "--boot", "--no-pager", "--lines=40")
			m.Fatalf("waited in vain for %s\nthe journal:\n%s", what, journal)
		}
	}
}
