package desired

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/invopop/jsonschema"
)

// mustHave lists the keys that have no default, by type.
var mustHave = map[string][]string{
	"File": {"version", "owner", "azure", "aws"}, "Azure": {"subscription", "resource_group", "virtual_wan"},
	"VirtualWAN": {"name"}, "Hub": {"name", "location", "address_prefix"}, "VNet": {"id"}, "AWS": {"account"},
	"Region": {"name"}, "TransitGateway": {"name"}, "VPC": {"name", "id", "subnets"}, "Subnet": {"id"},
	"Peering": {"name", "join"}, "Link": {"name", "hub", "transit_gateway"}, "Target": {"name", "address"},
	"Rule": {"drift", "do"}, "Window": {"start", "duration"},
}

// refine says of a key what its type cannot, by type and key.
var refine = map[string]func(*jsonschema.Schema){
	"File.version": among(1), "File.owner": shaped(ownerName.shape.String()),
	"Azure.subscription": shaped(guidID.shape.String()), "Hub.subscription": shaped(guidID.shape.String()),
	"AzureCredentials.client": shaped(guidID.shape.String()),
	"VirtualWAN.name":         shaped(azureName.shape.String()), "Hub.name": shaped(azureName.shape.String()),
	"VNet.name": shaped(azureName.shape.String()), "VPNGateway.name": shaped(azureName.shape.String()),
	"VPNGateway.scale_units":        between(1, 20),
	"VPNGateway.routing_preference": among(MicrosoftNetwork, InternetRouting),
	"VPNGateway.asn":                between(1, 4294967294),
	"AWS.account":                   shaped(accountID.shape.String()), "TransitGateway.account": shaped(accountID.shape.String()),
	"AWS.endpoint_maintenance":   among(MaintainedByAWS, MaintainedByLinkd),
	"AWSCredentials.assume_role": shaped(roleARN.shape.String()), "TransitGateway.assume_role": shaped(roleARN.shape.String()),
	"Region.name":         shaped(awsRegionShape.String()),
	"TransitGateway.name": shaped(awsName.shape.String()), "TransitGateway.asn": between(64512, 4294967294),
	"VPC.name": shaped(awsName.shape.String()), "VPC.id": shaped(vpcID.shape.String()), "Subnet.id": shaped(subnetID.shape.String()),
	"VPC.subnets":      func(s *jsonschema.Schema) { s.MinItems = new(uint64(1)) },
	"VPC.route_tables": func(s *jsonschema.Schema) { s.Items.Pattern = tableID.shape.String() },
	"Peering.name":     shaped(linkName.shape.String()),
	"Peering.join": func(s *jsonschema.Schema) {
		s.MinItems, s.MaxItems, s.UniqueItems = new(uint64(2)), new(uint64(2)), true
	},
	"Link.name": shaped(linkName.shape.String()), "Link.routing": among(Static, BGP), "Link.redundancy": among(Single, Tunnels, Full),
	"Link.bandwidth_mbps": between(0, 1_000_000), "Site.speed_mbps": between(1, 1_000_000),
	"IKE.version": among(1, 2), "IKE.initiator": among(InitiateBoth, InitiateAzure, InitiateAWS),
	"Phase1.encryption": among(bothEncryptions...), "Phase1.integrity": among(bothIntegrities[1]...), "Phase1.dh_group": among(bothGroups...),
	"Phase2.encryption": among(bothEncryptions...), "Phase2.integrity": among(bothIntegrities[2]...),
	"Phase2.pfs_group": among(append([]int{0}, bothGroups...)...),
	"Keys.from":        shaped(`^(aws$|file:/|env:|credential:|awssm:arn:|azkv:https://)`),
	"Target.name":      shaped(awsName.shape.String()), "Target.subnet": shaped(subnetID.shape.String()),
	"Probes.burst": between(1, mostBurst), "Probes.size": between(leastSize, mostSize), "Probes.most_per_second": between(1, mostRate),
	"Agents.certificate": shaped(sourceWords), "Agents.key": shaped(sourceWords), "Agents.authority": shaped(sourceWords),
	"Target.agent":   shaped(`^(dials-in|.*:[0-9]+)$`),
	"Policy.default": among(Repair, Report, Approve), "Rule.do": among(Repair, Report, Approve, Ignore),
	"Rule.drift":     shaped(globShape.String()),
	"Rule.until":     func(s *jsonschema.Schema) { s.Format, s.Pattern = "", `^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$` },
	"Limits.changes": between(0, 1_000_000), "Limits.deletes": between(0, 1_000_000), "Limits.replaces": between(0, 1_000_000),
	"Limits.percent": between(0, 100),
}

// sourceWords is how the name of a source begins.
const sourceWords = `^(file:/|env:|credential:|awssm:arn:|azkv:https://)`

func shaped(pattern string) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Pattern = pattern }
}

func among[T any](words ...T) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Enum = anys(words) }
}

func between(from, to int) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		s.Minimum, s.Maximum = json.Number(strconv.Itoa(from)), json.Number(strconv.Itoa(to))
	}
}

func anys[T any](words []T) []any {
	var all []any
	for _, word := range words {
		all = append(all, word)
	}
	return all
}

// The types that are written as text.
var written = map[string]jsonschema.Schema{
	"Prefix":   {Type: "string", Pattern: `^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$`},
	"Addr":     {Type: "string", Pattern: `^[0-9]{1,3}(\.[0-9]{1,3}){3}$`},
	"Duration": {Type: "string", Pattern: `^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+|[0-9]{1,5}d)$`},
}

// makeSchema makes the schema of the file from its types, their comments and
// the tables above.
func makeSchema(t *testing.T) []byte {
	t.Helper()
	reflector := &jsonschema.Reflector{
		Anonymous: true, ExpandedStruct: true, FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true,
		Mapper: func(of reflect.Type) *jsonschema.Schema {
			if s, ok := written[of.Name()]; ok {
				return &s
			}
			return nil
		},
	}
	if err := reflector.AddGoComments("linkd/internal/desired", "."); err != nil {
		t.Fatal(err)
	}
	root := reflector.Reflect(&File{})
	root.Title = "the desired-state file of linkd"
	root.Definitions["File"] = root
	used := map[string]bool{}
	for name, definition := range root.Definitions {
		definition.Required = slices.Clone(mustHave[name])
		for pair := definition.Properties.Oldest(); pair != nil; pair = pair.Next() {
			if change, ok := refine[name+"."+pair.Key]; ok {
				change(pair.Value)
				used[name+"."+pair.Key] = true
			}
		}
	}
	delete(root.Definitions, "File")
	for key := range refine {
		if !used[key] {
			t.Errorf("the table of refinements has %s, and the file has no such key", key)
		}
	}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}
