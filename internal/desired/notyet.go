package desired

import "strings"

// NotYet lists what the file asks for and this version cannot build, each
// with its place. Such a file is right, and loads.
func (f *File) NotYet() []Problem {
	var all Problems
	later := func(path, text string) {
		all = append(all, f.origin.problem(path, "the file is right; a later version of linkd builds it", text))
	}
	for path, hub := range f.hubs() {
		if hub.Subscription != "" && !strings.EqualFold(hub.Subscription, f.Azure.Subscription) {
			later(path+".subscription", "this version cannot build a hub in another subscription yet (hub "+hub.Name+")")
		}
	}
	if Source(f.Azure.Credentials.SecretFrom).Cloud() != "" {
		later("azure.credentials.secret_from", "this version cannot read a client secret from there yet")
	}
	return all.sorted()
}
