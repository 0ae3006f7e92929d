package probe

import (
	"golang.org/x/sys/unix"
)

// family is what differs between the sockets of IPv4 and IPv6.
type family struct {
	name             string
	domain, protocol int
	header           int // bytes of the IP header
	request, reply   byte
	options          []option
	filter           func(fd int) error // for raw sockets: answers alone

	ttl      option // sets the time to live of what is sent
	discover option // sets what is done about the path MTU
	never    int    // value of discover: fragments may be made
	probe    int    // value of discover: no fragments, whatever MTU was learned
	whole    []option

	level            int // of the control messages
	ttlType, errType int // their types
	texts            map[icmpCode]string
	tooBig           icmpCode
}

// option is a socket option.
type option struct{ level, name int }

var ipv4 = family{
	name: "IPv4", domain: unix.AF_INET, protocol: unix.IPPROTO_ICMP,
	header: ipv4Header, request: echoRequest4, reply: echoReply4,
	options: []option{
		{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS}, {unix.IPPROTO_IP, unix.IP_RECVTTL}, {unix.IPPROTO_IP, unix.IP_RECVERR},
	},
	filter: func(fd int) error {
		const icmpFilter = 1 // ICMP_FILTER of linux/icmp.h; bits of the types that are not wanted
		return unix.SetsockoptInt(fd, unix.SOL_RAW, icmpFilter, ^(1 << echoReply4))
	},
	ttl:      option{unix.IPPROTO_IP, unix.IP_TTL},
	discover: option{unix.IPPROTO_IP, unix.IP_MTU_DISCOVER},
	never:    unix.IP_PMTUDISC_DONT, probe: unix.IP_PMTUDISC_PROBE,
	level: unix.IPPROTO_IP, ttlType: unix.IP_TTL, errType: unix.IP_RECVERR,
	texts: refusals4, tooBig: tooBig4,
}

var ipv6 = family{
	name: "IPv6", domain: unix.AF_INET6, protocol: unix.IPPROTO_ICMPV6,
	header: ipv6Header, request: echoRequest6, reply: echoReply6,
	options: []option{
		{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS}, {unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT}, {unix.IPPROTO_IPV6, unix.IPV6_RECVERR},
	},
	filter: func(fd int) error {
		var types unix.ICMPv6Filter // bits of the types that are not wanted
		for i := range types.Data {
			types.Data[i] = ^uint32(0)
		}
		types.Data[echoReply6>>5] &^= 1 << (echoReply6 & 31)
		return unix.SetsockoptICMPv6Filter(fd, unix.IPPROTO_ICMPV6, unix.ICMPV6_FILTER, &types)
	},
	ttl:      option{unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS},
	discover: option{unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER},
	never:    unix.IPV6_PMTUDISC_DONT, probe: unix.IPV6_PMTUDISC_PROBE,
	whole: []option{{unix.IPPROTO_IPV6, unix.IPV6_DONTFRAG}},
	level: unix.IPPROTO_IPV6, ttlType: unix.IPV6_HOPLIMIT, errType: unix.IPV6_RECVERR,
	texts: refusals6, tooBig: tooBig6,
}
