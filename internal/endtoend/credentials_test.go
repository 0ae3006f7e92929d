package endtoend

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"linkd/internal/aws"
	"linkd/internal/azure"
	"linkd/internal/resource"
)

// TestMissingCredentialsOfAzureAreNamed opens Azure with a secret that is not
// to be had, and with one that the sign-in service does not accept.
func TestMissingCredentialsOfAzureAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.file.Azure.Credentials.Tenant, l.file.Azure.Credentials.Client = "11111111-aaaa-bbbb-cccc-555555555555", "22222222-aaaa-bbbb-cccc-555555555555"
		l.file.Azure.Credentials.SecretFrom = "env:LINKD_TEST_NO_SUCH_SECRET"
		_, err := azure.New(l.file, azure.Options{Transport: signInService{}})
		if err == nil || !words(err.Error(), "cannot sign in to Azure: … LINKD_TEST_NO_SUCH_SECRET is not set") {
			t.Errorf("without a secret: %v", err)
		}

		t.Setenv("LINKD_TEST_SECRET", "the-wrong-secret")
		l.file.Azure.Credentials.SecretFrom = "env:LINKD_TEST_SECRET"
		cloud, err := azure.New(l.file, azure.Options{Transport: signInService{}})
		if err != nil {
			t.Fatal(err)
		}
		err = cloud.Check(t.Context())
		if resource.ReasonOf(err) != resource.SignIn || resource.HintOf(err) == "" || strings.Contains(err.Error(), "the-wrong-secret") {
			t.Errorf("with a wrong secret: %v (%s)", err, resource.HintOf(err))
		}
	})
}

// signInService is Microsoft's, as far as to refuse a secret.
type signInService struct{}

func (signInService) Do(request *http.Request) (*http.Response, error) {
	status, body := http.StatusOK, `{"token_endpoint":"https://login.microsoftonline.com/t/oauth2/v2.0/token",`+
		`"authorization_endpoint":"https://login.microsoftonline.com/t/oauth2/v2.0/authorize","issuer":"https://login.microsoftonline.com/t/v2.0",`+
		`"tenant_discovery_endpoint":"https://login.microsoftonline.com/t/v2.0/.well-known/openid-configuration","metadata":[]}`
	if request.Method == http.MethodPost {
		status, body = http.StatusUnauthorized, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}`
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: request,
	}, nil
}

// TestMissingCredentialsOfAWSAreNamed opens AWS where the SDK's own search
// finds nothing.
func TestMissingCredentialsOfAWSAreNamed(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CA_BUNDLE": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
	} {
		t.Setenv(name, value)
	}
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		cloud, err := aws.New(t.Context(), l.file, aws.Options{HTTPClient: l.wire.client, Endpoint: "http://simulator.localhost"})
		if err != nil {
			t.Fatal(err)
		}
		err = cloud.Check(t.Context())
		if resource.ReasonOf(err) != resource.SignIn || !words(err.Error(), "sts:GetCallerIdentity could not sign in: no usable credentials") ||
			!strings.Contains(resource.HintOf(err), "as for the AWS CLI") {
			t.Errorf("without credentials: %v (%s)", err, resource.HintOf(err))
		}
		world, _ := cloud.Sweep(t.Context())
		if live := world[transit]; live.Phase != resource.Unknown || !strings.Contains(live.Why, "could not sign in") {
			t.Errorf("without credentials the transit gateway is %s: %s", live.Phase, live.Why)
		}
	})
}
