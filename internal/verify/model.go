package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
)

// wayName is an ordered pair of machines as a person reads it.
func wayName(from, to string) string { return from + " → " + to }

// isAzure tells on which side a machine stands.
func (e *Evidence) isAzure(name string) bool {
	for _, target := range e.File.Probes.Targets {
		if target.Name == name {
			return target.VNet != ""
		}
	}
	return false
}

// cloudOf is the cloud of a machine.
func (e *Evidence) cloudOf(name string) string {
	if e.isAzure(name) {
		return "azure"
	}
	return "aws"
}

// directionOf is the direction of packets between two machines; BothWays when
// they come from none of the machines.
func (e *Evidence) directionOf(from, to string) Direction {
	if _, machine := e.target(from); !machine {
		return BothWays
	}
	switch azure, other := e.isAzure(from), e.isAzure(to); {
	case azure && !other:
		return AzureToAWS
	case !azure && other:
		return AWSToAzure
	case !azure && !other:
		return AWSToAWS
	}
	return BothWays
}

// verdictOf is the verdict on an echo: the way there and the way of its answer.
func (e *Evidence) verdictOf(t path.Trace) path.Verdict {
	for _, verdict := range []path.Verdict{path.Block, path.Unknown} {
		if t.Forward.Verdict == verdict || t.Back.Verdict == verdict {
			return verdict
		}
	}
	return path.Pass
}

// modelled are the hops of the model that block, each with the way that it
// blocks.
func (e *Evidence) modelled() []Finding {
	var all []Finding
	for _, trace := range e.Traces {
		for _, way := range []path.Way{trace.Forward, trace.Back} {
			if hop, broken := way.Broken(); broken {
				all = append(all, e.atHop(hop, way, trace))
			}
		}
	}
	return all
}

// atHop makes a finding of a hop that blocks a way of a trace.
func (e *Evidence) atHop(hop path.Hop, way path.Way, trace path.Trace) Finding {
	code := hop.Code
	if code == "" {
		code = failure.PathLost
	}
	pair := wayName(trace.Forward.From, trace.Forward.To)
	link, linked := e.linkOf(way.From, way.To)
	learned := linked && e.toldByBGP(link) // no site and no static route tells the prefixes
	if learned && code == failure.SitePrefixDrift {
		code = failure.HubRouteMissing
	}
	f := e.found(code, cmp.Or(hop.Root, hop.ID), hop.Says).toward(e.directionOf(way.From, way.To)).on(failure.Way, pair)
	if hop.Ref != "" && hop.Root == "" {
		f.Ref = hop.Ref
	}
	f.Hop, f.Evidence, f.Ways = hop.Kind, hop.Evidence, []string{pair}
	if learned && (code == failure.HubRouteMissing || code == failure.TGWRouteMissing) {
		f = f.on(failure.Link, link.Name)
	}
	f.near = e.nearWay(way.From, way.To)
	for _, name := range []string{way.From, way.To} {
		if target, known := e.target(name); known && e.endOf(hop, target, way) {
			f = f.on(failure.Machine, name).on(failure.Network, target.VNet, target.VPC)
		}
	}
	return f
}

// nearWay is what lies about a way: the networks of its ends, the hubs, the
// link and its tunnels.
func (e *Evidence) nearWay(from, to string) tokens {
	var near tokens
	for _, name := range []string{from, to} {
		target, _ := e.target(name)
		near.add(failure.Network, target.VNet, target.VPC)
		if hub := e.File.HubOfVNet(target.VNet); hub != nil {
			near.add(failure.Hub, hub.Name)
		}
	}
	if link, known := e.linkOf(from, to); known {
		near.add(failure.Link, link.Name)
		near.add(failure.Hub, link.Hub)
	}
	return near
}

// target is the machine called name.
func (e *Evidence) target(name string) (desired.Target, bool) {
	for _, target := range e.File.Probes.Targets {
		if target.Name == name {
			return target, true
		}
	}
	return desired.Target{}, false
}

// ends are the kinds of hops that belong to one end of a way: true for the end
// in Azure.
var ends = map[path.Kind]bool{
	path.NSG: true, path.NICRoutes: true, path.Zone: false, path.SubnetRoutes: false, path.NetworkACL: false, path.SecurityGroup: false,
}

