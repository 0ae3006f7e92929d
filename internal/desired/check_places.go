package desired

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// zoneShape is what follows the region in the name of an availability zone:
// a letter, or a local zone's city and number before it.
var zoneShape = regexp.MustCompile(`^(-[a-z]{3}-[0-9])?[a-z]$`)

// checkPlaces checks regions of both clouds, and that zones stand in theirs.
func checkPlaces(c *checker) {
	if c.origin.places["azure.virtual_wan.location"] != (place{}) {
		c.location("azure.virtual_wan.location", c.Azure.VirtualWAN.Location)
	}
	for path, hub := range c.hubs() {
		c.location(path+".location", hub.Location)
	}
	for path, region := range c.regions() {
		if region.Name != "" && !isRegion(region.Name, awsRegionShape, awsRegions) {
			c.problem(path+".name", didYouMean(region.Name, awsRegions), "%q is not a region of AWS", shorten(region.Name))
		}
	}
	for path, gateway := range c.transitGateways() {
		for path, vpc := range each(path+".vpcs", gateway.VPCs) {
			for path, subnet := range each(path+".subnets", vpc.Subnets) {
				c.zone(path+".zone", subnet.Zone, gateway.Region)
			}
		}
	}
	for path, target := range c.targets() {
		if gateway := c.TransitGatewayOfVPC(target.VPC); gateway != nil {
			c.zone(path+".zone", target.Zone, gateway.Region)
		}
	}
}

func (c *checker) location(path, location string) {
	if location != "" && !isRegion(location, azureLocationShape, azureLocations) {
		c.problem(path, didYouMean(location, azureLocations), "%q is not a region of Azure", shorten(location))
	}
}

func (c *checker) zone(path, zone, region string) {
	if zone == "" || !isRegion(region, awsRegionShape, awsRegions) {
		return
	}
	if rest, inside := strings.CutPrefix(zone, region); !inside || !zoneShape.MatchString(rest) {
		c.problem(path, "such as "+region+"a", "%q is not an availability zone of %s", shorten(zone), region)
	}
}

// tagRule is what a cloud takes as a tag.
type tagRule struct {
	key      *regexp.Regexp
	takes    string
	longest  int // of a value, in characters
	value    *regexp.Regexp
	reserved []string // beginnings of keys
}

// The tag rules of both clouds, and 50 tags a resource, ours among them.
var (
	azureTags = tagRule{
		regexp.MustCompile(`^[^<>%&\\?/]{1,512}$`), "1 to 512 characters without < > % & \\ ? /", 256,
		regexp.MustCompile(`(?s)^.*$`),
		[]string{"microsoft", "azure", "windows"},
	}
	awsTags = tagRule{
		regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$`), "1 to 128 letters, digits, spaces or _ . : / = + - @", 256,
		regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`),
		[]string{"aws:"},
	}
)

const mostTags = 50

// checkTags holds the tags against what each cloud takes, and keeps ours ours.
func checkTags(c *checker) {
	c.tags("azure.tags", c.Azure.Tags, azureTags, OwnerTag, IDTag)
	c.tags("aws.tags", c.AWS.Tags, awsTags, OwnerTag, IDTag, NameTag)
}

func (c *checker) tags(path string, tags map[string]string, rule tagRule, ours ...string) {
	if most := mostTags - len(ours); len(tags) > most {
		c.problem(path, "keep the tags that somebody reads", "there are %d tags, and besides those of linkd a resource takes %d", len(tags), most)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		at, value := join(path, key), tags[key]
		begins := func(start string) bool { return strings.HasPrefix(strings.ToLower(key), start) }
		switch {
		case slices.ContainsFunc(ours, func(our string) bool { return strings.EqualFold(our, key) }):
			c.problem(at, "remove it", "linkd writes the tag %s itself", key)
		case slices.ContainsFunc(rule.reserved, begins):
			c.problem(at, "choose another key", "the cloud keeps tags that begin as %q does for itself", shorten(key))
		case !rule.key.MatchString(key):
			c.problem(at, "use "+rule.takes, "%q cannot be the key of a tag", shorten(key))
		case len([]rune(value)) > rule.longest:
			c.problem(at, "shorten it", "the value of a tag takes %d characters, and this has %d", rule.longest, len([]rune(value)))
		case !rule.value.MatchString(value):
			c.problem(at, "use letters, digits, spaces or _ . : / = + - @", "%q cannot be the value of a tag", shorten(value))
		}
	}
}
