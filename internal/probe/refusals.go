package probe

import "fmt"

// icmpCode is the type and code of an ICMP error; code any stands for all codes
// that have no row of their own.
type icmpCode struct{ kind, code int }

const anyCode = -1

// ICMP errors of IPv4 (RFC 792, RFC 1122, RFC 1812) and IPv6 (RFC 4443).
var (
	refusals4 = map[icmpCode]string{
		{3, 0}:        "network unreachable",
		{3, 1}:        "host unreachable",
		{3, 2}:        "protocol unreachable",
		{3, 3}:        "port unreachable",
		{3, 4}:        "fragmentation needed",
		{3, 5}:        "source route failed",
		{3, 6}:        "network unknown",
		{3, 7}:        "host unknown",
		{3, 9}:        "network administratively prohibited",
		{3, 10}:       "host administratively prohibited",
		{3, 11}:       "network unreachable for this type of service",
		{3, 12}:       "host unreachable for this type of service",
		{3, 13}:       "administratively prohibited",
		{3, anyCode}:  "destination unreachable",
		{11, 0}:       "time to live exceeded",
		{11, anyCode}: "reassembly took too long",
		{12, anyCode}: "parameter problem",
	}
	refusals6 = map[icmpCode]string{
		{1, 0}:       "no route to destination",
		{1, 1}:       "administratively prohibited",
		{1, 3}:       "address unreachable",
		{1, 4}:       "port unreachable",
		{1, 5}:       "source address failed policy",
		{1, 6}:       "route rejected",
		{1, anyCode}: "destination unreachable",
		{2, anyCode}: "packet too big",
		{3, 0}:       "hop limit exceeded",
		{3, anyCode}: "reassembly took too long",
		{4, anyCode}: "parameter problem",
	}
	tooBig4, tooBig6 = icmpCode{3, 4}, icmpCode{2, 0}
)

// refusal tells in words what an ICMP error says. The mtu counts only when the
// error says that the packet was too big.
func refusal(texts map[icmpCode]string, tooBig, said icmpCode, mtu int) *Refusal {
	text, known := texts[said]
	if !known {
		text, known = texts[icmpCode{said.kind, anyCode}]
	}
	if !known {
		text = fmt.Sprintf("ICMP error of type %d, code %d", said.kind, said.code)
	}
	r := &Refusal{Text: text}
	if said == tooBig {
		r.TooBig, r.MTU = true, mtu
		if mtu > 0 {
			r.Text = fmt.Sprintf("%s, MTU %d", text, mtu)
		}
	}
	return r
}
