package desired

import (
	"testing"

	"linkd/internal/resource"
)

// TestALinkStandsWhereItsAzureEndDoes until it has moved to the hub that the file says, and
// at no hub that the file does not have with a gateway.
func TestALinkStandsWhereItsAzureEndDoes(t *testing.T) {
	file := &File{
		Azure: Azure{Hubs: []Hub{{Name: "hub-jpe", VPNGateway: &VPNGateway{}}, {Name: "hub-use", VPNGateway: &VPNGateway{}}, {Name: "hub-bare"}}},
		Links: []Link{{Name: "tokyo", Hub: "hub-use"}},
	}
	for _, row := range []struct {
		at    string // "": Azure shows nothing
		moves bool
		want  string
	}{
		{"", false, "hub-use"},
		{"hub-use", false, "hub-use"},
		{"hub-jpe", true, "hub-jpe"},
		{"hub-bare", true, "hub-use"},
		{"hub-of-another-file", true, "hub-use"},
	} {
		world := resource.World{}
		if row.at != "" {
			world[AzureConnectionID("tokyo")] = resource.Live{Attrs: resource.Attrs{FactHub: resource.Of(row.at)}}
		}
		if got := file.Links[0].Moves(world); got != row.moves {
			t.Errorf("at %q it moves: %t", row.at, got)
		}
		if got := file.Standing(world).Links[0].Hub; got != row.want || file.Links[0].Hub != "hub-use" {
			t.Errorf("at %q it stands at %s, want %s, and the file says %s", row.at, got, row.want, file.Links[0].Hub)
		}
	}
}
