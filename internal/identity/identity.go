package identity

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Role is what the holder of a certificate may be.
type Role string

// The roles. An agent is told what to do only by a daemon, so that whoever
// has the key of one agent cannot order another about.
const (
	Daemon Role = "daemon"
	Agent  Role = "agent"
)

// Who is what a certificate says of its holder.
type Who struct {
	Name string
	Role Role
	// Allow are prefixes that an agent may send to, beside those that it is told
	// on its own machine.
	Allow       []netip.Prefix
	From, Until time.Time // both in UTC
}

// Identity is a certificate with its key, and the authority that signs those
// of the others. It holds a key: it is never printed.
type Identity struct {
	Who
	certificate tls.Certificate
	authority   *x509.CertPool
}

// String names it without its key, also where somebody prints it by %v.
func (i *Identity) String() string { return string(i.Role) + " " + i.Name }

// GoString is String, for %#v.
func (i *Identity) GoString() string { return i.String() }

// Load reads an identity from three PEM texts. The certificate must be signed
// by the authority; whether it is valid now is asked by [Who.Wrong].
func Load(certificate, key, authority []byte) (*Identity, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("the certificate and its key are of no use together: %w", err)
	}
	pool, err := poolOf(authority)
	if err != nil {
		return nil, err
	}
	who, err := check(pair.Leaf, nil, pool)
	if err != nil {
		return nil, fmt.Errorf("this end's own certificate: %w", err)
	}
	return &Identity{Who: who, certificate: pair, authority: pool}, nil
}

func poolOf(authority []byte) (*x509.CertPool, error) {
	pool, found := x509.NewCertPool(), 0
	for block, rest := pem.Decode(authority); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("the authority's file holds a %s: the others need its certificate alone", strings.ToLower(block.Type))
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("cannot read the authority's certificate: %w", err)
		}
		pool.AddCert(certificate)
		found++
	}
	if found == 0 {
		return nil, errors.New("the authority's file holds no certificate")
	}
	return pool, nil
}

// Config is how this end speaks TLS, whether it has dialled or listened:
// version 1.3, and both ends show a certificate of the authority. Dates are not
// judged here: each end tells the other its clock first, so that it can be said
// whether a certificate is wrong or a clock ([Who.Wrong]).
func (i *Identity) Config() *tls.Config {
	verify := func(state tls.ConnectionState) error {
		_, err := i.peer(state)
		return err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{i.certificate},
		ClientAuth: tls.RequireAnyClientCert, VerifyConnection: verify,
		// The name is that of a role and not of a host, and VerifyConnection checks
		// the chain at both ends.
		InsecureSkipVerify:     true,
		SessionTicketsDisabled: true,
	}
}

// Peer is who is at the other end of a connection whose handshake is done.
func (i *Identity) Peer(connection *tls.Conn) (Who, error) {
	return i.peer(connection.ConnectionState())
}

func (i *Identity) peer(state tls.ConnectionState) (Who, error) {
	if len(state.PeerCertificates) == 0 {
		return Who{}, errors.New("the other end shows no certificate")
	}
	who, err := check(state.PeerCertificates[0], state.PeerCertificates[1:], i.authority)
	switch {
	case err != nil:
		return Who{}, fmt.Errorf("the other end's certificate: %w", err)
	case who.Role == i.Role:
		return Who{}, fmt.Errorf("the other end, %s, is of the same role as this end, %s", who.describe(), i.describe())
	}
	return who, nil
}

func (w Who) describe() string { return fmt.Sprintf("%s %s", w.Role, w.Name) }

// check proves that a certificate is the authority's, at a moment when it was
// valid, and reads who its holder is.
func check(leaf *x509.Certificate, others []*x509.Certificate, authority *x509.CertPool) (Who, error) {
	who, err := whoIs(leaf)
	if err != nil {
		return Who{}, err
	}
	between := x509.NewCertPool()
	for _, other := range others {
		between.AddCert(other)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{
		Roots: authority, Intermediates: between, CurrentTime: leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}); err != nil {
		return Who{}, fmt.Errorf("%s has a certificate that is not of our authority: %w", who.describe(), err)
	}
	return who, nil
}

// The certificate's URIs say what its holder is: "linkd:agent:vm-jpe", and
// "linkd:allow:203.0.113.0/24" for each further prefix.
const (
	scheme     = "linkd"
	allowWords = "allow:"
)

func whoIs(leaf *x509.Certificate) (Who, error) {
	who := Who{From: leaf.NotBefore.UTC(), Until: leaf.NotAfter.UTC()}
	for _, uri := range leaf.URIs {
		if uri.Scheme != scheme {
			continue
		}
		if text, allows := strings.CutPrefix(uri.Opaque, allowWords); allows {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return Who{}, fmt.Errorf("it allows %q, which is no prefix", text)
			}
			who.Allow = append(who.Allow, prefix)
			continue
		}
		role, name, _ := strings.Cut(uri.Opaque, ":")
		who.Role, who.Name = Role(role), name
	}
	if !slices.Contains([]Role{Daemon, Agent}, who.Role) || who.Name == "" {
		return Who{}, errors.New("it names neither a daemon nor an agent: linkd agent certificate for NAME makes one that does")
	}
	return who, nil
}

// Wrong says why a certificate is not valid at a moment of this end's clock,
// or "". Offset is how far the holder's clock is ahead of this one.
func (w Who) Wrong(now time.Time, offset time.Duration) string {
	text := ""
	switch {
	case now.After(w.Until):
		text = fmt.Sprintf("the certificate of %s ended on %s", w.describe(), stamp(w.Until))
	case now.Before(w.From):
		text = fmt.Sprintf("the certificate of %s begins on %s", w.describe(), stamp(w.From))
	default:
		return ""
	}
	text += fmt.Sprintf(" (it is valid from %s to %s), and here it is %s", stamp(w.From), stamp(w.Until), stamp(now))
	theirs := now.Add(offset)
	if !theirs.After(w.Until) && !theirs.Before(w.From) {
		text += fmt.Sprintf("; the clock of %s says %s, %s, by which it is valid: one of the two clocks is wrong", w.Name, stamp(theirs), apart(offset))
	}
	return text
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// apart says how far a clock is off: "26h0m0s ahead".
func apart(offset time.Duration) string {
	if offset < 0 {
		return offset.Abs().Round(time.Second).String() + " behind"
	}
	return offset.Round(time.Second).String() + " ahead"
}
