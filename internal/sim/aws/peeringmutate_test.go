package aws

import (
	"cmp"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/ground"
)

func TestAPeeringIsChangedBehindTheAPI(t *testing.T) {
	type object = map[string]any
	const kind = "transit-gateway-attachment"
	associations := func(_ *bench, p pair) string { return p.association(0) + "/" + p.association(1) }
	crosses := func(b *bench, _ pair) string { return b.echoes() }
	for name, row := range map[string]struct {
		mutation ground.Mutation
		see      func(b *bench, p pair) string
		want     string // how it ends
	}{
		"it is deleted": {ground.Mutation{Kind: kind, Name: "$peering", Op: "delete"}, func(_ *bench, p pair) string { return p.states() }, "deleted deleted"},
		"it is deleted at the accepter": {
			ground.Mutation{Kind: kind, Name: dublin + "/$peering", Op: "delete"}, func(_ *bench, p pair) string { return p.states() }, "deleted deleted",
		},
		"it has failed": {
			ground.Mutation{Kind: kind, Name: "$peering", Op: "set", Field: "State", Value: "failed"}, func(_ *bench, p pair) string { return p.states() }, "failed failed",
		},
		"its association is gone where it was asked": {
			ground.Mutation{Kind: kind, Name: dublin + "/$peering", Op: "unset", Field: "Association"}, associations, "associated/",
		},
		"without an association nothing comes in": {
			ground.Mutation{Kind: kind, Name: dublin + "/$peering", Op: "unset", Field: "Association"}, crosses, "associated with no route table",
		},
		"its association is another where it asked": {
			ground.Mutation{Kind: kind, Name: "mine", Op: "set", Field: "Association", Value: "tgw-rtb-0123456789abcdef0"},
			func(b *bench, p pair) string {
				return b.do("DescribeTransitGatewayAttachments", "TransitGatewayAttachmentIds.1="+p.attachment).at("transitGatewayAttachments/item/association/transitGatewayRouteTableId")
			}, "tgw-rtb-0123456789abcdef0",
		},
		"its tags are stripped at one end": {
			ground.Mutation{Kind: "transit-gateway-peering-attachment", Name: tokyo + "/$peering", Op: "unset", Field: "Tags"},
			func(b *bench, _ pair) string {
				return "tags: " + b.do("DescribeTransitGatewayPeeringAttachments").at("transitGatewayPeeringAttachments/item/tagSet/item/value") + "."
			}, "tags: .",
		},
		"a route to it is a blackhole": {
			ground.Mutation{Kind: "transit-gateway-route-table", Name: "$table", Op: "set", Field: "Routes", Value: object{"DestinationCidrBlock": "10.3.0.0/16"}},
			crosses, "wanted blackhole",
		},
		"a route to it is deleted": {
			ground.Mutation{Kind: "transit-gateway-route-table", Name: "$table", Op: "remove", Field: "Routes", Value: "10.3.0.0/16"},
			crosses, "no route for 10.3.0.10",
		},
		"the transit gateway at its other end is deleted": {
			ground.Mutation{Kind: "transit-gateway", Name: "$accepter", Op: "delete"}, func(_ *bench, p pair) string { return p.states() }, "deleted deleted",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, twoRegions)
				p := b.joinedPair()
				fill := strings.NewReplacer("$peering", p.attachment, "$table", p.tables[tokyo], "$accepter", p.accepter)
				m := row.mutation
				m.Name = fill.Replace(m.Name)
				if before := row.see(b, p); strings.HasSuffix(before, row.want) {
					t.Fatalf("it is %q already", before)
				}
				if err := b.cloud.Mutate(m); err != nil {
					t.Fatal(err)
				}
				if got := row.see(b, p); !strings.HasSuffix(got, row.want) {
					t.Errorf("%q, want %q", got, row.want)
				}
			})
		})
	}
}

func TestAPeeringHasNoFieldsOfNetworks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.makePair(tokyo, dublin)
		for _, m := range []ground.Mutation{
			{Op: "set", Field: "VpcId", Value: "vpc-0a000000000000001"},
			{Op: "add", Field: "SubnetIds", Value: "subnet-0a00000000000001a"},
			{Op: "add", Field: "Propagations", Value: p.tables[tokyo]},
			{Op: "set", Field: "DnsSupport", Value: "enable"},
		} {
			m.Kind, m.Name = "transit-gateway-attachment", p.attachment
			if err := b.cloud.Mutate(m); err == nil {
				t.Errorf("%s of a peering was changed", m.Field)
			}
		}
	})
}

func TestAPeeringIsMadeBehindTheAPI(t *testing.T) {
	for name, row := range map[string]struct {
		peer, accepted string // "" is the accepter
		want           string // its states at both ends; "" is that it is refused
	}{
		"it waits":                         {"", "", "pendingAcceptance pendingAcceptance"},
		"it is accepted":                   {"", "true", "available available"},
		"it is neither accepted nor waits": {"", "perhaps", ""},
		"it is with nobody":                {"tgw-00000000000000000", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, twoRegions)
				p := b.makePair(tokyo, dublin)
				time.Sleep(time.Minute)
				b.do("DeleteTransitGatewayPeeringAttachment", p.peeringParameter)
				time.Sleep(3 * time.Minute)
				b.settle()
				value := map[string]any{
					"TransitGatewayId": p.requester, "PeerTransitGatewayId": cmp.Or(row.peer, p.accepter), "PeerAccountId": "111122223333", "PeerRegion": dublin,
				}
				if row.accepted != "" {
					value["Accepted"] = row.accepted
				}
				err := b.cloud.Mutate(ground.Mutation{Kind: "transit-gateway-peering-attachment", Name: tokyo, Op: "create", Value: value})
				if (err == nil) != (row.want != "") {
					t.Fatalf("made with the error %v", err)
				}
				if row.want == "" {
					return
				}
				p.attachment = b.do("DescribeTransitGatewayPeeringAttachments", "Filter.1.Name=state", "Filter.1.Value.1="+strings.Fields(row.want)[0]).
					at("transitGatewayPeeringAttachments/item/transitGatewayAttachmentId")
				p.accepterPeering = p.attachment
				if got := p.states(); got != row.want {
					t.Errorf("%s, want %s", got, row.want)
				}
				if row.accepted != "" && p.association(0)+p.association(1) != "associatedassociated" {
					t.Errorf("it is %s and %s", p.association(0), p.association(1))
				}
			})
		})
	}
}

func TestADumpTellsWhereTheOtherEndOfAPeeringIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.makePair(tokyo, dublin)
		time.Sleep(time.Minute)
		b.settle()
		text, err := json.Marshal(b.cloud.Dump())
		if err != nil {
			t.Fatal(err)
		}
		var regions map[string]struct{ Attachments []struct{ Peer peerDump } }
		if err := json.Unmarshal(text, &regions); err != nil {
			t.Fatal(err)
		}
		for region, want := range map[string]peerDump{tokyo: {dublin, p.attachment, true}, dublin: {tokyo, p.attachment, false}} {
			if got := regions[region].Attachments; len(got) != 1 || got[0].Peer != want {
				t.Errorf("the end in %s has %+v, want %+v", region, got, want)
			}
		}
	})
}
