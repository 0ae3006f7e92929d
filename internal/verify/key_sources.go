package verify

import (
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
)

// keySources tells whether the keys of links that stand elsewhere can be had. A
// link that stands carries on without; one that is to be built cannot be, and
// no repair touches what goes with a key.
func keySources(e *Evidence) answer {
	a := answer{of: "sources"}
	known, shut := map[string]bool{}, 0
	for _, source := range e.Sources {
		known[source.Link] = true
		a.subjects++
		if source.Why == "" {
			continue
		}
		if cloud := desired.Source(source.Source).Cloud(); cloud != "" && e.shut(cloud) {
			shut++
			a.told = behind(shut, a.of)
			continue
		}
		says := strings.TrimSuffix(source.Why, ".")
		if !strings.Contains(says, source.Source) {
			says = source.Source + ": " + says
		}
		f := e.found(failure.ObservationGap, "", "the keys of link "+source.Link+" are not to be had: "+says)
		f.Ref, f.Link = source.Link, source.Link
		f.Hint = "Put the key there, let linkd read it, or mend keys.from of the link: until then the link is not built, and nothing that goes with its keys is repaired."
		if source.Hint != "" {
			f.Hint = source.Hint
		}
		a.findings = append(a.findings, f)
	}
	for _, link := range e.File.Links {
		if link.Keys.Given() && !known[link.Name] {
			a.gaps = append(a.gaps, Gap{About: link.Name, Why: "nobody has looked whether its keys can be read"})
		}
	}
	return a
}

// keysElsewhere tells whether a link of the file has its keys from a source.
func keysElsewhere(file *desired.File) bool {
	for _, link := range file.Links {
		if link.Keys.Given() {
			return true
		}
	}
	return false
}
