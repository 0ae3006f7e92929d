package aws

import (
	"context"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Anybody who may modify a transit gateway can swap its default route tables,
// and from then on new attachments land elsewhere without a word. So linkd
// notes in a tag of the transit gateway which tables it found at the build:
// the tag comes with the transit gateway, and costs an audit no call.
const (
	attrAssociationTable = "association_table" // the default one
	attrPropagationTable = "propagation_table" // the default one
	attrTableTag         = "route_table_tag"

	// factPropagatesTo of a transit gateway: the table that attachments are
	// meant to propagate to.
	factPropagatesTo = "propagates_to"
)

// defaults are two route tables of a transit gateway: the one that attachments
// are associated with, and the one that they propagate to.
type defaults struct{ association, propagation string }

// has tells whether a table is one of the two.
func (d defaults) has(table string) bool { return table == d.association || table == d.propagation }

// text is how a tag names them: once when they are the same, as on every
// transit gateway that nobody has divided.
func (d defaults) text() string {
	if d.association == d.propagation {
		return d.association
	}
	return strings.TrimSpace(d.association + " " + d.propagation)
}

func defaultsNow(g types.TransitGateway) defaults {
	if g.Options == nil {
		return defaults{}
	}
	return defaults{awssdk.ToString(g.Options.AssociationDefaultRouteTableId), awssdk.ToString(g.Options.PropagationDefaultRouteTableId)}
}

// noted are the tables that the tag names. One that the file adopts has none:
// its tables are whatever their owner says.
func (r *transitGateway) noted(g types.TransitGateway) (defaults, bool) {
	names := strings.Fields(tag(g.Tags, desired.RouteTableTag))
	if r.file.Adopt || len(names) == 0 || len(names) > 2 {
		return defaults{}, false
	}
	return defaults{names[0], names[len(names)-1]}, true
}

// doubted lists the noted tables that are no defaults any more, so that only
// a call can tell whether they still exist.
func (r *transitGateway) doubted(s *seen) []string {
	gateway, _, found := choose(s.transitGateways.items, r.id, r.cloud.file.Owner, reduceTransitGateway, r.like(s))
	noted, is := r.noted(gateway)
	if !found || !is {
		return nil
	}
	return slices.DeleteFunc([]string{noted.association, noted.propagation}, defaultsNow(gateway).has)
}

// askDoubted reads the tables in doubt, if there are any.
func (s *seen) askDoubted(ctx context.Context, tables []string) {
	if len(tables) > 0 {
		s.askGatewayTables(ctx, tables...)
	}
}

// meant are the tables that attachments are meant for: the noted ones as long
// as they exist, else those of the transit gateway.
func (r *transitGateway) meant(s *seen, g types.TransitGateway) (defaults, error) {
	now := defaultsNow(g)
	noted, is := r.noted(g)
	if !is {
		return now, nil
	}
	for _, table := range []string{noted.association, noted.propagation} {
		if now.has(table) {
			continue
		}
		items, err := s.gatewayTables.list()
		if err != nil {
			return defaults{}, err
		}
		if !slices.ContainsFunc(items, func(t types.TransitGatewayRouteTable) bool { return serves(t, table, g) }) {
			return now, nil
		}
	}
	return noted, nil
}

// serves tells whether t is that table, of that transit gateway, and stays.
func serves(t types.TransitGatewayRouteTable, table string, g types.TransitGateway) bool {
	return awssdk.ToString(t.TransitGatewayRouteTableId) == table && awssdk.ToString(t.TransitGatewayId) == awssdk.ToString(g.TransitGatewayId) &&
		t.State != types.TransitGatewayRouteTableStateDeleting && t.State != types.TransitGatewayRouteTableStateDeleted
}

// showTables fills in the default tables, the tag, and the tables that are meant.
func (r *transitGateway) showTables(live *resource.Live, s *seen, g types.TransitGateway) error {
	meant, err := r.meant(s, g)
	if err != nil {
		return err
	}
	now := defaultsNow(g)
	live.Attrs[attrAssociationTable], live.Attrs[attrPropagationTable], live.Attrs[attrTableTag] = resource.Of(), resource.Of(), resource.Of()
	put(live.Attrs, attrAssociationTable, now.association)
	put(live.Attrs, attrPropagationTable, now.propagation)
	put(live.Attrs, attrTableTag, tag(g.Tags, desired.RouteTableTag))
	put(live.Attrs, desired.FactRouteTable, meant.association)
	put(live.Attrs, factPropagatesTo, meant.propagation)
	return nil
}

// wantTables wants the tables that are meant to be the defaults, and to be
// noted. While a default is switched off and nothing is noted, none is meant.
func (r *transitGateway) wantTables(want resource.Attrs, live resource.Live) {
	meant := defaults{live.Attrs[desired.FactRouteTable].One(), live.Attrs[factPropagatesTo].One()}
	if r.file.Adopt || meant.association == "" || meant.propagation == "" {
		return
	}
	want[attrAssociationTable], want[attrPropagationTable] = resource.Of(meant.association), resource.Of(meant.propagation)
	want[attrTableTag] = resource.Of(meant.text())
}

// noteTables writes the tag.
func (r *transitGateway) noteTables(ctx context.Context, ref, value string) error {
	_, err := r.region.ec2.CreateTags(ctx, &ec2.CreateTagsInput{
		Resources: []string{ref}, Tags: []types.Tag{{Key: awssdk.String(desired.RouteTableTag), Value: awssdk.String(value)}},
	})
	return r.cloud.problem(ctx, err)
}
