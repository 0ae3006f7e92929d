package verify

import (
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
		f := e.found(failure.ObservationGap, "", source.Says())
		f.Ref, f.Link, f.Hint = source.Link, source.Link, source.Hint
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
