package desired

import (
	"regexp"
	"slices"
)

// The clouds open regions faster than anyone keeps lists of them. So a region
// that is not in the lists below is taken for a newer one when it has the shape
// of a region, and only what is a letter away from a known one is a slip.
var (
	azureLocationShape = regexp.MustCompile(`^[a-z][a-z0-9]+$`)
	awsRegionShape     = regexp.MustCompile(`^[a-z]{2}-[a-z]+-[0-9]{1,2}$`)
)

// isRegion reports whether name can be a region, of which some are known.
func isRegion(name string, shape *regexp.Regexp, known []string) bool {
	if slices.Contains(known, name) {
		return true
	}
	slip := slices.ContainsFunc(known, func(region string) bool { return edits(name, region) == 1 })
	return shape.MatchString(name) && !slip
}

// azureLocations are the public regions of Azure by their canonical names.
var azureLocations = []string{
	"australiacentral", "australiacentral2", "australiaeast", "australiasoutheast", "austriaeast", "belgiumcentral",
	"brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast", "centralindia", "centralus", "chilecentral",
	"denmarkeast", "eastasia", "eastus", "eastus2", "francecentral", "francesouth", "germanynorth",
	"germanywestcentral", "indonesiacentral", "israelcentral", "italynorth", "japaneast", "japanwest",
	"jioindiacentral", "jioindiawest", "koreacentral", "koreasouth", "malaysiawest", "mexicocentral",
	"newzealandnorth", "northcentralus", "northeurope", "norwayeast", "norwaywest", "polandcentral", "qatarcentral",
	"southafricanorth", "southafricawest", "southcentralus", "southeastasia", "southindia", "spaincentral",
	"swedencentral", "swedensouth", "switzerlandnorth", "switzerlandwest", "taiwannorth", "uaecentral", "uaenorth",
	"uksouth", "ukwest", "westcentralus", "westeurope", "westindia", "westus", "westus2", "westus3",
}

// awsRegions are the public regions of AWS.
var awsRegions = []string{
	"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
	"ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
	"ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1",
	"eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1",
	"mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}
