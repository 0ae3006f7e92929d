package azure

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"linkd/internal/sim/machine"
)

// machineKind is a virtual machine: it is read, never made, and runs scripts.
func machineKind() *kind {
	return &kind{
		path:     []string{"virtualMachines"},
		provider: compute,
		located:  true,
		readOnly: true,
		actions: map[string]action{
			"runCommand": {check: checkRun, takes: runTakes, doom: runDoom, output: runOutput, after: func(n *node) { n.running = nil }},
		},
	}
}

// instanceView is what the service says of a machine at this moment.
func (c *Cloud) instanceView(n *node) object {
	power := object{"code": "PowerState/" + n.power(), "level": "Info", "displayStatus": "VM " + n.power()}
	agent := object{"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Ready", "message": "Guest Agent is running"}
	if n.agentless {
		agent = object{"code": "ProvisioningState/Unavailable", "level": "Warning", "displayStatus": "Not Ready", "message": "VM status blob is found but not yet populated."}
	}
	view := object{
		"computerName": n.name, "osName": "ubuntu", "osVersion": "22.04", "hyperVGeneration": "V2",
		"disks": []any{},
		"statuses": []any{
			object{"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded", "time": n.made.UTC().Format(time.RFC3339)},
			power,
		},
	}
	if !n.stopped {
		view["vmAgent"] = object{"vmAgentVersion": "2.9.1.1", "statuses": []any{agent}}
	}
	return view
}

// power is the word for it in the instance view: a machine that was shut down
// from within is stopped, one that Azure has stopped is deallocated.
func (n *node) power() string {
	switch {
	case n.deallocated:
		return "deallocated"
	case n.stopped:
		return "stopped"
	}
	return "running"
}

// viewed answers a GET of …/virtualMachines/{name}/instanceView.
func (c *Cloud) viewed(q *request) (answer, *failure) {
	q.target.path = q.target.path[:1]
	n, problem := c.lookUp(q, c.kindAt(compute, []string{"virtualMachines"}), "read")
	if problem != nil {
		return answer{}, problem
	}
	return ok(c.instanceView(n))
}

// isInstanceView says whether a path ends in a machine's instanceView.
func (t target) isInstanceView() bool {
	return same(t.provider, compute) && len(t.path) == 2 && len(t.names) == 1 && same(t.path[0], "virtualMachines") && same(t.path[1], "instanceView")
}

// run is a script on its way in a machine.
type run struct {
	machine.Outcome
	began time.Time
}

// longestRun is how long a script may run, and what is left of its output is
// the end of it; both are documented. The documentation also says that a run
// takes some 20 seconds at the least.
const (
	longestRun  = 90 * time.Minute
	mostPrinted = 4096
)

// checkRun wants a machine that runs and no other script on it. Both refusals
// are as users report them.
func checkRun(c *Cloud, q *request, n *node) *failure {
	if n.stopped {
		return &failure{status: http.StatusConflict, code: "OperationNotAllowed", message: "The operation requires the VM to be running (or set to run)."}
	}
	if n.running != nil {
		return &failure{
			status: http.StatusConflict, code: "Conflict",
			message: "Run command extension execution is in progress. Please wait for completion before invoking a run command.",
		}
	}
	if id := text(q.body, "commandId"); !same(id, "RunShellScript") {
		return badRequest("InvalidParameter", "The value of parameter commandId is invalid: '%s'.", id)
	}
	return nil
}

// runTakes starts the script and says how long it will take with all that
// the service does around it. That one waits in vain for an agent that is not
// ready is a guess; documented is that it does not run.
func runTakes(c *Cloud, q *request, n *node) time.Duration {
	if n.agentless {
		n.running = &run{began: q.now, Outcome: machine.Outcome{Hung: true}}
		return longestRun
	}
	n.running = &run{began: q.now, Outcome: machine.Machine{
		Address: c.addressOf(n), Temper: n.temper, Carry: c.ground.Fabric.Carry,
	}.Run(strings.Join(texts(q.body, "script"), "\n"))}
	if n.running.Hung {
		return longestRun
	}
	return c.ground.Takes("azure/virtualMachines/runCommand") + n.running.Took
}

// runDoom is the end of a script that has none.
func runDoom(_ *Cloud, n *node) *failure {
	if n.running == nil || !n.running.Hung {
		return nil
	}
	return &failure{code: "VMExtensionProvisioningTimeout", message: "Provisioning of VM extension RunCommandLinux has timed out. Extension provisioning has taken too long to complete."}
}

// runOutput is what a script has left: as the agent on Linux writes it, both
// streams in one message.
func runOutput(_ *Cloud, n *node, _ object, _ time.Time) any {
	printed := "Enable succeeded: \n[stdout]\n" + tail(n.running.Stdout) + "\n[stderr]\n" + tail(n.running.Stderr)
	return object{"value": []any{object{
		"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded", "message": printed,
	}}}
}

func tail(text string) string { return text[max(0, len(text)-mostPrinted):] }

// addressOf is the private address of a machine.
func (c *Cloud) addressOf(n *node) netip.Addr { return c.machineSide(n).Address }
