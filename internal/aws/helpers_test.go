package aws

import (
	"slices"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// seedFile is the article's topology.
func seedFile(t *testing.T) *desired.File {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// cloudOf is the AWS half of a file, with nobody at the other end.
func cloudOf(t *testing.T, file *desired.File) *Cloud {
	t.Helper()
	c, err := New(t.Context(), file, Options{
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "not-a-secret", ""),
		Endpoint:    "http://nobody.invalid",
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func nodeOf[N node](t *testing.T, c *Cloud, id resource.ID) N {
	t.Helper()
	at := slices.IndexFunc(c.nodes, func(n node) bool { return n.ID() == id })
	if at < 0 {
		t.Fatalf("there is no %s", id)
	}
	return c.nodes[at].(N)
}

// builtWorld is what the article's world looks like to the AWS half when all
// of it stands.
func builtWorld() resource.World {
	ready := func(ref string, attrs resource.Attrs) resource.Live {
		return resource.Live{Phase: resource.Ready, Ref: ref, Owner: "seed", Attrs: attrs}
	}
	return resource.World{
		"azure/vpn-gateway/hub-jpe": ready("", resource.Attrs{"instance_0_address": resource.Of("203.0.113.10"), "instance_1_address": resource.Of("203.0.113.11")}),
		"azure/vnet/vnet-jpe":       ready("", resource.Attrs{"prefixes": resource.Of("10.1.0.0/16")}),
		"azure/vnet/vnet-use":       ready("", resource.Attrs{"prefixes": resource.Of("10.2.0.0/16")}),
		"aws/transit-gateway/tgw-tokyo": ready("tgw-1", resource.Attrs{
			"route_table": resource.Of("tgw-rtb-1"), "propagates_to": resource.Of("tgw-rtb-1"),
			"default_association": resource.Of("enable"), "default_propagation": resource.Of("enable"),
		}),
		"aws/vpc/vpc-a":                ready("vpc-0a10000000000000a", resource.Attrs{"prefixes": resource.Of("172.20.0.0/16")}),
		"aws/vpc/vpc-b":                ready("vpc-0b20000000000000b", resource.Attrs{"prefixes": resource.Of("172.21.0.0/16")}),
		"aws/vpc-attachment/vpc-a":     ready("tgw-attach-a", nil),
		"aws/vpc-attachment/vpc-b":     ready("tgw-attach-b", nil),
		"aws/customer-gateway/tokyo-0": ready("cgw-1", nil),
		"aws/vpn-connection/tokyo-0":   ready("vpn-1", resource.Attrs{"attachment": resource.Of("tgw-attach-vpn")}),
	}
}

// ourTags are the tags of a resource of the article's owner.
func ourTags(id string) []types.Tag { return tagsFor("seed", id) }

func tagsFor(owner, id string) []types.Tag {
	return []types.Tag{
		{Key: awssdk.String(desired.OwnerTag), Value: awssdk.String(owner)},
		{Key: awssdk.String(desired.IDTag), Value: awssdk.String(id)},
	}
}

func known[T any](items ...T) part[T] { return part[T]{items: items, asked: true} }
