package fabric

import "net/netip"

// Traffic is what a link connection of an Azure gateway has carried, in bytes
// of whole IP packets, since it was made.
type Traffic struct {
	Ingress uint64 // into Azure
	Egress  uint64 // out of Azure
}

// Traffic returns what a link connection has carried.
func (f *Fabric) Traffic(linkConnection string) Traffic { return f.traffic[fold(linkConnection)] }

// count adds a packet to what the link connection has carried whose tunnel ends
// at an outside address. The gateway counts what it sends, and what arrives.
func (f *Fabric) count(outside netip.Addr, toward string, size int) {
	for _, pair := range f.pairsOf[outside] {
		if !pair.Up || pair.LinkConnection == "" {
			continue
		}
		traffic := f.traffic[fold(pair.LinkConnection)]
		if toward == TowardAWS {
			traffic.Egress += uint64(size)
		} else {
			traffic.Ingress += uint64(size)
		}
		f.traffic[fold(pair.LinkConnection)] = traffic
		return
	}
}
