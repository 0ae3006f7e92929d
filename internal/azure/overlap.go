package azure

import (
	"fmt"
	"net/netip"
	"slices"

	"linkd/internal/resource"
)

// clash looks for prefixes of the far side that lie in a hub's own range, or
// in a VNet's as the file gives it. The file's own are checked before
// anything starts; this finds what only the live prefixes show. Azure would
// take such a site and never send it a packet.
func (c *Cloud) clash(far resource.Value) error {
	for _, text := range far {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("cannot use %q as a prefix of the far side", text)
		}
		for _, hub := range c.file.Azure.Hubs {
			if hub.AddressPrefix.Overlaps(prefix) {
				return fmt.Errorf("cannot route %s: it overlaps %s of hub %s", prefix, hub.AddressPrefix, hub.Name)
			}
			for _, vnet := range hub.VNets {
				if i := slices.IndexFunc(vnet.Prefixes, prefix.Overlaps); i >= 0 {
					return fmt.Errorf("cannot route %s: it overlaps %s of VNet %s", prefix, vnet.Prefixes[i], vnet.Name)
				}
			}
		}
	}
	return nil
}
