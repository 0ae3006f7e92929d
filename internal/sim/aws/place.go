package aws

import (
	"slices"
	"strings"
)

type zoneItem struct {
	Name   string `xml:"zoneName"`
	ID     string `xml:"zoneId"`
	State  string `xml:"zoneState"`
	OptIn  string `xml:"optInStatus"`
	Region string `xml:"regionName"`
	Group  string `xml:"groupName"`
	Border string `xml:"networkBorderGroup"`
	Type   string `xml:"zoneType"`
}

type zonesAnswer struct {
	Zones set[zoneItem] `xml:"availabilityZoneInfo"`
}

type regionItem struct {
	Name     string `xml:"regionName"`
	Endpoint string `xml:"regionEndpoint"`
	OptIn    string `xml:"optInStatus"`
}

type regionsAnswer struct {
	Regions set[regionItem] `xml:"regionInfo"`
}

// shortRegion is the abbreviation of a region in the ids of its zones:
// ap-northeast-1 is apne1.
func shortRegion(name string) string {
	short := strings.NewReplacer("northeast", "ne", "northwest", "nw", "southeast", "se", "southwest", "sw",
		"north", "n", "south", "s", "east", "e", "west", "w", "central", "c", "-", "")
	return short.Replace(name)
}

// zones are the zones that the scenario's subnets are in, and three in any case.
func (r *region) zones() []string {
	names := []string{r.name + "a", r.name + "c", r.name + "d"}
	for _, s := range r.subnets.all() {
		if !slices.Contains(names, s.zone) {
			names = append(names, s.zone)
		}
	}
	slices.Sort(names)
	return names
}

func describeAvailabilityZones(k *call) (any, error) {
	rows := listed(k.region.zones(), func(name string) zoneItem {
		return zoneItem{name, zoneID(name), "available", "opt-in-not-required", k.region.name, k.region.name + "-zg-1", k.region.name, "availability-zone"}
	}).Items
	rows, _, err := find(k, rows, listing[zoneItem]{
		parameter: "ZoneName", ids: idKind{"", "availability zone", "InvalidParameterValue", "InvalidParameterValue"},
		id: func(z zoneItem) string { return z.Name }, untagged: true,
		filters: map[string]func(zoneItem) []string{
			"zone-name":     one(func(z zoneItem) string { return z.Name }),
			"zone-id":       one(func(z zoneItem) string { return z.ID }),
			"zone-type":     one(func(z zoneItem) string { return z.Type }),
			"region-name":   one(func(z zoneItem) string { return z.Region }),
			"state":         one(func(z zoneItem) string { return z.State }),
			"opt-in-status": one(func(z zoneItem) string { return z.OptIn }),
		},
	})
	if err != nil {
		return nil, err
	}
	return zonesAnswer{set[zoneItem]{rows}}, nil
}

func describeRegions(k *call) (any, error) {
	own := slices.DeleteFunc(slices.Clone(k.order), func(place string) bool { return k.regions[place].account != k.account })
	rows := listed(own, func(place string) regionItem {
		name := k.regions[place].name
		return regionItem{name, "ec2." + name + ".amazonaws.com", "opt-in-not-required"}
	}).Items
	rows, _, err := find(k, rows, listing[regionItem]{
		parameter: "RegionName", ids: idKind{"", "region", "InvalidParameterValue", "InvalidParameterValue"},
		id: func(r regionItem) string { return r.Name }, untagged: true,
		filters: map[string]func(regionItem) []string{
			"region-name":   one(func(r regionItem) string { return r.Name }),
			"endpoint":      one(func(r regionItem) string { return r.Endpoint }),
			"opt-in-status": one(func(r regionItem) string { return r.OptIn }),
		},
	})
	if err != nil {
		return nil, err
	}
	return regionsAnswer{set[regionItem]{rows}}, nil
}
