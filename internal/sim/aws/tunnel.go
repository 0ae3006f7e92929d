package aws

import (
	"encoding/binary"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"time"

	"linkd/internal/sim/fabric"
)

// tunnel is one of the two tunnels of a VPN connection.
type tunnel struct {
	outside   netip.Addr
	inside    netip.Prefix
	key       secret
	options   options
	inService bool
	pending   bool      // maintenance of its endpoint waits
	replaced  time.Time // when its endpoint was last replaced
}

type tunnelItem struct {
	Outside string `xml:"outsideIpAddress,omitempty"`
	Inside  string `xml:"tunnelInsideCidr,omitempty"`
	Key     string `xml:"preSharedKey,omitempty"`
	Options *options
}

// linkLocal is the range of inside addresses, reserved the blocks that AWS
// keeps for itself.
var (
	linkLocal = netip.MustParsePrefix("169.254.0.0/16")
	reserved  = []string{
		"169.254.0.0/30", "169.254.1.0/30", "169.254.2.0/30", "169.254.3.0/30", "169.254.4.0/30", "169.254.5.0/30", "169.254.169.252/30",
	}
	keyShape = regexp.MustCompile(`^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$`)
)

func parseKey(f form) (secret, error) {
	text := f.text("PreSharedKey")
	if !keyShape.MatchString(text) {
		return secret{}, badValue("The pre-shared key is invalid: it must be 8 to 64 characters of A-Z, a-z, 0-9, . and _, and must not start with 0.")
	}
	return keep(text), nil
}

// parseInside reads an inside range, which has to be a free /30.
func parseInside(text string, taken map[netip.Prefix]bool) (netip.Prefix, error) {
	inside, err := netip.ParsePrefix(text)
	switch {
	case err != nil || inside.Masked() != inside || inside.Bits() != 30 || !linkLocal.Contains(inside.Addr()):
		return inside, badValue("Invalid value '%s' for TunnelInsideCidr. It must be a /30 of 169.254.0.0/16.", text)
	case slices.Contains(reserved, text):
		return inside, badValue("The TunnelInsideCidr %s is reserved and cannot be used.", text)
	case taken[inside]:
		return inside, badValue("The TunnelInsideCidr %s is already in use by another tunnel of the same gateway.", text)
	}
	return inside, nil
}

// newInside picks a free inside range.
func (c *Cloud) newInside(taken map[netip.Prefix]bool, words ...string) netip.Prefix {
	for try := 0; ; try++ {
		n := binary.BigEndian.Uint16(c.digest(append(words, "inside", strconv.Itoa(try))...)) &^ 3
		inside := netip.PrefixFrom(netip.AddrFrom4([4]byte{169, 254, byte(n >> 8), byte(n)}), 30)
		if !taken[inside] && !slices.Contains(reserved, inside.String()) {
			return inside
		}
	}
}

// insides is the inside ranges in use on a transit gateway, without those of
// one tunnel.
func (r *region) insides(gatewayID string, except netip.Addr) map[netip.Prefix]bool {
	taken := map[netip.Prefix]bool{}
	for _, c := range r.connections.all() {
		if c.gateway != gatewayID || c.state == "deleted" {
			continue
		}
		for _, t := range c.tunnels {
			taken[t.inside] = t.outside != except
		}
	}
	return taken
}

// proposal is what the tunnel answers to, in the fabric's names. Whatever the
// order in which somebody set the values, AWS tries the weakest first.
func (t tunnel) proposal() fabric.Proposal {
	values := func(name string, weakestFirst []string) []string {
		set := t.options.effective(name)
		return slices.DeleteFunc(slices.Clone(weakestFirst), func(value string) bool { return !slices.Contains(set, value) })
	}
	return fabric.Proposal{
		Phase1Encryption: common(values("Phase1EncryptionAlgorithm", encryptions)),
		Phase1Integrity:  common(values("Phase1IntegrityAlgorithm", integrities)),
		Phase1Groups:     values("Phase1DHGroupNumber", phase1Groups),
		Phase2Encryption: common(values("Phase2EncryptionAlgorithm", encryptions)),
		Phase2Integrity:  common(values("Phase2IntegrityAlgorithm", integrities)),
		Phase2Groups:     values("Phase2DHGroupNumber", phase2Groups),
	}
}

// commonNames are the names that both clouds' documents share for what AWS
// spells in its own way.
var commonNames = map[string]string{
	"AES128": "aes128", "AES256": "aes256", "AES128-GCM-16": "aes128-gcm", "AES256-GCM-16": "aes256-gcm",
	"SHA1": "sha1", "SHA2-256": "sha256", "SHA2-384": "sha384", "SHA2-512": "sha512",
}

// common turns AWS's names of algorithms into the common ones.
func common(names []string) []string {
	all := make([]string, 0, len(names))
	for _, name := range names {
		all = append(all, commonNames[name])
	}
	return all
}

// DefaultProposal is what a tunnel answers to when none of its options is set.
func DefaultProposal() fabric.Proposal { return tunnel{}.proposal() }
