package aws_test

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"linkd/internal/sim"
	"linkd/internal/sim/scenario"
)

// Clients that nobody here wrote, as Debian's packages python3-boto3 and awscli
// install them.
const (
	python = "/usr/bin/python3"
	awsCLI = "/usr/bin/aws"
)

// requireClients skips the test when the clients are not installed, unless the
// environment says that they have to be.
func requireClients(t *testing.T) {
	t.Helper()
	var lacking []string
	if exec.Command(python, "-c", "import boto3").Run() != nil {
		lacking = append(lacking, "boto3 for "+python)
	}
	if _, err := os.Stat(awsCLI); err != nil {
		lacking = append(lacking, awsCLI)
	}
	if len(lacking) == 0 {
		return
	}
	message := "not installed: " + strings.Join(lacking, ", ") + " (apt-get install python3-boto3 awscli)"
	if os.Getenv("LINKD_REQUIRE_CLIENTS") == "1" {
		t.Fatal(message)
	}
	t.Skip(message)
}

// serve runs a simulator of the built-in scenario on loopback, much faster
// than life, and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return serveOf(t, given)
}

func serveOf(t *testing.T, given scenario.Scenario) string {
	t.Helper()
	simulator, err := sim.New(given, sim.Options{Scale: 2000})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- simulator.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// run runs a client without any configuration of the machine it is on, and
// decodes what it prints.
func run(t *testing.T, into any, name string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Env = []string{
		"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=example", "AWS_DEFAULT_REGION=ap-northeast-1", "AWS_DEFAULT_OUTPUT=json",
	}
	var complaint strings.Builder
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, complaint.String())
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s %s: %v in %s", name, strings.Join(arguments, " "), err, out)
	}
}

func TestBoto3BuildsTheAWSHalfAndTheCLIListsTheSame(t *testing.T) {
	requireClients(t)
	endpoint := serve(t)
	var built struct {
		Account, Gateway, Customer, Again, Connection, State string
		Attachments, Routes, Tunnels, Telemetry, Tags        []string
		Groups                                               []int
		Document                                             bool
		Refusals                                             map[string]string
		Zones, GroupRules, Instances                         int
	}
	run(t, &built, python, "testdata/build_aws_half.py", endpoint)

	same := func(what string, got, want any) {
		t.Helper()
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Errorf("%s: %s, want %s", what, a, b)
		}
	}
	same("account", built.Account, "123456789012")
	same("a repeated customer gateway", built.Again, built.Customer)
	same("state of the connection", built.State, "available")
	same("inside ranges", built.Tunnels, []string{"169.254.21.0/30", "169.254.21.4/30"})
	same("groups of phase 1", built.Groups, []int{14, 14})
	same("telemetry without Azure", built.Telemetry, []string{"DOWN", "DOWN"})
	same("document says static", built.Document, true)
	same("routes", built.Routes, []string{"10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16", "172.21.0.0/16"})
	same("refusals", built.Refusals, map[string]string{
		"missing": "InvalidTransitGatewayID.NotFound", "malformed": "InvalidTransitGatewayID.Malformed",
		"twice": "RouteAlreadyExists", "dry": "DryRunOperation",
	})
	if built.Zones < 2 || built.GroupRules == 0 || built.Instances != 2 || !slices.Contains(built.Tags, "link-0") {
		t.Errorf("listed %d zones, %d rules, %d instances, tags %v", built.Zones, built.GroupRules, built.Instances, built.Tags)
	}

	for _, row := range []struct {
		what, query string
		want        []string
		arguments   []string
	}{
		{"transit gateways", "TransitGateways[].TransitGatewayId", []string{built.Gateway}, []string{"describe-transit-gateways"}},
		{"attachments", "sort(TransitGatewayAttachments[].TransitGatewayAttachmentId)", built.Attachments, []string{"describe-transit-gateway-attachments"}},
		{"customer gateways", "CustomerGateways[].CustomerGatewayId", []string{built.Customer}, []string{"describe-customer-gateways", "--filters", "Name=tag:Name,Values=link-0"}},
		{"connections", "VpnConnections[].VpnConnectionId", []string{built.Connection}, []string{"describe-vpn-connections", "--filters", "Name=state,Values=available"}},
		{
			"VPC routes to the transit gateway", "RouteTables[].Routes[?TransitGatewayId].DestinationCidrBlock[]",
			[]string{"10.1.0.0/16", "10.2.0.0/16", "10.1.0.0/16", "10.2.0.0/16"},
			[]string{"describe-route-tables"},
		},
	} {
		var got []string
		run(t, &got, awsCLI, append([]string{"ec2", "--endpoint-url", endpoint, "--query", row.query}, row.arguments...)...)
		same("the CLI's "+row.what, got, row.want)
	}
	var identity struct{ Account string }
	run(t, &identity, awsCLI, "sts", "get-caller-identity", "--endpoint-url", endpoint)
	same("the CLI's account", identity.Account, built.Account)
}
