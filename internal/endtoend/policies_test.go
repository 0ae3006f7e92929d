package endtoend

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/deploy/examples"
	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/sim/catalogue"
	"linkd/internal/sim/ground"
)

// unseen are the actions that a policy allows although no request of these
// tests shows them, each with its reason.
var unseen = map[string]string{
	"kms:Decrypt": "Secrets Manager asks for it where a secret has a key of its own",
	"Microsoft.Network/locations/operationResults/read": "where the answer of an operation lies when its status does not hold it",
	"Microsoft.Network/virtualWans/join/action":         "Azure asks for it on a hub's write, for the WAN that the hub names",
	"Microsoft.Network/virtualNetworks/peer/action":     "Azure asks for it on the write of a VNet connection, for the VNet that it names",
	"Microsoft.Network/virtualHubs/hubRouteTables/read": "Azure asks for it on the write of a connection, for the tables that it names",
	"Microsoft.Network/virtualHubs/routeMaps/read":      "Azure asks for it on the write of a connection, for the maps that it could name",
}

// ungranted are the requests that are in no policy.
var ungranted = map[string]string{
	"sts:GetCallerIdentity":                          "everybody may ask who they are",
	"ec2:DisableTransitGatewayRouteTablePropagation": "no audit reads propagations to a table that is not wanted, so none is ever switched off",
}

// allowed reads the actions that a policy of AWS or a role of Azure allows.
// None is a pattern: what a pattern grants grows with the cloud.
func allowed(t *testing.T, name string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("../../deploy/policies/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Actions, DataActions []string // Azure
		Statement            []struct {
			Effect           string
			Action, Resource oneOrMore
		}
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatal(err)
	}
	actions := map[string]bool{}
	for _, statement := range policy.Statement {
		if statement.Effect != "Allow" {
			t.Errorf("%s has a statement that does not allow", name)
		}
		if slices.Contains(statement.Resource, "*") && slices.Contains(statement.Action, "secretsmanager:GetSecretValue") {
			t.Errorf("%s lets every secret be read", name)
		}
		policy.Actions = append(policy.Actions, statement.Action...)
	}
	for _, action := range slices.Concat(policy.Actions, policy.DataActions) {
		if strings.Contains(action, "*") {
			t.Errorf("%s allows the pattern %s", name, action)
		}
		actions[action] = true
	}
	if len(actions) == 0 {
		t.Errorf("%s allows nothing", name)
	}
	return actions
}

// oneOrMore is a list that may stand as its only member.
type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(o))
}

// azureActions are the ends of the actions by the verb of the request.
var azureActions = map[string]string{"GET": "/read", "LIST": "/read", "PUT": "/write", "PATCH": "/write", "DELETE": "/delete", "POST": "/action"}

// actionOf is the permission that a request needs: AWS's is its own name,
// Azure's the type of the resource and the verb.
func actionOf(operation string) string {
	verb, path, azure := strings.Cut(operation, " ")
	switch {
	case !azure && slices.Contains([]string{"GetCallerIdentity", "AssumeRole"}, operation):
		return "sts:" + operation
	case !azure && (strings.HasSuffix(operation, "Command") || operation == "GetCommandInvocation" || operation == "DescribeInstanceInformation"):
		return "ssm:" + operation
	case operation == "GetSecretValue":
		return "secretsmanager:" + operation
	case path == "secrets":
		return "Microsoft.KeyVault/vaults/secrets/getSecret" + map[string]string{"GET": "/action"}[verb]
	case !azure:
		return "ec2:" + operation
	case path == "resourceGroups":
		return "Microsoft.Resources/subscriptions/resourceGroups" + azureActions[verb]
	case strings.HasPrefix(path, "virtualMachines"):
		return "Microsoft.Compute/" + path + azureActions[verb]
	case strings.HasPrefix(path, "operation"):
		path = "locations/" + path
	}
	return "Microsoft.Network/" + path + azureActions[verb]
}

// sent lists the permissions that the requests needed that the simulator has
// had since it last forgot.
func (l *lab) sent() map[string]bool {
	actions := map[string]bool{}
	for operation := range l.sim.Calls() {
		actions[actionOf(operation)] = true
	}
	return actions
}

// check signs in to both clouds, as every command does first.
func (l *lab) check() {
	l.Helper()
	for _, cloud := range l.open(l.Context()) {
		if err := cloud.Check(l.Context()); err != nil {
			l.Fatal(err)
		}
	}
}

