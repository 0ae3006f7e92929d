package azure

import (
	"testing"

	"linkd/internal/resource"
)

// TestAnswerThatDidNotChangeIsNotDecodedAgain sweeps twice, and once more
// after a prefix came: what is as it was is the very same value, for each hub
// its own, and what changed is read.
func TestAnswerThatDidNotChangeIsNotDecodedAgain(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.build()
		hubs := []resource.ID{"azure/hub-routes/hub-jpe", "azure/hub-routes/hub-use"}
		routes := func() (values []resource.Value) {
			s.sweep()
			for _, id := range hubs {
				values = append(values, s.world[id].Attrs["routes"])
			}
			return values
		}
		first, second := routes(), routes()
		for i, id := range hubs {
			if len(first[i]) == 0 || &first[i][0] != &second[i][0] {
				s.Errorf("%s is decoded again: %v and %v", id, first[i], second[i])
			}
		}
		use := s.resource(hubs[1])
		if want, err := use.Want(s.see(use)); err != nil || !want.Attrs["routes"].Equal(second[1]) || &want.Attrs["routes"][0] != &second[1][0] {
			s.Errorf("%s wants a copy of the routes that it has: %v, %v", hubs[1], want.Attrs, err)
		}
		if first[0].Equal(first[1]) {
			s.Errorf("both hubs have the routes %v", first[0])
		}
		s.change("virtualNetworks", "vnet-jpe", "properties.addressSpace.addressPrefixes", []any{"10.1.0.0/16", "10.9.0.0/16"})
		for i, want := range []string{"10.9.0.0/16 vnet", "10.9.0.0/16 hub"} {
			if third := routes(); !third[i].Has(want) || !third[i].Equal(first[i].Union(resource.Of(want))) {
				s.Errorf("%s has %v, want %s and what it had: %v", hubs[i], third[i], want, first[i])
			}
		}
	})
}

// TestWantedRoutesFollowTheNetworks changes the live prefixes of a network of
// which the file gives none.
func TestWantedRoutesFollowTheNetworks(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.build()
		s.cloud.given["azure/vnet/vnet-jpe"] = nil
		for _, prefixes := range [][]string{{"10.1.0.0/16"}, {"10.1.0.0/16", "10.9.0.0/16"}, {"10.1.0.0/16"}} {
			s.world["azure/vnet/vnet-jpe"] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"prefixes": resource.Of(prefixes...)}}
			for id, class := range map[resource.ID]string{"azure/hub-routes/hub-jpe": " vnet", "azure/hub-routes/hub-use": " hub"} {
				r := s.resource(id)
				want, err := r.Want(s.see(r))
				if err != nil {
					s.Fatal(err)
				}
				if got := want.Attrs["routes"]; !got.Has(prefixes[len(prefixes)-1]+class) || got.Has("10.9.0.0/16"+class) != (len(prefixes) == 2) {
					s.Errorf("%s wants %v for the prefixes %v", id, got, prefixes)
				}
			}
		}
	})
}

// TestOnlyAPollOfSuccessIsKnownAgain goes through the shapes of a poll.
func TestOnlyAPollOfSuccessIsKnownAgain(t *testing.T) {
	for body, want := range map[string]bool{
		`{"status":"Succeeded","properties":{"output":{"value":[]}}}`:             true,
		`{"properties":{"output":{"value":[]}},"status":"Succeeded"}`:             true,
		`{"status":"InProgress","properties":{"output":{"value":[]}}}`:            false,
		`{"status":"Failed","properties":{"output":null},"error":{"code":"Bad"}}`: false,
	} {
		if got := succeeded([]byte(body), outputIn([]byte(body))); got != want {
			t.Errorf("%s: %t, want %t", body, got, want)
		}
	}
}
