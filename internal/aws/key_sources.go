package aws

import (
	"cmp"

	"linkd/internal/desired"
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
		sources = append(sources, sourceOf(connection.link, connection.given()))
	}
	return sources
}

// sourceOf tells where the keys of a link are taken from, and whether they were had.
func sourceOf(link desired.Link, given givenKeys) survey.KeySource {
	source := survey.KeySource{Link: link.Name, Source: link.Keys.From}
	if given.err != nil {
		source.Why = given.err.Error()
		source.Hint = cmp.Or(resource.HintOf(given.err), "Put the key there, let linkd read it, or mend keys.from of the link: until then the link is not built, and nothing that goes with its keys is repaired.")
	}
	return source
}

// keyless is an error when the keys of a link are not to be had.
func keyless(link desired.Link, given givenKeys) error {
	if given.err == nil {
		return nil
	}
	source := sourceOf(link, given)
	return resource.WithHint(resource.Keyless{Why: source.Says()}, source.Hint)
}