// TestAnAuditNeedsWhatItsPoliciesAllowAndNothingElse looks at a link that is as
// desired, and at one of which this and that is amiss.
func TestAnAuditNeedsWhatItsPoliciesAllowAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.file.AWS.EndpointMaintenance = desired.MaintainedByLinkd
		l.mustBuild()
		connection, attachment := l.world()[desired.AWSConnectionID("tokyo", 0)].Ref, l.world()[desired.VPCAttachmentID("vpc-a")].Ref
		l.sim.ForgetCalls()
		l.check()
		l.mustBeClean()
		gateway := l.world()[desired.TransitGatewayID("tgw-tokyo")]
		table := gateway.Attrs[desired.FactRouteTable].One()
		for _, m := range []ground.Mutation{
			{Op: "set", Kind: "vpn-tunnel", Name: connection + "/0", Field: "PreSharedKey", Value: "another.key.altogether"},
			{Op: "remove", Kind: "transit-gateway-attachment", Name: attachment, Field: "Propagations", Value: table},
			{Op: "set", Kind: "transit-gateway", Name: gateway.Ref, Field: "AssociationDefaultRouteTableId", Value: l.otherTable(table)},
			{Op: "set", Kind: "transit-gateway", Name: gateway.Ref, Field: "PropagationDefaultRouteTableId", Value: l.otherTable(table)},
		} {
			m.Cloud = "aws"
			l.mustMutate(m)
			l.plan()
		}
		compare(t, l.sent(), "aws-audit", "azure-audit")
	})
}

// TestEveryRequestOfALifeIsAllowedAndNothingElse builds a link in clouds that
// take their time, mends each drift of the table, follows edits of the file,
// and takes everything away.
func TestEveryRequestOfALifeIsAllowedAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.check()
		l.mustBuild()
		for _, edit := range edits {
			l.obey(strings.Replace(string(examples.Seed()), edit.old, edit.by, 1))
			l.obey(string(examples.Seed()) + edit.naming)
		}
		l.file.Policy, l.file.AWS.EndpointMaintenance = everything, desired.MaintainedByLinkd
		l.mustMend()
		for _, entry := range catalogue.Entries() {
			if entry.Lasts == "" && (entry.File == catalogue.AsItIs || entry.File == catalogue.ChoosesHours) && !entry.Anew {
				l.do(entry.Do)
				l.mustMend()
				l.do(entry.Then)
			}
		}
		for _, changes := range moreDrifts(l) {
			l.mustMend(changes...)
		}
		l.mustDestroy()
		needed := l.sent()
		peered := newLabOfPeering(t, instant)
		peered.mustBuild()
		peered.mustDestroy()
		maps.Copy(needed, peered.sent())
		compare(t, needed, "aws-repair", "azure-repair")
	})
}

// TestALookAlongThePathsNeedsWhatItsPoliciesAllowBesideTheAudits looks at the
// article's link.
func TestALookAlongThePathsNeedsWhatItsPoliciesAllowBesideTheAudits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		l.sim.ForgetCalls()
		l.check()
		l.mustBeClean()
		audit := l.sent()
		examine.Survey(t.Context(), l.open(t.Context()))
		needed := l.sent()
		for _, policy := range []string{"aws-audit", "azure-audit"} {
			for action := range allowed(t, policy) {
				delete(needed, action)
			}
		}
		for action := range audit {
			delete(needed, action)
		}
		compare(t, needed, "aws-verify", "azure-verify")
	})
}

// TestScriptsOnMachinesNeedWhatTheirPoliciesAllow has a machine of each cloud run
// one that ends and one that does not, and then none of them reached.
func TestScriptsOnMachinesNeedWhatTheirPoliciesAllow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		l.sim.ForgetCalls()
		for _, on := range ran {
			if _, err := l.runOn(on.name, "true", time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		l.mustMutate(ran[1].mutation("temper", ran[1].hang))
		if _, err := l.runOn("ec2-a", "ping -c 1 10.1.0.4", time.Minute); err == nil {
			t.Fatal("a script that hangs has ended")
		}
		l.turn("ec2-a", "managed", "false")
		l.turn("vm-jpe", "powerState", "deallocated")
		for _, on := range ran {
			if _, err := l.runOn(on.name, "true", time.Minute); err == nil {
				t.Fatalf("%s is not reached, and has run a script", on.name)
			}
		}
		needed := l.sent()
		for _, policy := range []string{"azure-audit", "azure-verify", "aws-verify"} {
			for action := range allowed(t, policy) {
				delete(needed, action)
			}
		}
		compare(t, needed, "aws-run-command", "azure-run-command")
	})
}

// TestKeysOfASecretStoreNeedWhatTheirPoliciesAllowBesideTheOthers builds a link and
// looks at it, whose keys stand in the one store and then in the other.
func TestKeysOfASecretStoreNeedWhatTheirPoliciesAllowBesideTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		for _, store := range stores {
			l.mustMutate(ground.Mutation{Cloud: store.cloud, Kind: store.kind, Name: store.name, Op: "set", Field: store.field, Value: "one.key.for.both"})
			l.file.Links[0].Keys.From = string(store.source)
			l.mustBuild()
			l.mustBeClean()
		}
		needed := l.sent()
		for _, policy := range []string{"aws-repair", "azure-repair"} {
			for action := range allowed(t, policy) {
				delete(needed, action)
			}
		}
		compare(t, needed, "aws-secrets", "azure-secrets")
	})
}

