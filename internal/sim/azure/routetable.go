package azure

func routeTableKind() *kind {
	return &kind{
		path:    []string{"routeTables"},
		located: true,
		fill: func(c *Cloud, n *node, old object) {
			n.body = merge(object{"properties": object{"disableBgpRoutePropagation": false}}, n.body)
			n.properties()["resourceGuid"] = c.guidOf(old)
			delete(n.properties(), "subnets")
		},
		view: func(c *Cloud, n *node, properties object, _ bool) {
			var ids []string
			for _, subnet := range c.all("subnets") {
				if same(text(subnet.properties(), "routeTable", "id"), n.id) {
					ids = append(ids, subnet.id)
				}
			}
			if len(ids) > 0 {
				properties["subnets"] = references(ids)
			}
		},
		inUse: func(c *Cloud, n *node) *failure {
			if by := c.referrer(n, "routeTable"); by != nil {
				return inUse("RouteTable", n.id, by.id+" refers to it")
			}
			return nil
		},
		quiet: unchanged,
	}
}

func routeKind() *kind {
	return &kind{
		path:   []string{"routeTables", "routes"},
		within: "routes",
		check: func(_ *Cloud, d draft) *failure {
			if prefix := text(d.properties(), "addressPrefix"); !isPrefix(prefix) {
				return badPrefix(prefix, d.id)
			}
			return nil
		},
		fill: func(_ *Cloud, n *node, _ object) {
			n.body = merge(object{"properties": object{"hasBgpOverride": false}}, n.body)
		},
	}
}
