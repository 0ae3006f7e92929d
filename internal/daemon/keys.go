package daemon

import (
	"time"

	"linkd/internal/desired"
	"linkd/internal/metrics"
	"linkd/internal/resource"
	"linkd/internal/rotate"
)

// keysOf tells how old the keys of the links are that were seen, of those whose
// keys linkd or AWS makes.
func keysOf(file *desired.File, world resource.World) []metrics.Keys {
	var all []metrics.Keys
	for _, link := range file.Links {
		ages := rotate.Ages(link, world)
		if len(ages) == 0 {
			continue
		}
		keys := metrics.Keys{Link: link.Name, RotateEvery: time.Duration(link.Keys.RotateEvery)}
		for _, age := range ages {
			keys.Tunnels = append(keys.Tunnels, metrics.TunnelKey{Name: age.Name(), Set: age.Set})
		}
		all = append(all, keys)
	}
	return all
}

// keyAges are the ages of all keys, by their tunnels.
func keyAges(file *desired.File, world resource.World) map[desired.Tunnel]rotate.Age {
	ages := map[desired.Tunnel]rotate.Age{}
	for _, link := range file.Links {
		for _, age := range rotate.Ages(link, world) {
			ages[age.Tunnel] = age
		}
	}
	return ages
}
