package desired

import "testing"

// TestARegionNewerThanTheListsIsTaken tells newer regions from slips.
func TestARegionNewerThanTheListsIsTaken(t *testing.T) {
	azure := func(name string) bool { return isRegion(name, azureLocationShape, azureLocations) }
	aws := func(name string) bool { return isRegion(name, awsRegionShape, awsRegions) }
	for _, row := range []struct {
		name string
		is   func(string) bool
		want bool
		why  string
	}{
		{"japaneast", azure, true, "a known one"},
		{"greececentral", azure, true, "one that opens later"},
		{"westus4", azure, false, "a letter from westus3, be it a region one day"},
		{"japaneats", azure, false, "two letters swapped"},
		{"japanest", azure, false, "a letter short"},
		{"japan-east", azure, false, "no region has a hyphen"},
		{"2eastus", azure, false, "no region begins with a digit"},
		{"", azure, false, "nothing"},
		{"ap-northeast-1", aws, true, "a known one"},
		{"gr-central-1", aws, true, "one that opens later"},
		{"sa-west-1", aws, false, "a letter from ca-west-1, be it a region one day"},
		{"eu-southwest-1", aws, true, "a longer one that opens later"},
		{"ap-northeast-11", aws, false, "a digit too many"},
		{"ap-northeats-1", aws, false, "two letters swapped"},
		{"apnortheast1", aws, false, "no hyphens"},
		{"ap-northeast-1a", aws, false, "a zone"},
		{"AP-SOUTH-9", aws, false, "capitals"},
	} {
		if got := row.is(row.name); got != row.want {
			t.Errorf("%q (%s): %t, want %t", row.name, row.why, got, row.want)
		}
	}
}

// TestKnownRegionsHaveTheShapeOfRegions keeps lists and shapes together.
func TestKnownRegionsHaveTheShapeOfRegions(t *testing.T) {
	for _, name := range azureLocations {
		if !azureLocationShape.MatchString(name) {
			t.Errorf("%s has another shape", name)
		}
	}
	for _, name := range awsRegions {
		if !awsRegionShape.MatchString(name) {
			t.Errorf("%s has another shape", name)
		}
	}
}
