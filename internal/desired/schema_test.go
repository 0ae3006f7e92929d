package desired

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

func TestSchemaFollowsTheTypes(t *testing.T) {
	made := makeSchema(t)
	if *update {
		if err := os.WriteFile("schema.json", made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(made, Schema()) {
		t.Error("schema.json is behind the types of the file: run go generate ./internal/desired")
	}
}

// compiled is the schema as a validator.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("file.json", document); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("file.json")
}

// plain turns YAML into what a JSON validator reads: dates are text.
func plain(node *yaml.Node) any {
	switch node.Kind {
	case yaml.DocumentNode:
		return plain(node.Content[0])
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(node.Content); i += 2 {
			m[node.Content[i].Value] = plain(node.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range node.Content {
			list = append(list, plain(item))
		}
		return list
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return node.Value
	}
	if _, isDate := value.(time.Time); isDate {
		return node.Value
	}
	return value
}

func parsed(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var node yaml.Node
	if err := yaml.Load([]byte(text), &node); err != nil {
		t.Fatal(err)
	}
	return &node
}

func TestSchemaTakesTheExamples(t *testing.T) {
	s := compiled(t)
	for _, path := range []string{"testdata/everything.yaml", examples + "/seed.yaml", examples + "/minimal.yaml", examples + "/redundant-tunnels.yaml", examples + "/redundant-full.yaml"} {
		if err := s.Validate(plain(parsed(t, read(t, path)))); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What one value can tell, the schema tells as the reader does.
func TestSchemaAndReaderRefuseTheSame(t *testing.T) {
	whole, s := read(t, "testdata/everything.yaml"), compiled(t)
	for _, change := range [][2]string{
		{"version: 1\n", "version: 2\n"},
		{"owner: everything", "owner: two words"},
		{"jitter: 15s", "jitter: 15"},
		{"jitter: 15s", "jittre: 15s"},
		{"default: report", "default: ignore"},
		{"do: approve", "do: reject"},
		{"changes: 20", "changes: many"},
		{"percent: 30", "percent: 101"},
		{"until: 2026-12-31", "until: tomorrow"},
		{"subscription: 1111", "subscription: 111"},
		{"adopt: true", "adopt: maybe"},
		{"address_prefix: 192.168.0.0/23", "address_prefix: 192.168.0.0"},
		{"      location: eastus\n", ""},
		{"scale_units: 3", "scale_units: 0"},
		{"scale_units: 3", "scale_units: 1.5"},
		{"routing_preference: internet", "routing_preference: both"},
		{`account: "012345678901"`, `account: "12345678901"`},
		{"ap-northeast-1\n", "tokyo\n"},
		{"asn: 64600", "asn: 100"},
		{"id: vpc-0a1", "id: vpc-xyz"},
		{"[rtb-0a10000000000000a, ", "[rtb, "},
		{"join: [tgw-tokyo, tgw-virginia]", "join: [tgw-tokyo]"},
		{"routing: bgp", "routing: ospf"},
		{"redundancy: full", "redundancy: triple"},
		{"ike: {version: 1}", "ike: {version: 3}"},
		{"dh_group: 20", "dh_group: 5"},
		{"integrity: sha256", "integrity: sha384"},
		{"initiator: azure", "initiator: nobody"},
		{"env:LINKD_KEY", "vault:KEY"},
		{"    inside: [", "    inside: [5, "},
		{"  - name: tokyo", "  - nme: tokyo"},
		{"address: 10.11.0.4", "address: host"},
		{"burst: 20", "burst: 0"},
		{"size: 128", "size: 60"},
		{"most_per_second: 200", "most_per_second: 0"},
		{"key: credential:agents-key", "key: /etc/key"},
		{"agent: dials-in", "agent: somewhere"},
		{"mtu_interval: 30m", "mtu_interval: often"},
		{"tags: {team: network}", "tags: {team: [network]}"},
	} {
		t.Run(change[1], func(t *testing.T) {
			text := strings.Replace(whole, change[0], change[1], 1)
			if text == whole {
				t.Fatal("the file has no", change[0])
			}
			if _, err := Parse("f.yaml", []byte(text)); err == nil {
				t.Error("the reader takes it")
			}
			if s.Validate(plain(parsed(t, text))) == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

// Each value of the file in turn becomes something else: what the reader
// takes, the schema takes.
func TestSchemaRefusesNothingThatTheReaderTakes(t *testing.T) {
	root, s := parsed(t, read(t, "testdata/everything.yaml")), compiled(t)
	taken := 0
	for _, node := range everyNode(root.Content[0]) {
		before := *node
		for _, other := range []string{"[]", "{}", "other", "10.99.0.0/16", "7m", "1", "true", "2027-01-01"} {
			replacement := parsed(t, other).Content[0]
			isText := before.Kind == yaml.ScalarNode && before.ShortTag() == "!!str"
			if isText && (replacement.ShortTag() == "!!int" || replacement.ShortTag() == "!!bool") {
				continue
			}
			*node = *replacement
			text, err := yaml.Dump(root)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Parse("f.yaml", text); err == nil {
				taken++
				if err := s.Validate(plain(root)); err != nil {
					t.Errorf("the reader takes %s for %q in line %d, and the schema says %v", other, before.Value, before.Line, err)
				}
			}
		}
		*node = before
	}
	if taken < 50 {
		t.Errorf("only %d changed files were taken: the test tells nothing", taken)
	}
}

// everyNode lists all values below a node.
func everyNode(node *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		all = append(append(all, child), everyNode(child)...)
	}
	return all
}
