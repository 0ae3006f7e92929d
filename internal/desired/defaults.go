package desired

import (
	"cmp"
	"strings"
	"time"
)

// newFile is a file with every default that depends on nothing else. A list
// item gets its own when it is read.
func newFile() *File {
	return &File{
		Schedule: Schedule{
			TimeZone: "UTC",
			Audit:    "*/15 * * * *",
			Tunnels:  "@every 1m",
			Survey:   "*/15 * * * *",
			Jitter:   Duration(10 * time.Second),
			Budget:   Duration(10 * time.Minute),
		},
		Policy: Policy{Default: Repair},
		AWS:    AWS{EndpointMaintenance: MaintainedByAWS},
		Probes: newProbes(),
	}
}

func newProbes() Probes {
	return Probes{
		Interval: Duration(time.Second), Timeout: Duration(time.Second), Burst: 10, Size: 84,
		MTUInterval: Duration(time.Hour), MostPerSecond: 1000, Local: LocalOutside,
	}
}

func newVPNGateway() VPNGateway {
	return VPNGateway{ScaleUnits: 1, RoutingPreference: MicrosoftNetwork, ASN: azureASN}
}

func newTransitGateway() TransitGateway {
	return TransitGateway{ASN: 64512, ECMP: new(true)}
}

// newLink has the IKE policy that both clouds accept and that is strong. What
// depends on the rest of the policy is filled in by [Link.fillIn].
func newLink() Link {
	return Link{
		Routing:    Static,
		Redundancy: Tunnels,
		IKE: IKE{
			Version:    2,
			Phase1:     Phase1{Encryption: "aes256", Integrity: "sha256", DHGroup: 14, Lifetime: Duration(8 * time.Hour)},
			Phase2:     Phase2{Encryption: "aes256-gcm", PFSGroup: 14, Lifetime: Duration(time.Hour)},
			DPDTimeout: Duration(45 * time.Second),
		},
		Keys: Keys{From: keysFromAWS},
		Site: Site{DeviceVendor: "AWS", Provider: "AWS", SpeedMbps: 500},
	}
}

// fillIn sets the defaults that depend on other values, and brings locations
// into their canonical form.
func (f *File) fillIn() {
	f.Schedule.TimeZone = cmp.Or(f.Schedule.TimeZone, "UTC")
	for i := range f.Azure.Hubs {
		f.Azure.Hubs[i].fillIn()
	}
	wan := &f.Azure.VirtualWAN
	wan.Location = canonicalLocation(wan.Location)
	if wan.Location == "" && len(f.Azure.Hubs) > 0 {
		wan.Location = f.Azure.Hubs[0].Location
	}
	for i := range f.AWS.Regions {
		region := &f.AWS.Regions[i]
		for j := range region.TransitGateways {
			region.TransitGateways[j].Region = region.Name
		}
	}
	for i := range f.Links {
		f.Links[i].fillIn()
	}
}

func (h *Hub) fillIn() {
	h.Location = canonicalLocation(h.Location)
	for i := range h.VNets {
		vnet := &h.VNets[i]
		vnet.Name = cmp.Or(vnet.Name, vnet.ID[strings.LastIndexByte(vnet.ID, '/')+1:])
	}
	if h.VPNGateway != nil {
		h.VPNGateway.Name = cmp.Or(h.VPNGateway.Name, h.Name+"-vpn")
	}
}

// fillIn leaves a GCM encryption of phase 2 without an integrity, for it has
// its own. AWS starts a tunnel with IKEv2 only, so with IKEv1 Azure does.
func (l *Link) fillIn() {
	if !isGCM(l.IKE.Phase2.Encryption) {
		l.IKE.Phase2.Integrity = cmp.Or(l.IKE.Phase2.Integrity, "sha256")
	}
	if l.IKE.Initiator == "" && l.IKE.Version == 1 {
		l.IKE.Initiator = InitiateAzure
	}
	l.IKE.Initiator = cmp.Or(l.IKE.Initiator, InitiateBoth)
}

// canonicalLocation turns "Japan East" into "japaneast", as Azure itself does.
func canonicalLocation(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}

// isGCM says whether an encryption authenticates what it encrypts.
func isGCM(encryption string) bool { return strings.HasSuffix(encryption, "-gcm") }
