package desired

import "net/netip"

// Session is a BGP session of a link with routing bgp: one runs in each of its
// tunnels, between the two hosts of the tunnel's inside range. AWS speaks from
// the first and from nowhere else; the Azure instance has to be given the second.
type Session struct {
	Tunnel
	AWS, Azure netip.Addr
}

// Sessions lists the BGP sessions of all links, in the order of [File.Tunnels];
// a static link has none. Every call plans the whole file.
func (f *File) Sessions() []Session {
	plan, _ := planInside(f.Links)
	var all []Session
	for _, link := range f.Links {
		ranges := plan[link.Name]
		if link.Routing != BGP {
			continue
		}
		for _, t := range link.Tunnels() {
			if i := 2*t.Instance + t.Number - 1; i < len(ranges) {
				aws := ranges[i].Masked().Addr().Next()
				all = append(all, Session{Tunnel: t, AWS: aws, Azure: aws.Next()})
			}
		}
	}
	return all
}
