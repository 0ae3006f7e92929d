package aws

import (
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// KeySources implements [survey.Keyholder]: of each link whose keys stand
// elsewhere it tells whether they were had, as the last sweep found them in a
// secret store, and as they were on this machine when the file was opened. It
// asks nobody.
func (c *Cloud) KeySources() []survey.KeySource {
	sources, told := []survey.KeySource{}, map[string]bool{}
	for _, r := range c.Resources() {
		connection, is := r.(*vpnConnection)
		if !is || !connection.link.Keys.Given() || told[connection.link.Name] {
			continue
		}
		told[connection.link.Name] = true
		source := survey.KeySource{Link: connection.link.Name, Source: connection.link.Keys.From}
		if err := connection.given().err; err != nil {
			source.Why, source.Hint = err.Error(), resource.HintOf(err)
		}
		sources = append(sources, source)
	}
	return sources
}
