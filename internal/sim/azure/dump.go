package azure

// Dump is the whole state for people and tests: what a GET of each resource
// would show, by id, with the operations under way. Keys are never in it.
func (c *Cloud) Dump() any {
	resources := object{}
	for _, n := range c.order {
		shown := c.render(n, true)
		if n.kind.provider == compute {
			shown["powerState"] = n.power()
			shown["answers"] = !n.silent
			shown["temper"] = n.temper
		}
		if n.keyWorks != "" {
			shown["sharedKey"] = "redacted"
		}
		resources[n.id] = shown
	}
	operations := object{}
	for id, o := range c.operations {
		if !o.done {
			operations[id] = object{"method": o.method, "resource": o.result.id, "began": o.began}
		}
	}
	return object{"resources": resources, "operations": operations}
}
