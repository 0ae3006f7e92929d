package deployment

import (
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"linkd/deploy/examples"
)

// testKey is the key of the link: it may be nowhere but in its credential and
// in the clouds.
const testKey = "Open.Sesame.Open.Sesame"

const (
	controlSocket = "/run/linkd/linkd.sock"
	stateFolder   = "/var/lib/private/linkd"
	desiredFile   = "linkd.yaml"
)

// simulatorUnit runs the clouds on the machine.
const simulatorUnit = `[Service]
ExecStart=/usr/local/bin/linksim --instant
`

// settingsFile is what an operator sets by environment.
const settingsFile = `LINKD_SIMULATOR=http://127.0.0.1:8787
LINKD_OPTIONS=--log json --log-level debug --web-config /run/credentials/linkd.service/web.yaml
`

// dropIn is what an operator adds: a key, and here a watchdog that keeps no test
// waiting and yet bears a machine that is busy.
const dropIn = `[Service]
LoadCredential=tokyo-key:/etc/linkd/tokyo-key
LoadCredential=web.yaml:/etc/linkd/web.yaml
WatchdogSec=8s
RestartSec=100ms
`

// TestSystemdKeepsLinkd boots a Debian and lets its systemd start, watch, reload
// and stop linkd by the unit that we ship, with clouds that are simulated.
func TestSystemdKeepsLinkd(t *testing.T) {
	if os.Getenv("LINKD_BOOT_TEST") != "1" {
		t.Skip("LINKD_BOOT_TEST=1 boots a machine, as root")
	}
	file := strings.Replace(string(examples.Seed()), "from: aws ", "from: credential:tokyo-key ", 1)
	settings := t.TempDir()
	m := machineOf(t, build(t, "./cmd/linkd", "./cmd/linksim"), settings, file, dropIn, nil)
	for _, part := range []struct {
		name string
		test func(*machine)
	}{
		{"it is ready, and builds the link with the key of its credential", builds},
		{"it is nobody, with the right to an ICMP socket and to nothing else", confined},
		{"its group may command it, and others may not", commanded},
		{"the key is linkd's alone", guarded},
		{"a reload keeps the process, and a bad file the good one", func(m *machine) { reloaded(m, settings, file) }},
		{"when it hangs it is started anew, and the link is as desired", watched},
		{"it stops well, and its state stays", stopped},
		{"with a bad file it does not start over and over", func(m *machine) { refused(m, settings) }},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(m.in(t)) })
	}
	for where, said := range map[string]string{
		"journal of systemd": m.run("journalctl", "--boot", "--no-pager", "--output=cat"),
		"folder of linkd":    m.run("sh", "-c", "cat $(find "+stateFolder+" -type f)"),
	} {
		if strings.Contains(said, testKey) {
			t.Errorf("the key is in the %s", where)
		}
		if !strings.Contains(said, "tokyo") {
			t.Errorf("the %s does not speak of the link: is it the right one?", where)
		}
	}
}

