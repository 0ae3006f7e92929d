package catalogue

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Place is what the clouds look like, as far as ids have to be found.
type Place struct {
	regions map[string]map[string][]item
}

// item is what any thing of AWS says of itself.
type item struct {
	ID, ResourceID string // of an attachment: what it joins
	State          any
	Gateway, Owner string
	Peer           *struct{ Region string } // of a peering attachment
	Options        struct{ AssociationTable string }
	Tags           []struct{ Key, Value string }
}

// find reads the state of the simulator.
func find(state []byte) (Place, error) {
	var read struct {
		AWS map[string]map[string][]item `json:"aws"`
	}
	if err := json.Unmarshal(state, &read); err != nil {
		return Place{}, fmt.Errorf("cannot read the state of the simulator: %w", err)
	}
	return Place{read.AWS}, nil
}

// ID is the id of what stands in a section of AWS under a name, the value of
// its tag Name or linkd-id, or "".
func (p Place) ID(section, name string) string { return p.thing(section, name).ID }

// Table is the default route table of a transit gateway.
func (p Place) Table(gateway string) string {
	return p.thing("TransitGateways", gateway).Options.AssociationTable
}

func (p Place) thing(section, name string) item {
	for _, region := range p.regions {
		for _, found := range region[section] {
			if found.State != "deleted" && found.named(name) {
				return found
			}
		}
	}
	return item{}
}

func (i item) named(name string) bool {
	return i.ResourceID == name || slices.ContainsFunc(i.Tags, func(t struct{ Key, Value string }) bool {
		return t.Value == name && (t.Key == "Name" || t.Key == "linkd-id")
	})
}

// peering is the peering attachment of a region that joins the two transit
// gateways, by their names, seen from the first.
func (p Place) peering(region, from, to string) item {
	own, other := p.ID("TransitGateways", from), p.ID("TransitGateways", to)
	for _, found := range p.regions[region]["Attachments"] {
		if found.Peer != nil && found.State != "deleted" && found.Gateway == own && found.ResourceID == other {
			return found
		}
	}
	return item{}
}

// untagged is the id of the first in a section that carries no tag.
func (p Place) untagged(section string) string {
	for _, region := range p.regions {
		for _, found := range region[section] {
			if found.State != "deleted" && !found.carries("linkd-id") {
				return found.ID
			}
		}
	}
	return ""
}

func (i item) carries(key string) bool {
	return slices.ContainsFunc(i.Tags, func(t struct{ Key, Value string }) bool { return t.Key == key })
}

// The ids of what is looked for most.
func theTable(p Place) string      { return p.Table(gateway) }
func attachmentA(p Place) string   { return p.ID("Attachments", "aws/vpc-attachment/vpc-a") }
func attachmentVPN(p Place) string { return p.ID("Attachments", p.ID("Connections", vpnID)) }