// otherTable is the route table of the article's transit gateway that linkd
// did not choose. It is made when it is first asked for.
func (l *lab) otherTable(chosen string) string {
	l.Helper()
	for range 2 {
		state, err := json.Marshal(l.sim.Dump())
		if err != nil {
			l.Fatal(err)
		}
		for _, table := range regexp.MustCompile(`tgw-rtb-[0-9a-f]{17}`).FindAllString(string(state), -1) {
			if table != chosen {
				return table
			}
		}
		l.mustMutate(ground.Mutation{Cloud: "aws", Op: "create", Kind: "transit-gateway-route-table", Name: "ap-northeast-1", Value: map[string]any{
			"TransitGatewayId": l.world()[desired.TransitGatewayID("tgw-tokyo")].Ref,
		}})
	}
	l.Fatal("there is no other route table")
	return ""
}

// moreDrifts are those that need a request which the table of drifts needs not.
func moreDrifts(l *lab) [][]ground.Mutation {
	world := l.world()
	gateway := world[desired.TransitGatewayID("tgw-tokyo")]
	table, attachment := gateway.Attrs[desired.FactRouteTable].One(), world[desired.VPCAttachmentID("vpc-a")].Ref
	other := l.otherTable(table)
	set := func(kind, name, field string, value any) ground.Mutation {
		return ground.Mutation{Cloud: "aws", Op: "set", Kind: kind, Name: name, Field: field, Value: value}
	}
	return [][]ground.Mutation{
		{set("transit-gateway-attachment", attachment, "Association", other)},
		{set("transit-gateway-attachment", attachment, "SubnetIds", []any{})},
		{
			set("transit-gateway", gateway.Ref, "AssociationDefaultRouteTableId", other),
			set("transit-gateway", gateway.Ref, "PropagationDefaultRouteTableId", other),
		},
		{set("route-table", "rtb-0a10000000000000a", "Routes", map[string]any{
			"DestinationCidrBlock": "10.1.0.0/16", "TransitGatewayId": "tgw-0fffffffffffffff1",
		})},
		{set("transit-gateway-route-table", table, "Routes", map[string]any{
			"DestinationCidrBlock": "10.1.0.0/16", "TransitGatewayAttachmentId": attachment,
		})},
	}
}

// mustMend makes changes, looks when tunnels have had the time to notice,
// and builds.
func (l *lab) mustMend(changes ...ground.Mutation) {
	l.Helper()
	for _, change := range changes {
		l.mustMutate(change)
	}
	time.Sleep(time.Hour)
	l.plan()
	l.mustBuild()
	time.Sleep(time.Hour)
}

// calls finds in the adapters' sources which actions they can ask for.
var calls = map[string]struct {
	folder, prefix string
	pattern        *regexp.Regexp
}{
	"AWS":   {"../aws", "ec2:", regexp.MustCompile(`ec2\.(\w+)Input\{`)},
	"Azure": {"../azure", "Microsoft.Network/", regexp.MustCompile(`"((?:virtual|vpn|network)\w+/[\w/]*(?:read|write|delete|action))"`)},
}

// TestEveryCallThatTheAdaptersHoldIsAllowed reads the sources, for the calls
// that no scenario of these tests needs.
func TestEveryCallThatTheAdaptersHoldIsAllowed(t *testing.T) {
	t.Parallel()
	granted := map[string]bool{}
	for _, policy := range []string{"aws-repair", "azure-repair", "aws-verify", "azure-verify"} {
		maps.Copy(granted, allowed(t, policy))
	}
	for cloud, c := range calls {
		files, err := filepath.Glob(c.folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, call := range c.pattern.FindAllStringSubmatch(string(text), -1) {
				found[c.prefix+call[1]] = !strings.HasSuffix(file, "_test.go") || found[c.prefix+call[1]]
			}
		}
		if len(found) < 10 {
			t.Errorf("%d calls found in the adapter of %s: does the pattern still fit?", len(found), cloud)
		}
		for action, real := range found {
			if real && !granted[action] && ungranted[action] == "" {
				t.Errorf("the adapter of %s can ask for %s, which no policy allows", cloud, action)
			}
		}
	}
}

// obey builds what a changed file says.
func (l *lab) obey(text string) {
	l.Helper()
	file, err := desired.Parse("seed.yaml", []byte(text))
	if err != nil {
		l.Fatal(err)
	}
	l.file, file.Policy = file, everything
	l.mustBuild()
}

// compare fails the test for each action that was needed and is not allowed,
// and for each that is allowed without need.
func compare(t *testing.T, needed map[string]bool, policies ...string) {
	t.Helper()
	granted := map[string]bool{}
	for _, policy := range policies {
		maps.Copy(granted, allowed(t, policy))
	}
	for _, action := range slices.Sorted(maps.Keys(needed)) {
		if !granted[action] && ungranted[action] == "" {
			t.Errorf("%s is needed, and neither of %v allows it", action, policies)
		}
	}
	for _, action := range slices.Sorted(maps.Keys(granted)) {
		if !needed[action] && unseen[action] == "" {
			t.Errorf("%s is allowed by one of %v, and nothing needs it", action, policies)
		}
	}
}
