package aws

import (
	"testing"

	"github.com/aws/smithy-go/logging"

	"linkd/internal/desired"
)

// TestTheSDKKeepsItsWarningsToItself: what linkd has to say it says itself, in
// its own form. The SDK's words would go to the standard error output.
func TestTheSDKKeepsItsWarningsToItself(t *testing.T) {
	cloud := &Cloud{file: &desired.File{}}
	config, err := cloud.chain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, silent := config.Logger.(logging.Nop); !silent {
		t.Errorf("the SDK logs to %T", config.Logger)
	}
}
