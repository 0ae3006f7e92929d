package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// agentCertificates makes an authority and certificates of linkd, vm-jpe and
// ec2-a by the commands themselves, and returns their folder.
func agentCertificates(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "agents")
	for _, args := range [][]string{{"authority"}, {"for", "linkd", "--daemon"}, {"for", "vm-jpe"}, {"for", "ec2-a"}} {
		if code, said := runHere(t, append([]string{"agent", "certificate", "--folder", folder}, args...)...); code != exitWell {
			t.Fatalf("linkd agent certificate %s: %d, %s", args, code, said)
		}
	}
	return folder
}

// runHere runs linkd in this process, as one that has been told to stop: what
// would go on for ever ends well at once.
func runHere(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var stdout, stderr bytes.Buffer
	code = Run(ctx, args, strings.NewReader(""), &stdout, &stderr, func(string) (string, bool) { return "", false })
	return code, stderr.String()
}

// as are the flags by which an agent shows who it is.
func as(folder, certificate, key, authority string) []string {
	return []string{
		"--certificate", filepath.Join(folder, certificate+".crt"), "--key", filepath.Join(folder, key+".key"), "--authority", filepath.Join(folder, authority+".crt"),
	}
}

func TestAnAgentThatCanNeverWorkIsRefusedAtTheStart(t *testing.T) {
	folder, other := agentCertificates(t), agentCertificates(t)
	vm := as(folder, "vm-jpe", "vm-jpe", "authority")
	dials := append([]string{"--connect", "127.0.0.1:9718"}, vm...)
	with := func(args []string, more ...string) []string { return append(append([]string{}, more...), args...) }
	foreign := as(folder, "vm-jpe", "vm-jpe", "authority")
	foreign[5] = filepath.Join(other, "authority.crt")
	const write = "hint: write host and port, such as 10.1.0.4:9718: what linkd's probes.agents.listen says, on its machine\n"
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"well":               {dials, ""},
		"well by IPv6":       {with(vm, "--connect", "[fd00::1]:9718"), ""},
		"neither way":        {vm, "linkd: an agent dials linkd, or it listens\nhint: say --connect HOST:PORT or --listen ADDRESS\n"},
		"both ways":          {with(dials, "--listen", ":9718"), "linkd: an agent dials linkd, or it listens\n"},
		"an empty address":   {with(vm, "--connect", ""), "linkd: an agent dials linkd, or it listens\n"},
		"no port":            {with(vm, "--connect", "nonsense"), "linkd: --connect: \"nonsense\" is not an address to meet at\n" + write},
		"an empty port":      {with(vm, "--connect", "linkd.example.com:"), "linkd: --connect: \"linkd.example.com:\" is not an address to meet at\n" + write},
		"a port by its name": {with(vm, "--connect", "linkd.example.com:http"), "is not an address to meet at\n" + write},
		"a port too high":    {with(vm, "--connect", "linkd.example.com:65536"), "is not an address to meet at\n" + write},
		"no host":            {with(vm, "--connect", ":9718"), "linkd: --connect: \":9718\" does not say on which machine\n" + write},
		"a URL":              {with(vm, "--connect", "https://linkd.example.com:9718"), "is not an address to meet at\n" + write},
		"two words":          {with(vm, "--connect", "a b:9718"), "linkd: --connect: \"a b:9718\" is not an address to meet at\n" + write},
		"an open bracket":    {with(vm, "--connect", "[::1"), "linkd: --connect: \"[::1\" is not an address to meet at\n" + write},
		"nowhere to listen":  {with(vm, "--listen", "nonsense"), "linkd: --listen: \"nonsense\" is not an address to meet at\nhint: write a port, such as :9718"},
		"no target":          {with(dials, "--most-targets", "0"), "linkd: --most-targets cannot be 0: it is more than 0, and at most 2000\nhint: "},
		"too many targets":   {with(dials, "--most-targets", "2001"), "--most-targets cannot be 2001"},
		"a storm":            {with(dials, "--most-per-second", "10001"), "--most-per-second cannot be 10001: it is more than 0, and at most 10000\nhint: "},
		"no number":          {with(dials, "--most-per-target", "NaN"), "--most-per-target cannot be NaN"},
		"no prefix":          {with(dials, "--allow", "10.0.0.0"), "linkd: --allow: \"10.0.0.0\" is no prefix\nhint: such as --allow 10.0.0.0/8\n"},
		"a wrong name":       {[]string{"certificate", "for", "a b", "--folder", folder}, "linkd: \"a b\" cannot be the name of an agent\nhint: use 1 to 80 letters"},
		"no certificate":     {[]string{"--connect", "127.0.0.1:9718"}, "linkd: cannot read who this agent is: open agent.crt: no such file or directory\nhint: "},
		"another's key":      {with(as(folder, "vm-jpe", "ec2-a", "authority"), "--connect", "127.0.0.1:9718"), "of no use together"},
		"another authority":  {with(foreign, "--connect", "127.0.0.1:9718"), "linkd: cannot show linkd who this is: of this end's own certificate: the certificate in the name of agent vm-jpe is of another authority than the authority.crt of this end\nhint: take certificate, key and authority.crt from one folder"},
		"linkd's own":        {with(as(folder, "linkd", "linkd", "authority"), "--connect", "127.0.0.1:9718"), "the certificate of linkd is one of a daemon\nhint: "},
	} {
		t.Run(name, func(t *testing.T) {
			code, said := runHere(t, append([]string{"agent"}, c.args...)...)
			want := exitUsage
			if c.want == "" {
				want = exitWell
			}
			if code != want || !strings.Contains(said, c.want) || strings.Contains(said, "PRIVATE") {
				t.Errorf("exit code %d, and it says %q, want %d and %q", code, said, want, c.want)
			}
		})
	}
}
