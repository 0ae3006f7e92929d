package azure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

const (
	runAction = "Microsoft.Compute/virtualMachines/runCommand/action"
	// othersAnswer is how often a machine that runs another script is asked
	// again, in the cloud's time: a run takes some twenty seconds at the least.
	othersAnswer = 10 * time.Second
)

// Run implements [survey.Runner] by VM Run Command, which the agent of a Linux
// machine in Azure carries out as root. A machine runs one script at a time; that
// of another is waited for. Azure cannot take a script back: one that does not
// end is left to its own 90 minutes.
func (c *Cloud) Run(ctx context.Context, name, text string, within time.Duration) (string, error) {
	target, where, err := c.runsOn(name)
	if err != nil {
		return "", err
	}
	asked := ctx
	ctx, stop := context.WithTimeoutCause(asked, within, fmt.Errorf("the script on %s did not end within %s", name, within))
	defer stop()
	for {
		answer, err := where.run(ctx, target.ID, text, c.scale)
		switch {
		case ctx.Err() != nil && asked.Err() == nil:
			return "", where.unready(asked, target, context.Cause(ctx))
		case ctx.Err() != nil:
			return "", context.Cause(ctx)
		case err == nil:
			return printed(target, answer)
		case !runsAnother(err):
			return "", where.notRun(asked, target, err)
		}
		if err := rest(ctx, scaled(othersAnswer, c.scale)); err != nil {
			return "", err
		}
	}
}

// runsOn finds a target of the file and the subscription that it is in.
func (c *Cloud) runsOn(name string) (desired.Target, *scope, error) {
	for _, target := range c.file.Probes.Targets {
		if target.Name != name {
			continue
		}
		vnet, ours := c.vnetOf(target)
		switch {
		case !ours:
			return target, nil, fmt.Errorf("cannot run a script on %s: it is in no VNet of the file", name)
		case target.ID == "":
			return target, nil, resource.WithHint(fmt.Errorf("cannot run a script on %s: the file does not say which machine it is", name), "give the target its id, the ARM id of the virtual machine")
		}
		return target, c.vnet(vnet).at, nil
	}
	return desired.Target{}, nil, fmt.Errorf("cannot run a script on %s: the file has no such target", name)
}

// run has a machine run a script, and waits for what comes of it.
func (s *scope) run(ctx context.Context, machine, text string, scale float64) (json.RawMessage, error) {
	url := runtime.JoinPaths(s.arm.Endpoint(), machine, "runCommand") + "?api-version=" + computeVersion
	request, err := runtime.NewRequest(ctx, http.MethodPost, url)
	if err != nil {
		return nil, err
	}
	asked := map[string]any{"commandId": "RunShellScript", "script": strings.Split(text, "\n")}
	if err := runtime.MarshalAsJSON(request, asked); err != nil {
		return nil, err
	}
	accepted, err := s.arm.Pipeline().Do(request)
	if err != nil {
		return nil, err
	}
	if !runtime.HasStatusCode(accepted, http.StatusOK, http.StatusAccepted) {
		return nil, runtime.NewResponseError(accepted)
	}
	return s.outcomeWithin(ctx, accepted, scale)
}

// runsAnother tells whether a machine refuses a script because one runs on it.
func runsAnother(err error) bool {
	answer, is := errors.AsType[*azcore.ResponseError](err)
	return is && answer.StatusCode == http.StatusConflict && answer.ErrorCode == "Conflict"
}

// printed takes what a script wrote to its standard output from the agent's
// message, which has both streams: "Enable succeeded: \n[stdout]\n…\n[stderr]\n…".
func printed(target desired.Target, answer json.RawMessage) (string, error) {
	var list struct {
		Value []struct {
			Message string `json:"message"`
		} `json:"value"`
	}
	if err := json.Unmarshal(answer, &list); err != nil || len(list.Value) == 0 {
		return "", problem(runAction, nonsense{want: "value"})
	}
	_, text, marked := strings.Cut(list.Value[0].Message, "[stdout]\n")
	if !marked {
		return "", &resource.Problem{
			Reason: resource.Nonsense, Action: runAction, Text: "what the agent of " + target.Name + " says has no output in it",
			Hint: "look at the machine's agent: it must be a Linux machine",
		}
	}
	text, complaint, _ := strings.Cut(text, "\n[stderr]")
	complaint = strings.TrimSpace(complaint)
	if text == "" && complaint != "" { // Azure tells no exit code
		lines := strings.Split(complaint, "\n")
		return "", &resource.Problem{Reason: resource.Refused, Action: runAction, Text: "the script on " + target.Name + " wrote nothing but errors: " + lines[len(lines)-1]}
	}
	return text, nil
}
