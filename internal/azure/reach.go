package azure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// reasonWithin bounds the call that asks why a machine runs no script.
const reasonWithin = 10 * time.Second

// instanceView is what Azure says of a machine at this moment.
type instanceView struct {
	Statuses []viewStatus `json:"statuses"`
	Agent    struct {
		Statuses []viewStatus `json:"statuses"`
	} `json:"vmAgent"`
}

type viewStatus struct {
	Code    string `json:"code"`
	Display string `json:"displayStatus"`
	Message string `json:"message"`
}

// view reads the instance view of a machine.
func (s *scope) view(ctx context.Context, ref string) (instanceView, error) {
	var machine struct {
		Properties struct {
			InstanceView instanceView `json:"instanceView"`
		} `json:"properties"`
	}
	err := s.read(ctx, s.url(ref, computeVersion)+"&$expand=instanceView", &machine)
	return machine.Properties.InstanceView, err
}

// power is the state behind "PowerState/": running, stopped, deallocated; "" when
// Azure does not say it.
func (v instanceView) power() string {
	for _, status := range v.Statuses {
		if state, is := strings.CutPrefix(strings.ToLower(status.Code), "powerstate/"); is {
			return state
		}
	}
	return ""
}

// agentWhy says why the machine's agent carries out nothing, or "". A machine
// whose view has no agent in it has none.
func (v instanceView) agentWhy() string {
	all := v.Agent.Statuses
	switch {
	case len(all) == 0:
		return "it has never told anything"
	case equalFold(all[0].Display, "Ready"):
		return ""
	}
	return strings.TrimSuffix(cmp.Or(all[0].Message, all[0].Display), ".")
}

// notRun puts in words why a script was not carried out: Azure refused it.
func (s *scope) notRun(ctx context.Context, target desired.Target, err error) error {
	answer, is := errors.AsType[*azcore.ResponseError](err)
	switch {
	case is && isAbsent(err):
		return &resource.Problem{
			Reason: resource.Refused, Action: runAction, Err: err,
			Text: "there is no virtual machine " + lastPart(target.ID), Hint: "mend the id of target " + target.Name + " in the file",
		}
	case is && answer.ErrorCode == "OperationNotAllowed":
		return s.unready(ctx, target, &resource.Problem{
			Reason: resource.Refused, Action: runAction, Code: answer.ErrorCode, Err: err,
			Text: lastPart(target.ID) + " (" + target.Name + ") does not run", Hint: "start the virtual machine",
		})
	}
	return s.unready(ctx, target, problem(runAction, err))
}

// unready asks how a machine stands that carried out no script. If it is not
// running, or its agent is not ready, that is the reason, and otherwise what
// is known already.
func (s *scope) unready(ctx context.Context, target desired.Target, known error) error {
	if reason := resource.ReasonOf(known); reason != "" && reason != resource.Refused {
		return known // nobody let it be asked, or heard it
	}
	ctx, stop := context.WithTimeout(ctx, reasonWithin)
	defer stop()
	view, err := s.view(ctx, target.ID)
	if err != nil {
		return known
	}
	found := &resource.Problem{Reason: resource.Refused, Action: runAction, Err: known}
	if told, is := errors.AsType[*resource.Problem](known); is {
		found.Code = told.Code
	}
	who := lastPart(target.ID) + " (" + target.Name + ")"
	switch power := view.power(); {
	case power == "":
		return known
	case powerOf(power) != survey.Running:
		found.Text, found.Hint = fmt.Sprintf("%s does not run: it is %s", who, power), "start the virtual machine"
	case view.agentWhy() != "":
		found.Text = fmt.Sprintf("the agent of %s is not ready: %s", who, view.agentWhy())
		found.Hint = "see that the Azure Linux agent runs there, and reaches 168.63.129.16"
	default:
		return known
	}
	return found
}
