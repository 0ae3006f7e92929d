package scenario

import (
	"strings"
	"time"
)

// Duration is a row of the table of durations: how long an operation takes,
// and where the figure comes from.
type Duration struct {
	Operation string // "azure/virtualHubs/create"; * stands for any part
	Takes     time.Duration
	Source    string
}

const (
	recorded    = "recorded traffic of 2021-2024"
	publicLog   = "one public apply log"
	publicIssue = "an apply log in one public issue"
	documented  = "vendor documentation and provider waiters"
	guessed     = "a guess; nothing was found"
)

// Durations lists the default durations; the first row that matches counts.
// An operation is the cloud, the kind and the verb: ARM's own type names (children
// without their parents) on the Azure side, nouns of the EC2 API on the other.
func Durations() []Duration {
	s := time.Second
	return []Duration{
		{"azure/virtualWans/create", 5 * s, recorded},
		{"azure/virtualWans/*", 5 * s, recorded},
		{"azure/virtualHubs/create", 300 * s, recorded}, // not done at 215-224 s, done at 377-386 s
		{"azure/virtualHubs/update", 120 * s, recorded},
		{"azure/virtualHubs/delete", 300 * s, guessed},
		// From the PUT of the hub until its routing state is Provisioned.
		{"azure/virtualHubs/routing", 880 * s, recorded},
		// How long a hub reads Updating by itself when its router is done: seen, not timed.
		{"azure/virtualHubs/flap", 20 * s, guessed},
		{"azure/virtualHubs/effectiveRoutes", 10 * s, recorded},
		{"azure/hubRouteTables/*", 10 * s, recorded},
		{"azure/hubVirtualNetworkConnections/create", 45 * s, recorded},
		{"azure/hubVirtualNetworkConnections/update", 30 * s, recorded},
		{"azure/hubVirtualNetworkConnections/delete", 110 * s, recorded},
		{"azure/vpnGateways/create", 1390 * s, recorded}, // not done at 1,190-1,790 s, done at 1,291-1,891 s
		{"azure/vpnGateways/update", 180 * s, recorded},
		{"azure/vpnGateways/delete", 790 * s, recorded},
		{"azure/vpnSites/create", 10 * s, recorded},
		{"azure/vpnSites/*", 10 * s, recorded},
		{"azure/vpnConnections/create", 70 * s, recorded},
		{"azure/vpnConnections/update", 50 * s, recorded},
		{"azure/vpnConnections/delete", 55 * s, recorded},
		{"azure/sharedKeys/*", 30 * s, guessed},
		{"azure/*/getikesas", 10 * s, recorded},
		// Beside the script itself.
		{"azure/virtualMachines/runCommand", 20 * s, documented},
		{"azure/*/*", 5 * s, guessed},

		{"aws/transit-gateway/create", 75 * s, publicLog},
		{"aws/transit-gateway/modify", 60 * s, guessed},
		{"aws/transit-gateway/delete", 120 * s, documented},
		{"aws/vpc-attachment/create", 120 * s, publicLog},
		{"aws/vpc-attachment/modify", 60 * s, guessed},
		{"aws/vpc-attachment/delete", 60 * s, guessed},
		{"aws/peering-attachment/create", 10 * s, guessed}, // until it waits to be accepted
		// Not done at 260 s, in a log of 2020.
		{"aws/peering-attachment/accept", 270 * s, publicIssue},
		{"aws/peering-attachment/reject", 10 * s, guessed},
		{"aws/peering-attachment/delete", 120 * s, guessed},
		// The log shows 12-19 s, of which 10 are the waiter's.
		{"aws/customer-gateway/create", 5 * s, publicLog},
		{"aws/customer-gateway/delete", 5 * s, guessed},
		{"aws/vpn-connection/create", 390 * s, publicLog},
		{"aws/vpn-connection/modify", 600 * s, documented}, // 5-20 min
		{"aws/vpn-connection/delete", 300 * s, documented}, // 5-10 min
		{"aws/vpn-tunnel/modify", 300 * s, documented},
		{"aws/vpn-tunnel/replace", 300 * s, documented},
		{"aws/transit-gateway-route-table/*", 30 * s, guessed},
		{"aws/association/*", 20 * s, guessed},
		{"aws/propagation/*", 10 * s, guessed},
		{"aws/transit-gateway-route/*", 2 * s, documented}, // seconds to a minute
		{"aws/*/*", 0, documented},                         // the rest of EC2 answers when it is done
	}
}

// Takes is how long an operation takes: nothing when Instant, else its row in
// the scenario, else the default.
func (b Behaviour) Takes(operation string) time.Duration {
	if b.Instant {
		return 0
	}
	if takes, ok := b.Durations[operation]; ok {
		return takes
	}
	for _, row := range Durations() {
		if row.covers(operation) {
			return row.Takes
		}
	}
	return 0
}

func (d Duration) covers(operation string) bool {
	pattern, name := strings.Split(d.Operation, "/"), strings.Split(operation, "/")
	if len(pattern) != len(name) {
		return false
	}
	for i := range pattern {
		if pattern[i] != "*" && pattern[i] != name[i] {
			return false
		}
	}
	return true
}
