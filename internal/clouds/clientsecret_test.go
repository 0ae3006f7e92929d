package clouds

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/azure"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

const clientSecretARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:linkd/azure-a1b2c3"

// signInService is Microsoft's, as far as to take one client secret and to repeat,
// unlike it, what it does not take. Everything else goes to the simulator.
type signInService struct {
	next   *http.Client
	secret string
	code   string // of a refusal
	asked  int
}

// Do implements the transport of Azure's SDK.
func (s *signInService) Do(request *http.Request) (*http.Response, error) {
	if request.URL.Host != "login.microsoftonline.com" {
		return s.next.Do(request)
	}
	status, body := http.StatusOK, `{"token_endpoint":"https://login.microsoftonline.com/t/oauth2/v2.0/token",`+
		`"authorization_endpoint":"https://login.microsoftonline.com/t/oauth2/v2.0/authorize","issuer":"https://login.microsoftonline.com/t/v2.0",`+
		`"tenant_discovery_endpoint":"https://login.microsoftonline.com/t/v2.0/.well-known/openid-configuration","metadata":[]}`
	if request.Method == http.MethodPost {
		if err := request.ParseForm(); err != nil {
			return nil, err
		}
		s.asked++
		body = `{"token_type":"Bearer","expires_in":3600,"access_token":"a-token"}`
		if given := request.PostForm.Get("client_secret"); given != s.secret {
			status, body = http.StatusUnauthorized, `{"error":"invalid_client","error_description":"`+s.code+`: Invalid client secret provided: `+given+`"}`
		}
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: request,
	}, nil
}

// house is a pair of simulated clouds whose Azure is signed in to by a client
// secret that stands in AWS Secrets Manager.
type house struct {
	*testing.T
	sim     *sim.Simulator
	service *signInService
	file    *desired.File
}

func newHouse(t *testing.T) *house {
	t.Helper()
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	given.Behaviour.Instant = true
	simulator, err := sim.New(given, sim.Options{Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	client, stop := simulator.Client()
	t.Cleanup(stop)
	file := seed(t)
	file.Azure.Credentials = desired.AzureCredentials{
		Tenant: "11111111-aaaa-bbbb-cccc-555555555555", Client: "22222222-aaaa-bbbb-cccc-555555555555", SecretFrom: "awssm:" + clientSecretARN,
	}
	return &house{t, simulator, &signInService{next: client, code: "AADSTS7000215"}, file}
}

// keep puts a secret into the store.
func (h *house) keep(text string) {
	h.Helper()
	if err := h.sim.Mutate(ground.Mutation{Cloud: "aws", Kind: "secret", Name: clientSecretARN, Op: "set", Field: "SecretString", Value: text}); err != nil {
		h.Fatal(err)
	}
}

// open opens both clouds, of which only Azure wants to know who asks.
func (h *house) open() []reconcile.Cloud {
	h.Helper()
	_, toAWS, err := Options{HTTPClient: h.service.next}.split()
	if err != nil {
		h.Fatal(err)
	}
	both, err := join(h.Context(), h.file, azure.Options{Transport: h.service, Endpoint: inMemory}, toAWS)
	if err != nil {
		h.Fatal(err)
	}
	return both
}

// reads counts how often the store was asked.
func (h *house) reads() int { return h.sim.Calls()["GetSecretValue"] }

// TestAzureIsSignedInToByASecretOfAWS reads it when it is needed, and again when it
// was changed: by then the tokens of the old one are over.
func TestAzureIsSignedInToByASecretOfAWS(t *testing.T) {
	for _, code := range []string{"AADSTS7000215", "AADSTS7000222"} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.service.code, h.service.secret = code, "first~client.secret"
				h.keep("first~client.secret\n")
				both := h.open()
				if h.reads() != 0 {
					t.Error("the store is asked before Azure is")
				}
				world, _ := reconcile.Observe(t.Context(), both)
				if live := world[desired.VNetID("vnet-jpe")]; live.Phase != resource.Ready || h.reads() != 1 {
					t.Errorf("the VNet is %s (%s), and the store was asked %d times", live.Phase, live.Why, h.reads())
				}
				h.service.secret = "second~client.secret"
				h.keep("second~client.secret")
				time.Sleep(2 * time.Hour)
				world, _ = reconcile.Observe(t.Context(), both)
				if live := world[desired.VNetID("vnet-jpe")]; live.Phase != resource.Ready || h.reads() != 2 {
					t.Errorf("with a new secret the VNet is %s (%s), and the store was asked %d times", live.Phase, live.Why, h.reads())
				}
			})
		})
	}
}

// TestASecretThatIsRefusedIsReadOnceMoreAndNotShown has the sign-in refuse what
// the store holds, however often Azure is asked.
func TestASecretThatIsRefusedIsReadOnceMoreAndNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.service.secret = "first~client.secret"
		h.keep("first~client.secret")
		both := h.open()
		if err := both[0].Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.service.secret = "nobody.knows.it"
		time.Sleep(2 * time.Hour)
		began := time.Now()
		for range 3 {
			err := both[0].Check(t.Context())
			if resource.ReasonOf(err) != resource.SignIn || !strings.Contains(err.Error(), "AADSTS7000215") || resource.HintOf(err) == "" {
				t.Errorf("%v (hint: %s)", err, resource.HintOf(err))
			}
			for ; err != nil; err = errors.Unwrap(err) {
				if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "first~client.secret") {
					t.Errorf("the secret is shown: %s", text)
				}
			}
		}
		if h.reads() != 2 || time.Since(began) > time.Minute {
			t.Errorf("the store was asked %d times, want once for the first token and once more; it took %s", h.reads(), time.Since(began))
		}
		if text := fmt.Sprintf("%+v %#v", both[0], both[0]); strings.Contains(text, "first~client.secret") {
			t.Error("the opened cloud shows the secret")
		}
	})
}

// TestAClientSecretThatCannotBeReadIsNamed tells the place, the call and what to
// do, and what Azure has is unknown.
func TestAClientSecretThatCannotBeReadIsNamed(t *testing.T) {
	for code, fault := range map[string]ground.Fault{
		"ResourceNotFoundException": {Operation: "nothing", Effect: ground.EffectDeny},
		"AccessDeniedException":     {Operation: "GetSecretValue", Effect: ground.EffectDeny},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			h.sim.Inject(fault)
			both := h.open()
			err := both[0].Check(t.Context())
			for _, part := range []string{"cannot take the client secret of Azure from awssm:" + clientSecretARN, "secretsmanager:GetSecretValue", code} {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%s: %v, without %q", code, err, part)
				}
			}
			if hint := resource.HintOf(err); resource.ReasonOf(err) != resource.SignIn || hint == "" || strings.Contains(hint, "az login") {
				t.Errorf("%s: hint %q", code, hint)
			}
			world, _ := reconcile.Observe(t.Context(), both)
			if live := world[desired.VNetID("vnet-jpe")]; live.Phase != resource.Unknown {
				t.Errorf("%s: the VNet is %s", code, live.Phase)
			}
			if h.service.asked > 0 {
				t.Errorf("%s: the sign-in is asked without a secret", code)
			}
		})
	}
}
