package deployment

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"linkd/deploy/examples"
)

// The addresses of the two test machines of the article: the Debian has both,
// so that what the agent of the first sends to the second is answered.
const (
	agentAddress = "10.1.0.4"
	farAddress   = "172.20.0.10"
	agentKey     = "/run/credentials/linkd-agent.service/agent.key"
)

// agentsOfFile lets agents dial in, in the article's file.
var agentsOfFile = strings.NewReplacer(
	"probes:\n", `probes:
  local: none
  interval: 200ms
  agents: {listen: "127.0.0.1:9718", certificate: credential:linkd.crt, key: credential:linkd.key, authority: credential:authority.crt}
`,
	"vnet: vnet-jpe\n", "vnet: vnet-jpe\n      agent: dials-in\n",
)

// agentDropIn gives linkd its certificate.
const agentDropIn = `[Service]
LoadCredential=tokyo-key:/etc/linkd/tokyo-key
LoadCredential=web.yaml:/etc/linkd/web.yaml
LoadCredential=linkd.crt:/etc/linkd/agents/linkd.crt
LoadCredential=linkd.key:/etc/linkd/agents/linkd.key
LoadCredential=authority.crt:/etc/linkd/agents/authority.crt
`

// TestSystemdKeepsAnAgent boots a Debian with linkd and, by the unit that we
// ship, an agent, whose certificates `linkd agent certificate` has made.
func TestSystemdKeepsAnAgent(t *testing.T) {
	if os.Getenv("LINKD_BOOT_TEST") != "1" {
		t.Skip("LINKD_BOOT_TEST=1 boots a machine, as root")
	}
	settings := t.TempDir()
	programs := build(t, "./cmd/linkd", "./cmd/linksim")
	certify(t, programs, settings)
	write(t, settings, "agent.env", "LINKD_AGENT_OPTIONS=--connect 127.0.0.1:9718 --log json\n")
	m := machineOf(t, programs, settings, agentsOfFile.Replace(string(examples.Seed())), agentDropIn, map[string]string{
		"/etc/systemd/system/linkd-agent.service":             absolute(t, agentUnitFile),
		"/etc/systemd/system/linkd-agent.service.d/test.conf": write(t, t.TempDir(), "test.conf", "[Service]\nRestartSec=100ms\n"),
	})
	for _, address := range []string{agentAddress, farAddress} { // the machine has no ip of its own
		if said, err := output(t.Context(), "nsenter", "-t", m.leader, "-n", "ip", "address", "add", address+"/32", "dev", "lo"); err != nil {
			t.Fatalf("cannot give the machine %s: %v\n%s", address, err, said)
		}
	}
	m.unit = "linkd-agent.service"
	m.run("systemctl", "start", "linkd-agent")
	for _, part := range []struct {
		name string
		test func(*machine)
	}{
		{"it dials linkd, and its echoes are answered", probes},
		{"it is nobody, with the right to an ICMP socket and to nothing else", confined},
		{"its key is its own", func(m *machine) { keyGuarded(m, settings) }},
		{"killed, it is started anew and connects again", killed},
		{"when linkd goes it waits, and when linkd comes back it connects", waits},
		{"it stops well, and linkd says that it is gone", agentStopped},
		{"with a certificate of a daemon it does not start over and over", func(m *machine) { agentRefused(m, settings) }},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(m.in(t)) })
	}
}

// certify makes the certificates of linkd and of the agent as docs/operations.md
// says, and installs the agent's as docs/deploy.md says.
func certify(t *testing.T, programs, settings string) {
	t.Helper()
	for _, arguments := range [][]string{{"authority"}, {"for", "linkd", "--daemon"}, {"for", "vm-jpe"}} {
		command := exec.CommandContext(t.Context(), programs+"/linkd", append([]string{"agent", "certificate", "--folder", filepath.Join(settings, "agents")}, arguments...)...)
		if said, err := command.CombinedOutput(); err != nil {
			t.Fatalf("linkd agent certificate %v: %v\n%s", arguments, err, said)
		}
	}
	for from, to := range map[string]string{"vm-jpe.crt": "agent.crt", "vm-jpe.key": "agent.key", "authority.crt": "authority.crt"} {
		install(t, filepath.Join(settings, "agents", from), filepath.Join(settings, to))
	}
}

// install copies a file with its mode.
func install(t *testing.T, from, to string) {
	t.Helper()
	if said, err := output(t.Context(), "cp", "--preserve=mode", from, to); err != nil {
		t.Fatalf("cannot install %s: %v\n%s", to, err, said)
	}
}

