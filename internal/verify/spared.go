package verify

import (
	"slices"
	"strings"

	"linkd/internal/failure"
)

// ofSettings are the checks of what keeps a tunnel down, or takes it down at its next
// renewal, by the settings of both sides.
var ofSettings = []func(*Evidence) answer{endpoints, keys, proposals, initiator, bgpSettings}

// takenDown are the tunnels that the settings of both sides keep down, or take down.
func (e *Evidence) takenDown() map[string]bool {
	down := map[string]bool{}
	for _, check := range ofSettings {
		for _, f := range check(e).findings {
			for _, name := range f.tunnels() {
				down[name] = true
			}
		}
	}
	return down
}

// tunnels are those that a finding is about.
func (f Finding) tunnels() []string {
	var names []string
	for _, word := range f.about {
		if name, ours := strings.CutPrefix(word, string(failure.Tunnel)+"/"); ours {
			names = append(names, name)
		}
	}
	return names
}

// spared weighs what is wrong with the settings of some tunnels by what is left to
// their links: where another tunnel is up, and stays so, traffic goes on, and less is
// left to fall back on. Down are the tunnels that will not do for that.
func (e *Evidence) spared(f Finding, down map[string]bool) Finding {
	codes := []failure.Code{failure.EndpointStale, failure.KeyMismatch, failure.ProposalMismatch, failure.NoInitiator, failure.BGPMismatch}
	names := f.tunnels()
	if f.Severity != failure.Error || !slices.Contains(codes, f.Code) || len(names) == 0 {
		return f
	}
	for _, link := range e.File.Links {
		concerned, carried := false, false
		for _, tunnel := range link.Tunnels() {
			concerned = concerned || slices.Contains(names, tunnel.Name())
			carried = carried || !down[tunnel.Name()] && e.pair(tunnel) == pairUp
		}
		if concerned && !carried {
			return f
		}
	}
	return f.as(failure.Warning)
}