// endOf tells whether a hop belongs to a machine and its network.
func (e *Evidence) endOf(hop path.Hop, target desired.Target, way path.Way) bool {
	if hop.Kind == path.Machine { // the first hop is the sender's, any later one the receiver's
		sends := len(way.Hops) > 0 && way.Hops[0].Verdict == path.Block
		return (target.Name == way.From) == sends
	}
	azure, ended := ends[hop.Kind]
	return ended && azure == (target.VNet != "")
}

// join adds a finding to those that are there, or to the one that it repeats.
func join(all []Finding, f Finding) []Finding {
	for i := range all {
		if !repeats(all[i], f) {
			continue
		}
		one := &all[i]
		if one.Direction != f.Direction {
			one.Direction = BothWays
		}
		if one.Hop == "" {
			one.Hop = f.Hop
		}
		for _, way := range f.Ways {
			if !slices.Contains(one.Ways, way) {
				one.Ways = append(slices.Clone(one.Ways), way)
			}
		}
		one.about = slices.Clone(one.about)
		for _, word := range f.about {
			share, name, _ := strings.Cut(word, "/")
			if share == string(failure.Way) || share == string(failure.Machine) {
				one.about.add(failure.Share(share), name)
			}
		}
		return all
	}
	return append(all, f)
}

// repeats tells whether a second finding is of the same thing as a first one:
// the same code, at the same place, or, of a hop of the model, about the same
// tunnel, network, hub or link.
func repeats(first, second Finding) bool {
	if first.Code != second.Code {
		return false
	}
	if first.At() == second.At() && first.subject == second.subject {
		return true
	}
	if len(second.near) == 0 || second.blind {
		return false
	}
	near := append(slices.Clone(second.about), second.near...)
	for _, share := range []failure.Share{failure.Machine, failure.Tunnel, failure.Network, failure.Hub, failure.Link} {
		if first.about.has(share) {
			return meet(near, first.about, share)
		}
	}
	return false
}

// has tells whether a finding is about anything of a class.
func (t tokens) has(share failure.Share) bool {
	return slices.ContainsFunc(t, func(word string) bool { return strings.HasPrefix(word, string(share)+"/") })
}

func modelFromAzure(e *Evidence) answer { return model(e, AzureToAWS) }
func modelFromAWS(e *Evidence) answer   { return model(e, AWSToAzure) }
func modelOver(e *Evidence) answer      { return model(e, AWSToAWS) }

// model sums up the ways of one direction. What blocks them was told where it
// belongs.
func model(e *Evidence, direction Direction) answer {
	a := answer{of: "ways"}
	blocked, at := 0, map[string]bool{}
	for _, trace := range e.Traces {
		if e.directionOf(trace.Forward.From, trace.Forward.To) != direction {
			continue
		}
		a.subjects++
		for _, way := range []path.Way{trace.Forward, trace.Back} {
			if hop, broken := way.Broken(); broken {
				at[placeOf(hop)] = true
			}
		}
		switch e.verdictOf(trace) {
		case path.Block:
			blocked++
		case path.Unknown:
			a.gaps = append(a.gaps, Gap{About: wayName(trace.Forward.From, trace.Forward.To), Why: unknownHop(trace)})
		}
	}
	if blocked > 0 {
		a.told = fmt.Sprintf("%d of %d are blocked, at %s", blocked, a.subjects, strings.Join(sortedKeys(at), ", "))
	}
	return a
}

func placeOf(hop path.Hop) string {
	switch {
	case hop.Root != "" || hop.ID != "":
		return string(cmp.Or(hop.Root, hop.ID))
	case hop.Ref != "":
		return lastPart(hop.Ref)
	}
	return string(hop.Kind)
}

// lastPart is the name at the end of an ARM id.
func lastPart(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// unknownHop names the first hop of a trace of which nothing is known.
func unknownHop(t path.Trace) string {
	for _, way := range []path.Way{t.Forward, t.Back} {
		for _, hop := range way.Hops {
			if hop.Verdict == path.Unknown {
				return placeOf(hop) + ": " + hop.Says
			}
		}
	}
	return "the model does not say which hop"
}