// told is what `linkd status` says of the agent and of its pair with ec2-a.
type told struct {
	Agent struct {
		Name               string
		Connected, Watches bool
		Why, Trouble       string
	}
	Pair struct {
		From, To, State, Why string
		Sent, Received       int
	}
}

func (m *machine) told() (t told) {
	m.Helper()
	said, _ := m.as("linkd", "linkd", "status", "--output", "json") // what differs makes it fail, and it tells all the same
	var status struct {
		Probes struct {
			Agents []json.RawMessage
			Pairs  []json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(said), &status); err != nil || len(status.Probes.Agents) != 1 {
		m.Fatalf("linkd status: %v\n%s", err, said)
	}
	if err := json.Unmarshal(status.Probes.Agents[0], &t.Agent); err != nil {
		m.Fatal(err)
	}
	for _, raw := range status.Probes.Pairs {
		if err := json.Unmarshal(raw, &t.Pair); err != nil {
			m.Fatal(err)
		}
		if t.Pair.To == "ec2-a" {
			return t
		}
	}
	m.Fatalf("there is no pair towards ec2-a:\n%s", said)
	return t
}

// awaitProbes waits until the agent is connected and its echoes are answered.
func (m *machine) awaitProbes() (t told) {
	m.Helper()
	m.await("an agent that probes", func() bool {
		t = m.told()
		return t.Agent.Connected && t.Pair.State == "answers"
	})
	return t
}

func probes(m *machine) {
	m.mustShow("ActiveState", "active")
	t := m.awaitProbes()
	if !t.Agent.Watches || t.Agent.Trouble != "" || t.Agent.Name != "vm-jpe" {
		m.Errorf("it does not see the requests that come in: %+v", t.Agent)
	}
	if t.Pair.Received == 0 || t.Pair.Received != t.Pair.Sent {
		m.Errorf("of its echoes over loopback some are lost: %+v", t.Pair)
	}
}

func keyGuarded(m *machine, settings string) {
	m.run("test", "-s", agentKey)
	for _, group := range []string{"linkd", "nogroup"} {
		if _, err := m.as(group, "cat", agentKey); err == nil {
			m.Errorf("nobody of the group %s reads the key", group)
		}
	}
	key, err := os.ReadFile(filepath.Join(settings, "agent.key"))
	if err != nil {
		m.Fatal(err)
	}
	body := strings.Split(string(key), "\n")[1]
	for where, said := range map[string]string{"environment": m.run("cat", "/proc/"+m.show("MainPID")+"/environ"), "journal": m.run("journalctl", "--boot", "--no-pager", "--output=cat")} {
		if strings.Contains(said, body) {
			m.Errorf("the key is in the %s", where)
		}
	}
	m.mustShow("LimitCORE", "0")
}

func killed(m *machine) {
	before := m.show("MainPID")
	m.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", m.unit)
	m.await("another process", func() bool { return m.show("NRestarts") == "1" && m.show("ActiveState") == "active" })
	if m.show("MainPID") == before {
		m.Error("the process is the one that was killed")
	}
	m.awaitProbes()
}

func waits(m *machine) {
	before := m.show("MainPID")
	m.run("systemctl", "stop", "linkd")
	m.await("word that linkd is gone", func() bool {
		return strings.Contains(m.log(), "connection refused")
	})
	m.run("systemctl", "start", "linkd")
	m.awaitProbes()
	m.mustShow("MainPID", before)
	m.mustShow("NRestarts", "1")
}

func agentStopped(m *machine) {
	m.run("systemctl", "stop", m.unit)
	m.mustShow("ActiveState", "inactive")
	m.mustShow("Result", "success")
	m.await("word that the agent is gone", func() bool {
		t := m.told()
		return !t.Agent.Connected && t.Agent.Why != "" && t.Pair.State == "unknown" && strings.HasPrefix(t.Pair.Why, "the agent on vm-jpe is not connected")
	})
}

func agentRefused(m *machine, settings string) {
	for _, kind := range []string{".crt", ".key"} {
		install(m.T, filepath.Join(settings, "agents", "linkd"+kind), filepath.Join(settings, "agent"+kind))
	}
	_, _ = m.try("systemctl", "start", m.unit) // it may end before this has seen it run
	m.await("its end", func() bool { return m.show("ActiveState") == "failed" })
	m.mustShow("ExecMainStatus", "3")
	m.mustShow("NRestarts", "0")
	if said := m.log(); !strings.Contains(said, "the certificate of linkd is one of a daemon") {
		m.Errorf("it does not say why:\n%s", said)
	}
}
