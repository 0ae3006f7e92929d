package azure

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vnetKind = resource.Kind{
	Name:  "azure/vnet",
	Is:    "A VNet of yours. linkd reads it and never changes it.",
	Given: true,
	Attrs: []resource.Attr{
		{Name: desired.FactPrefixes, Means: "the address space of the VNet, where the file names one", Fix: resource.ByHand, Breaks: "routes and filters follow the file's prefixes, which the VNet no longer has"},
	},
	Breaks: "its hub has nothing to connect",
}

// vnet is an existing virtual network. It is never written: a PUT of a VNet
// would have to carry its subnets and the peering that the hub made.
type vnet struct {
	watched
	vnet desired.VNet
}

func (c *Cloud) vnet(v desired.VNet) vnet {
	at := c.scopes[strings.ToLower(refPart(v.ID, "subscriptions"))]
	if at == nil {
		at = c.home()
	}
	return vnet{watched{node{cloud: c, at: at, id: desired.VNetID(v.Name), kind: &vnetKind}}, v}
}

// Want implements resource.Resource.
func (v vnet) Want(resource.World) (resource.Spec, error) {
	spec := resource.Spec{Attrs: resource.Attrs{}}
	if len(v.vnet.Prefixes) > 0 {
		spec.Attrs[desired.FactPrefixes] = prefixValue(v.vnet.Prefixes)
	}
	return spec, nil
}

// Read implements resource.Resource.
func (v vnet) Read(ctx context.Context, _ resource.World) (resource.Live, error) {
	answer, err := v.at.vnets.Get(ctx, refPart(v.vnet.ID, "resourceGroups"), lastPart(v.vnet.ID), nil)
	if err != nil {
		live, err := v.cloud.notFound(ctx, v.id, "virtualNetworks/read", err)
		return v.explain(live), err
	}
	return v.cloud.found(ctx, v.id, liveVNet(&answer.VirtualNetwork)), nil
}

// explain says of an absent VNet where it was looked for.
func (v vnet) explain(live resource.Live) resource.Live {
	if live.Phase == resource.Absent {
		live.Why = "Azure has no " + v.vnet.ID + ": create it, or mend its id in the file"
	}
	return live
}

// liveVNet is what Azure says of a VNet. One that is being changed serves all
// the same, so that it is ready unless it goes or has failed.
func liveVNet(network *armnetwork.VirtualNetwork) resource.Live {
	properties := at(network.Properties)
	live := resource.Live{
		Phase: phaseOf(properties.ProvisioningState), Ref: at(network.ID),
		Attrs: resource.Attrs{
			desired.FactPrefixes: prefixesOf(properties.AddressSpace),
			"location":           resource.Of(canonicalLocation(at(network.Location))),
		},
	}
	if live.Phase == resource.Pending {
		live.Phase = resource.Ready
	}
	return live
}

// prefixesOf is the Value of an address space; one that is left out is empty.
func prefixesOf(space *armnetwork.AddressSpace) resource.Value {
	prefixes := texts(at(space).AddressPrefixes)
	for i, prefix := range prefixes {
		prefixes[i] = canonicalPrefix(prefix)
	}
	return resource.Of(prefixes...)
}
