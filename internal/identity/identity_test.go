package identity

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const year = 365 * 24 * time.Hour

// authority makes an authority that issues.
func authority(t *testing.T) (Authority, Pair) {
	t.Helper()
	pair, err := NewAuthority("linkd of the tests", 10*year)
	if err != nil {
		t.Fatal(err)
	}
	a, err := OpenAuthority(pair)
	if err != nil {
		t.Fatal(err)
	}
	return a, pair
}

func issued(t *testing.T, a Authority, of Pair, who Who) *Identity {
	t.Helper()
	pair, err := a.Issue(who, year)
	if err != nil {
		t.Fatal(err)
	}
	i, err := Load(pair.Certificate, pair.Key, of.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// meet shakes hands over a pipe, and returns what each end says of the other.
func meet(t *testing.T, client, server *Identity) (ofServer, ofClient Who, clientErr, serverErr error) {
	t.Helper()
	a, b := net.Pipe()
	for _, end := range []net.Conn{a, b} { // a pipe holds nothing: one end that gives up leaves the other writing
		if err := end.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan struct{})
	far := tls.Server(b, server.Config())
	go func() {
		defer close(done)
		if serverErr = far.Handshake(); serverErr == nil {
			ofClient, serverErr = server.Peer(far)
		}
		_ = b.Close()
	}()
	near := tls.Client(a, client.Config())
	if clientErr = near.Handshake(); clientErr == nil {
		ofServer, clientErr = client.Peer(near)
	}
	if clientErr == nil {
		_, _ = near.Read(make([]byte, 1)) // in TLS 1.3 a refusal of our certificate comes after the handshake
	}
	_ = a.Close()
	<-done
	return ofServer, ofClient, clientErr, serverErr
}

func TestBothEndsKnowEachOtherWhoeverDials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, pair := authority(t)
		allowed := netip.MustParsePrefix("203.0.113.0/24")
		daemon := issued(t, a, pair, Who{Name: "linkd", Role: Daemon})
		agent := issued(t, a, pair, Who{Name: "vm-jpe", Role: Agent, Allow: []netip.Prefix{allowed}})
		if len(agent.Allow) != 1 || agent.Allow[0] != allowed || time.Until(agent.Until) != year {
			t.Errorf("the agent's own certificate says %+v", agent.Who)
		}
		ofServer, ofClient, err, err2 := meet(t, agent, daemon)
		if err != nil || err2 != nil || ofServer.Name != "linkd" || ofServer.Role != Daemon || ofClient.Name != "vm-jpe" {
			t.Errorf("agent dials: %v %v %v %v", ofServer, ofClient, err, err2)
		}
		ofServer, ofClient, err, err2 = meet(t, daemon, agent)
		if err != nil || err2 != nil || ofServer.Name != "vm-jpe" || ofClient.Role != Daemon {
			t.Errorf("daemon dials: %v %v %v %v", ofServer, ofClient, err, err2)
		}
	})
}

func TestWhoIsOfAnotherAuthorityOrOfTheSameRoleIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, pair := authority(t)
		b, other := authority(t)
		daemon := issued(t, a, pair, Who{Name: "linkd", Role: Daemon})
		stranger := issued(t, b, other, Who{Name: "vm-jpe", Role: Agent})
		_, _, clientErr, serverErr := meet(t, stranger, daemon)
		for _, err := range []error{clientErr, serverErr} {
			if err != nil && !strings.Contains(err.Error(), "the certificate in the name of agent vm-jpe is of another authority") && !strings.Contains(err.Error(), "the certificate in the name of daemon linkd is of another authority") && !strings.Contains(err.Error(), "bad certificate") && !strings.Contains(err.Error(), "timeout") {
				t.Errorf("it says: %v", err)
			}
		}
		if clientErr == nil || serverErr == nil {
			t.Errorf("a stranger came through: %v, %v", clientErr, serverErr)
		}
		agents := [2]*Identity{issued(t, a, pair, Who{Name: "one", Role: Agent}), issued(t, a, pair, Who{Name: "two", Role: Agent})}
		if _, _, err, _ := meet(t, agents[0], agents[1]); err == nil || !strings.Contains(err.Error(), "of the same role") {
			t.Errorf("an agent took an agent for its daemon: %v", err)
		}
	})
}

