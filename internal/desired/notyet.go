package desired

// NotYet lists what the file asks for and this version cannot build, each
// with its place. Such a file is right, and loads.
func (f *File) NotYet() []Problem {
	var all Problems
	later := func(path, text string) {
		all = append(all, f.origin.problem(path, "the file is right; a later version of linkd builds it", text))
	}
	for path, peering := range each("aws.peerings", f.AWS.Peerings) {
		from, to := f.TransitGatewayNamed(peering.Requester()), f.TransitGatewayNamed(peering.Accepter())
		if from != nil && to != nil && from.Region == to.Region {
			later(path+".join", "this version cannot build a peering within one region yet (peering "+peering.Name+")")
		}
	}
	for path, gateway := range f.transitGateways() {
		if gateway.Account != "" && gateway.Account != f.AWS.Account {
			later(path+".account", "this version cannot build a transit gateway in another account yet (transit gateway "+gateway.Name+")")
		}
	}
	return all.sorted()
}
