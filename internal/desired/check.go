package desired

import (
	"fmt"
	"slices"
	"strings"
)

// checks are the themes of validation. Each looks at the whole file and notes
// all that is wrong with its theme; none relies on another having passed.
var checks = []func(*checker){
	checkHead, checkRequired, checkNames, checkDuplicates, checkIDs, checkPlaces,
	checkCredentials, checkAccounts, checkTags, checkPrefixes, checkOverlaps, checkInside, checkASNs,
	checkReferences, checkChoices, checkIKE, checkNumbers, checkSchedule, checkPolicy,
	checkAttachments, checkTargets, checkProbes, checkAgents,
}

// mostProblems is how many are noted before a file is beyond listing.
const mostProblems = 1000

// checker collects problems of meaning.
type checker struct {
	*File
	problems Problems
}

// check runs all checks over a file whose defaults are filled in.
func (f *File) check() Problems {
	c := &checker{File: f}
	for _, check := range checks {
		check(c)
	}
	return c.problems
}

// problem notes a problem at a path, but not about a value that could not be
// read and was reported then.
func (c *checker) problem(path, hint, format string, args ...any) {
	if !c.full() && !c.origin.spoilt(path) {
		c.problems = append(c.problems, c.origin.problem(path, hint, fmt.Sprintf(format, args...)))
	}
}

// full reports whether enough problems are noted.
func (c *checker) full() bool { return len(c.problems) >= mostProblems }

// line says where a path is written, for a problem that names two places.
func (c *checker) line(path string) string {
	return fmt.Sprintf("line %d", c.origin.at(path).line)
}

// oneOf checks a word against those that are known. Empty words are the
// matter of other checks.
func (c *checker) oneOf(path, word string, known ...string) {
	if word != "" && !slices.Contains(known, word) {
		hint := "it is one of " + strings.Join(known, ", ")
		if word := nearest(word, known); word != "" {
			hint = "did you mean " + word + "?"
		}
		c.problem(path, hint, "%s cannot be %q", last(path), shorten(word))
	}
}

// checkHead checks the version and the owner.
func checkHead(c *checker) {
	switch {
	case c.Version == 1:
	case c.Version == 0 && c.origin.places["version"] == place{}:
		c.problem("version", "begin the file with version: 1", "the file does not say its version")
	default:
		c.problem("version", "this linkd reads version 1", "version %d of the file format is not known", c.Version)
	}
	if c.Owner == "" {
		c.problem("owner", "give a short name that no other linkd in these accounts has, such as owner: tokyo-prod", "the file does not say its owner, the tag by which linkd knows what it made")
	}
}

const nameHint = "give it a name of its own"

// required is a row of what must be given.
type required struct {
	path, value, hint string
}

// checkRequired checks what has no default.
func checkRequired(c *checker) {
	rows := []required{
		{"azure.subscription", c.Azure.Subscription, "it is the id that az account show prints"},
		{"azure.resource_group", c.Azure.ResourceGroup, "name the existing resource group that shall hold the link"},
		{"azure.virtual_wan.name", c.Azure.VirtualWAN.Name, nameHint},
		{"azure.virtual_wan.location", c.Azure.VirtualWAN.Location, "it is the location of the first hub, when there is one"},
		{"aws.account", c.AWS.Account, "it is the 12 digits that aws sts get-caller-identity prints"},
	}
	for path, hub := range c.hubs() {
		rows = append(rows, required{path + ".name", hub.Name, nameHint},
			required{path + ".location", hub.Location, "such as japaneast"},
			required{path + ".address_prefix", prefixText(hub.AddressPrefix), "a /24 that nothing else uses, such as 192.168.0.0/24"})
	}
	for path, vnet := range c.vnets() {
		rows = append(rows, required{path + ".id", vnet.ID, vnetIDShape})
	}
	for path, region := range c.regions() {
		rows = append(rows, required{path + ".name", region.Name, "such as ap-northeast-1"})
	}
	for path, gateway := range c.transitGateways() {
		rows = append(rows, required{path + ".name", gateway.Name, nameHint})
	}
	for path, vpc := range c.vpcs() {
		rows = append(rows, required{path + ".name", vpc.Name, nameHint}, required{path + ".id", vpc.ID, "such as vpc-0a1b2c3d4e5f67890"})
		for path, subnet := range each(path+".subnets", vpc.Subnets) {
			rows = append(rows, required{path + ".id", subnet.ID, "such as subnet-0a1b2c3d4e5f67890"})
		}
	}
	for path, link := range c.links() {
		rows = append(rows, required{path + ".name", link.Name, nameHint}, required{path + ".hub", link.Hub, "name the hub whose VPN gateway it ends at"},
			required{path + ".transit_gateway", link.TransitGateway, "name the transit gateway that it ends at"})
	}
	for path, target := range c.targets() {
		address := ""
		if target.Address.IsValid() {
			address = target.Address.String()
		}
		rows = append(rows, required{path + ".name", target.Name, nameHint}, required{path + ".address", address, "the private IPv4 address of the machine"})
	}
	for path, peering := range each("aws.peerings", c.AWS.Peerings) {
		rows = append(rows, required{path + ".name", peering.Name, nameHint})
	}
	for _, row := range rows {
		c.needs(row)
	}
}

// needs notes a required value that is missing.
func (c *checker) needs(row required) {
	cut := strings.LastIndexByte(row.path, '.')
	around := row.path[:cut]
	if row.value != "" {
		return
	}
	c.problem(row.path, row.hint, "%s has no %s", thing(around), row.path[cut+1:])
}

// thing names what stands at a path, in the words of the trade.
func thing(path string) string {
	names := map[string]string{
		"hubs": "this hub", "vnets": "this VNet", "regions": "this region", "transit_gateways": "this transit gateway",
		"vpcs": "this VPC", "subnets": "this subnet", "links": "this link", "targets": "this target", "peerings": "this peering",
		"rules": "this rule", "windows": "this window",
	}
	word := path[strings.LastIndexByte(path, '.')+1:]
	if list, _, isItem := strings.Cut(word, "["); isItem {
		return names[list]
	}
	return word
}
