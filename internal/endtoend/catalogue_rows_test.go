package endtoend

import (
	"slices"
	"testing"

	"linkd/internal/aws"
	"linkd/internal/azure"
	"linkd/internal/resource"
	"linkd/internal/sim/catalogue"
)

// TestEveryRowHasAnEntryInTheCatalogue fails for a kind or an attribute that
// nothing in the catalogue drives, and for an entry of what is no row.
func TestEveryRowHasAnEntryInTheCatalogue(t *testing.T) {
	t.Parallel()
	driven, names := map[string]bool{"": true}, map[string]bool{}
	for _, entry := range slices.Concat(catalogue.Entries(), ofPacific.Entries()) {
		if driven[entry.Key] = true; names[entry.Name] {
			t.Errorf("two entries are called %q", entry.Name)
		}
		names[entry.Name] = true
	}
	rows := map[string]bool{"": true}
	for _, kind := range slices.Concat(azure.Kinds(), aws.Kinds()) {
		for _, key := range keysOf(kind) {
			rows[key] = true
			why, never := unheardOf[key]
			switch {
			case !driven[key] && !never:
				t.Errorf("%s is driven by no entry of the catalogue", key)
			case driven[key] && never:
				t.Errorf("%s is driven by an entry, and is said to be impossible: %s", key, why)
			}
		}
	}
	for key := range driven {
		if !rows[key] {
			t.Errorf("an entry of the catalogue is of %s, which is no row of a kind", key)
		}
	}
	for key := range unheardOf {
		if !rows[key] {
			t.Errorf("%s is said to be impossible, and is no row of a kind", key)
		}
	}
}

// keysOf lists every key that a drift of a kind can have, but for those of
// what is not known: busy, blocked and unseen.
func keysOf(kind *resource.Kind) []string {
	classes := []resource.Class{resource.Missing, resource.FailedNow, resource.Unowned, resource.Orphan, resource.Duplicate}
	if kind.Given {
		classes = classes[:2]
	}
	var keys []string
	for _, class := range classes {
		keys = append(keys, resource.Drift{Kind: kind.Name, Class: class}.Key())
	}
	for _, attr := range kind.Attrs {
		keys = append(keys, resource.Drift{Kind: kind.Name, Class: resource.Differs, Attr: attr.Name}.Key())
		if attr.Members {
			keys = append(keys, resource.Drift{Kind: kind.Name, Class: resource.Extra, Attr: attr.Name}.Key())
		}
	}
	if kind.Name == "azure/vpn-connection" {
		keys = append(keys, kind.Name+"."+string(resource.Extra)) // a whole one, on our gateway
	}
	return keys
}

// unheardOf are the keys that no cloud can bring about, and why.
var unheardOf = map[string]string{
	"azure/vnet-connection.orphan":      noTags,
	"azure/vnet-connection.duplicate":   noTags,
	"azure/vpn-connection.hub":          "no cloud moves it to the gateway of another hub: another hub in the file does",
	"azure/vpn-connection.orphan":       noTags,
	"azure/vpn-connection.duplicate":    noTags,
	"azure/vpn-site.other_links":        "none is wanted, so none is missing",
	"azure/hub-routes.failed":           noState,
	"azure/vpn-tunnel.failed":           noState,
	"aws/transit-gateway.failed":        noState,
	"aws/vpc.failed":                    noState,
	"aws/customer-gateway.failed":       noState,
	"aws/vpn-connection.failed":         noState,
	"aws/vpn-tunnel.failed":             noState,
	"aws/tgw-routes.failed":             noState,
	"aws/learned-routes.failed":         noState,
	"aws/learned-routes.hidden":         "none is wanted, so none is missing",
	"aws/vpn-connection.tunnel_1_drill": aDrill,
	"aws/vpn-connection.tunnel_2_drill": aDrill,
	"aws/tgw-routes.orphan":             aTable,
	"aws/tgw-routes.duplicate":          aTable,
	"aws/vpc-routes.failed":             noState,
	"aws/vpc-routes.orphan":             aTable,
	"aws/vpc-routes.duplicate":          aTable,
	"aws/vpc-routes.unowned":            "the table is the user's, and no tag is asked for",
	"aws/vpc-routes.missing":            "a table of the file that is not there is a fault of the file: it is unseen",
}

const (
	noTags  = "it carries no tags, so that nothing tells a stray of ours"
	noState = "the cloud has no state of failure for it"
	aDrill  = "linkd drill alone wants it"
	aTable  = "it is the content of a table and not a thing of its own"
)
