// Package aws is the simulator's AWS half: an [http.Handler] that speaks the
// EC2 query protocol (a form in, XML out) and of STS GetCallerIdentity and
// AssumeRole, for every region of every account of the scenario. Whoever has
// assumed no role is of the first.
//
// It knows transit gateways, their attachments and peerings, tables and
// routes, customer gateways, VPN connections with their tunnels, and of a VPC
// what decides whether a packet crosses it. Whether a tunnel is up it does not
// know: the fabric, which sees both clouds, tells it.
//
// Objects are values that are never changed in place: each change makes a new
// version with its time, so a describe can answer what was true a while ago,
// as EC2's do. The caller holds one lock around every call and has settled
// the agenda before; nothing here locks or starts a goroutine.
package aws
