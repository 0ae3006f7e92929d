package aws

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

const (
	// script is the document of Systems Manager that runs a shell script.
	script = "AWS-RunShellScript"
	// commandAnswers is how often a command is asked how it went, in the cloud's
	// time. A script's own time is that of its echoes.
	commandAnswers = 2 * time.Second
	// leastScript and mostScript are what the document takes as a time limit.
	leastScript, mostScript = 30 * time.Second, 48 * time.Hour
	// cancelWithin bounds the call that takes back a command nobody waits for.
	cancelWithin = 10 * time.Second
)

// Run implements [survey.Runner] by Systems Manager, which must reach the
// instance: its agent runs there, and its role lets it speak to the service.
// A command that does not end within the time is taken back, once it is known
// to be sent.
func (c *Cloud) Run(ctx context.Context, name, text string, within time.Duration) (string, error) {
	target, region, err := c.runsOn(name)
	if err != nil {
		return "", err
	}
	asked := ctx
	ctx, stop := context.WithTimeoutCause(asked, within, fmt.Errorf("the script on %s did not end within %s", name, within))
	defer stop()
	sent, err := region.ssm.SendCommand(ctx, &ssm.SendCommandInput{
		DocumentName: awssdk.String(script), InstanceIds: []string{target.ID},
		Parameters: map[string][]string{
			"commands":         {text},
			"executionTimeout": {strconv.Itoa(int(min(max(within, leastScript), mostScript).Seconds()))},
		},
	})
	switch {
	case coded(err, invalidInstance):
		return "", c.unreached(asked, region, target, err)
	case err != nil:
		return "", c.problem(ctx, err)
	}
	if sent.Command == nil {
		return "", nothingOf("ssm:SendCommand")
	}
	output, began, err := c.outcomeOf(ctx, region, target, awssdk.ToString(sent.Command.CommandId))
	if err != nil { // a command that has ended is not minded
		c.takeBack(context.WithoutCancel(ctx), region, awssdk.ToString(sent.Command.CommandId))
	}
	if err != nil && !began && asked.Err() == nil {
		return "", c.unreached(asked, region, target, err)
	}
	return output, err
}

// runsOn finds a target of the file and its region.
func (c *Cloud) runsOn(name string) (desired.Target, *region, error) {
	for _, target := range c.file.Probes.Targets {
		if target.Name != name {
			continue
		}
		_, region := c.vpcOf(target)
		switch {
		case region == nil:
			return target, nil, fmt.Errorf("cannot run a script on %s: it is in no VPC of the file", name)
		case target.ID == "":
			return target, nil, resource.WithHint(fmt.Errorf("cannot run a script on %s: the file does not say which instance it is", name), "give the target its id, \"i-…\"")
		}
		return target, region, nil
	}
	return desired.Target{}, nil, fmt.Errorf("cannot run a script on %s: the file has no such target", name)
}

// outcomeOf waits for a command to end, and says whether it ever began. For a
// moment after it was sent nothing is known of it.
func (c *Cloud) outcomeOf(ctx context.Context, region *region, target desired.Target, command string) (output string, began bool, err error) {
	for {
		if err := rest(ctx, time.Duration(float64(commandAnswers)/c.options.TimeScale)); err != nil {
			return "", began, err
		}
		seen, err := region.ssm.GetCommandInvocation(ctx, &ssm.GetCommandInvocationInput{CommandId: awssdk.String(command), InstanceId: awssdk.String(target.ID)})
		if coded(err, "InvocationDoesNotExist") {
			continue
		}
		if err != nil {
			return "", began || ctx.Err() == nil, c.problem(ctx, err) // that it may not be asked says nothing of the instance
		}
		switch seen.Status {
		case types.CommandInvocationStatusPending, types.CommandInvocationStatusDelayed:
		case types.CommandInvocationStatusInProgress, types.CommandInvocationStatusCancelling:
			began = true
		case types.CommandInvocationStatusSuccess:
			return awssdk.ToString(seen.StandardOutputContent), true, nil
		case "":
			return "", true, nothingOf("ssm:GetCommandInvocation")
		default:
			return "", !slices.Contains(undelivered, awssdk.ToString(seen.StatusDetails)), c.endedBadly(target, seen)
		}
	}
}

// nothingOf is an answer that is one by its form, and has nothing in it.
func nothingOf(action string) error {
	return &resource.Problem{Reason: resource.Nonsense, Action: action, Text: "the answer is empty", Hint: nonsenseHint}
}

// endedBadly says how a command ended that did not succeed.
func (c *Cloud) endedBadly(target desired.Target, seen *ssm.GetCommandInvocationOutput) error {
	problem := &resource.Problem{Reason: resource.Refused, Action: "ssm:SendCommand", Code: awssdk.ToString(seen.StatusDetails)}
	switch said := lastLine(awssdk.ToString(seen.StandardErrorContent)); {
	case seen.Status == types.CommandInvocationStatusTimedOut:
		problem.Text = "the script on " + target.Name + " did not end within its time"
	case said != "":
		problem.Text = fmt.Sprintf("the script on %s ended with code %d: %s", target.Name, seen.ResponseCode, said)
	default:
		problem.Text = fmt.Sprintf("the script on %s ended with code %d", target.Name, seen.ResponseCode)
	}
	return problem
}

// takeBack stops a command that nobody waits for any more. Whether that comes
// through is of no further use here.
func (c *Cloud) takeBack(ctx context.Context, region *region, command string) {
	ctx, stop := context.WithTimeout(ctx, cancelWithin)
	defer stop()
	_, err := region.ssm.CancelCommand(ctx, &ssm.CancelCommandInput{CommandId: awssdk.String(command)})
	_ = err // the script has a time limit of its own
}

// lastLine is the last line of a text that is not empty, in part when it is long.
func lastLine(text string) string {
	const most = 200
	lines := strings.Split(strings.TrimSpace(text), "\n")
	line := strings.TrimSpace(lines[len(lines)-1])
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return line
}

// rest waits, or stops with the context and says why.
func rest(ctx context.Context, span time.Duration) error {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