func TestADateOutsideOfACertificateIsSaidWithWhatToDo(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	agent := Who{Name: "vm-jpe", Role: Agent, From: noon.Add(-time.Hour), Until: noon, Allow: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}
	daemon := Who{Name: "linkd", Role: Daemon, From: noon.Add(-time.Hour), Until: noon}
	const compare = "compare date -u on both machines, here and there, and set the clock that is wrong by NTP"
	for name, c := range map[string]struct {
		who        Who
		now        time.Time
		ahead      time.Duration
		want, hint string
	}{
		"well":            {agent, noon.Add(-time.Minute), 0, "", ""},
		"at the very end": {agent, noon, 0, "", ""},
		"ended": {
			agent, noon.Add(48 * time.Hour), time.Second, "the certificate of agent vm-jpe ended on 2026-11-25 12:00:00Z",
			"make a new one, linkd agent certificate for vm-jpe --allow 203.0.113.0/24 --force, and put it and its key in place on vm-jpe: they are read anew for each connection",
		},
		"a daemon's": {
			daemon, noon.Add(48 * time.Hour), time.Second, "the certificate of daemon linkd ended on 2026-11-25 12:00:00Z",
			"make a new one, linkd agent certificate for linkd --daemon --force, and put it and its key in place on the machine where daemon linkd runs: they are read anew for each connection",
		},
		"not yet": {
			daemon, noon.Add(-2 * time.Hour), 0, "the certificate of daemon linkd begins only on 2026-11-25 11:00:00Z",
			"the clock by which it was made was ahead, or those of both ends are behind: set them by NTP, then make it anew: linkd agent certificate for linkd --daemon --force",
		},
		"by a wrong clock": {
			agent, noon.Add(26 * time.Hour), -26*time.Hour - time.Minute - 3*time.Millisecond,
			"the certificate of agent vm-jpe ended on 2026-11-25 12:00:00Z, and by the clock of there, 26h1m0s behind that of here, it is valid: one of the two clocks is wrong", compare,
		},
		"not yet by one clock": {
			agent, noon.Add(-2 * time.Hour), 90 * time.Minute,
			"the certificate of agent vm-jpe begins only on 2026-11-25 11:00:00Z, and by the clock of there, 1h30m0s ahead of that of here, it is valid: one of the two clocks is wrong", compare,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.who.Wrong(c.now, "here", Clock{Of: "there", Ahead: c.ahead})
			if got == nil && c.want != "" || got != nil && (got.Text != c.want || got.Hint != c.hint) {
				t.Errorf("it says\n%+v, want\n%s\n%s", got, c.want, c.hint)
			}
		})
	}
}

func TestACertificateEndsWithItsAuthority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, err := NewAuthority("short", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		a, err := OpenAuthority(pair)
		if err != nil {
			t.Fatal(err)
		}
		if i := issued(t, a, pair, Who{Name: "vm-jpe", Role: Agent}); i.Until != a.Until() {
			t.Errorf("it is valid until %s, and the authority until %s", i.Until, a.Until())
		}
		time.Sleep(2 * time.Hour)
		if _, err := a.Issue(Who{Name: "vm-jpe", Role: Agent}, year); err == nil || !strings.Contains(err.Error(), "the authority ended on") {
			t.Errorf("an authority that has ended signs: %v", err)
		}
		for _, name := range []string{"", "../x", "a b", strings.Repeat("x", 81)} {
			if _, err := a.Issue(Who{Name: name, Role: Agent}, year); err == nil {
				t.Errorf("%q has a certificate", name)
			}
		}
	})
}

func TestNothingIsOverwrittenUnlessForced(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "agents")
	_, first := authority(t)
	_, second := authority(t)
	if err := Store(folder, AuthorityName, first, false); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(folder, "authority.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v, %v", info.Mode(), err)
	}
	err = Store(folder, AuthorityName, second, false)
	if _, taken := errors.AsType[*Taken](err); !taken {
		t.Errorf("it was overwritten: %v", err)
	}
	if kept, err := Fetch(folder, AuthorityName); err != nil || string(kept.Key) != string(first.Key) {
		t.Errorf("the first is not there any more: %v", err)
	}
	if err := Store(folder, AuthorityName, second, true); err != nil {
		t.Fatal(err)
	}
	if kept, err := Fetch(folder, AuthorityName); err != nil || string(kept.Key) != string(second.Key) {
		t.Errorf("the second is not there: %v", err)
	}
	if err := os.Chmod(filepath.Join(folder, "authority.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Fetch(folder, AuthorityName); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that all can read was taken: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, ".*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
	if _, err := Fetch(folder, "nobody"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}

func TestAKeyIsNeverPrinted(t *testing.T) {
	a, pair := authority(t)
	i := issued(t, a, pair, Who{Name: "vm-jpe", Role: Agent})
	for _, printed := range []string{fmt.Sprintf("%v %+v %#v", pair, pair, pair), fmt.Sprintf("%v %+v %#v", i, i, i), fmt.Sprintf("%v %+v %#v", a, a, a)} {
		if strings.Contains(printed, "PRIVATE") || len(printed) > 100 {
			t.Errorf("it prints %.200s", printed)
		}
	}
	broken := Pair{Certificate: pair.Certificate, Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")})}
	if _, err := OpenAuthority(broken); err == nil || strings.Contains(err.Error(), "c2VjcmV0") {
		t.Errorf("%v", err)
	}
}
