package fabric

import (
	"net/netip"
	"time"
)

type pairKey struct {
	link     string
	instance int
	outside  netip.Addr
}

type change struct {
	up, bgp         bool
	since, bgpSince time.Time
}

// Update works everything out anew as of now.
func (f *Fabric) Update(now time.Time, azure Azure, aws AWS) { f.now, f.azure, f.aws = now, azure, aws }

// NextChange is when a tunnel will come up by itself, if one will.
func (f *Fabric) NextChange() (time.Time, bool) { return time.Time{}, false }

// Pairs lists every pair, in a stable order.
func (f *Fabric) Pairs() []Pair { return f.pairs }

// Tunnel is the state of the tunnel between an outside address of AWS and the
// public address of an instance.
func (f *Fabric) Tunnel(outside, instance netip.Addr) Tunnel { return Tunnel{} }

// Link is the state of an Azure link connection, with its history.
func (f *Fabric) Link(linkConnection string) LinkState { return LinkState{Status: "Unknown"} }

// LinkStatus is the status of an Azure link connection: Connected when the
// tunnel of any instance is up.
func (f *Fabric) LinkStatus(linkConnection string) string { return f.Link(linkConnection).Status }

// HubRoutes lists the effective routes of a hub's default route table.
func (f *Fabric) HubRoutes(hub string) []Route { return nil }

// NICRoutes lists the effective routes of a network interface.
func (f *Fabric) NICRoutes(nic string) []NICRoute { return nil }

// LearnedPrefixes lists what AWS learned by BGP over a tunnel, for its count
// of accepted routes.
func (f *Fabric) LearnedPrefixes(outside netip.Addr) []netip.Prefix { return nil }

// PropagatedRoutes lists what the attachments propagate into a transit
// gateway route table.
func (f *Fabric) PropagatedRoutes(table string) []TGWRoute { return nil }

// TGWRoutes lists all routes of a transit gateway route table: the static
// ones, and the propagated ones that no static one hides.
func (f *Fabric) TGWRoutes(table string) []TGWRoute { return nil }

// LookupTGW finds the route that a transit gateway route table has for an
// address: the longest prefix, static before propagated.
func (f *Fabric) LookupTGW(table string, to netip.Addr) (TGWRoute, bool) { return TGWRoute{}, false }

// Echo sends an echo from one machine to another and lets it be answered.
func (f *Fabric) Echo(from, to netip.Addr) Echo { return Echo{} }
