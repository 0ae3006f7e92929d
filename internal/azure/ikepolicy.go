package azure

import (
	"fmt"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
)

// The file's names of algorithms, as Azure writes them.
var (
	ikeEncryptions = map[string]armnetwork.IkeEncryption{
		"aes128": armnetwork.IkeEncryptionAES128, "aes256": armnetwork.IkeEncryptionAES256,
		"aes128-gcm": armnetwork.IkeEncryptionGCMAES128, "aes256-gcm": armnetwork.IkeEncryptionGCMAES256,
	}
	ikeIntegrities = map[string]armnetwork.IkeIntegrity{
		"sha1": armnetwork.IkeIntegritySHA1, "sha256": armnetwork.IkeIntegritySHA256, "sha384": armnetwork.IkeIntegritySHA384,
	}
	dhGroups = map[int]armnetwork.DhGroup{
		2: armnetwork.DhGroupDHGroup2, 14: armnetwork.DhGroupDHGroup14, 19: armnetwork.DhGroupECP256,
		20: armnetwork.DhGroupECP384, 24: armnetwork.DhGroupDHGroup24,
	}
	ipsecEncryptions = map[string]armnetwork.IPSecEncryption{
		"aes128": armnetwork.IPSecEncryptionAES128, "aes256": armnetwork.IPSecEncryptionAES256,
		"aes128-gcm": armnetwork.IPSecEncryptionGCMAES128, "aes256-gcm": armnetwork.IPSecEncryptionGCMAES256,
	}
	// With a GCM encryption Azure asks for the same GCM as integrity.
	ipsecIntegrities = map[string]armnetwork.IPSecIntegrity{
		"sha1": armnetwork.IPSecIntegritySHA1, "sha256": armnetwork.IPSecIntegritySHA256,
		"aes128-gcm": armnetwork.IPSecIntegrityGCMAES128, "aes256-gcm": armnetwork.IPSecIntegrityGCMAES256,
	}
	pfsGroups = map[int]armnetwork.PfsGroup{
		0: armnetwork.PfsGroupNone, 2: armnetwork.PfsGroupPFS2, 14: armnetwork.PfsGroupPFS14,
		19: armnetwork.PfsGroupECP256, 20: armnetwork.PfsGroupECP384, 24: armnetwork.PfsGroupPFS24,
	}
	// Two names of one group.
	groupAliases = map[string]string{"dhgroup2048": "dhgroup14", "pfs2048": "pfs14"}
)

// kilobytesPerKey is after how much traffic Azure makes a new key: its own
// default. AWS knows no such limit.
const kilobytesPerKey = 102400000

// ikePolicyOf is the file's policy as Azure wants it: all eight fields, or it
// refuses the policy. The lifetime of phase 1 is not among them; it is 28800
// seconds on Azure's side.
func ikePolicyOf(ike desired.IKE) (*armnetwork.IPSecPolicy, error) {
	integrity := ike.Phase2.Integrity
	if strings.HasSuffix(ike.Phase2.Encryption, "-gcm") {
		integrity = ike.Phase2.Encryption
	}
	ikeEncryption, a := ikeEncryptions[ike.Phase1.Encryption]
	ikeIntegrity, b := ikeIntegrities[ike.Phase1.Integrity]
	group, c := dhGroups[ike.Phase1.DHGroup]
	encryption, d := ipsecEncryptions[ike.Phase2.Encryption]
	childIntegrity, e := ipsecIntegrities[integrity]
	pfs, f := pfsGroups[ike.Phase2.PFSGroup]
	for _, row := range []struct {
		known bool
		what  string
	}{
		{a, "phase1.encryption " + ike.Phase1.Encryption},
		{b, "phase1.integrity " + ike.Phase1.Integrity},
		{c, fmt.Sprintf("phase1.dh_group %d", ike.Phase1.DHGroup)},
		{d, "phase2.encryption " + ike.Phase2.Encryption},
		{e, "phase2.integrity " + integrity},
		{f, fmt.Sprintf("phase2.pfs_group %d", ike.Phase2.PFSGroup)},
	} {
		if !row.known {
			return nil, fmt.Errorf("cannot set ike.%s: Azure has no such algorithm", row.what)
		}
	}
	return &armnetwork.IPSecPolicy{
		IkeEncryption: to.Ptr(ikeEncryption), IkeIntegrity: to.Ptr(ikeIntegrity), DhGroup: to.Ptr(group),
		IPSecEncryption: to.Ptr(encryption), IPSecIntegrity: to.Ptr(childIntegrity), PfsGroup: to.Ptr(pfs),
		SaLifeTimeSeconds:   to.Ptr(int32(time.Duration(ike.Phase2.Lifetime).Seconds())),
		SaDataSizeKilobytes: to.Ptr(int32(kilobytesPerKey)),
	}, nil
}

// ikePolicyText is the canonical text of a link connection's policy, one text
// for one policy: "ikev2 aes256/sha256/dhgroup14 gcmaes256/gcmaes256/pfs14
// 3600s 102400000KB". Without one of its own, Azure's defaults serve.
func ikePolicyText(protocol *armnetwork.VirtualNetworkGatewayConnectionProtocol, policies []*armnetwork.IPSecPolicy) string {
	text := lower(protocol, "ikev2")
	if len(policies) == 0 {
		return text + " default"
	}
	for _, policy := range policies {
		p := at(policy)
		text += fmt.Sprintf(" %s/%s/%s %s/%s/%s %ds %dKB",
			lower(p.IkeEncryption, "none"), lower(p.IkeIntegrity, "none"), group(lower(p.DhGroup, "none")),
			lower(p.IPSecEncryption, "none"), lower(p.IPSecIntegrity, "none"), group(lower(p.PfsGroup, "none")),
			at(p.SaLifeTimeSeconds), at(p.SaDataSizeKilobytes))
	}
	return text
}

func group(name string) string {
	if alias, known := groupAliases[name]; known {
		return alias
	}
	return name
}
