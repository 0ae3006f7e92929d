package metrics

import (
	"regexp"
	"slices"
	"sync"
)

// other stands for what a label may not say.
const other = "other"

// among returns the value when the closed list has it, and "other" when not.
func among(list []string, value string) string {
	if slices.Contains(list, value) {
		return value
	}
	return other
}

// names bounds a label that has no closed list: the first so many names stand
// for themselves, and all later ones are "other". So is a name that looks like
// an id, a path or an address.
type names struct {
	mu    sync.Mutex
	known map[[2]string]bool
	most  int
}

func newNames(most int) *names { return &names{known: map[[2]string]bool{}, most: most} }

// nameShape is that of an operation ("ec2:DescribeVpcs", "vpnSites.put") or a
// kind ("aws/vpn-connection"): words, and no number of an id or an address.
var nameShape = regexp.MustCompile(`^(?:[a-z]+/)?[A-Za-z][A-Za-z0-9]{0,63}(?:[:.-][A-Za-z][A-Za-z0-9]{0,63}){0,4}$`)

// admit returns the name as the label shows it. Names of different clouds are
// counted apart.
func (n *names) admit(cloud, name string) string {
	if !nameShape.MatchString(name) {
		return other
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	key := [2]string{cloud, name}
	switch {
	case n.known[key]:
		return name
	case len(n.known) >= n.most:
		return other
	}
	n.known[key] = true
	return name
}
