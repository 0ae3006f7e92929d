package aws

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
)

// option is a row of the options of one tunnel: how the file and how EC2 say
// the same thing in one canonical text, and how a call sets it.
type option struct {
	name   string
	means  string
	breaks string
	wanted func(desired.IKE, netip.Prefix) string
	shown  func(types.TunnelOption) string
	set    func(*types.VpnTunnelOptionsSpecification, desired.IKE, netip.Prefix)
}

// options are set on both tunnels of every connection, also on one that is
// not used: what is left to AWS is AWS's to change, and its defaults have
// moved over the years.
var options = []option{
	{
		name: "inside", means: "its inside range, from the file's pool",
		breaks: "BGP has no address to speak from, and the tunnel is not told apart from the other",
		wanted: func(_ desired.IKE, inside netip.Prefix) string { return inside.String() },
		shown:  func(o types.TunnelOption) string { return canonical(awssdk.ToString(o.TunnelInsideCidr)) },
		set: func(spec *types.VpnTunnelOptionsSpecification, _ desired.IKE, inside netip.Prefix) {
			spec.TunnelInsideCidr = awssdk.String(inside.String())
		},
	},
	{
		name: "phase1", means: "the algorithms and lifetime that it accepts for IKE",
		breaks: "the two sides do not agree on IKE, at the latest when it is renewed: the tunnel goes down",
		wanted: func(ike desired.IKE, _ netip.Prefix) string { return phase1Of(ike).String() },
		shown: func(o types.TunnelOption) string {
			return proposal{
				encryption: names(o.Phase1EncryptionAlgorithms, func(v types.Phase1EncryptionAlgorithmsListValue) *string { return v.Value }, anyEncryption),
				integrity:  names(o.Phase1IntegrityAlgorithms, func(v types.Phase1IntegrityAlgorithmsListValue) *string { return v.Value }, anyIntegrity),
				groups:     numbers(o.Phase1DHGroupNumbers, func(v types.Phase1DHGroupNumbersListValue) *int32 { return v.Value }, anyPhase1Group),
				lifetime:   seconds(o.Phase1LifetimeSeconds, 28800),
			}.String()
		},
		set: func(spec *types.VpnTunnelOptionsSpecification, ike desired.IKE, _ netip.Prefix) {
			p := phase1Of(ike)
			spec.Phase1EncryptionAlgorithms = []types.Phase1EncryptionAlgorithmsRequestListValue{{Value: awssdk.String(awsName(p.encryption[0]))}}
			spec.Phase1IntegrityAlgorithms = []types.Phase1IntegrityAlgorithmsRequestListValue{{Value: awssdk.String(awsName(p.integrity[0]))}}
			spec.Phase1DHGroupNumbers = []types.Phase1DHGroupNumbersRequestListValue{{Value: awssdk.Int32(p.groups[0])}}
			spec.Phase1LifetimeSeconds = awssdk.Int32(int32(p.lifetime.Seconds()))
		},
	},
	{
		name: "phase2", means: "the algorithms and lifetime that it accepts for IPsec",
		breaks: "the two sides do not agree on IPsec, at the latest when its key is renewed: the tunnel goes down",
		wanted: func(ike desired.IKE, _ netip.Prefix) string { return phase2Of(ike).String() },
		shown: func(o types.TunnelOption) string {
			p := proposal{
				encryption: names(o.Phase2EncryptionAlgorithms, func(v types.Phase2EncryptionAlgorithmsListValue) *string { return v.Value }, anyEncryption),
				integrity:  names(o.Phase2IntegrityAlgorithms, func(v types.Phase2IntegrityAlgorithmsListValue) *string { return v.Value }, anyIntegrity),
				groups:     numbers(o.Phase2DHGroupNumbers, func(v types.Phase2DHGroupNumbersListValue) *int32 { return v.Value }, anyPhase2Group),
				lifetime:   seconds(o.Phase2LifetimeSeconds, 3600),
			}
			return p.sealed().String()
		},
		set: func(spec *types.VpnTunnelOptionsSpecification, ike desired.IKE, _ netip.Prefix) {
			p := phase2Of(ike)
			spec.Phase2EncryptionAlgorithms = []types.Phase2EncryptionAlgorithmsRequestListValue{{Value: awssdk.String(awsName(p.encryption[0]))}}
			for _, name := range p.integrity {
				spec.Phase2IntegrityAlgorithms = append(spec.Phase2IntegrityAlgorithms, types.Phase2IntegrityAlgorithmsRequestListValue{Value: awssdk.String(awsName(name))})
			}
			for _, group := range p.groups {
				spec.Phase2DHGroupNumbers = append(spec.Phase2DHGroupNumbers, types.Phase2DHGroupNumbersRequestListValue{Value: awssdk.Int32(group)})
			}
			spec.Phase2LifetimeSeconds = awssdk.Int32(int32(p.lifetime.Seconds()))
		},
	},
	{
		name: "ike_version", means: "the versions of IKE that it accepts",
		breaks: "the two sides do not speak the same IKE: the tunnel does not come up",
		wanted: func(ike desired.IKE, _ netip.Prefix) string { return "ikev" + strconv.Itoa(ike.Version) },
		shown: func(o types.TunnelOption) string {
			return strings.Join(names(o.IkeVersions, func(v types.IKEVersionsListValue) *string { return v.Value }, []string{"ikev1", "ikev2"}), "+")
		},
		set: func(spec *types.VpnTunnelOptionsSpecification, ike desired.IKE, _ netip.Prefix) {
			spec.IKEVersions = []types.IKEVersionsRequestListValue{{Value: awssdk.String("ikev" + strconv.Itoa(ike.Version))}}
		},
	},
	{
		name: "startup", means: "start: AWS begins IKE; add: it waits",
		breaks: "AWS waits for Azure to begin: after maintenance in AWS the tunnel stays down until Azure tries again",
		wanted: func(ike desired.IKE, _ netip.Prefix) string { return startupOf(ike) },
		shown:  func(o types.TunnelOption) string { return cmp.Or(awssdk.ToString(o.StartupAction), "add") },
		set: func(spec *types.VpnTunnelOptionsSpecification, ike desired.IKE, _ netip.Prefix) {
			spec.StartupAction = awssdk.String(startupOf(ike))
		},
	},
	{
		name: "dpd", means: "what AWS does about a silent peer, and after how long",
		breaks: "a dead peer is noticed late, or the tunnel is not started again",
		wanted: func(ike desired.IKE, _ netip.Prefix) string { return "restart after " + deadPeer(ike).String() },
		shown: func(o types.TunnelOption) string {
			// The default timeout is 30 s in the API's text and 40 s in the user
			// guide: one that is not shown is not known.
			after := "the default"
			if o.DpdTimeoutSeconds != nil {
				after = seconds(o.DpdTimeoutSeconds, 0).String()
			}
			return cmp.Or(awssdk.ToString(o.DpdTimeoutAction), "clear") + " after " + after
		},
		set: func(spec *types.VpnTunnelOptionsSpecification, ike desired.IKE, _ netip.Prefix) {
			spec.DPDTimeoutAction = awssdk.String("restart")
			spec.DPDTimeoutSeconds = awssdk.Int32(int32(deadPeer(ike).Seconds()))
		},
	},
}

