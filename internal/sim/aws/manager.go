package aws

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/machine"
)

// invocation is a command of Systems Manager on one instance.
type invocation struct {
	command, instance string
	sent, began, over time.Time
	limit             time.Duration // of the script
	cancelled         bool
	machine.Outcome
}

const (
	// mostOutput is how much of each stream an answer has, in characters;
	// documented.
	mostOutput = 24000
	// delivery is how long a command is Pending, and known how long it is
	// after it was sent that an invocation can be asked about. Both are guesses;
	// that it cannot be at once is documented.
	delivery = 2 * time.Second
	known    = time.Second
	// usualLimit is how long AWS-RunShellScript lets a script run.
	usualLimit = time.Hour
)

// managerActions are the calls of Systems Manager that are simulated.
var managerActions = map[string]func(*call, []byte) (any, error){
	"SendCommand":                 sendCommand,
	"CancelCommand":               cancelCommand,
	"GetCommandInvocation":        getCommandInvocation,
	"DescribeInstanceInformation": describeInstanceInformation,
}

// manage answers a request of Systems Manager, whose protocol is JSON.
func (k *call) manage(w http.ResponseWriter, r *http.Request, request string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = nil
	}
	answer, err := k.managed(body, ground.InjectedInto(r.Context()))
	status := http.StatusOK
	if err != nil {
		f := asFault(err)
		status, answer = f.status, map[string]string{"__type": f.code, "message": f.message}
	}
	sendJSON(w, status, request, answer)
}

func (k *call) managed(body []byte, injected ground.Injected) (any, error) {
	do, simulated := managerActions[k.action]
	switch {
	case !simulated:
		return nil, refuse("UnknownOperationException", "The operation %s is not simulated.", k.action)
	case injected.Deny:
		return nil, refuse("AccessDeniedException", "User: %s is not authorized to perform: ssm:%s because no identity-based policy allows the ssm:%s action", k.user(), k.action, k.action)
	}
	if err := k.injected(injected); err != nil {
		return nil, err
	}
	return do(k, body)
}

// reach is how Systems Manager reaches an instance: Online, ConnectionLost, or
// "" when it does not know it. An agent that is silent for minutes is lost.
func (i instance) reach() string {
	switch {
	case i.unmanaged:
		return ""
	case i.lost || i.state != "running":
		return "ConnectionLost"
	}
	return "Online"
}

func sendCommand(k *call, body []byte) (any, error) {
	var asked struct {
		DocumentName string
		InstanceIDs  []string `json:"InstanceIds"`
		Parameters   map[string][]string
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, refuse("SerializationException", "%v", err)
	}
	if asked.DocumentName != "AWS-RunShellScript" {
		return nil, refuse("InvalidDocument", "Document with name %s does not exist.", asked.DocumentName)
	}
	for _, id := range asked.InstanceIDs {
		if i, there := k.region.instances.get(id); !there || i.reach() != "Online" {
			return nil, refuse("InvalidInstanceId", "Instances [[%s]] not in a valid state for account %s", id, k.account)
		}
	}
	limit := usualLimit
	if given := asked.Parameters["executionTimeout"]; len(given) > 0 {
		seconds, err := strconv.Atoi(given[0])
		if err != nil {
			return nil, refuse("InvalidParameters", "executionTimeout is no number of seconds: %s", given[0])
		}
		limit = time.Duration(seconds) * time.Second
	}
	k.made["command"]++
	command := uuid(k.derive("command", fmt.Sprint(k.made["command"])))
	script := strings.Join(asked.Parameters["commands"], "\n")
	for _, id := range asked.InstanceIDs {
		k.deliver(&invocation{command: command, instance: id, sent: k.now, limit: limit}, script)
	}
	return map[string]any{"Command": map[string]any{
		"CommandId": command, "DocumentName": asked.DocumentName, "InstanceIds": asked.InstanceIDs, "Parameters": asked.Parameters,
		"Status": "Pending", "StatusDetails": "Pending", "RequestedDateTime": float64(k.now.UnixMilli()) / 1000, "TargetCount": len(asked.InstanceIDs),
	}}, nil
}

