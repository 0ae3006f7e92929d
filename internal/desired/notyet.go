package desired

// NotYet lists what the file asks for and this version cannot build, each
// with its place. Such a file is right, and loads.
func (f *File) NotYet() []Problem {
	var all Problems
	later := func(path, text string) {
		all = append(all, f.origin.problem(path, "the file is right; a later version of linkd builds it", text))
	}
	for path, gateway := range f.transitGateways() {
		if gateway.Account != "" && gateway.Account != f.AWS.Account {
			later(path+".account", "this version cannot build a transit gateway in another account yet (transit gateway "+gateway.Name+")")
		}
	}
	return all.sorted()
}
