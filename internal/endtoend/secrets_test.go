package endtoend

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/sim/ground"
)

// tap keeps the bodies that go over the wire, keys and all.
type tap struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  bytes.Buffer
}

func (t *tap) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		t.keep(body)
		request = request.Clone(request.Context())
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	response, err := t.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	t.keep(body)
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
	return response, nil
}

// broken passes on how a body ended.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return 0, io.EOF
}

func (t *tap) keep(body []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all.Write(body)
}

var keysOnTheWire = regexp.MustCompile(`<preSharedKey>([^<]+)<|"sharedKey":\s*"([^"]+)"|PreSharedKey=([^&]+)`)

// keys are all that went over the wire.
func (t *tap) keys() map[string]bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	keys := map[string]bool{}
	for _, found := range keysOnTheWire.FindAllSubmatch(t.all.Bytes(), -1) {
		for _, key := range found[1:] {
			if len(key) > 0 {
				keys[string(key)] = true
			}
		}
	}
	return keys
}

// sent is the first key that a pattern finds.
func (t *tap) sent(pattern string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(regexp.MustCompile(pattern).FindSubmatch(t.all.Bytes())[1])
}

// ink is all that a program could print of one run.
type ink struct {
	strings.Builder
	log *slog.Logger
}

func newInk() *ink {
	i := &ink{}
	i.log = slog.New(slog.NewTextHandler(i, nil))
	return i
}

// put prints a value in every way there is.
func (i *ink) put(values ...any) {
	for _, value := range values {
		fmt.Fprintf(i, "%v\n%+v\n%#v\n%s\n", value, value, value, value)
		i.log.Info("value", "value", value)
		slog.New(slog.NewJSONHandler(i, nil)).Info("value", "value", value)
		if err, ok := value.(error); ok {
			i.chain(err)
		}
	}
}

// chain prints every error behind an error.
func (i *ink) chain(err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			i.put(one)
		}
	}
	if next := errors.Unwrap(err); next != nil {
		i.put(next)
	}
}

// run plans and applies, and prints all that comes of it.
func (l *lab) run(i *ink) {
	l.Helper()
	engine := l.engine(l.Context())
	plan, world := engine.Plan(l.Context())
	for _, write := range []func(io.Writer) error{
		plan.Text, plan.JSON,
		func(w io.Writer) error { return engine.Graph.Mermaid(w, plan) },
		func(w io.Writer) error { return engine.Graph.DOT(w, plan) },
	} {
		if err := write(i); err != nil {
			l.Fatal(err)
		}
	}
	report, err := engine.Apply(l.Context(), plan, world)
	if err := report.JSON(i); err != nil {
		l.Fatal(err)
	}
	i.put(plan, world, report, err)
	for _, o := range report.Outcomes {
		i.put(o, o.Err)
	}
	for _, e := range l.events {
		i.put(e)
	}
	for _, live := range world {
		i.put(live, live.Secrets)
	}
}

// TestAKeyIsNeverPrinted builds the link, changes its key behind linkd's back
// and mends it while calls that carry the key fail, with clouds that repeat the
// key in what they say. No key that went over the wire is in anything that
// linkd could print.
func TestAKeyIsNeverPrinted(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"aws", "file"} {
		t.Run("keys from "+from, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { noKeyIsPrinted(t, from) })
		})
	}
}

func noKeyIsPrinted(t *testing.T, from string) {
	l := newLab(t, instant)
	wire := &tap{next: l.wire.client.Transport}
	l.wire.client = &http.Client{Transport: wire}
	if from == "file" {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte("a_key.that.stands_in_a_file\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		l.file.Links[0].Keys.From = "file:" + path
	}
	printed := newInk()
	l.run(printed)
	l.mustBeClean()
	echo := "the key is wrong: " + wire.sent(`"sharedKey":\s*"([^"]+)"`)
	for _, fault := range []ground.Fault{
		{Operation: "PUT vpnGateways/vpnConnections", Effect: ground.EffectStatus, Status: 400, Code: "BadKey", Message: echo},
		{Operation: "PUT vpnGateways/vpnConnections", Effect: ground.EffectFail, Code: "BadKey", Message: echo},
		{Operation: "GET vpnGateways/vpnConnections", Effect: ground.EffectNonsense, Nonsense: "cut"},
		{Operation: "*listSharedKey", Effect: ground.EffectNonsense, Nonsense: "cut"},
		{Operation: "DescribeVpnConnections", Effect: ground.EffectNonsense, Nonsense: "cut"},
		{Operation: "ModifyVpnTunnelOptions", Effect: ground.EffectStatus, Status: 400, Code: "BadKey", Message: echo},
	} {
		l.mustMutate(ground.Mutation{
			Cloud: "azure", Op: "set", Kind: "vpnGateways/vpnConnections/vpnLinkConnections",
			Name: tokyoConnection + "/tokyo-0-1", Field: "sharedKey", Value: "another.key.altogether",
		})
		if from == "file" && fault.Operation == "ModifyVpnTunnelOptions" {
			l.mustMutate(ground.Mutation{
				Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: l.world()[desired.AWSConnectionID("tokyo", 0)].Ref + "/0",
				Field: "PreSharedKey", Value: "a.third.key.altogether",
			})
		}
		l.sim.Inject(fault)
		l.run(printed)
		l.sim.Heal()
	}
	l.run(printed)
	l.mustBeClean()
	keys := wire.keys()
	if len(keys) < 3 || !keys["another.key.altogether"] || strings.Count(printed.String(), string(reconcile.Settled)) < 10 {
		t.Fatalf("%d keys went over the wire and %d bytes were printed: the test proves nothing", len(keys), printed.Len())
	}
	for key := range keys {
		if at := strings.Index(printed.String(), key); at >= 0 && key != "[redacted]" {
			text := printed.String()
			t.Errorf("the key %q is printed: %s", key, text[max(0, at-600):min(len(text), at+len(key)+100)])
		}
	}
}
