package aws

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"linkd/internal/sim/ground"
)

// staleness is how far back a read looks when a fault wants a stale answer
// and the scenario names no lag.
const staleness = 30 * time.Second

// call is one request on its way through the half.
type call struct {
	*Cloud
	form
	action  string
	account string // whose credentials sign
	who     string // the ARN of the role that was assumed; "" for the user of the first account
	region  *region
	now     time.Time
	seen    time.Time // a read answers what was true then
	hurry   bool      // what takes time is done at once
	fails   *fault    // what the accepted operation comes to in the end, if it is to fail

	attached map[string][]string    // see attachedGateways
	allRules map[string][]groupRule // see rules
}

// Operation names what a request asks for: its Action. The half and whoever
// matches faults read the same form.
func Operation(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" { // a protocol in JSON
		_, action, _ := strings.Cut(target, ".")
		return action
	}
	if err := r.ParseForm(); err != nil {
		return ""
	}
	return r.Form.Get("Action")
}

// credential is the scope in a signature of version 4: the access key, the day,
// the region and the service for which the request was signed.
var credential = regexp.MustCompile(`^AWS4-HMAC-SHA256 .*Credential=([^/]+)/\d{8}/([a-z0-9-]+)/([a-z0-9]+)/aws4_request`)

// ServeHTTP answers one request of any service. Signatures are not verified,
// but they have to be there: they say which account and region are meant.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.requests++
	request := uuid(c.derive("request", fmt.Sprint(c.requests)))
	action := Operation(r)
	key, regionName, service, refused := scope(r.Header.Get("Authorization"))
	if refused != nil {
		refused.send(w, service, request)
		return
	}
	who, refused := c.accounts.caller(c.Now(), key, r.Header.Get("X-Amz-Security-Token"), service)
	if refused != nil {
		refused.send(w, service, request)
		return
	}
	k := &call{
		Cloud: c, form: form{values: r.Form}, action: action, account: who.account, who: who.arn,
		region: c.region(c.place(who.account, regionName)), now: c.Now(),
	}
	k.seen = k.now
	if reading(action) {
		k.seen = k.lagging()
	}
	switch service {
	case "ssm":
		k.manage(w, r, request)
		return
	case "secretsmanager":
		k.keepSecrets(w, r, request)
		return
	}
	body, err := k.answer(service, request, ground.InjectedInto(r.Context()))
	if err != nil {
		asFault(err).send(w, service, request)
		return
	}
	send(w, http.StatusOK, request, body)
}

// later does something once the operation, "aws/vpn-connection/create", has
// taken its time.
func (k *call) later(now time.Time, operation string, do func(at time.Time)) {
	takes := k.Takes(operation)
	if takes <= 0 || k.hurry {
		do(now)
		return
	}
	k.Agenda.At(now.Add(takes), do)
}

// lagging is the time whose truth everybody in EC2 has heard of by now.
func (k *call) lagging() time.Time { return k.now.Add(-k.Behaviour().Lag) }

func scope(authorization string) (key, region, service string, refused *fault) {
	if authorization == "" {
		return "", "", "ec2", &fault{http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token"}
	}
	parts := credential.FindStringSubmatch(authorization)
	if parts == nil {
		return "", "", "ec2", &fault{http.StatusUnauthorized, "AuthFailure", "AWS was not able to validate the provided access credentials"}
	}
	return parts[1], parts[2], parts[3], nil
}

// answer does what every call has in common (faults, quotas, the names of
// the parameters, the dry run) and then what the action asks for.
func (k *call) answer(service, request string, injected ground.Injected) ([]byte, error) {
	if service == "sts" {
		return k.tokenService(request, injected)
	}
	row, known := actions()[k.action]
	if !known {
		return nil, refuse("InvalidAction", "The action %s is not valid for this web service.", k.action)
	}
	if err := k.injected(injected); err != nil {
		return nil, err
	}
	if err := k.throttle(); err != nil {
		return nil, err
	}
	if err := k.recognize(row); err != nil {
		return nil, err
	}
	if dry, err := k.truth("DryRun"); err != nil || dry {
		return nil, cmp.Or(err, error(&fault{http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."}))
	}
	body, err := row.do(k)
	if err != nil {
		return nil, err
	}
	return document(k.action, request, body)
}

// injected refuses the call as a fault wants, or remembers what it wants later.
func (k *call) injected(injected ground.Injected) error {
	switch {
	case injected.Deny:
		return &fault{http.StatusForbidden, "UnauthorizedOperation", "You are not authorized to perform this operation. " +
			"User: " + k.user() + " is not authorized to perform: ec2:" + k.action + " because no identity-based policy allows the ec2:" + k.action + " action"}
	case injected.Status != 0:
		return &fault{injected.Status, cmp.Or(injected.Code, "InternalError"), cmp.Or(injected.Message, "An internal error has occurred")}
	}
	if injected.Stale {
		k.seen = k.now.Add(-max(k.Behaviour().Lag, staleness))
	}
	if injected.Fail {
		k.fails = refuse(cmp.Or(injected.FailCode, "InternalError"), "%s", injected.FailText)
	}
	return nil
}

// recognize refuses parameters that the action does not have, as EC2 does: a
// list under another action's name is an error, not nothing.
func (k *call) recognize(row action) error {
	for name := range k.values {
		top, _, _ := strings.Cut(name, ".")
		switch top {
		case "Action", "Version", "DryRun":
			continue
		}
		if !strings.Contains(" "+row.parameters+" ", " "+top+" ") {
			return refuse("UnknownParameter", "The parameter %s is not recognized", top)
		}
	}
	return nil
}

func asFault(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	return &fault{http.StatusInternalServerError, "InternalError", err.Error()}
}

func uuid(hex string) string {
	return hex[:8] + "-" + hex[8:12] + "-4" + hex[13:16] + "-a" + hex[17:20] + "-" + hex[20:32]
}
