package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/resource"
)

// What traffic between two looks tells the directions of a link apart: bytes,
// and the share of a direction that one tunnel carries when the others are not
// used. Azure spreads flows over all tunnels that are up, and AWS uses one of a
// static connection, so a tunnel that only sends is nothing strange.
const (
	enoughBytes = 1000
	nearlyAll   = 0.9
)

// carried is what a tunnel has carried between two looks, in bytes.
type carried struct{ in, out float64 }

// oneWay tells where nearly all packets leave Azure by one tunnel and nearly
// all come back by another.
func oneWay(e *Evidence) answer {
	a := answer{of: "links"}
	for _, link := range e.File.Links {
		tunnels := link.Tunnels()
		by := make([]carried, len(tunnels))
		known, total := len(tunnels) > 1, carried{}
		for i, tunnel := range tunnels {
			var counted bool
			by[i], counted = e.carried(tunnel)
			known = known && counted
			total.in, total.out = total.in+by[i].in, total.out+by[i].out
		}
		if !known || total.in < enoughBytes || total.out < enoughBytes {
			continue
		}
		a.subjects++
		in, out := -1, -1
		for i := range by {
			if by[i].in >= nearlyAll*total.in {
				in = i
			}
			if by[i].out >= nearlyAll*total.out {
				out = i
			}
		}
		if in >= 0 && out >= 0 && in != out {
			a.findings = append(a.findings, e.crossed(tunnels[out], tunnels[in], by[out], by[in]))
		}
	}
	a.findings = append(a.findings, e.returned()...)
	return a
}

// returned are the pairs of machines of which the model has packets go by one link
// and their answers by another, where a device along one of the two must see both:
// two hubs and a peering make such a ring. Where there is none, trace says so.
func (e *Evidence) returned() []Finding {
	var all []Finding
	for _, trace := range e.Traces {
		there, back := e.linksAlong(trace.Forward), e.linksAlong(trace.Back)
		slices.Reverse(back)
		stateful := slices.ContainsFunc(slices.Concat(there, back), func(name string) bool { return e.File.LinkNamed(name).Stateful })
		if e.verdictOf(trace) == path.Block || len(there) == 0 || len(back) == 0 || slices.Equal(there, back) || !stateful {
			continue
		}
		says := fmt.Sprintf("packets go by %s and their answers by %s, and a device along the link must see both", strings.Join(there, ", "), strings.Join(back, ", "))
		way := wayName(trace.Forward.From, trace.Forward.To)
		f := e.found(failure.AsymmetricPath, desired.AzureConnectionID(back[0]), says).on(failure.Way, way).on(failure.Link, slices.Concat(there, back)...)
		f.Ways, f.subject = []string{way}, "links"
		for _, name := range []string{trace.Forward.From, trace.Forward.To} {
			target, _ := e.target(name)
			f = f.on(failure.Network, target.VNet, target.VPC)
		}
		all = join(all, f.toward(e.directionOf(trace.Forward.From, trace.Forward.To)).as(failure.Error))
	}
	return all
}

// linksAlong are the links whose tunnels a way takes.
func (e *Evidence) linksAlong(way path.Way) []string {
	var links []string
	for _, hop := range way.Hops {
		if link := e.File.LinkOf(hop.ID); hop.Kind == path.Tunnel && link != "" {
			links = append(links, link)
		}
	}
	return links
}

// linksBetween are the links whose tunnels the model takes from one machine to another,
// none where it was not asked, or blocks before.
func (e *Evidence) linksBetween(from, to string) []string {
	for _, trace := range e.Traces {
		for _, way := range []path.Way{trace.Forward, trace.Back} {
			if way.From == from && way.To == to {
				return e.linksAlong(way)
			}
		}
	}
	return nil
}

// crossed is the finding that a link sends by one tunnel and hears by another.
func (e *Evidence) crossed(there, back desired.Tunnel, sent, heard carried) Finding {
	says := fmt.Sprintf("Azure sends by %s, and AWS by %s", there.Name(), back.Name())
	f := e.found(failure.AsymmetricPath, desired.AWSConnectionID(back.Link, back.Instance), says)
	f = f.on(failure.Tunnel, there.Name(), back.Name())
	if link := e.File.LinkNamed(there.Link); link != nil && link.Stateful {
		f = f.as(failure.Error)
	}
	f.Evidence = append(f.Evidence, e.counted(there, "egressBytesTransferred", sent.out), e.counted(back, "ingressBytesTransferred", heard.in))
	return f
}

// counted is a counter of a tunnel as evidence.
func (e *Evidence) counted(t desired.Tunnel, field string, bytes float64) path.Evidence {
	id := desired.AzureTunnelID(t)
	return path.Evidence{Call: callOf(id), Field: field + " of " + t.Name(), Value: fmt.Sprintf("%.0f more than before", bytes), At: e.Later[id].AsOf}
}

// carried is the difference of a tunnel's counters. They are not known when
// Azure did not tell one, or when one has begun anew.
func (e *Evidence) carried(t desired.Tunnel) (carried, bool) {
	in, inKnown := difference(e, t, desired.FactIngress)
	out, outKnown := difference(e, t, desired.FactEgress)
	return carried{in, out}, inKnown && outKnown
}

func difference(e *Evidence, t desired.Tunnel, fact string) (float64, bool) {
	before, beforeKnown := counter(e.Earlier, t, fact)
	after, afterKnown := counter(e.Later, t, fact)
	return after - before, beforeKnown && afterKnown && after >= before
}

func counter(world resource.World, t desired.Tunnel, fact string) (float64, bool) {
	value, told := world[desired.AzureTunnelID(t)].Attrs[fact]
	if !told {
		return 0, false
	}
	bytes, err := strconv.ParseFloat(value.One(), 64)
	return bytes, err == nil
}