// startupOf says whether AWS begins IKE. It does unless the file leaves that
// to Azure: with add it would only answer.
func startupOf(ike desired.IKE) string {
	if ike.Initiator == desired.InitiateAzure {
		return "add"
	}
	return "start"
}

// deadPeer is the time after which a silent peer counts as dead; AWS takes 30
// seconds at the least.
func deadPeer(ike desired.IKE) time.Duration {
	return max(time.Duration(ike.DPDTimeout), 30*time.Second)
}

// What AWS accepts when an option is not set: an option that is absent in an
// answer means these, and after a change back to them it is spelt out.
var (
	anyEncryption  = []string{"aes128", "aes128-gcm", "aes256", "aes256-gcm"}
	anyIntegrity   = []string{"sha1", "sha256", "sha384", "sha512"}
	anyPhase1Group = []int32{2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}
	anyPhase2Group = []int32{2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}
)

// proposal is what one side accepts in one phase.
type proposal struct {
	encryption, integrity []string
	groups                []int32
	lifetime              time.Duration
}

func phase1Of(ike desired.IKE) proposal {
	return proposal{
		encryption: []string{ike.Phase1.Encryption}, integrity: []string{ike.Phase1.Integrity},
		groups: []int32{int32(ike.Phase1.DHGroup)}, lifetime: time.Duration(ike.Phase1.Lifetime),
	}
}

