package azure

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/resource"
)

// defaultTable is the route table of a hub to which every connection of the
// link belongs, in canonical form. VPN connections can belong to no other.
const defaultTable = "defaultroutetable"

// routing is the canonical form of a routing configuration.
type routing struct {
	associated     string
	tables, labels resource.Value
}

// routingOf reads the routing configuration of the connection called ref.
// What is left out is the default: associated with the default route table,
// propagating to it and to its label. Tables of the same hub go by their name.
func routingOf(configuration *armnetwork.RoutingConfiguration, ref string) routing {
	r := routing{associated: defaultTable, tables: resource.Of(defaultTable), labels: resource.Of("default")}
	if configuration == nil {
		return r
	}
	if associated := at(at(configuration.AssociatedRouteTable).ID); associated != "" {
		r.associated = tableName(associated, ref)
	}
	if propagated := configuration.PropagatedRouteTables; propagated != nil {
		tables := make([]string, 0, len(propagated.IDs))
		for _, table := range propagated.IDs {
			tables = append(tables, tableName(at(at(table).ID), ref))
		}
		labels := texts(propagated.Labels)
		for i, label := range labels {
			labels[i] = strings.ToLower(label)
		}
		r.tables, r.labels = resource.Of(tables...), resource.Of(labels...)
	}
	return r
}

// tableName is the name of a route table of the hub that ref hangs on, or the
// whole id of one of another hub. A gateway's connection does not name its
// hub, so that any hub's default table counts as its own.
func tableName(table, ref string) string {
	hub, own := refPart(table, "virtualHubs"), refPart(ref, "virtualHubs")
	if strings.EqualFold(hub, own) || own == "" && strings.EqualFold(lastPart(table), defaultTable) {
		return strings.ToLower(lastPart(table))
	}
	return canonicalRef(table)
}

// routed writes what attrs name of the routing into a configuration, and
// leaves the rest of it as it is. hub is the ARM id of the hub.
func routed(configuration *armnetwork.RoutingConfiguration, attrs resource.Attrs, hub string) *armnetwork.RoutingConfiguration {
	if configuration == nil {
		configuration = &armnetwork.RoutingConfiguration{}
	}
	if configuration.PropagatedRouteTables == nil {
		configuration.PropagatedRouteTables = &armnetwork.PropagatedRouteTable{}
	}
	if value, named := attrs["associated_table"]; named {
		configuration.AssociatedRouteTable = tableRef(value.One(), hub)
	}
	if value, named := attrs["propagated_tables"]; named {
		configuration.PropagatedRouteTables.IDs = make([]*armnetwork.SubResource, 0, len(value))
		for _, table := range value {
			configuration.PropagatedRouteTables.IDs = append(configuration.PropagatedRouteTables.IDs, tableRef(table, hub))
		}
	}
	if value, named := attrs["propagated_labels"]; named {
		configuration.PropagatedRouteTables.Labels = to.SliceOfPtrs(value...)
	}
	return configuration
}

// tableRef is the ARM id of a table by its canonical name.
func tableRef(name, hub string) *armnetwork.SubResource {
	switch {
	case strings.HasPrefix(name, "/"):
	case name == defaultTable:
		name = hub + "/hubRouteTables/defaultRouteTable"
	case name == "noneroutetable":
		name = hub + "/hubRouteTables/noneRouteTable"
	default:
		name = hub + "/hubRouteTables/" + name
	}
	return &armnetwork.SubResource{ID: to.Ptr(name)}
}
