package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/resource"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// What loss is more than a burst may lose by chance: two echoes and a fifth.
const (
	lostAtLeast = 2
	lossAtLeast = 0.2
)

// lossy tells whether a burst lost more than it may.
func lossy(p Ping) bool {
	return p.Sent-p.Received >= lostAtLeast && p.Loss() >= lossAtLeast
}

func pingFromAzure(e *Evidence) answer { return pings(e, AzureToAWS) }
func pingFromAWS(e *Evidence) answer   { return pings(e, AWSToAzure) }
func pingOver(e *Evidence) answer      { return pings(e, AWSToAWS) }

// pings tells which machines do not answer, and whether the network is why.
// Where the model blocks, the hop was told, and the packets only confirm it.
func pings(e *Evidence, direction Direction) answer {
	a := answer{of: "pairs", by: by(e.Pings, func(p Ping) bool { return e.directionOf(p.From, p.To) == direction })}
	confirmed := 0
	for _, p := range e.Pings {
		if e.directionOf(p.From, p.To) != direction {
			continue
		}
		way := wayName(p.From, p.To)
		verdict := e.modelOf(p.From, p.To)
		switch {
		case p.Err != "" || p.Sent == 0:
			a.gaps = append(a.gaps, unsent(p, e.wayTokens(p.From, p.To)))
			continue
		case !lossy(p):
		case verdict == path.Block:
			confirmed++
		case p.Received == 0 && e.machineAlone(p): // of a way that is not known, too: the network carries to the others
			model := "the model passes both ways"
			if verdict == path.Unknown {
				model = "the model does not know its whole way"
			}
			f := e.found(failure.TargetDown, "", fmt.Sprintf("%s does not answer, %s, and %s", p.To, model, e.others(p))).toward(direction)
			f.Ref, f.Hop, f.subject, f.machine = e.refOf(p.To), path.Machine, p.To, p.To
			if verdict == path.Unknown {
				f.blind, f.near = true, e.nearWay(p.From, p.To)
			}
			a.findings = join(a.findings, e.lost(f, p))
		default:
			f := e.found(failure.PathLost, e.carrier(p), fmt.Sprintf("%s: %s answered", way, ratio(p))).toward(direction)
			if p.Received > 0 {
				f = f.as(failure.Warning)
			}
			f.subject = "packets"
			if verdict == path.Unknown { // anything about its way may be why
				f.subject, f.blind = way, true
				f.near = e.nearWay(p.From, p.To)
			}
			a.findings = join(a.findings, e.lost(f, p))
		}
		a.subjects++
	}
	if confirmed > 0 {
		a.told = fmt.Sprintf("%d of %d are lost, as the model says", confirmed, a.subjects)
	}
	return a
}

func ratio(p Ping) string { return fmt.Sprintf("%d of %d echoes", p.Received, p.Sent) }

// lost adds what a ping has shown.
func (e *Evidence) lost(f Finding, p Ping) Finding {
	way := wayName(p.From, p.To)
	f.Ways = []string{way}
	f.Evidence = append(f.Evidence, path.Evidence{Call: "ping from " + p.From + " by " + p.Vantage, Field: "answered", Value: ratio(p), At: p.At})
	f.about = append(slices.Clone(f.about), e.wayTokens(p.From, p.To)...)
	return f
}

// wayTokens are what a way is about.
func (e *Evidence) wayTokens(from, to string) tokens {
	var words tokens
	words.add(failure.Way, wayName(from, to), wayName(to, from))
	words.add(failure.Machine, to)
	return words
}

func (e *Evidence) refOf(name string) string {
	for _, target := range e.File.Probes.Targets {
		if target.Name == name {
			return cmp.Or(target.ID, target.Address.String())
		}
	}
	return ""
}

// modelOf is what the model says of an echo, Unknown where it was not asked.
func (e *Evidence) modelOf(from, to string) path.Verdict {
	for _, trace := range e.Traces {
		if trace.Forward.From == from && trace.Forward.To == to {
			return e.verdictOf(trace)
		}
	}
	return path.Unknown
}

// machineAlone tells whether it is the machine that does not answer: it has
// answers of its own to what it sends, or another machine of its side has
// answered the same one.
func (e *Evidence) machineAlone(lost Ping) bool {
	for _, p := range e.Pings {
		answered := p.Err == "" && p.Received > 0
		own := p.From == lost.To && p.To == lost.From
		other := p.From == lost.From && p.To != lost.To && e.isAzure(p.To) == e.isAzure(lost.To)
		if answered && (own || other) {
			return true
		}
	}
	return false
}

// others says which pings show that the network works.
func (e *Evidence) others(lost Ping) string {
	var names []string
	for _, p := range e.Pings {
		if p.Err == "" && p.Received > 0 && p.From == lost.From && p.To != lost.To && e.isAzure(p.To) == e.isAzure(lost.To) {
			names = append(names, p.To)
		}
	}
	if len(names) == 0 {
		return "it has answers to its own echoes"
	}
	return strings.Join(names, ", ") + " answers"
}