// phase2Of leaves the groups to AWS when the file asks for no forward
// secrecy: AWS has no way to ask for none.
func phase2Of(ike desired.IKE) proposal {
	p := proposal{encryption: []string{ike.Phase2.Encryption}, groups: anyPhase2Group, lifetime: time.Duration(ike.Phase2.Lifetime)}
	if ike.Phase2.PFSGroup != 0 {
		p.groups = []int32{int32(ike.Phase2.PFSGroup)}
	}
	if ike.Phase2.Integrity != "" {
		p.integrity = []string{ike.Phase2.Integrity}
	}
	return p.sealed()
}

// sealed drops the integrity algorithms of a phase 2 whose encryption seals
// the packets itself: they mean nothing there.
func (p proposal) sealed() proposal {
	if !slices.ContainsFunc(p.encryption, func(name string) bool { return !strings.HasSuffix(name, "-gcm") }) {
		p.integrity = nil
	}
	return p
}

// String is the canonical text: "aes256/sha256/group 14/8h0m0s".
func (p proposal) String() string {
	var parts []string
	for _, names := range [][]string{p.encryption, p.integrity} {
		if len(names) > 0 {
			parts = append(parts, strings.Join(names, "+"))
		}
	}
	groups := make([]string, len(p.groups))
	for i, group := range p.groups {
		groups[i] = strconv.Itoa(int(group))
	}
	return fmt.Sprintf("%s/group %s/%s", strings.Join(parts, "/"), strings.Join(groups, "+"), p.lifetime)
}

// names reads a list of algorithms in linkd's own words, sorted; an absent
// one is the default.
func names[T any](list []T, value func(T) *string, otherwise []string) []string {
	if len(list) == 0 {
		return otherwise
	}
	found := make([]string, len(list))
	for i, item := range list {
		found[i] = ourName(awssdk.ToString(value(item)))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func numbers[T any](list []T, value func(T) *int32, otherwise []int32) []int32 {
	if len(list) == 0 {
		return otherwise
	}
	found := make([]int32, len(list))
	for i, item := range list {
		found[i] = awssdk.ToInt32(value(item))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func seconds(value *int32, otherwise int32) time.Duration {
	if value != nil {
		otherwise = *value
	}
	return time.Duration(otherwise) * time.Second
}

// awsNames are AWS's words for the algorithms.
var awsNames = map[string]string{
	"aes128": "AES128", "aes256": "AES256", "aes128-gcm": "AES128-GCM-16", "aes256-gcm": "AES256-GCM-16",
	"sha1": "SHA1", "sha256": "SHA2-256", "sha384": "SHA2-384", "sha512": "SHA2-512",
}

func awsName(ours string) string { return cmp.Or(awsNames[ours], strings.ToUpper(ours)) }

func ourName(theirs string) string {
	for ours, name := range awsNames {
		if strings.EqualFold(name, theirs) {
			return ours
		}
	}
	return strings.ToLower(theirs)
}
