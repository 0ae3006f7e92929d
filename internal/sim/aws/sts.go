package aws

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

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

type assumedDocument struct {
	XMLName   xml.Name `xml:"AssumeRoleResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Key       string   `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	Secret    string   `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	Token     string   `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expires   stamp    `xml:"AssumeRoleResult>Credentials>Expiration"`
	Arn       string   `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	UserID    string   `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

// securityTokenActions are the calls of STS that are simulated. What a fault
// denies is refused by them in their own words.
var securityTokenActions = map[string]func(k *call, request string, denied bool) (any, error){
	"GetCallerIdentity": getCallerIdentity,
	"AssumeRole":        assumeRole,
}

// tokenService answers a request of STS.
func (k *call) tokenService(request string, injected ground.Injected) ([]byte, error) {
	do, simulated := securityTokenActions[k.action]
	if !simulated {
		return nil, refuse("InvalidAction", "Could not find operation %s for version %s", k.action, k.text("Version"))
	}
	denied := injected.Deny
	injected.Deny = false
	if err := k.injected(injected); err != nil {
		return nil, err
	}
	answer, err := do(k, request, denied)
	if err != nil {
		return nil, err
	}
	body, err := xml.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("cannot encode the answer of %s: %w", k.action, err)
	}
	return append([]byte(xml.Header), body...), nil
}

// getCallerIdentity needs no permission: it fails only where signing in does.
func getCallerIdentity(k *call, request string, denied bool) (any, error) {
	if denied {
		return nil, &fault{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."}
	}
	user := "AIDALINKSIMAAAAAAAAAA"
	if k.who != "" {
		user = assumedID(k.who)
	}
	return identityDocument{Namespace: stsNamespace, Arn: k.user(), UserID: user, Account: k.account, RequestID: request}, nil
}

// The bounds of a session, as the reference of AssumeRole has them. A role gives
// an hour at most unless it says otherwise, which none does here.
const (
	leastSession = 15 * time.Minute
	mostSession  = time.Hour
)

var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// assumeRole gives credentials of a role's account. A role that is not there, that
// wants another external id, or that is of an account that there is not, is
// refused in the same words: they do not tell which.
func assumeRole(k *call, request string, denied bool) (any, error) {
	arn, name := k.text("RoleArn"), k.text("RoleSessionName")
	lasts, err := k.number("DurationSeconds", int(mostSession.Seconds()))
	switch {
	case err != nil:
		return nil, err
	case len(arn) < 20:
		return nil, refuse("ValidationError", "1 validation error detected: Value '%s' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20", arn)
	case !sessionName.MatchString(name):
		return nil, refuse("ValidationError", "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*", name)
	case lasts < int(leastSession.Seconds()):
		return nil, refuse("ValidationError", "1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900", lasts)
	case lasts > int(mostSession.Seconds()):
		return nil, refuse("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	r, there := k.accounts.roles[arn]
	if denied || !there || r.externalID != "" && r.externalID != k.text("ExternalId") {
		return nil, &fault{http.StatusForbidden, "AccessDenied", "User: " + k.user() + " is not authorized to perform: sts:AssumeRole on resource: " + arn}
	}
	k.made["session"]++
	digest := strings.ToUpper(k.derive("session", fmt.Sprint(k.made["session"])))
	account, path := strings.Split(arn, ":")[4], strings.Split(arn, "/")
	s := session{
		caller: caller{account, "arn:aws:sts::" + account + ":assumed-role/" + path[len(path)-1] + "/" + name},
		role:   arn, made: r.made, token: k.derive("session-token", digest), expires: k.now.Add(time.Duration(lasts) * time.Second),
	}
	key := temporary + digest[:9]
	k.accounts.sessions[key] = s
	k.forgetSessions()
	return assumedDocument{
		Namespace: stsNamespace, Key: key, Secret: k.derive("session-secret", digest)[:40], Token: s.token, Expires: stamp(s.expires),
		Arn: s.arn, UserID: assumedID(s.arn), RequestID: request,
	}, nil
}

// assumedID is the unique id of a role's session: that of the role, and the name
// of the session.
func assumedID(arn string) string {
	parts := strings.Split(arn, "/")
	return "AROALINKSIMAAAAAAAAAA:" + parts[len(parts)-1]
}

// forgetSessions drops those that ended an hour ago, so that a long run does not
// grow; until then they are told that they have.
func (k *call) forgetSessions() {
	for key, s := range k.accounts.sessions {
		if k.now.Sub(s.expires) > time.Hour {
			delete(k.accounts.sessions, key)
		}
	}
}
