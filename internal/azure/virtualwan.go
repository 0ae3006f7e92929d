package azure

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var virtualWANKind = resource.Kind{
	Name: "azure/virtual-wan",
	Is:   "The virtual WAN, which joins the hubs.",
	Takes: resource.Takes{
		Create: resource.Span{Least: 2 * time.Second, Typical: 11 * time.Second},
		Update: resource.Span{Typical: 10 * time.Second},
		Delete: resource.Span{Typical: 10 * time.Second},
	},
	Attrs: []resource.Attr{
		{Name: "type", Means: "Standard or Basic", Fix: resource.InPlace, Breaks: "hubs of a Basic virtual WAN do not route between VNets, branches and each other"},
		{Name: "branch_to_branch", Means: "whether sites reach each other through the hubs", Fix: resource.InPlace, Breaks: "sites do not reach each other through the hubs"},
	},
	Breaks:   "no hub can stand, so nothing crosses",
	Replaced: resource.AddressChange,
	Deleted:  resource.AllTunnels,
}

// virtualWAN is the one virtual WAN of the file.
type virtualWAN struct {
	node
	wan desired.VirtualWAN
}

func (c *Cloud) virtualWAN() virtualWAN {
	wan := c.file.Azure.VirtualWAN
	return virtualWAN{node{cloud: c, at: c.home(), id: desired.VirtualWANID(wan.Name), kind: &virtualWANKind}, wan}
}

// Want implements resource.Resource.
func (w virtualWAN) Want(resource.World) (resource.Spec, error) {
	return resource.Spec{
		Owner: w.cloud.ownerUnless(w.wan.Adopt),
		Attrs: resource.Attrs{"type": resource.Of("standard"), "branch_to_branch": boolValue(true)},
	}, nil
}

// Read implements resource.Resource.
func (w virtualWAN) Read(ctx context.Context, _ resource.World) (resource.Live, error) {
	answer, err := w.at.wans.Get(ctx, w.at.group, w.wan.Name, nil)
	if err != nil {
		return w.cloud.notFound(ctx, w.id, "virtualWans/read", err)
	}
	return w.cloud.found(ctx, w.id, liveWAN(&answer.VirtualWAN)), nil
}

// liveWAN is what Azure says of a virtual WAN.
func liveWAN(wan *armnetwork.VirtualWAN) resource.Live {
	properties := at(wan.Properties)
	phase := phaseOf(properties.ProvisioningState)
	return resource.Live{
		Phase: phase, Ref: at(wan.ID), Owner: tag(wan.Tags, desired.OwnerTag),
		Why: waitingFor(phase, properties.ProvisioningState),
		Attrs: resource.Attrs{
			"type":             resource.Of(lower(properties.Type, "Standard")),
			"branch_to_branch": boolValue(at(properties.AllowBranchToBranchTraffic)),
			"location":         resource.Of(canonicalLocation(at(wan.Location))),
		},
	}
}

// Apply implements resource.Resource.
func (w virtualWAN) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	wan := armnetwork.VirtualWAN{Location: to.Ptr(w.wan.Location), Tags: w.tags(want.Owner)}
	if now.Phase != resource.Absent {
		answer, err := w.at.wans.Get(ctx, w.at.group, w.wan.Name, nil)
		if err != nil {
			return problem("virtualWans/read", err)
		}
		wan = answer.VirtualWAN
	}
	if wan.Properties == nil {
		wan.Properties = &armnetwork.VirtualWanProperties{}
	}
	if value, named := want.Attrs["type"]; named {
		wan.Properties.Type = to.Ptr(titled(value.One()))
	}
	if value, named := want.Attrs["branch_to_branch"]; named {
		wan.Properties.AllowBranchToBranchTraffic = to.Ptr(asBool(value))
	}
	poller, err := w.at.wans.BeginCreateOrUpdate(ctx, w.at.group, w.wan.Name, wan, nil)
	return follow(w.cloud, w.id, "virtualWans/write", poller, err)
}

// Delete implements resource.Resource.
func (w virtualWAN) Delete(ctx context.Context, _ resource.Live) error {
	poller, err := w.at.wans.BeginDelete(ctx, w.at.group, w.wan.Name, nil)
	return gone(w.cloud, w.id, "virtualWans/delete", poller, err)
}
