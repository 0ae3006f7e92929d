package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"regexp"
	"time"
)

// Pair is a certificate and its key, both as PEM.
type Pair struct{ Certificate, Key []byte }

// String keeps the key out of whatever prints a pair.
func (Pair) String() string { return "a certificate and its key" }

// GoString is String, for %#v.
func (p Pair) GoString() string { return p.String() }

// backdated is how long before its making a certificate begins, for the clocks
// of those who meet it first.
const backdated = 5 * time.Minute

// NameShape is what a daemon or an agent may be called: what a target of the
// file may.
var NameShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$`)

// NewAuthority makes an authority that is valid for so long: ECDSA P-256, and
// its signature is worth nothing but for the certificates of [Authority.Issue].
func NewAuthority(name string, valid time.Duration) (Pair, error) {
	now := time.Now()
	template, err := template(pkix.Name{CommonName: name}, now.Add(-backdated), now.Add(valid))
	if err != nil {
		return Pair{}, err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("cannot make a key: %w", err)
	}
	return sign(template, template, key, key)
}

// Authority signs certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Until is when the authority itself ends.
func (a Authority) Until() time.Time { return a.certificate.NotAfter.UTC() }

// String keeps the key out of whatever prints an authority.
func (Authority) String() string { return "an authority" }

// GoString is String, for %#v.
func (a Authority) GoString() string { return a.String() }

// OpenAuthority reads an authority from its pair.
func OpenAuthority(pair Pair) (Authority, error) {
	block, _ := pem.Decode(pair.Certificate)
	keyBlock, _ := pem.Decode(pair.Key)
	if block == nil || keyBlock == nil {
		return Authority{}, errors.New("the authority's files are not PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Authority{}, fmt.Errorf("cannot read the authority's certificate: %w", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return Authority{}, errors.New("cannot read the authority's key") // the cause could show a part of it
	}
	key, is := parsed.(*ecdsa.PrivateKey)
	if !is || !certificate.IsCA || !key.PublicKey.Equal(certificate.PublicKey) {
		return Authority{}, errors.New("the authority's certificate and key do not belong together")
	}
	return Authority{certificate: certificate, key: key}, nil
}

// Issue makes a certificate for a holder, valid for so long and never longer
// than the authority itself.
func (a Authority) Issue(who Who, valid time.Duration) (Pair, error) {
	now := time.Now()
	until := now.Add(valid)
	switch {
	case !NameShape.MatchString(who.Name):
		return Pair{}, &Unfit{Text: fmt.Sprintf("%q cannot be the name of an agent", who.Name), Hint: "use 1 to 80 letters, digits, '.', '_' or '-': the name of its target in linkd's file"}
	case now.After(a.certificate.NotAfter):
		return Pair{}, &Unfit{Text: "the authority ended on " + stamp(a.certificate.NotAfter), Hint: "make a new one, linkd agent certificate authority --force, then all certificates anew"}
	case until.After(a.certificate.NotAfter):
		until = a.certificate.NotAfter
	}
	from := now.Add(-backdated)
	if from.Before(a.certificate.NotBefore) {
		from = a.certificate.NotBefore
	}
	template, err := template(pkix.Name{CommonName: who.Name}, from, until)
	if err != nil {
		return Pair{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	// Who dials is the client, and either end may.
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	template.DNSNames = []string{who.Name}
	template.URIs = urisOf(who.Role, who.Name, who.Allow)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("cannot make a key: %w", err)
	}
	return sign(template, a.certificate, key, a.key)
}

func urisOf(role Role, name string, allow []netip.Prefix) []*url.URL {
	uris := []*url.URL{{Scheme: scheme, Opaque: string(role) + ":" + name}}
	for _, prefix := range allow {
		uris = append(uris, &url.URL{Scheme: scheme, Opaque: allowWords + prefix.String()})
	}
	return uris
}

func template(subject pkix.Name, from, until time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("cannot make a serial number: %w", err)
	}
	return &x509.Certificate{SerialNumber: serial, Subject: subject, NotBefore: from, NotAfter: until}, nil
}

func sign(template, parent *x509.Certificate, key *ecdsa.PrivateKey, signer crypto.Signer) (Pair, error) {
	signed, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return Pair{}, fmt.Errorf("cannot sign the certificate: %w", err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, errors.New("cannot write the key")
	}
	return Pair{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}),
	}, nil
}

// Until is when the pair's certificate ends.
func (p Pair) Until() (time.Time, error) {
	block, _ := pem.Decode(p.Certificate)
	if block == nil {
		return time.Time{}, errors.New("the certificate is not PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot read the certificate: %w", err)
	}
	return certificate.NotAfter.UTC(), nil
}
