package desired

import (
	"slices"

	"linkd/internal/resource"
)

// Moves tells of a link that Azure's end of it stands at another hub than the file has
// it at. Its tunnels may carry traffic there; to end at this one, all of them go, and
// both clouds change. A connection that shows nothing of it does not say so.
func (l Link) Moves(world resource.World) bool {
	hub, shown := world[AzureConnectionID(l.Name)].Attrs[FactHub]
	return shown && !hub.Equal(resource.Of(l.Hub))
}

// Standing is the file with each link at the hub where Azure's end of it stands, for
// those who judge what packets meet. It is the file itself where no link moves. A hub
// that the file does not have is none to judge by.
func (f *File) Standing(world resource.World) *File {
	if !slices.ContainsFunc(f.Links, func(l Link) bool { return l.Moves(world) }) {
		return f
	}
	standing := *f
	standing.Links = slices.Clone(f.Links)
	for i, link := range f.Links {
		hub := world[AzureConnectionID(link.Name)].Attrs[FactHub].One()
		if link.Moves(world) && f.HubNamed(hub) != nil && f.HubNamed(hub).VPNGateway != nil {
			standing.Links[i].Hub = hub
		}
	}
	return &standing
}
