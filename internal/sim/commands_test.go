package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/ground"
)

const (
	vmPath     = subscription + "/resourceGroups/rg-network/providers/Microsoft.Compute/virtualMachines/vm-jpe"
	hostA      = "i-0a1000000000000aa"
	pingScript = "LC_ALL=C ping -n -c 2 -i 0.2 -W 1 -s 56 "
)

// runCommand runs a script on the machine in Azure as an SDK does, and returns
// the answers to its start and to its end.
func (d *driver) runCommand(script string) (status int, started, ended string) {
	d.Helper()
	body, err := json.Marshal(map[string]any{"commandId": "RunShellScript", "script": []string{script}})
	if err != nil {
		d.Fatal(err)
	}
	header := map[string]string{"Authorization": "Bearer token", "Content-Type": "application/json"}
	status, started, answered, err := d.send(http.MethodPost, vmPath+"/runCommand?api-version=2024-07-01", string(body), header)
	if err != nil || status != http.StatusAccepted {
		return status, started, ""
	}
	path := strings.TrimPrefix(answered.Get("Location"), "https://clouds.test")
	for range 1000 {
		time.Sleep(10 * time.Second)
		now, answer, _, err := d.send(http.MethodGet, path, "", header)
		if err != nil {
			d.Fatal(err)
		}
		if now != http.StatusAccepted {
			return status, started, answer
		}
	}
	d.Fatal("the script never ends")
	return 0, "", ""
}

// manager calls Systems Manager.
func (d *driver) manager(action, body string) (int, map[string]any) {
	d.Helper()
	status, answer, _, err := d.send(http.MethodPost, "/", body, map[string]string{
		"Authorization": strings.ReplaceAll(signature, "/ec2/", "/ssm/"), "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM." + action,
	})
	if err != nil {
		d.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal([]byte(answer), &read); err != nil {
		d.Fatalf("%s: %v in %s", action, err, answer)
	}
	return status, read
}

func (d *driver) mutate(cloud, kind, name, field string, value any) {
	d.Helper()
	if err := d.sim.Mutate(ground.Mutation{Cloud: cloud, Kind: kind, Name: name, Op: "set", Field: field, Value: value}); err != nil {
		d.Fatal(err)
	}
}

func TestAMachineInAzureRunsAScript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{}, nil)
		d.buildLink()
		_, _, ended := d.runCommand(pingScript + "172.20.0.10")
		if !strings.Contains(ended, `Enable succeeded: \n[stdout]\nPING 172.20.0.10 (172.20.0.10) 56(84) bytes of data.\n64 bytes from 172.20.0.10: icmp_seq=1 ttl=61`) ||
			!strings.Contains(ended, `2 packets transmitted, 2 received, 0% packet loss`) || !strings.Contains(ended, `[stderr]\n`) {
			t.Errorf("it says %s", ended)
		}
		_, _, ended = d.runCommand("ping -c 1 -s 1373 -M do 172.20.0.10")
		if !strings.Contains(ended, "Frag needed and DF set (mtu = 1400)") {
			t.Errorf("of 1401 bytes it says %s", ended)
		}
		_, _, ended = d.runCommand("echo " + strings.Repeat("x", 6000) + "end")
		if strings.Count(ended, "x") != 4096-len("end\n") || !strings.Contains(ended, "end") {
			t.Errorf("of much output %d letters are left", strings.Count(ended, "x"))
		}
		if status, view, err := d.arm(http.MethodGet, vmPath+"/instanceView", ""); err != nil || status != 200 || !strings.Contains(view, "PowerState/running") {
			t.Errorf("the instance view: %d %s %v", status, view, err)
		}
		if status, vm, err := d.arm(http.MethodGet, vmPath, ""); err != nil || status != 200 || !strings.Contains(vm, "networkInterfaces/vm-jpe-nic") {
			t.Errorf("the machine: %d %s %v", status, vm, err)
		}
		if calls := d.sim.Calls(); calls["POST virtualMachines/runCommand"] != 3 || calls["GET virtualMachines/instanceView"] != 1 {
			t.Errorf("calls %v", calls)
		}
	})
}

func TestAMachineInAzureRefusesOrHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{}, nil)
		for _, state := range []string{"stopped", "deallocated"} {
			d.mutate("azure", "virtualMachines", "vm-jpe", "powerState", state)
			if status, started, _ := d.runCommand("true"); status != 409 || !strings.Contains(started, "OperationNotAllowed") {
				t.Errorf("on a machine that is %s: %d %s", state, status, started)
			}
			if _, view, err := d.arm(http.MethodGet, vmPath+"/instanceView", ""); err != nil || !strings.Contains(view, "PowerState/"+state) {
				t.Errorf("the instance view: %s %v", view, err)
			}
		}
		d.mutate("azure", "virtualMachines", "vm-jpe", "powerState", "running")
		d.mutate("azure", "virtualMachines", "vm-jpe", "temper", map[string]any{"hangs": true})
		began := d.sim.Now()
		ended := make(chan string)
		go func() {
			_, _, answer := d.runCommand("true")
			ended <- answer
		}()
		time.Sleep(time.Minute)
		if status, started, _ := d.runCommand("true"); status != 409 || !strings.Contains(started, "execution is in progress") {
			t.Errorf("beside another script: %d %s", status, started)
		}
		if answer := <-ended; !strings.Contains(answer, "VMExtensionProvisioningTimeout") || d.sim.Now().Sub(began) < 90*time.Minute {
			t.Errorf("after %v it says %s", d.sim.Now().Sub(began), answer)
		}
		d.sim.Inject(ground.Fault{Cloud: "azure", Operation: "POST virtualMachines/runCommand", Effect: ground.EffectDeny})
		if status, started, _ := d.runCommand("true"); status != 403 || !strings.Contains(started, "Microsoft.Compute/virtualMachines/runCommand/action") {
			t.Errorf("without the permission: %d %s", status, started)
		}
	})
}

func TestAnInstanceRunsAScript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{}, nil)
		d.buildLink()
		send := func(script string, more string) (int, map[string]any) {
			return d.manager("SendCommand", fmt.Sprintf(`{"DocumentName":"AWS-RunShellScript","InstanceIds":[%q],"Parameters":{"commands":[%q]%s}}`, hostA, script, more))
		}
		invoke := func(command any) (int, map[string]any) {
			return d.manager("GetCommandInvocation", fmt.Sprintf(`{"CommandId":%q,"InstanceId":%q}`, command, hostA))
		}
		id := func(sent map[string]any) any { return sent["Command"].(map[string]any)["CommandId"] }

		_, sent := send(pingScript+"10.2.0.4", "")
		if status, early := invoke(id(sent)); status != 400 || early["__type"] != "InvocationDoesNotExist" {
			t.Errorf("at once: %d %v", status, early)
		}
		var seen []string
		var last map[string]any
		for range 40 {
			time.Sleep(100 * time.Millisecond)
			if _, last = invoke(id(sent)); last["Status"] != nil && (len(seen) == 0 || seen[len(seen)-1] != last["Status"]) {
				seen = append(seen, fmt.Sprint(last["Status"]))
			}
		}
		if fmt.Sprint(seen) != "[Pending InProgress Success]" || last["ResponseCode"] != 0.0 || !strings.Contains(fmt.Sprint(last["StandardOutputContent"]), "2 packets transmitted, 2 received") {
			t.Errorf("states %v, in the end %v", seen, last)
		}

		_, sent = send("echo broken >&2; exit 7", "")
		time.Sleep(time.Minute)
		if _, last = invoke(id(sent)); last["Status"] != "Failed" || last["ResponseCode"] != 7.0 || last["StandardErrorContent"] != "broken\n" {
			t.Errorf("a script that fails: %v", last)
		}
		d.mutate("aws", "instance", hostA, "Temper", map[string]any{"hangs": true})
		_, sent = send("true", `,"executionTimeout":["30"]`)
		time.Sleep(time.Minute)
		if _, last = invoke(id(sent)); last["Status"] != "TimedOut" || last["StatusDetails"] != "ExecutionTimedOut" {
			t.Errorf("a script that hangs: %v", last)
		}
		listed := func() string {
			_, list := d.manager("DescribeInstanceInformation", fmt.Sprintf(`{"Filters":[{"Key":"InstanceIds","Values":[%q]}]}`, hostA))
			return fmt.Sprint(list)
		}
		if list := listed(); !strings.Contains(list, "PingStatus:Online") {
			t.Errorf("it is %s", list)
		}
		d.mutate("aws", "instance", hostA, "Managed", false)
		time.Sleep(time.Minute) // describes are late
		if status, refused := send("true", ""); status != 400 || refused["__type"] != "InvalidInstanceId" || strings.Contains(listed(), hostA) {
			t.Errorf("an instance that is not managed: %d %v", status, refused)
		}
		d.sim.Inject(ground.Fault{Cloud: "aws", Operation: "SendCommand", Effect: ground.EffectDeny})
		if status, refused := send("true", ""); status != 400 || refused["__type"] != "AccessDeniedException" {
			t.Errorf("without the permission: %d %v", status, refused)
		}
	})
}
