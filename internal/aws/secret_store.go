package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"

	"linkd/internal/resource"
)

// Secrets Manager is asked one thing only, so the one call is signed here: its
// SDK would be another megabyte of linkd.
const (
	secretService = "secretsmanager"
	secretAction  = secretService + ":GetSecretValue"
	// mostSecret is more than Secrets Manager keeps: 65,536 bytes.
	mostSecret = 256 << 10
)

// suffixes are the domains of the partitions that have one of their own.
var suffixes = map[string]string{"aws-cn": "amazonaws.com.cn"}

// Secret reads the current version of a secret by its ARN, as [Options.Secret]
// of the other side wants it.
func (c *Cloud) Secret(ctx context.Context, arn string) (resource.Secret, error) {
	return c.secretAt(ctx, arn)
}

// secretAt reads the current version of a secret by its ARN. Its text is what
// SecretString holds; one that is binary is refused.
func (c *Cloud) secretAt(ctx context.Context, arn string) (resource.Secret, error) {
	retryer := c.retryer()
	for attempt := 1; ; attempt++ {
		text, err := c.askSecret(ctx, arn)
		if err == nil || ctx.Err() != nil || attempt >= retryer.MaxAttempts() || !retryer.IsErrorRetryable(err) {
			return text, hinted(c.problem(ctx, err))
		}
		delay, refused := retryer.RetryDelay(attempt, err)
		if refused != nil || rest(ctx, delay) != nil {
			return resource.Secret{}, c.problem(ctx, err)
		}
	}
}

// hinted says what to do about what is peculiar to secrets.
func hinted(err error) error {
	problem, ours := errors.AsType[*resource.Problem](err)
	if !ours {
		return err
	}
	hints := map[string]string{
		"ResourceNotFoundException": "check the ARN in the file, and that its account lets others read it",
		"InvalidRequestException":   "the secret may be marked for deletion: restore it, or name another",
		"DecryptionFailure":         "allow kms:Decrypt with the secret's own key to the identity that linkd runs as",
	}
	if hint, known := hints[problem.Code]; known {
		problem.Hint = hint
	}
	return problem
}

// askSecret sends the call once.
func (c *Cloud) askSecret(ctx context.Context, arn string) (resource.Secret, error) {
	began := time.Now()
	bounded, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	response, region, err := c.sendSecret(bounded, arn)
	call := Call{Action: secretAction, Region: region, Took: time.Since(began), Failed: err != nil}
	text := resource.Secret{}
	if err == nil {
		text, err = readSecret(response)
		call.Status, call.Failed = response.StatusCode, err != nil
		call.Throttled = response.StatusCode != http.StatusOK && throttling(codeOf(err))
	}
	if c.options.OnCall != nil {
		c.options.OnCall(call)
	}
	if err != nil {
		err = &smithy.OperationError{ServiceID: secretService, OperationName: "GetSecretValue", Err: err}
	}
	return text, err
}

// sendSecret signs and sends the request to the region of the secret.
func (c *Cloud) sendSecret(ctx context.Context, arn string) (*http.Response, string, error) {
	parts := strings.SplitN(arn, ":", 6) // arn:partition:service:region:account:rest
	if len(parts) < 6 {
		return nil, "", errors.New("it is no ARN")
	}
	partition, region := parts[1], parts[3]
	endpoint := c.options.Endpoint
	if endpoint == "" {
		suffix := suffixes[partition]
		if suffix == "" {
			suffix = "amazonaws.com"
		}
		endpoint = "https://" + secretService + "." + region + "." + suffix
	}
	body, err := json.Marshal(map[string]string{"SecretId": arn})
	if err != nil {
		return nil, region, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(endpoint, "/")+"/", strings.NewReader(string(body)))
	if err != nil {
		return nil, region, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", secretService+".GetSecretValue")
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, region, err
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), secretService, region, time.Now()); err != nil {
		return nil, region, err
	}
	response, err := c.config.HTTPClient.Do(request)
	return response, region, err
}

// readSecret reads the answer. An error of it holds no part of a secret.
func readSecret(response *http.Response) (resource.Secret, error) {
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostSecret))
	if err != nil {
		return resource.Secret{}, err
	}
	if response.StatusCode != http.StatusOK {
		var refusal struct {
			Type    string `json:"__type"`
			Message string
		}
		_ = json.Unmarshal(body, &refusal) // the status says enough
		_, code, found := strings.Cut(refusal.Type, "#")
		if !found {
			code = refusal.Type
		}
		if code == "" || code == "InternalServiceError" {
			code = "ServiceUnavailable"
		}
		return resource.Secret{}, &smithy.GenericAPIError{Code: code, Message: refusal.Message}
	}
	var answer struct{ SecretString *string }
	switch err := json.Unmarshal(body, &answer); {
	case err != nil:
		return resource.Secret{}, &nonsense{action: "GetSecretValue"}
	case awssdk.ToString(answer.SecretString) == "":
		return resource.Secret{}, &smithy.GenericAPIError{Code: "NoSecretString", Message: "the secret is empty or binary; linkd reads text"}
	}
	return resource.NewSecret(*answer.SecretString), nil
}

// codeOf is the cloud's code of an error, or "".
func codeOf(err error) string {
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		return answer.ErrorCode()
	}
	return ""
}
