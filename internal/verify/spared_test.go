package verify

import (
	"maps"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// TestWhatIsWrongWithSomeTunnelsIsAsBadAsWhatIsLeft: of two tunnels of a link one, or
// both, have settings that keep them down, or take them down at the next renewal.
func TestWhatIsWrongWithSomeTunnelsIsAsBadAsWhatIsLeft(t *testing.T) {
	key := func(number string) func(*scene) {
		return func(s *scene) {
			secrets := maps.Clone(s.World[connectionID].Secrets)
			secrets["shared_key/tokyo-0-"+number] = resource.NewSecret("another key")
			s.secret(connectionID, secrets)
		}
	}
	stale := func(s *scene) {
		s.set(siteID, "link_addresses", "tokyo-0-1=13.112.0.1", "tokyo-0-2=13.112.0.9")
	}
	down := func(number string) func(*scene) { return func(s *scene) { s.down(number) } }
	unknown := func(s *scene) {
		delete(s.World[desired.AWSTunnelID(desired.Tunnel{Link: "tokyo", Number: 2})].Attrs, "status")
	}
	single := func(s *scene) { s.File.Links[0].Redundancy = desired.Single }
	for name, c := range map[string]struct {
		do      []func(*scene)
		code    failure.Code
		is      failure.Severity
		verdict Verdict
	}{
		"the key of one":                              {[]func(*scene){key("1")}, failure.KeyMismatch, failure.Warning, Degraded},
		"the key of one, which is down":               {[]func(*scene){key("1"), down("1")}, failure.KeyMismatch, failure.Warning, Degraded},
		"the keys of both":                            {[]func(*scene){key("1"), key("2")}, failure.KeyMismatch, failure.Error, Broken},
		"the key of one, and the other is down":       {[]func(*scene){key("1"), down("2")}, failure.KeyMismatch, failure.Error, Broken},
		"the key of one, and of the other not known":  {[]func(*scene){key("1"), unknown}, failure.KeyMismatch, failure.Error, Broken},
		"the key of one, and the other's address":     {[]func(*scene){key("1"), stale}, failure.KeyMismatch, failure.Error, Broken},
		"the address of one, and the other's key":     {[]func(*scene){key("1"), stale}, failure.EndpointStale, failure.Error, Broken},
		"the address of one":                          {[]func(*scene){stale}, failure.EndpointStale, failure.Warning, Degraded},
		"the key of the only one that the link is of": {[]func(*scene){single, key("1")}, failure.KeyMismatch, failure.Error, Broken},
	} {
		s := newScene(t)
		for _, do := range c.do {
			do(s)
		}
		report := s.judge(t, "")
		found := false
		for _, f := range report.Findings {
			if f.Code == c.code {
				found = true
				if f.Severity != c.is {
					t.Errorf("%s: it is told as %s, want %s: %s", name, f.Severity, c.is, f.Says)
				}
			}
		}
		if !found || report.Verdict != c.verdict {
			t.Errorf("%s: %s, want %s: %+v", name, report.Verdict, c.verdict, report.Findings)
		}
	}
}
