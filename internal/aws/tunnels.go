package aws

import (
	"cmp"
	"net/netip"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/resource"
)

// tunnel is one of the two tunnels of a VPN connection, put together from the
// three places in which EC2 speaks of it.
type tunnel struct {
	outside   string
	inside    string
	key       resource.Secret
	options   *types.TunnelOption // nil: not shown yet
	telemetry *types.VgwTelemetry // nil: not shown yet
}

// pair returns tunnel 1 and 2 of a connection. EC2 lists them in no stable
// order, so their place in a list means nothing: options, device document and
// telemetry are joined by the outside address, and the numbers follow from
// the inside ranges that linkd chose. A tunnel with a foreign range takes the
// number that is left; of two, the one with the lower range is the first, as in
// linkd's own plan: so the tunnels keep their numbers when the file gives them
// other ranges.
func pair(connection types.VpnConnection, inside [2]netip.Prefix) [2]tunnel {
	all := joinTunnels(connection)
	var numbered [2]tunnel
	var rest []tunnel
	for _, t := range all {
		n := slices.IndexFunc(inside[:], func(p netip.Prefix) bool { return p.IsValid() && p.String() == t.inside })
		if n >= 0 && numbered[n].empty() {
			numbered[n] = t
			continue
		}
		rest = append(rest, t)
	}
	slices.SortFunc(rest, func(a, b tunnel) int {
		return cmp.Or(lower(a.inside).Compare(lower(b.inside)), cmp.Compare(a.outside, b.outside))
	})
	for n := range numbered {
		if numbered[n].empty() && len(rest) > 0 {
			numbered[n], rest = rest[0], rest[1:]
		}
	}
	return numbered
}

// lower is the first address of a range; the zero one of what is none.
func lower(text string) netip.Addr {
	prefix, _ := netip.ParsePrefix(text)
	return prefix.Addr()
}

// joinTunnels merges what the options, the document and the telemetry say.
// While a connection is pending its options may be empty and the document
// there already.
func joinTunnels(connection types.VpnConnection) []tunnel {
	var all []tunnel
	if connection.Options != nil {
		for i := range connection.Options.TunnelOptions {
			o := &connection.Options.TunnelOptions[i]
			t := tunnel{
				outside: awssdk.ToString(o.OutsideIpAddress), inside: canonical(awssdk.ToString(o.TunnelInsideCidr)),
				key: readKey(awssdk.ToString(o.PreSharedKey)), options: o,
			}
			if t.outside != "" || t.inside != "" {
				all = append(all, t)
			}
		}
	}
	for _, d := range documented(awssdk.ToString(connection.CustomerGatewayConfiguration)) {
		at := slices.IndexFunc(all, d.same)
		if at < 0 {
			all = append(all, d)
			continue
		}
		all[at] = all[at].or(d)
	}
	for i := range connection.VgwTelemetry {
		telemetry := &connection.VgwTelemetry[i]
		for j := range all {
			if all[j].outside != "" && all[j].outside == awssdk.ToString(telemetry.OutsideIpAddress) {
				all[j].telemetry = telemetry
			}
		}
	}
	return all
}

// empty tells whether nothing is known of the tunnel.
func (t tunnel) empty() bool { return t.outside == "" && t.inside == "" && t.options == nil }

// same tells whether both are the same tunnel.
func (t tunnel) same(other tunnel) bool {
	return t.outside != "" && t.outside == other.outside ||
		(t.outside == "" || other.outside == "") && t.inside != "" && t.inside == other.inside
}

// or fills in what t does not know from other.
func (t tunnel) or(other tunnel) tunnel {
	t.outside, t.inside = cmp.Or(t.outside, other.outside), cmp.Or(t.inside, other.inside)
	if t.key.IsZero() {
		t.key = other.key
	}
	return t
}

// known tells whether the tunnel has what the other cloud needs of it.
func (t tunnel) known() bool { return t.outside != "" && !t.key.IsZero() }

// status is "up" or "down". The message that comes with it only explains: it
// is empty on static connections whether up or down, and says IPSEC IS UP
// when the tunnel counts as down because BGP is.
func (t tunnel) status() string {
	switch {
	case t.telemetry == nil:
		return ""
	case t.telemetry.Status == types.TelemetryStatusUp:
		return "up"
	}
	return "down"
}
