package azure

import (
	"encoding/json"
	"strings"
	"time"
)

// linkStatus is the state of a link as the service shows it, both instances
// of the gateway together.
func (c *Cloud) linkStatus(n *node) string {
	return c.ground.Fabric.Link(n.id).Shown(c.ground.Now(), c.ground.Behaviour().Telemetry)
}

// ikeSA is an IKE security association in the service's own words, one for
// each tunnel that is up. The list of quick mode associations was recorded
// empty on a connected link.
type ikeSA struct {
	LocalEndpoint              string
	RemoteEndpoint             string
	InitiatorCookie            uint64
	ResponderCookie            uint64
	LocalUDPEncapsulationPort  int `json:"LocalUdpEncapsulationPort"`
	RemoteUDPEncapsulationPort int `json:"RemoteUdpEncapsulationPort"`
	Encryption                 string
	Integrity                  string
	DHGroup                    string `json:"DhGroup"`
	LifeTimeSeconds            int
	IsSaInitiator              bool
	ElapsedTimeInseconds       int
	QuickModeSAs               []any
}

// ikeSAs is the answer to getikesas: a JSON string that holds JSON. Its
// cookies are 64 bits wide and unsigned.
func ikeSAs(c *Cloud, n *node, _ object, at time.Time) any {
	found := []ikeSA{}
	for _, pair := range c.ground.Fabric.Pairs() {
		if !same(pair.LinkConnection, n.id) || !pair.Up {
			continue
		}
		found = append(found, ikeSA{
			LocalEndpoint:        pair.Address.String(),
			RemoteEndpoint:       pair.Outside.String(),
			InitiatorCookie:      c.random.Uint64() | 1<<63,
			ResponderCookie:      c.random.Uint64() | 1<<63,
			Encryption:           spelled("ikeEncryption", pair.Phase1.Encryption),
			Integrity:            spelled("ikeIntegrity", pair.Phase1.Integrity),
			DHGroup:              spelled("dhGroup", pair.Phase1.Group),
			LifeTimeSeconds:      28800,
			IsSaInitiator:        true,
			ElapsedTimeInseconds: int(at.Sub(pair.Since) / time.Second),
			QuickModeSAs:         []any{},
		})
	}
	raw, err := json.Marshal(struct{ IkeSAs []ikeSA }{found})
	if err != nil {
		return `{"Status":"Failed","Data":null}`
	}
	return string(raw)
}

// hubEffectiveRoutes are the routes of a hub's default route table, or what
// one connection brings. Other tables than the default one learn nothing
// here, and show their own routes alone.
func hubEffectiveRoutes(c *Cloud, n *node, body object, _ time.Time) any {
	value := []any{}
	of := text(body, "resourceId")
	table := c.find(of) // or a connection
	if table != nil && table.kind.collection() == "hubRouteTables" && table.name != defaultRouteTable {
		for _, route := range objects(table.working(), "routes") {
			value = append(value, effectiveRoute(texts(route, "destinations"), text(route, "nextHop"), text(route, "nextHopType"), table.id, ""))
		}
		return object{"value": value}
	}
	for _, route := range c.ground.Fabric.HubRoutes(n.id) {
		if table != nil && table.kind.collection() != "hubRouteTables" && !via(route.NextHop, of) {
			continue
		}
		value = append(value, effectiveRoute([]string{route.Prefix.String()}, route.NextHop, route.NextHopType, route.Origin, route.ASPath))
	}
	return object{"value": value}
}

// via says whether a next hop is the connection asked about, or the gateway
// that the connection is of.
func via(nextHop, connection string) bool {
	return same(nextHop, connection) || strings.HasPrefix(key(connection), key(nextHop)+"/")
}

func effectiveRoute(destinations []string, nextHop, nextHopType, origin, path string) object {
	return object{
		"addressPrefixes": anys(destinations...), "nextHops": anys(nextHop), "nextHopType": nextHopType,
		"routeOrigin": origin, "asPath": path,
	}
}

// hubExchangedRoutes is what a hub's connection exchanges by BGP: prefixes
// with their paths.
func hubExchangedRoutes(c *Cloud, n *node, body object, _ time.Time) any {
	value := []any{}
	of := text(body, "resourceUri")
	for _, route := range c.ground.Fabric.HubRoutes(n.id) {
		if route.ASPath == "" || of != "" && !via(route.NextHop, of) {
			continue
		}
		value = append(value, object{"prefix": route.Prefix.String(), "bgpCommunities": "", "asPath": route.ASPath})
	}
	return object{"value": value}
}
