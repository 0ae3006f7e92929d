package aws

import (
	"errors"
	"maps"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func TestWhatTheFileWants(t *testing.T) {
	tunnel := func(n string, inside string) resource.Attrs {
		return resource.Attrs{
			"tunnel_" + n + "_inside":      resource.Of(inside),
			"tunnel_" + n + "_phase1":      resource.Of("aes256/sha256/group 14/8h0m0s"),
			"tunnel_" + n + "_phase2":      resource.Of("aes256-gcm/group 14/1h0m0s"),
			"tunnel_" + n + "_ike_version": resource.Of("ikev2"),
			"tunnel_" + n + "_startup":     resource.Of("start"),
			"tunnel_" + n + "_dpd":         resource.Of("restart after 45s"),
		}
	}
	file := seedFile(t)
	inside := file.InsideRanges(file.Links[0])
	connection := resource.Attrs{
		"customer_gateway": resource.Of("cgw-1"), "transit_gateway": resource.Of("tgw-1"), "routing": resource.Of("static"),
		"association": resource.Of("tgw-rtb-1"), "attachment_owner": resource.Of("seed"),
	}
	for n, prefix := range inside[:2] {
		maps.Copy(connection, tunnel([]string{"1", "2"}[n], prefix.String()))
	}
	for id, want := range map[resource.ID]resource.Spec{
		"aws/transit-gateway/tgw-tokyo": {Owner: "seed", Attrs: resource.Attrs{
			"asn": resource.Of("64512"), "ecmp": resource.Of("enable"),
			"default_association": resource.Of("enable"), "default_propagation": resource.Of("enable"),
			"association_table": resource.Of("tgw-rtb-1"), "propagation_table": resource.Of("tgw-rtb-1"), "route_table_tag": resource.Of("tgw-rtb-1"),
		}},
		"aws/vpc/vpc-a": {Attrs: resource.Attrs{"prefixes": resource.Of("172.20.0.0/16")}},
		"aws/vpc-attachment/vpc-a": {Owner: "seed", Attrs: resource.Attrs{
			"transit_gateway": resource.Of("tgw-1"), "vpc": resource.Of("vpc-0a10000000000000a"), "subnets": resource.Of("subnet-0a1000000000000a1"),
			"association": resource.Of("tgw-rtb-1"), "propagation": resource.Of("tgw-rtb-1"),
		}},
		"aws/customer-gateway/tokyo-0": {Owner: "seed", Attrs: resource.Attrs{"address": resource.Of("203.0.113.10"), "asn": resource.Of("65515"), "retired": resource.Of()}},
		"aws/vpn-connection/tokyo-0":   {Owner: "seed", Attrs: connection, Secrets: resource.Secrets{}},
		"aws/tgw-routes/tgw-tokyo":     {Owner: "seed", Attrs: resource.Attrs{"routes": resource.Of("10.1.0.0/16 tgw-attach-vpn", "10.2.0.0/16 tgw-attach-vpn")}},
		"aws/vpc-routes/rtb-0a10000000000000a": {Attrs: resource.Attrs{
			"routes": resource.Of("10.1.0.0/16 tgw-1", "10.2.0.0/16 tgw-1", "172.21.0.0/16 tgw-1"),
		}},
		"aws/vpn-tunnel/tokyo-0-1": {Attrs: resource.Attrs{"status": resource.Of("up")}},
	} {
		t.Run(string(id), func(t *testing.T) {
			r := nodeOf[node](t, cloudOf(t, file), id)
			got, err := r.Want(seenBy(r, builtWorld()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// seenBy is the part of a world that a resource may see.
func seenBy(r resource.Resource, world resource.World) resource.World {
	ids := []resource.ID{r.ID()}
	for _, need := range r.Needs() {
		ids = append(ids, need.On)
	}
	return world.Only(ids...)
}

func TestWhatIsWantedWaitsForTheFactsOfTheOtherCloud(t *testing.T) {
	c := cloudOf(t, seedFile(t))
	for id, need := range map[resource.ID]resource.ID{
		"aws/customer-gateway/tokyo-0":         "azure/vpn-gateway/hub-jpe",
		"aws/vpn-connection/tokyo-0":           "aws/customer-gateway/tokyo-0",
		"aws/vpc-attachment/vpc-a":             "aws/transit-gateway/tgw-tokyo",
		"aws/tgw-routes/tgw-tokyo":             "aws/vpn-connection/tokyo-0",
		"aws/vpc-routes/rtb-0a10000000000000a": "aws/transit-gateway/tgw-tokyo",
	} {
		t.Run(string(id), func(t *testing.T) {
			world := builtWorld()
			delete(world, need)
			_, err := nodeOf[node](t, c, id).Want(world)
			missing, patient := errors.AsType[resource.NotYet](err)
			if !patient || missing.Need != need {
				t.Errorf("Want says %v, and should wait for %s", err, need)
			}
		})
	}
}

func TestPrefixesThatTheFileLeavesOutComeFromTheNetworks(t *testing.T) {
	file := seedFile(t)
	file.Azure.Hubs[1].VNets[0].Prefixes = nil
	world := builtWorld()
	world["azure/vnet/vnet-use"].Attrs["prefixes"] = resource.Of("10.7.0.0/16", "10.8.0.0/16")
	r := nodeOf[*transitGatewayRoutes](t, cloudOf(t, file), "aws/tgw-routes/tgw-tokyo")
	want, err := r.Want(seenBy(r, world))
	if err != nil {
		t.Fatal(err)
	}
	if got := want.Attrs["routes"]; !got.Equal(resource.Of("10.1.0.0/16 tgw-attach-vpn", "10.7.0.0/16 tgw-attach-vpn", "10.8.0.0/16 tgw-attach-vpn")) {
		t.Errorf("the routes are %s", got)
	}
}

func TestAnOverlapThatOnlyTheCloudsShowIsRefused(t *testing.T) {
	file := seedFile(t)
	file.Azure.Hubs[1].VNets[0].Prefixes = nil
	world := builtWorld()
	world["azure/vnet/vnet-use"].Attrs["prefixes"] = resource.Of("172.20.64.0/18")
	_, err := nodeOf[*vpcRoutes](t, cloudOf(t, file), "aws/vpc-routes/rtb-0a10000000000000a").Want(world)
	if resource.ReasonOf(err) != resource.Refused || resource.HintOf(err) == "" {
		t.Errorf("an overlap says %v", err)
	}
}

func TestEachVNetIsRoutedToTheLinkOfItsOwnHub(t *testing.T) {
	file := seedFile(t)
	second := file.Links[0]
	second.Name, second.Hub, second.Inside = "newyork", "hub-use", nil
	file.Links = append(file.Links, second)
	world := builtWorld()
	world["aws/vpn-connection/newyork-0"] = resource.Live{Phase: resource.Ready, Ref: "vpn-2", Owner: "seed", Attrs: resource.Attrs{"attachment": resource.Of("tgw-attach-us")}}
	want, err := nodeOf[*transitGatewayRoutes](t, cloudOf(t, file), "aws/tgw-routes/tgw-tokyo").Want(world)
	if err != nil {
		t.Fatal(err)
	}
	if got := want.Attrs["routes"]; !got.Equal(resource.Of("10.1.0.0/16 tgw-attach-vpn", "10.2.0.0/16 tgw-attach-us")) {
		t.Errorf("the routes are %s", got)
	}
}

func TestALinkThatSpeaksBGPNeedsNoStaticRoutes(t *testing.T) {
	file := seedFile(t)
	file.Links[0].Routing = desired.BGP
	want, err := nodeOf[*transitGatewayRoutes](t, cloudOf(t, file), "aws/tgw-routes/tgw-tokyo").Want(builtWorld())
	if err != nil {
		t.Fatal(err)
	}
	if routes, asked := want.Attrs["routes"]; !asked || len(routes) != 0 {
		t.Errorf("the routes are %v", routes)
	}
}

func TestKeysThatTheFileGivesAreWanted(t *testing.T) {
	file := seedFile(t)
	file.Links[0].Redundancy = desired.Tunnels
	file.Links[0].Keys.From = "env:KEYS"
	env := func(value string) Options {
		return Options{Env: func(string) (string, bool) { return value, value != "" }, Credentials: cloudOf(t, file).options.Credentials}
	}
	world := builtWorld()
	for name, keys := range map[string][2]string{
		"one.key.for.both":            {"one.key.for.both", "one.key.for.both"},
		"first.key.1\nsecond.key.2\n": {"first.key.1", "second.key.2"},
	} {
		c, err := New(t.Context(), file, env(name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := nodeOf[*vpnConnection](t, c, "aws/vpn-connection/tokyo-0").Want(world)
		if err != nil {
			t.Fatal(err)
		}
		for n, key := range keys {
			if got := want.Secrets[desired.FactKey(n+1)].Reveal(); got != key {
				t.Errorf("the key of tunnel %d is not the one of the file", n+1)
			}
		}
	}
	c, err := New(t.Context(), file, env(""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nodeOf[*vpnConnection](t, c, "aws/vpn-connection/tokyo-0").Want(world); err == nil {
		t.Error("a source of keys that is not there is not missed")
	}
}

func TestTheOptionsFollowTheIKEPolicyOfTheFile(t *testing.T) {
	base := seedFile(t).Links[0].IKE
	for name, c := range map[string]struct {
		change func(*desired.IKE)
		option string
		want   string
	}{
		"Azure begins, so AWS only answers":               {func(i *desired.IKE) { i.Initiator = desired.InitiateAzure }, "startup", "add"},
		"AWS takes no shorter timeout than half a minute": {func(i *desired.IKE) { i.DPDTimeout = 0 }, "dpd", "restart after 30s"},
		"without GCM the packets need an integrity algorithm": {
			func(i *desired.IKE) { i.Phase2.Encryption, i.Phase2.Integrity = "aes256", "sha256" },
			"phase2", "aes256/sha256/group 14/1h0m0s",
		},
		"without forward secrecy AWS keeps all its groups": {
			func(i *desired.IKE) { i.Phase2.PFSGroup = 0 },
			"phase2", "aes256-gcm/group 2+5+14+15+16+17+18+19+20+21+22+23+24/1h0m0s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			ike := base
			c.change(&ike)
			for _, o := range options {
				if o.name == c.option {
					if got := o.wanted(ike, netip.Prefix{}); got != c.want {
						t.Errorf("got %q, want %q", got, c.want)
					}
				}
			}
		})
	}
}
