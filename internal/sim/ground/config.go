package ground

import (
	"math/rand/v2"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/scenario"
)

// Config is what a half of the simulator is built from.
//
// A half is an http.Handler that the simulator calls under its one lock, after
// the agenda has been settled and the fabric brought up to date. It keeps no
// goroutine and takes no lock. What takes time is entered in the agenda; the
// function entered there changes the half's state as of the time it is given.
// A half raises its Generation whenever what its Side tells may differ, and
// the simulator then brings the fabric up to date.
type Config struct {
	Clock    *Clock
	Agenda   *Agenda
	Scenario scenario.Scenario
	Fabric   *fabric.Fabric
	Buckets  *Buckets
	Faults   *Faults // read [InjectedInto] instead: the simulator matches once a request
	Random   *rand.Rand
}

// Now is the simulated time.
func (c Config) Now() time.Time { return c.Clock.Now() }

// Behaviour is how the clouds behave.
func (c Config) Behaviour() scenario.Behaviour { return c.Scenario.Behaviour }

// Takes is how long an operation takes, "azure/virtualHubs/create"; see
// [scenario.Durations] for the rows.
func (c Config) Takes(operation string) time.Duration { return c.Scenario.Behaviour.Takes(operation) }

// Mutation changes the state of a half behind the clouds' backs, as a person
// with a console would. Drift is injected with it.
//
// Kind is the cloud's own word: an ARM type such as "virtualHubs",
// "vpnGateways/vpnConnections" or "networkSecurityGroups", or an EC2 noun such
// as "vpn-connection", "transit-gateway-route-table", "route-table",
// "security-group". Name is the resource's name or id; for a child the parts
// are joined by "/". Field is the dotted way to what changes,
// "properties.addressSpace.addressPrefixes", in the words of the cloud's API.
type Mutation struct {
	Cloud string `json:"cloud"` // azure, aws
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Op    string `json:"op"` // set, unset, add, remove (of a list), delete, create
	Field string `json:"field,omitempty"`
	Value any    `json:"value,omitempty"` // as encoding/json decodes it
}
