package deployment

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// testKey stands for a secret: it may be nowhere but in its credential.
const testKey = "0penSesame.0penSesame"

// TestSystemdKeepsTheDaemon boots a Debian and lets its systemd start, watch,
// reload and stop the daemon by the unit that we ship.
func TestSystemdKeepsTheDaemon(t *testing.T) {
	if os.Getenv("LINKD_BOOT_TEST") != "1" {
		t.Skip("LINKD_BOOT_TEST=1 boots a machine, as root")
	}
	need(t, "mmdebstrap", "systemd-nspawn", "nsenter")
	settings, dropIn, credentials := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, dropIn, "quick.conf", "[Service]\nWatchdogSec=2s\nRestartSec=100ms\n")
	if err := os.Chmod(write(t, credentials, "azure-client-secret", testKey), 0o600); err != nil {
		t.Fatal(err)
	}
	m := boot(t, map[string]string{
		installedAs:                           build(t, "./testdata/daemon") + "/daemon",
		"/etc/systemd/system/linkd.service":   absolute(t, unitFile),
		"/etc/systemd/system/linkd.service.d": dropIn,
		"/etc/sysusers.d/linkd.conf":          absolute(t, "deploy/systemd/linkd.sysusers"),
		"/etc/linkd":                          settings,
		"/etc/credstore":                      credentials,
	})
	m.run("systemd-sysusers")
	m.run("systemctl", "start", "linkd") // returns when it is ready

	t.Run("ready, with a line on what it does", func(t *testing.T) {
		m := m.in(t)
		m.mustShow("ActiveState", "active")
		m.mustShow("StatusText", "link tokyo is as desired")
		if status := m.run("systemctl", "status", "--no-pager", "linkd"); !strings.Contains(status, `Status: "link tokyo`) {
			t.Errorf("systemctl status says nothing of it:\n%s", status)
		}
	})
	t.Run("a nobody with the right of an ICMP socket and no other", func(t *testing.T) {
		m := m.in(t)
		status := m.run("cat", "/proc/"+m.show("MainPID")+"/status")
		for what, pattern := range map[string]string{
			"CAP_NET_RAW alone may be used":   `(?m)^CapEff:\s+0000000000002000$`,
			"CAP_NET_RAW alone may be gained": `(?m)^CapBnd:\s+0000000000002000$`,
			"the user is dynamic":             `(?m)^Uid:\s+6[1-5]\d{3}\s`,
			"no new privileges":               `(?m)^NoNewPrivs:\s+1$`,
			"system calls are filtered":       `(?m)^Seccomp:\s+2$`,
		} {
			if !regexp.MustCompile(pattern).MatchString(status) {
				t.Errorf("not so: %s\n%s", what, status)
			}
		}
	})
	t.Run("its group may command it and nobody else", func(t *testing.T) {
		m := m.in(t)
		const socket = "/run/linkd/linkd.sock"
		if got := m.run("stat", "--format=%G %a", "/run/linkd", socket); got != "linkd 750\nlinkd 660" {
			t.Errorf("the folder and the socket are %q", got)
		}
		writable := func(group string) bool {
			_, err := m.try("setpriv", "--reuid=nobody", "--regid="+group, "--clear-groups", "test", "-w", socket)
			return err == nil
		}
		if !writable("linkd") {
			t.Error("a member of the group linkd may not write to the socket")
		}
		if writable("nogroup") {
			t.Error("nobody may write to the socket")
		}
	})
	t.Run("the credential is the daemon's alone", func(t *testing.T) {
		m := m.in(t)
		const credential = "/run/credentials/linkd.service/azure-client-secret"
		if got := m.run("cat", credential); got != testKey {
			t.Errorf("the credential holds %d bytes, want %d", len(got), len(testKey))
		}
		if _, err := m.try("setpriv", "--reuid=nobody", "--regid=linkd", "--clear-groups", "cat", credential); err == nil {
			t.Error("a member of the group linkd reads the credential")
		}
		if environment := m.run("cat", "/proc/"+m.show("MainPID")+"/environ"); strings.Contains(environment, testKey) {
			t.Error("the secret is in the environment")
		}
	})
	t.Run("reloaded without a new process", func(t *testing.T) {
		m := m.in(t)
		before := m.show("MainPID")
		m.run("systemctl", "reload", "linkd")
		m.await("the end of the reload", func() bool { return m.show("StatusText") == "read again" })
		m.mustShow("ActiveState", "active")
		m.mustShow("MainPID", before)
	})
	t.Run("one that hangs is started anew", func(t *testing.T) {
		m := m.in(t)
		before := m.show("MainPID")
		m.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "linkd")
		m.await("another process", func() bool {
			return m.show("NRestarts") == "1" && m.show("ActiveState") == "active"
		})
		if m.show("MainPID") == before {
			t.Error("the process is the one that hung")
		}
	})
	t.Run("stopped, and its state stays", func(t *testing.T) {
		m := m.in(t)
		m.run("systemctl", "stop", "linkd")
		m.mustShow("ActiveState", "inactive")
		m.mustShow("Result", "success")
		if _, err := m.try("test", "-e", "/run/linkd"); err == nil {
			t.Error("its runtime folder stays")
		}
		m.run("test", "-e", "/var/lib/private/linkd/book")
	})
	t.Run("a missing secret of the store is no reason not to start", func(t *testing.T) {
		m := m.in(t)
		if err := os.Remove(credentials + "/azure-client-secret"); err != nil {
			t.Fatal(err)
		}
		m.run("systemctl", "start", "linkd")
		m.mustShow("ActiveState", "active")
	})
	if journal := m.run("journalctl", "--boot", "--no-pager"); strings.Contains(journal, testKey) {
		t.Error("the secret is in the journal")
	}
}
