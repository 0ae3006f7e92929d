package aws

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// bench is a half that a test drives call by call, on virtual time.
type bench struct {
	t      *testing.T
	cloud  *Cloud
	fabric *fabric.Fabric
	agenda *ground.Agenda
	clock  *ground.Clock
	azure  fabric.Azure // the other cloud
	token  string       // of a session, sent along when there is one
}

const tokyo = "ap-northeast-1"

// twoVPCs is the scenario that most tests start from.
func twoVPCs() scenario.AWS {
	prefix := netip.MustParsePrefix
	return scenario.AWS{Account: "111122223333", Regions: []scenario.Region{{Name: tokyo, VPCs: []scenario.VPC{
		{
			ID: "vpc-0a000000000000001", Name: "one", Prefixes: []netip.Prefix{prefix("10.1.0.0/16")},
			Subnets: []scenario.Subnet{
				{ID: "subnet-0a00000000000001a", Zone: tokyo + "a", Prefix: prefix("10.1.0.0/24")},
				{ID: "subnet-0a00000000000001c", Zone: tokyo + "c", Prefix: prefix("10.1.1.0/24")},
				{ID: "subnet-0a00000000000002a", Zone: tokyo + "a", Prefix: prefix("10.1.2.0/24")},
			},
			RouteTables: []scenario.VPCRouteTable{
				{ID: "rtb-0a000000000000001"},
				{ID: "rtb-0a000000000000002", Subnets: []string{"subnet-0a00000000000001c"}, Routes: []scenario.VPCRoute{{Prefix: everything, Target: "igw-0a000000000000001"}}},
			},
			SecurityGroups: []scenario.SecurityGroup{{ID: "sg-0a000000000000001", Name: "web", Ingress: []scenario.GroupRule{{Protocol: "icmp", Prefix: prefix("10.0.0.0/8")}}}},
			NetworkACLs: []scenario.NetworkACL{{ID: "acl-0a000000000000001", Subnets: []string{"subnet-0a00000000000001a"}, Entries: []scenario.ACLEntry{
				{Number: 100, Allow: true, Protocol: "-1", Prefix: everything}, {Number: 100, Egress: true, Allow: true, Protocol: "-1", Prefix: everything},
			}}},
			Instances: []scenario.Instance{{ID: "i-0a000000000000001", Name: "web", Subnet: "subnet-0a00000000000001a", Address: netip.MustParseAddr("10.1.0.10"), SecurityGroups: []string{"sg-0a000000000000001"}}},
		},
		{
			ID: "vpc-0a000000000000002", Prefixes: []netip.Prefix{prefix("10.2.0.0/16")},
			Subnets: []scenario.Subnet{{ID: "subnet-0b00000000000001a", Zone: tokyo + "a", Prefix: prefix("10.2.0.0/24")}},
		},
	}}}}
}

func newBench(t *testing.T, change func(*scenario.Scenario)) *bench {
	t.Helper()
	s := scenario.Scenario{AWS: twoVPCs(), Behaviour: scenario.Behaviour{Seed: 7, TunnelsKnown: "at-create"}}
	if change != nil {
		change(&s)
	}
	b := &bench{t: t, fabric: fabric.New(0), agenda: &ground.Agenda{}, clock: ground.NewClock(1)}
	cloud, err := New(ground.Config{Clock: b.clock, Agenda: b.agenda, Scenario: s, Fabric: b.fabric, Buckets: ground.NewBuckets(s.Behaviour.Throttle)})
	if err != nil {
		t.Fatal(err)
	}
	b.cloud = cloud
	b.settle()
	return b
}

// settle does before a request what the simulator does.
func (b *bench) settle() {
	update := func(at time.Time) { b.fabric.Update(at, b.azure, b.cloud.Side()) }
	b.agenda.Settle(b.clock.Now(), update)
	update(b.clock.Now())
}

const signature = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/" + tokyo + "/ec2/aws4_request, SignedHeaders=host, Signature=0"

// send makes a call with parameters "Name=value" and returns the status and
// the body.
func (b *bench) send(action string, parameters ...string) (int, string) {
	return b.sendWith(ground.Injected{}, signature, action, parameters...)
}

func (b *bench) sendWith(injected ground.Injected, authorization, action string, parameters ...string) (int, string) {
	b.t.Helper()
	b.settle()
	values := url.Values{"Action": {action}, "Version": {"2016-11-15"}}
	for _, p := range parameters {
		name, value, _ := strings.Cut(p, "=")
		values.Set(name, value)
	}
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(values.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	if b.token != "" {
		request.Header.Set("X-Amz-Security-Token", b.token)
	}
	request = request.WithContext(ground.WithInjected(request.Context(), injected))
	recorder := httptest.NewRecorder()
	b.cloud.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

// node is an XML element, read without knowing what it should be.
type node struct {
	XMLName  xml.Name
	Text     string `xml:",chardata"`
	Children []node `xml:",any"`
}

// do makes a call that has to succeed.
func (b *bench) do(action string, parameters ...string) node {
	b.t.Helper()
	status, body := b.send(action, parameters...)
	if status != http.StatusOK {
		b.t.Fatalf("%s %v: %d %s", action, parameters, status, body)
	}
	return b.parse(body)
}

func (b *bench) parse(body string) node {
	b.t.Helper()
	var root node
	if err := xml.Unmarshal([]byte(body), &root); err != nil {
		b.t.Fatalf("%v in %s", err, body)
	}
	return root
}

// refused makes a call that has to fail, and returns the error's code.
func (b *bench) refused(action string, parameters ...string) string {
	b.t.Helper()
	status, body := b.send(action, parameters...)
	if status == http.StatusOK {
		b.t.Fatalf("%s %v succeeded: %s", action, parameters, body)
	}
	return b.parse(body).at("Errors/Error/Code")
}

// at is the text at a path of element names; a number picks an item.
func (n node) at(path string) string {
	found, _ := n.find(path)
	return strings.TrimSpace(found.Text)
}

func (n node) find(path string) (node, bool) {
	if path == "" {
		return n, true
	}
	name, rest, _ := strings.Cut(path, "/")
	wanted := 0
	if len(name) == 1 && name[0] >= '0' && name[0] <= '9' {
		wanted, name = int(name[0]-'0'), "item"
	}
	for _, child := range n.Children {
		if child.XMLName.Local != name {
			continue
		}
		if wanted == 0 {
			return child.find(rest)
		}
		wanted--
	}
	return node{}, false
}

// all is the texts at a path below each item of a list.
func (n node) all(list, path string) []string {
	found, _ := n.find(list)
	var texts []string
	for _, item := range found.Children {
		texts = append(texts, item.at(path))
	}
	return texts
}

// side is what the half tells the fabric now.
func (b *bench) side() fabric.AWS {
	b.settle()
	return b.cloud.Side()
}
