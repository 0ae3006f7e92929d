package fabric

import (
	"fmt"
	"net/netip"
)

// Echo sends an echo from one machine to another and, if it arrives, sends
// its answer back. Each way is walked hop by hop by the tables of whoever holds
// the packet; that the first way was found proves nothing for the second. Whoever
// asks twice between two updates is told of the same hops, and must not change them.
func (f *Fabric) Echo(from, to netip.Addr) Echo { return f.way(from, to).Echo }

// way is what a walk finds, which is the same until the next update.
func (f *Fabric) way(from, to netip.Addr) walked {
	way := flow{from, to}
	found, known := f.walks[way]
	if !known {
		found = f.walk(from, to)
		f.walks[way] = found
	}
	return found
}

// walked is an echo, and whether its request arrived.
type walked struct {
	Echo
	arrived bool
}

func (f *Fabric) walk(from, to netip.Addr) walked {
	request := &packet{fabric: f, from: from, to: to, hopsLeft: maxHops}
	request.send()
	echo := Echo{Forward: request.hops, DroppedAt: request.droppedAt, Why: request.why}
	if request.droppedAt != "" {
		return walked{Echo: echo}
	}
	answer := &packet{fabric: f, from: to, to: from, answer: true, hopsLeft: maxHops}
	answer.send()
	echo.Back = answer.hops
	if answer.droppedAt != "" {
		echo.DroppedAt, echo.Why = answer.droppedAt, "on the way back: "+answer.why
		return walked{echo, true}
	}
	echo.Crossed = true
	return walked{echo, true}
}

// maxHops is how many hubs and transit gateways a packet may pass before it
// is taken to run in a circle.
const maxHops = 16

// packet is an echo or its answer on its way. Security groups of both clouds
// remember the flow of an echo, so they let its answer pass; network ACLs do not.
type packet struct {
	fabric   *Fabric
	from, to netip.Addr
	answer   bool
	hopsLeft int

	hops           []Hop
	droppedAt, why string
}

// pass notes a hop that let the packet pass.
func (p *packet) pass(kind, id, format string, arguments ...any) {
	p.hops = append(p.hops, Hop{Kind: kind, ID: id, By: fmt.Sprintf(format, arguments...)})
}

// drop ends the packet's way.
func (p *packet) drop(kind, id, format string, arguments ...any) {
	p.droppedAt, p.why = kind+" "+id, fmt.Sprintf(format, arguments...)
}

// circles notes a router and says whether the packet has seen too many; then
// it is dropped.
func (p *packet) circles(kind, id string) bool {
	p.hopsLeft--
	if p.hopsLeft >= 0 {
		return false
	}
	p.drop(kind, id, "%s runs in a circle: it has passed %d routers", p.to, maxHops)
	return true
}

// send lets the machine that has the source address send the packet.
func (p *packet) send() {
	if vms := p.fabric.vmsByAddr[p.from]; len(vms) > 0 {
		p.sendFromVM(vms[0])
		return
	}
	if hosts := p.fabric.hostsByAddr[p.from]; len(hosts) > 0 {
		p.sendFromEC2(hosts[0])
		return
	}
	p.drop("machine", p.from.String(), "no machine of either cloud has the address %s", p.from)
}

// receive ends the way at a machine that got the packet.
func (p *packet) receive(id string, running, answers bool) {
	switch {
	case !running:
		p.drop("machine", id, "%s is stopped", p.to)
	case !p.answer && !answers:
		p.drop("machine", id, "the own firewall of %s drops echoes", p.to)
	default:
		p.pass("machine", id, "%s", p.to)
	}
}
