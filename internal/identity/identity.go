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
// by the authority; whether it is valid now is asked by [Who.Wrong]. An
// error may be an [Unfit].
func Load(certificate, key, authority []byte) (*Identity, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("the certificate and its key are of no use together: %w", err)
	}
	pool, err := poolOf(authority)
	if err != nil {
		return nil, err
	}
	who, unfit := check(pair.Leaf, nil, pool)
	if unfit != nil {
		return nil, &Unfit{Text: "of this end's own certificate: " + unfit.Text, Hint: "take certificate, key and authority.crt from one folder of linkd agent certificate"}
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
		return Who{}, &Unfit{Text: "the other end shows no certificate", Hint: "see who it is: only linkd and its agents speak here"}
	}
	who, unfit := check(state.PeerCertificates[0], state.PeerCertificates[1:], i.authority)
	switch {
	case unfit != nil:
		return Who{}, unfit
	case who.Role == i.Role:
		hint := "see that the address is that of linkd, and make linkd's certificate with --daemon"
		if i.Role == Daemon {
			hint = "make the agent's certificate without --daemon: " + renewal(Who{Name: "NAME", Role: Agent})
		}
		return Who{}, &Unfit{Text: fmt.Sprintf("the other end, %s, is of the same role as this end, %s", who.Describe(), i.Describe()), Hint: hint}
	}
	return who, nil
}

// check proves that a certificate is the authority's, at a moment when it was
// valid, and reads who its holder is.
func check(leaf *x509.Certificate, others []*x509.Certificate, authority *x509.CertPool) (Who, *Unfit) {
	who, unfit := whoIs(leaf)
	if unfit != nil {
		return Who{}, unfit
	}
	between := x509.NewCertPool()
	for _, other := range others {
		between.AddCert(other)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: authority, Intermediates: between, CurrentTime: leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if _, foreign := errors.AsType[x509.UnknownAuthorityError](err); foreign {
		return Who{}, &Unfit{
			Text: fmt.Sprintf("the certificate in the name of %s is of another authority than the authority.crt of this end", who.Describe()),
			Hint: "both ends need one authority: give both its authority.crt, and certificates that it has signed, by " + renewal(who),
		}
	}
	if err != nil {
		return Who{}, &Unfit{Text: fmt.Sprintf("the certificate of %s is of no use: %v", who.Describe(), err), Hint: "make a new one: " + renewal(who)}
	}
	return who, nil
}

// The certificate's URIs say what its holder is: "linkd:agent:vm-jpe", and
// "linkd:allow:203.0.113.0/24" for each further prefix.
const (
	scheme     = "linkd"
	allowWords = "allow:"
)

func whoIs(leaf *x509.Certificate) (Who, *Unfit) {
	who := Who{From: leaf.NotBefore.UTC(), Until: leaf.NotAfter.UTC()}
	for _, uri := range leaf.URIs {
		if uri.Scheme != scheme {
			continue
		}
		if text, allows := strings.CutPrefix(uri.Opaque, allowWords); allows {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return Who{}, &Unfit{Text: fmt.Sprintf("the certificate allows %.80q, which is no prefix", text), Hint: "make a new one by linkd agent certificate"}
			}
			who.Allow = append(who.Allow, prefix)
			continue
		}
		role, name, _ := strings.Cut(uri.Opaque, ":")
		who.Role, who.Name = Role(role), name
	}
	if !slices.Contains([]Role{Daemon, Agent}, who.Role) || !NameShape.MatchString(who.Name) {
		return Who{}, &Unfit{Text: "the certificate names neither a daemon nor an agent", Hint: "linkd agent certificate for NAME makes one that does"}
	}
	return who, nil
}
