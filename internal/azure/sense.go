package azure

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// nonsense is an answer to another question, or to none.
type nonsense struct{ want string }

// Error implements error.
func (n nonsense) Error() string { return "the answer is no JSON with " + n.want + " in it" }

// unjudged marks the context of a question whose asker looks at the answer
// itself: a large one is not gone through twice.
type unjudged struct{}

// sensePolicy lets the answer to a GET pass only when it is one. The SDK takes
// an empty body for a list without items or a resource without properties:
// what stands, perhaps somebody else's, would be taken for absent and written
// over, and what is ready for what never will be.
type sensePolicy struct{}

// Do implements policy.Policy.
func (sensePolicy) Do(request *policy.Request) (*http.Response, error) {
	response, err := request.Next()
	if err != nil || request.Raw().Context().Value(unjudged{}) != nil || request.Raw().Method != http.MethodGet || response.StatusCode != http.StatusOK {
		return response, err
	}
	body, err := runtime.Payload(response)
	if err != nil {
		return response, err
	}
	var answer map[string]json.RawMessage
	want := memberOf(request.Raw().URL.Path)
	if json.Unmarshal(body, &answer) != nil || want != "" && answer[want] == nil {
		return nil, nonsense{want: want}
	}
	return response, nil
}

// memberOf is what the answer to a GET of a path must have: a list its value,
// an operation its status, a resource its id. The result of an operation can
// be anything.
func memberOf(path string) string {
	switch operation := operationOf(http.MethodGet, path); {
	case strings.HasSuffix(operation, ".list"):
		return "value"
	case operation == "operations.get":
		return "status"
	case operation == "operationResults.get":
		return ""
	}
	return "id"
}
