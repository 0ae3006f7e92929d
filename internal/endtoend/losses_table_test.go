package endtoend

import "time"

// who are the pairs of machines that lose echoes, as patterns of [path.Match], and
// how docs/designs.md calls them.
type who struct {
	says  string
	pairs []string
}

var (
	nobody        = who{says: "nobody"}
	betweenClouds = who{"all between the clouds", []string{"vm-* ↔ ec2-*"}}
	betweenVPCs   = who{"the VPCs of the two regions, from each other", []string{"ec2-a ↔ ec2-c"}}
	tokyoAlone    = who{"vpc-a and the VNets, from each other", []string{"vm-* ↔ ec2-a"}}
	virginiaAlone = who{"vpc-c and the VNets, from each other", []string{"vm-* ↔ ec2-c"}}
	farRegion     = who{"vpc-c, from everybody", []string{"* ↔ ec2-c"}}
)

// untilBack is for as long as the part is lost.
const untilBack time.Duration = 0

// loses is a part of an example, or all whose names match a pattern, what
// docs/designs.md calls it, who loses echoes when it is lost, and for how long at most
// while a daemon keeps the link.
type loses struct {
	part, says string
	who        who
	lasts      time.Duration
}

// shapes are the files of deploy/examples, the clouds that each is built in, and what
// it costs to lose any single part of it: the first row that matches holds.
var shapes = map[string]struct {
	clouds string // "": those that are built in
	costs  []loses
}{
	"seed.yaml":              {"", allAtOnce},
	"subscriptions.yaml":     {"subscriptions.scenario.yaml", allAtOnce},
	"minimal.yaml":           {"", twoTunnelsOfOne},
	"redundant-tunnels.yaml": {"", twoTunnelsOfOne},
	"bgp.yaml":               {"", twoTunnelsOfOne},
	"redundant-full.yaml": {"", []loses{
		{"tunnel *", "any one tunnel", nobody, 0},
		{"connection tokyo-1", "connection 1", nobody, 0},
		{"instance 1 *", "instance 1 of the gateway", nobody, 0},
		{"connection tokyo-0", "connection 0", betweenClouds, 200 * time.Second},
		{"instance 0 *", "instance 0 of the gateway", betweenClouds, 200 * time.Second},
	}},
	"two-regions.yaml": {"two-regions.scenario.yaml", []loses{
		{"tunnel *", "any one tunnel", nobody, 0},
		{"connection *", "any one connection", nobody, 0},
		{"instance *", "any one instance of a gateway", nobody, 0},
		{"peering *", "the peering is deleted", betweenVPCs, 20 * time.Minute},
	}},
	"peered-region.yaml": {"two-regions.scenario.yaml", []loses{
		{"tunnel *", "any one tunnel", nobody, 0},
		{"connection *", "the connection", betweenClouds, untilBack},
		{"instance *", "instance 0 of the gateway", betweenClouds, untilBack},
		{"peering *", "the peering is deleted", farRegion, 20 * time.Minute},
	}},
	"two-accounts.yaml": {"two-accounts.scenario.yaml", []loses{
		{"tunnel *", "any one tunnel", nobody, 0},
		{"connection tokyo-0", "the connection of tokyo", tokyoAlone, untilBack},
		{"connection virginia-0", "the connection of virginia", virginiaAlone, untilBack},
		{"instance *", "instance 0 of the gateway", betweenClouds, untilBack},
		{"peering *", "the peering is deleted", betweenVPCs, 20 * time.Minute},
	}},
}

var allAtOnce = []loses{{"*", "its tunnel, its connection, or instance 0 of the gateway", betweenClouds, untilBack}}

var twoTunnelsOfOne = []loses{
	{"tunnel *", "any one tunnel", nobody, 0},
	{"*", "the connection, or instance 0 of the gateway", betweenClouds, untilBack},
}
