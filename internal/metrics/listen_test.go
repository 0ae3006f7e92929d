package metrics

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The bcrypt hashes of two passwords that guard nothing.
const (
	hashOfRight  = "$2a$04$11ERfW8.9z1PU0yz5hGaXevUvRVPmw7EeWks/LAXUtbmJDfztbp6a"
	hashOfSecond = "$2a$04$3ch2IKSritZA3ZZZ9bKigug/56vvFvfyj89Qi7Hot4LhUi/p1wzm2"
)

// certificate writes a key and a self-signed certificate for 127.0.0.1, and
// returns who trusts it.
func certificate(t *testing.T, folder string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "linkd"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})))
	write(t, filepath.Join(folder, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})))
	parsed, err := x509.ParseCertificate(signed)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return pool
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// listening serves a page on a loopback port until the test ends, and returns
// its address.
func listening(t *testing.T, webConfig string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the page") })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, webConfig, page, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("a server that is told to stop says: %v", err)
		}
	})
	return listener.Addr().String()
}

func TestTheServerWantsTLSAndAPassword(t *testing.T) {
	folder := t.TempDir()
	trusts := certificate(t, folder)
	config := filepath.Join(folder, "web.yml")
	users := func(hash string) string {
		return "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\nbasic_auth_users:\n  someone: " + hash + "\n"
	}
	write(t, config, users(hashOfRight))
	address := listening(t, config)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusts}, DisableKeepAlives: true}}
	ask := func(scheme, password string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://"+address+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			request.SetBasicAuth("someone", password)
		}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || (answer.StatusCode == http.StatusOK) != (string(body) == "the page") {
			t.Errorf("%s with %q shows %q: %v", scheme, password, body, err)
		}
		return answer.StatusCode
	}
	expect := func(when string, status map[[2]string]int) {
		t.Helper()
		for given, want := range status {
			if got := ask(given[0], given[1]); got != want {
				t.Errorf("%s, %s with password %q answers %d, want %d", when, given[0], given[1], got, want)
			}
		}
	}
	expect("at first", map[[2]string]int{
		{"http", "right"}: 400, {"https", ""}: 401, {"https", "wrong"}: 401, {"https", "second"}: 401, {"https", "right"}: 200,
	})
	write(t, config, users(hashOfSecond))
	expect("with other users", map[[2]string]int{{"https", "right"}: 401, {"https", "second"}: 200})
	client.Transport.(*http.Transport).TLSClientConfig.RootCAs = certificate(t, folder)
	expect("with another certificate", map[[2]string]int{{"https", "second"}: 200})
}

func TestWithoutAWebConfigurationTheServerIsPlain(t *testing.T) {
	answer, err := http.Get("http://" + listening(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("it answers %s", answer.Status)
	}
}

func TestAServerThatCannotBeginSaysWhy(t *testing.T) {
	taken := listening(t, "")
	bad := filepath.Join(t.TempDir(), "web.yml")
	write(t, bad, "tls_server_config: {no_such_key: 1}\n")
	_, occupied := Listen(t.Context(), taken)
	_, nonsense := Listen(t.Context(), "nonsense")
	open, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"cannot listen on " + taken + ": bind: ":                occupied,
		"cannot listen on nonsense: address ":                   nonsense,
		"cannot use the web configuration " + bad + ": yaml":    CheckWebConfig(bad),
		"cannot use the web configuration " + bad + ".absent: ": CheckWebConfig(bad + ".absent"),
		"cannot serve on 127":                                   Serve(t.Context(), open, bad, http.NotFoundHandler(), slog.New(slog.DiscardHandler)),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("want an error %q…, got %v", name, err)
		}
	}
}

func TestAServerWhoseTimeIsOverBeforeItBeginsJustEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := Serve(ctx, listener, "", http.NotFoundHandler(), slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}
