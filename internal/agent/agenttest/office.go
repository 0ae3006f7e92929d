// Package agenttest is what tests of agents, and of those who speak with them,
// share: an authority, listeners in memory, hosts that count what comes in, and a
// log that may be read while it is written. It is for tests only.
package agenttest

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"testing"
	"time"

	"linkd/internal/identity"
)

// Year is how long a certificate of a test is valid that is to be valid.
const Year = 365 * 24 * time.Hour

// Office is an authority, and whoever it makes certificates for.
type Office struct {
	t      testing.TB
	pair   identity.Pair
	signer identity.Authority
}

// NewOffice makes an authority that is valid for ten years.
func NewOffice(t testing.TB) *Office {
	t.Helper()
	pair, err := identity.NewAuthority("tests", 10*Year)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := identity.OpenAuthority(pair)
	if err != nil {
		t.Fatal(err)
	}
	return &Office{t, pair, signer}
}

// Issue makes an identity.
func (o *Office) Issue(name string, role identity.Role, valid time.Duration) *identity.Identity {
	o.t.Helper()
	pair, err := o.signer.Issue(identity.Who{Name: name, Role: role}, valid)
	if err != nil {
		o.t.Fatal(err)
	}
	i, err := identity.Load(pair.Certificate, pair.Key, o.pair.Certificate)
	if err != nil {
		o.t.Fatal(err)
	}
	return i
}

// Dated makes an identity as [Office.Issue] does, valid from one moment to
// another.
func (o *Office) Dated(name string, role identity.Role, from, until time.Time) *identity.Identity {
	o.t.Helper()
	pair, err := o.signer.Issue(identity.Who{Name: name, Role: role}, Year)
	if err != nil {
		o.t.Fatal(err)
	}
	own, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		o.t.Fatal(err)
	}
	authority, err := tls.X509KeyPair(o.pair.Certificate, o.pair.Key)
	if err != nil {
		o.t.Fatal(err)
	}
	own.Leaf.NotBefore, own.Leaf.NotAfter = from, until
	signed, err := x509.CreateCertificate(rand.Reader, own.Leaf, authority.Leaf, own.Leaf.PublicKey, authority.PrivateKey)
	if err != nil {
		o.t.Fatal(err)
	}
	i, err := identity.Load(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), pair.Key, o.pair.Certificate)
	if err != nil {
		o.t.Fatal(err)
	}
	return i
}

// Trusting makes an identity that believes another authority beside this one.
func (o *Office) Trusting(other *Office, name string, role identity.Role) *identity.Identity {
	o.t.Helper()
	pair, err := o.signer.Issue(identity.Who{Name: name, Role: role}, Year)
	if err != nil {
		o.t.Fatal(err)
	}
	i, err := identity.Load(pair.Certificate, pair.Key, slices.Concat(o.pair.Certificate, other.pair.Certificate))
	if err != nil {
		o.t.Fatal(err)
	}
	return i
}

// Holder makes an identity of a year, and a function that shows it as the file
// of one would be read.
func (o *Office) Holder(name string, role identity.Role) func() (*identity.Identity, error) {
	o.t.Helper()
	own := o.Issue(name, role, Year)
	return func() (*identity.Identity, error) { return own, nil }
}
