package azure

import (
	"fmt"
	"net/http"
	"reflect"
)

func virtualWANKind() *kind {
	return &kind{
		path:    []string{"virtualWans"},
		located: true,
		fill: func(c *Cloud, n *node, _ object) {
			n.body = merge(object{"properties": object{
				"disableVpnEncryption":           false,
				"allowBranchToBranchTraffic":     true,
				"office365LocalBreakoutCategory": "None",
				"type":                           "Standard",
			}}, n.body)
			delete(n.properties(), "virtualHubs")
			delete(n.properties(), "vpnSites")
		},
		view: func(c *Cloud, n *node, properties object, _ bool) {
			if hubs := c.onWAN(n, "virtualHubs"); len(hubs) > 0 {
				properties["virtualHubs"] = references(hubs)
			}
			if sites := c.onWAN(n, "vpnSites"); len(sites) > 0 {
				properties["vpnSites"] = references(sites)
			}
		},
		inUse: func(c *Cloud, n *node) *failure {
			hubs, sites := c.onWAN(n, "virtualHubs"), c.onWAN(n, "vpnSites")
			if len(hubs)+len(sites) == 0 {
				return nil
			}
			return &failure{status: http.StatusBadRequest, code: "InUseVirtualWanCannotBeDeleted", message: fmt.Sprintf(
				"Virtual WAN %s is in use and cannot be deleted. It is referenced by %d Virtual Hubs and %d VPN Sites.", n.id, len(hubs), len(sites))}
		},
		quiet: unchanged,
	}
}

// onWAN are the ids of a WAN's hubs or sites.
func (c *Cloud) onWAN(wan *node, collection string) []string {
	var ids []string
	for _, n := range c.all(collection) {
		if same(text(n.properties(), "virtualWan", "id"), wan.id) {
			ids = append(ids, n.id)
		}
	}
	return ids
}

// unchanged says that a write left a resource as it was in force.
func unchanged(n *node, was object) bool { return reflect.DeepEqual(n.body, was) }
