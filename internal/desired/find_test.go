package desired

import (
	"slices"
	"testing"

	"linkd/internal/resource"
)

func namesOf[T any](items []T, name func(T) string) []string {
	var all []string
	for _, item := range items {
		all = append(all, name(item))
	}
	return all
}

func TestRoutesOfTheArticle(t *testing.T) {
	f := load(t, examples, "seed.yaml")
	vnet, vpc := func(v VNet) string { return v.Name }, func(v VPC) string { return v.Name }
	for _, test := range []struct {
		what      string
		got, want []string
	}{
		{"the one link carries the VNets of both hubs", namesOf(f.RoutedVNets(f.Links[0]), vnet), []string{"vnet-jpe", "vnet-use"}},
		{"Azure routes both VPCs to it", namesOf(f.RoutedVPCs(f.Links[0]), vpc), []string{"vpc-a", "vpc-b"}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: %v, want %v", test.what, test.got, test.want)
		}
	}
}

func TestEachVNetIsRoutedToOneLink(t *testing.T) {
	f := load(t, examples, "seed.yaml")
	f.Azure.Hubs = append(f.Azure.Hubs, Hub{Name: "hub-third", VNets: []VNet{{Name: "vnet-third"}}})
	f.Links = append(f.Links, Link{Name: "direct", Hub: "hub-use", TransitGateway: "tgw-tokyo"})
	vnet := func(v VNet) string { return v.Name }
	if got := namesOf(f.RoutedVNets(f.Links[0]), vnet); !slices.Equal(got, []string{"vnet-jpe", "vnet-third"}) {
		t.Error("the first link carries", got)
	}
	if got := namesOf(f.RoutedVNets(f.Links[1]), vnet); !slices.Equal(got, []string{"vnet-use"}) {
		t.Error("the second link carries", got)
	}
}

func TestLinkOf(t *testing.T) {
	f := &File{Links: []Link{{Name: "tokyo", Redundancy: Tunnels}, {Name: "tokyo-0", Redundancy: Tunnels}}}
	for id, want := range map[resource.ID]string{
		VPNSiteID("tokyo-0"): "tokyo-0", VPNSiteID("tokyo"): "tokyo", CustomerGatewayID("tokyo", 0): "tokyo",
		AWSTunnelID(Tunnel{"tokyo", 0, 2}): "tokyo", AWSTunnelID(Tunnel{"tokyo-0", 0, 2}): "tokyo-0",
		HubID("tokyo"): "", TransitGatewayRoutesID("tokyo"): "",
	} {
		if got := f.LinkOf(id); got != want {
			t.Errorf("%s is of %q, want %q", id, got, want)
		}
	}
}

func TestNamesInTheClouds(t *testing.T) {
	f := load(t, examples, "seed.yaml")
	for got, want := range map[string]string{
		f.DeviceName("tokyo", 0):            "linkd-seed-tokyo-0",
		f.AWSName("tokyo", 0):               "seed-tokyo-0",
		f.VPCAttachmentName("vpc-a"):        "seed-vpc-a",
		VPNSiteName("tokyo"):                "tokyo",
		AzureConnectionName("tokyo"):        "tokyo",
		VNetConnectionName("vnet-jpe"):      "vnet-jpe",
		f.Tunnels()[0].Name():               "tokyo-0-1",
		f.Azure.Hubs[0].VPNGateway.Name:     "hub-jpe-vpn",
		f.HubOfVNet("vnet-use").Name:        "hub-use",
		f.TransitGatewayOfVPC("vpc-b").Name: "tgw-tokyo",
	} {
		if got != want {
			t.Errorf("a name is %q, want %q", got, want)
		}
	}
}

func TestTheTunnelsThatALinkHadBefore(t *testing.T) {
	names := resource.Of("tokyo-0-1", "TOKYO-0-2", "tokyo-1-1 20.1.2.3", "tokyo-1-2=else", "tokyo-3-1", "tokyo-backup", "osaka-0-1")
	for shape, want := range map[Redundancy][]Tunnel{
		Single:  {{"tokyo", 0, 2}, {"tokyo", 1, 1}, {"tokyo", 1, 2}},
		Tunnels: {{"tokyo", 1, 1}, {"tokyo", 1, 2}},
		Full:    nil,
	} {
		if got := (Link{Name: "tokyo", Redundancy: shape}).Former(names); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", shape, got, want)
		}
	}
}
