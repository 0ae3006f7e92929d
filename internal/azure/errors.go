package azure

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"linkd/internal/resource"
)

// fault is an error as Azure Resource Manager writes it. The useful code is
// often in the details.
type fault struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Details []fault `json:"details"`
}

// faultRow says what a code means. The first row that matches counts; an
// empty field matches anything, and a code matches by its beginning or, after
// a star, by its end or middle.
type faultRow struct {
	status int
	code   string
	reason resource.Reason
	hint   string
}

var faults = []faultRow{
	{0, "RetryableError", resource.Busy, ""},
	{0, "AnotherOperationInProgress", resource.Busy, ""},
	{0, "ReferencedResourceNotProvisioned", resource.Busy, ""},
	{0, "*InProgress", resource.Busy, ""},
	{0, "*MustHaveProvisionedRoutingState", resource.Busy, ""},
	{http.StatusPreconditionFailed, "", resource.Busy, ""},
	{0, "*Quota", resource.Quota, "ask Azure for a higher quota in this region, or remove what is not used"},
	{0, "*LimitReached", resource.Quota, "ask Azure for a higher limit, or remove what is not used"},
	{0, "*LimitExceeded", resource.Quota, "ask Azure for a higher limit, or remove what is not used"},
	{http.StatusTooManyRequests, "", resource.Throttled, ""},
	{http.StatusUnauthorized, "", resource.SignIn, "the token was not accepted: look at the tenant, the client and its secret, or sign in again with az login"},
	{http.StatusForbidden, "RequestDisallowedByPolicy", resource.Refused, "an Azure Policy of the subscription forbids it: ask who keeps the policy for an exemption"},
	{http.StatusForbidden, "LinkedAuthorizationFailed", resource.Denied, "the write names something of another resource group or subscription: give the identity this action there as well; both subscriptions must be of one tenant"},
	{http.StatusForbidden, "", resource.Denied, "give the identity a role that contains this action on the resource group"},
	{0, "SubscriptionNotFound", resource.Refused, "azure.subscription of the file, or that of a hub or VNet, does not exist, or the identity cannot see it"},
	{0, "InvalidSubscriptionId", resource.Refused, "azure.subscription of the file must be the GUID of a subscription"},
	{0, "ResourceGroupNotFound", resource.Refused, "create the resource group first, or mend azure.resource_group of the file"},
	{0, "ResourceGroupBeingDeleted", resource.Refused, "the resource group is being deleted: wait and create it again, or name another one"},
	{0, "MissingSubscriptionRegistration", resource.Refused, "register the provider once: az provider register --namespace Microsoft.Network"},
	{0, "InUse", resource.InUse, "what the text names still uses it, and may carry traffic: linkd takes this away once that has let go of it; take nothing away by hand before linkd plan says why it is there"},
	{0, "MissingDefaultLinkForVpnSiteDuringMigrationToLinkFormat", resource.Refused, "the site was made without links: delete it by hand, linkd makes it anew"},
	{0, "InvalidConnectedSiteId", resource.Refused, "the site of the connection is not in the same virtual WAN as the gateway"},
	{http.StatusRequestTimeout, "", resource.Unreachable, ""},
	{http.StatusInternalServerError, "", resource.Unreachable, ""},
	{http.StatusBadGateway, "", resource.Unreachable, ""},
	{http.StatusServiceUnavailable, "", resource.Unreachable, ""},
	{http.StatusGatewayTimeout, "", resource.Unreachable, ""},
	{0, "", resource.Refused, ""},
}

func (r faultRow) matches(status int, code string) bool {
	if r.status != 0 && r.status != status {
		return false
	}
	if part, inside := strings.CutPrefix(r.code, "*"); inside {
		return strings.Contains(code, part)
	}
	return strings.HasPrefix(code, r.code)
}

// problem puts an error of the SDK into the words of the engine. The action is
// ARM's name of the call, without its provider: "vpnSites/write".
func problem(action string, err error) error {
	if !strings.HasPrefix(action, "Microsoft.") {
		action = "Microsoft.Network/" + action
	}
	if answer, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return refusal(action, answer, err)
	}
	p := &resource.Problem{Reason: resource.Nonsense, Action: action, Text: "the answer could not be decoded", Err: err}
	signIn, signedOut := errors.AsType[noToken](err)
	way, isLost := errors.AsType[lost](err)
	switch {
	case errors.Is(err, context.Canceled):
		p.Reason, p.Text = resource.Unreachable, "the time for it was over"
	case signedOut:
		p.Reason, p.Text, p.Hint = resource.SignIn, firstLine(signIn.Error()), cmp.Or(resource.HintOf(signIn.error), signInHint)
		if told := signInRefusal.FindStringSubmatch(signIn.Error()); told != nil {
			p.Code, p.Text = told[1], told[2]
		}
	case isLost:
		p.Reason, p.Text, p.Hint = resource.Unreachable, wordsOf(way), wayHint
	default:
		p.Hint = wayHint
		if strange, ok := errors.AsType[nonsense](err); ok {
			p.Text = strange.Error()
		}
	}
	return p
}

