package desired

import (
	"regexp"
	"strings"

	"linkd/internal/resource"
)

var ofLink = regexp.MustCompile(`^(azure|aws)/(vpn-site|vpn-connection|customer-gateway|vpn-tunnel)/`)

var endOfName = regexp.MustCompile(`-[01](-[12])?$`)

// LinkOf returns the link that a resource belongs to alone, or "" for one
// that several links may share, such as a hub or a transit gateway.
func (f *File) LinkOf(id resource.ID) string {
	if !ofLink.MatchString(string(id)) {
		return ""
	}
	name := string(id)[strings.LastIndex(string(id), "/")+1:]
	for _, link := range f.Links {
		if name == link.Name || endOfName.ReplaceAllString(name, "") == link.Name {
			return link.Name
		}
	}
	return ""
}
