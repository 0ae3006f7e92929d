package examine

import (
	"linkd/internal/path"
	"linkd/internal/verify"
)

// traces are what the model says of each pair, both ways.
func traces(e *verify.Evidence) []path.Trace {
	model := path.New(e.File, e.World, *e.Survey, e.At)
	var all []path.Trace
	for _, pair := range ordered(e.File) {
		if trace, err := model.Trace(pair[0].Name, pair[1].Name); err == nil {
			all = append(all, trace)
		}
	}
	return all
}
