package aws

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// wholeBody sends each request with a body of its own. The SDK closes its
// body as soon as an answer comes; when the answer is quicker than the
// transport's last look at the body, which happens on loopback and in memory,
// the transport takes the closed body for a failed write and tears down the
// connection under the answer. Bodies of EC2 calls are a few kilobytes.
type wholeBody struct{ next awssdk.HTTPClient }

// wholeBodies wraps client, or the SDK's own when it is nil.
func wholeBodies(client awssdk.HTTPClient) awssdk.HTTPClient {
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	return wholeBody{client}
}

// Do implements awssdk.HTTPClient.
func (w wholeBody) Do(request *http.Request) (*http.Response, error) {
	if request.Body == nil || request.Body == http.NoBody {
		return w.next.Do(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, fmt.Errorf("cannot read the request's body: %w", err)
	}
	if err := request.Body.Close(); err != nil {
		return nil, fmt.Errorf("cannot close the request's body: %w", err)
	}
	sent := request.Clone(request.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	sent.GetBody = nil
	response, err := w.next.Do(sent)
	if err != nil || response.StatusCode >= http.StatusMultipleChoices {
		return response, err
	}
	return sensible(response, string(body))
}