// cancelCommand stops what has not ended yet of a command.
func cancelCommand(k *call, body []byte) (any, error) {
	var asked struct {
		CommandID string `json:"CommandId"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, refuse("SerializationException", "%v", err)
	}
	known := false
	for _, v := range k.commands {
		if v.command != asked.CommandID {
			continue
		}
		known = true
		if status, _ := v.status(k.now); status == "Pending" || status == "InProgress" {
			v.cancelled = true
		}
	}
	if !known {
		return nil, refuse("InvalidCommandId", "")
	}
	return map[string]any{}, nil
}

// deliver lets the instance run the script in a moment. Once it has begun, its
// outcome and its end are known to the simulator, and told when the time has come.
func (k *call) deliver(v *invocation, script string) {
	k.commands[v.command+"/"+v.instance] = v
	region := k.region
	k.Agenda.At(k.now.Add(delivery), func(at time.Time) {
		i, there := region.instances.get(v.instance)
		if !there || i.reach() != "Online" {
			return // it stays Pending
		}
		v.Outcome = machine.Machine{Address: i.address, Temper: i.temper, Carry: k.Fabric.Carry}.Run(script)
		if v.Took > v.limit {
			v.Hung = true
		}
		if v.began, v.over = at, at.Add(v.Took); v.Hung {
			v.over = at.Add(v.limit)
		}
	})
}

// status is the state of an invocation, and its details.
func (v *invocation) status(now time.Time) (status, details string) {
	switch {
	case v.cancelled:
		return "Cancelled", "Canceled"
	case v.began.IsZero():
		return "Pending", "Pending"
	case now.Before(v.over):
		return "InProgress", "InProgress"
	case v.Hung:
		return "TimedOut", "ExecutionTimedOut"
	case v.Code != 0:
		return "Failed", "Failed"
	}
	return "Success", "Success"
}

func getCommandInvocation(k *call, body []byte) (any, error) {
	var asked struct {
		CommandID  string `json:"CommandId"`
		InstanceID string `json:"InstanceId"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, refuse("SerializationException", "%v", err)
	}
	v, there := k.commands[asked.CommandID+"/"+asked.InstanceID]
	if !there || k.now.Sub(v.sent) < known {
		return nil, refuse("InvocationDoesNotExist", "")
	}
	status, details := v.status(k.now)
	answer := map[string]any{
		"CommandId": v.command, "InstanceId": v.instance, "DocumentName": "AWS-RunShellScript", "PluginName": "aws:runShellScript",
		"Status": status, "StatusDetails": details, "ResponseCode": -1, "StandardOutputContent": "", "StandardErrorContent": "",
		"StandardOutputUrl": "", "StandardErrorUrl": "",
	}
	if status != "Pending" && status != "InProgress" {
		answer["ResponseCode"] = v.Code
		answer["StandardOutputContent"], answer["StandardErrorContent"] = head(v.Stdout), head(v.Stderr)
		answer["ExecutionStartDateTime"], answer["ExecutionEndDateTime"] = v.began.UTC().Format(time.RFC3339), v.over.UTC().Format(time.RFC3339)
	}
	if v.Hung && status == "TimedOut" {
		answer["ResponseCode"] = -1
	}
	return answer, nil
}

// head is as much of a stream as an answer has.
func head(text string) string {
	if runes := []rune(text); len(runes) > mostOutput {
		return string(runes[:mostOutput])
	}
	return text
}

func describeInstanceInformation(k *call, body []byte) (any, error) {
	var asked struct {
		Filters []struct {
			Key    string
			Values []string
		}
		InstanceInformationFilterList []struct {
			Key      string   `json:"key"`
			ValueSet []string `json:"valueSet"`
		}
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, refuse("SerializationException", "%v", err)
	}
	list := []any{}
	for _, i := range k.region.instances.allAt(k.seen) {
		wanted := i.reach() != ""
		for _, filter := range asked.Filters {
			wanted = wanted && (filter.Key != "InstanceIds" || slices.Contains(filter.Values, i.id)) && (filter.Key != "PingStatus" || slices.Contains(filter.Values, i.reach()))
		}
		for _, filter := range asked.InstanceInformationFilterList {
			wanted = wanted && (filter.Key != "InstanceIds" || slices.Contains(filter.ValueSet, i.id))
		}
		if wanted {
			list = append(list, map[string]any{
				"InstanceId": i.id, "PingStatus": i.reach(), "LastPingDateTime": float64(k.now.UnixMilli()) / 1000, "AgentVersion": "3.3.1345.0",
				"IsLatestVersion": true, "PlatformType": "Linux", "PlatformName": "Ubuntu", "PlatformVersion": "22.04", "ResourceType": "EC2Instance",
				"IPAddress": i.address.String(), "ComputerName": i.id,
			})
		}
	}
	return map[string]any{"InstanceInformationList": list}, nil
}