// carrier is the Azure connection of the link that a ping goes by, or the peering.
func (e *Evidence) carrier(p Ping) resource.ID {
	if peering, over := e.peeringBetween(p.From, p.To); over {
		return desired.PeeringID(peering)
	}
	link, found := e.linkOf(p.From, p.To)
	if !found {
		return ""
	}
	return desired.AzureConnectionID(link.Name)
}

// linkOf is the link between two machines: the one that the model takes, else that of
// the VPC's transit gateway, or of the peer by which the file means that to go.
func (e *Evidence) linkOf(from, to string) (desired.Link, bool) {
	if e.directionOf(from, to) == AWSToAWS {
		return desired.Link{}, false
	}
	if links := e.linksBetween(from, to); len(links) > 0 {
		return *e.File.LinkNamed(links[0]), true
	}
	vpc := from
	if e.isAzure(from) {
		vpc = to
	}
	for _, target := range e.File.Probes.Targets {
		if target.Name != vpc || target.VPC == "" {
			continue
		}
		if gateway := e.File.TransitGatewayOfVPC(target.VPC); gateway != nil {
			at := gateway.Name
			if way, has := e.File.PeerTowards(at, ""); has {
				at = way.Gateway.Name
			}
			if links := e.File.LinksOfTransitGateway(at); len(links) > 0 {
				return links[0], true
			}
		}
	}
	return desired.Link{}, false
}

func mtuFromAzure(e *Evidence) answer { return mtus(e, AzureToAWS) }
func mtuFromAWS(e *Evidence) answer   { return mtus(e, AWSToAzure) }

// azureRoom is the size that Microsoft tells to keep to on a VPN gateway.
const azureRoom = 1400

// roomOf is the largest packet that a tunnel of the link leaves room for, by
// its cipher, in a path of 1,500 bytes: the outer IP header, the ESP header,
// the initialisation vector, and after the packet two bytes, padding to the
// cipher's block, and the check value. AWS publishes 1,446 for AES-GCM.
func roomOf(ike desired.IKE) int {
	const outer, header, trailer = 20, 8, 2
	vector, block, check := 8, 4, 16 // AES-GCM
	if !sealed(ike.Phase2.Encryption) {
		vector, block = 16, 16 // AES-CBC
		check = map[string]int{"sha1": 12, "sha256": 16, "sha384": 24, "sha512": 32}[ike.Phase2.Integrity]
	}
	return (1500-outer-header-vector-check)/block*block - trailer
}

// mtus tells in which direction large packets are lost without a word.
func mtus(e *Evidence, direction Direction) answer {
	a := answer{of: "pairs", by: by(e.Pings, func(p Ping) bool { return p.MTU != nil && e.directionOf(p.From, p.To) == direction })}
	for _, p := range e.Pings {
		if e.directionOf(p.From, p.To) != direction {
			continue
		}
		if p.MTU == nil || p.MTU.Passes == 0 && p.MTU.SilentFrom == 0 {
			if p.Err != "" || p.Received > 0 { // where no echo is answered, that is what is told
				a.gaps = append(a.gaps, Gap{About: wayName(p.From, p.To), Why: "not checked: " + cmp.Or(p.Err, "no size was tried"), Unasked: p.Vantage == "" || p.Err == "", about: e.wayTokens(p.From, p.To)})
			}
			continue
		}
		a.subjects++
		link, _ := e.linkOf(p.From, p.To)
		room := roomOf(link.IKE)
		if p.MTU.SilentFrom == 0 || p.MTU.Passes >= min(room, azureRoom) {
			continue
		}
		says := fmt.Sprintf("packets of %d bytes pass, and those from %d to %d are lost without a word; the tunnel's cipher leaves room for %d, and Azure tells to keep to %d",
			p.MTU.Passes, p.MTU.SilentFrom, p.MTU.SilentTo, room, azureRoom)
		if p.MTU.Passes == 0 {
			says = fmt.Sprintf("echoes pass, and packets of %d to %d bytes that may not be fragmented are all lost without a word", p.MTU.SilentFrom, p.MTU.SilentTo)
		}
		f := e.found(failure.MTUBlackhole, e.carrier(p), says).toward(direction)
		f.subject = string(direction)
		f.Evidence = append(f.Evidence, path.Evidence{Call: "sizes from " + p.From + " to " + p.To + " by " + p.Vantage, Field: "largest that passes", Value: strconv.Itoa(p.MTU.Passes), At: p.At})
		f.Ways = []string{wayName(p.From, p.To)}
		f = f.on(failure.Way, f.Ways[0]).on(failure.Machine, p.To) // what blocks echoes the other way is no reason
		a.findings = join(a.findings, f)
	}
	return a
}