// machineOf boots a Debian with the clouds and linkd on it, which is ready when
// this returns. Programs is the folder of both, settings that of its settings,
// mounts what else it sees.
func machineOf(t *testing.T, programs, settings, file, dropIn string, mounts map[string]string) *machine {
	t.Helper()
	need(t, "mmdebstrap", "systemd-nspawn", "nsenter")
	write(t, settings, desiredFile, file)
	write(t, settings, "linkd.env", settingsFile)
	write(t, settings, "web.yaml", "http_server_config: {http2: false}\n")
	if err := os.Chmod(write(t, settings, "tokyo-key", testKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	units := t.TempDir()
	all := map[string]string{
		installedAs:                         programs + "/linkd",
		"/usr/local/bin/linksim":            programs + "/linksim",
		"/etc/linkd":                        settings,
		"/etc/systemd/system/linkd.service": absolute(t, unitFile),
		"/etc/systemd/system/linkd.service.d/test.conf": write(t, units, "test.conf", dropIn),
		"/etc/systemd/system/linksim.service":           write(t, units, "linksim.service", simulatorUnit),
		"/etc/sysusers.d/linkd.conf":                    absolute(t, "deploy/systemd/linkd.sysusers"),
	}
	maps.Copy(all, mounts)
	m := boot(t, all)
	m.run("systemd-sysusers")
	m.run("systemctl", "start", "linksim")
	m.await("the simulated clouds", func() bool {
		return strings.Contains(m.run("journalctl", "--boot", "--unit=linksim", "--no-pager", "--output=cat"), "http://127.0.0.1:8787")
	})
	m.run("systemctl", "start", "linkd") // returns when linkd is ready
	return m
}

// as runs a program as nobody, in a group.
func (m *machine) as(group string, arguments ...string) (string, error) {
	return m.try(append([]string{"setpriv", "--reuid=nobody", "--regid=" + group, "--clear-groups"}, arguments...)...)
}

// mustKeep waits until linkd says that all is as desired.
func (m *machine) mustKeep() {
	m.Helper()
	m.await("a link that is as desired", func() bool {
		_, err := m.as("linkd", "linkd", "status")
		return err == nil
	})
}

func builds(m *machine) {
	m.mustShow("ActiveState", "active")
	m.mustKeep()
	m.await("a line that says so", func() bool {
		return strings.Contains(m.run("systemctl", "status", "--no-pager", "linkd"), `Status: "as-desired: 24 of 24 resources`)
	})
}

func confined(m *machine) {
	status := m.run("cat", "/proc/"+m.show("MainPID")+"/status")
	for what, pattern := range map[string]string{
		"CAP_NET_RAW alone may be used":   `(?m)^CapEff:\s+0000000000002000$`,
		"CAP_NET_RAW alone may be gained": `(?m)^CapBnd:\s+0000000000002000$`,
		"the user is dynamic":             `(?m)^Uid:\s+6[1-5]\d{3}\s`,
		"no new privileges":               `(?m)^NoNewPrivs:\s+1$`,
		"system calls are filtered":       `(?m)^Seccomp:\s+2$`,
	} {
		if !regexp.MustCompile(pattern).MatchString(status) {
			m.Errorf("not so: %s\n%s", what, status)
		}
	}
}

func commanded(m *machine) {
	if got := m.run("stat", "--format=%G %a", "/run/linkd", controlSocket); got != "linkd 750\nlinkd 660" {
		m.Errorf("the folder and the socket are %q", got)
	}
	if said, err := m.as("linkd", "linkd", "audit", "--wait"); err != nil {
		m.Errorf("a member of the group linkd may not command it: %s", said)
	}
	if said, err := m.as("nogroup", "linkd", "audit", "--socket", controlSocket); err == nil {
		m.Errorf("nobody may command it: %s", said)
	}
}

func guarded(m *machine) {
	const credential = "/run/credentials/linkd.service/tokyo-key"
	m.run("test", "-s", credential)
	if _, err := m.as("linkd", "cat", credential); err == nil {
		m.Error("a member of the group linkd reads the key")
	}
	if environment := m.run("cat", "/proc/"+m.show("MainPID")+"/environ"); strings.Contains(environment, testKey) {
		m.Error("the key is in the environment")
	}
	m.mustShow("LimitCORE", "0")
}

func reloaded(m *machine, settings, file string) {
	before := m.show("MainPID")
	write(m.T, settings, desiredFile, "version: 1\nowner: [\n")
	m.run("systemctl", "reload", "linkd")
	m.await("word of the bad file", func() bool {
		return strings.Contains(m.log(), "stays in force")
	})
	m.mustShow("ActiveState", "active")
	write(m.T, settings, desiredFile, file)
	m.run("systemctl", "reload", "linkd")
	m.mustKeep()
	m.mustShow("ActiveState", "active")
	m.mustShow("MainPID", before)
	m.mustShow("NRestarts", "0")
}

func watched(m *machine) {
	before := m.show("MainPID")
	m.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "linkd")
	m.await("another process", func() bool { return m.show("NRestarts") == "1" && m.show("ActiveState") == "active" })
	if m.show("MainPID") == before {
		m.Error("the process is the one that hung")
	}
	m.mustKeep()
}

func stopped(m *machine) {
	m.run("systemctl", "stop", "linkd")
	m.mustShow("ActiveState", "inactive")
	m.mustShow("Result", "success")
	if _, err := m.try("test", "-e", "/run/linkd"); err == nil {
		m.Error("its runtime folder stays")
	}
	m.run("test", "-d", stateFolder)
}

func refused(m *machine, settings string) {
	write(m.T, settings, desiredFile, "version: 1\nowner: [\n")
	if _, err := m.try("systemctl", "start", "linkd"); err == nil {
		m.Error("linkd starts with a bad file")
	}
	m.mustShow("ActiveState", "failed")
	m.mustShow("ExecMainStatus", "3")
	m.mustShow("NRestarts", "0")
}
