package aws

import (
	"encoding/xml"
	"fmt"
	"net/http"

	"linkd/internal/sim/ground"
)

type identityDocument struct {
	XMLName   xml.Name `xml:"GetCallerIdentityResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

func (c *Cloud) user() string { return "arn:aws:iam::" + c.account + ":user/linksim" }

// identity answers STS's GetCallerIdentity, which needs no permission.
func (k *call) identity(request string, injected ground.Injected) ([]byte, error) {
	if k.action != "GetCallerIdentity" {
		return nil, refuse("InvalidAction", "Could not find operation %s for version %s", k.action, k.text("Version"))
	}
	if injected.Deny {
		return nil, &fault{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."}
	}
	if err := k.injected(injected); err != nil {
		return nil, err
	}
	body, err := xml.Marshal(identityDocument{
		Namespace: stsNamespace, Arn: k.user(), UserID: "AIDALINKSIMAAAAAAAAAA", Account: k.account, RequestID: request,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot encode the caller's identity: %w", err)
	}
	return append([]byte(xml.Header), body...), nil
}