const wayHint = "look at the network, the proxy and the endpoint between linkd and Azure"

// wordsOf says what happened on the way to the cloud.
func wordsOf(err error) string {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before the whole answer had come"
	case errors.Is(err, context.DeadlineExceeded):
		return "none came in time, which is " + answerWithin.String() + " at the most"
	}
	return firstLine(err.Error())
}

// refusal is the problem behind an answer of the manager. The seconds that its
// text names are before those of the header: a simulated cloud that runs faster
// than life shortens the header only.
func refusal(action string, answer *azcore.ResponseError, err error) *resource.Problem {
	fault := fault{Code: answer.ErrorCode}
	headers := http.Header{}
	p := &resource.Problem{Action: action, Err: err}
	if answer.RawResponse != nil {
		body, _ := runtime.Payload(answer.RawResponse)
		fault = parseFault(body)
		fault.Code = cmp.Or(fault.Code, answer.ErrorCode)
		headers = answer.RawResponse.Header
	}
	inner := fault.innermost()
	row := rowOf(answer.StatusCode, fault)
	p.Reason, p.Hint = row.reason, row.hint
	p.Code = cmp.Or(inner.Code, fault.Code)
	p.Text = cmp.Or(firstLine(inner.Message), firstLine(fault.Message), http.StatusText(answer.StatusCode))
	p.After = cmp.Or(afterInText(p.Text), retryAfter(headers))
	if named := deniedAction.FindStringSubmatch(fault.Message); p.Reason == resource.Denied && named != nil {
		p.Action = named[1]
	}
	if answer.StatusCode < 300 && fault.Code == "" {
		p.Reason, p.Text = resource.Nonsense, "the answer could not be understood"
	}
	return p
}

// rowOf finds the row for a fault, of its own code or one of its details'.
func rowOf(status int, f fault) faultRow {
	last := faults[len(faults)-1]
	for _, row := range faults {
		if row.matches(status, f.Code) && row != last {
			return row
		}
	}
	for _, detail := range f.Details {
		if row := rowOf(status, detail); row != last {
			return row
		}
	}
	return last
}

// isBusy reports whether a fault says that something else runs.
func isBusy(f fault) bool { return rowOf(0, f).reason == resource.Busy }

// parseFault reads an error body: wrapped as ARM does, bare as some providers
// do, or the end of a failed operation.
func parseFault(body []byte) fault {
	var wrapped struct {
		Error *fault `json:"error"`
		fault
	}
	if json.Unmarshal(body, &wrapped) != nil {
		return fault{}
	}
	if wrapped.Error != nil {
		return *wrapped.Error
	}
	return wrapped.fault
}

// innermost is the detail that says most.
func (f fault) innermost() fault {
	if len(f.Details) > 0 && f.Details[0].Code != "" {
		return f.Details[0].innermost()
	}
	return f
}

var (
	deniedAction  = regexp.MustCompile(`perform action '([^']+)'`)
	signInRefusal = regexp.MustCompile(`(AADSTS\d+): ([^"\\.]+)`)
	secondsInText = regexp.MustCompile(`(?:retried|try again) (?:in|after) '?(\d+)'? seconds`)
)

// afterInText reads "can be retried in 12 seconds" and "try again after '6'
// seconds".
func afterInText(text string) time.Duration {
	found := secondsInText.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	seconds, err := strconv.Atoi(found[1])
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// retryAfter reads the headers in which Azure says when to come back.
func retryAfter(header http.Header) time.Duration {
	units := []struct {
		name string
		unit time.Duration
	}{{"retry-after-ms", time.Millisecond}, {"x-ms-retry-after-ms", time.Millisecond}, {"Retry-After", time.Second}}
	for _, row := range units {
		if n, err := strconv.Atoi(header.Get(row.name)); err == nil && n > 0 {
			return time.Duration(n) * row.unit
		}
	}
	return 0
}

// faultOf is the fault itself, "Code: text", without the name of the call.
func faultOf(err error) string {
	if p, ok := errors.AsType[*resource.Problem](err); ok {
		return strings.TrimPrefix(p.Code+": "+p.Text, ": ")
	}
	return firstLine(err.Error())
}

// firstLine makes one short line of a text.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.Join(strings.Fields(line), " ")
	if len(line) > 400 {
		line = strings.ToValidUTF8(line[:400], "") + "…"
	}
	return line
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
