package fabric

import (
	"fmt"
	"slices"
	"strings"
)

// negotiate1 finds what both take for phase 1. AWS goes through its own list
// from the beginning, whatever Azure prefers.
func negotiate1(azure, aws Proposal) (Suite, string) {
	group, found := firstCommon(aws.Phase1Groups, azure.Phase1Groups)
	if !found {
		return Suite{}, noneInCommon("phase 1", "Diffie-Hellman group", azure.Phase1Groups, aws.Phase1Groups)
	}
	encryptions := common(aws.Phase1Encryption, azure.Phase1Encryption)
	if len(encryptions) == 0 {
		return Suite{}, noneInCommon("phase 1", "encryption", azure.Phase1Encryption, aws.Phase1Encryption)
	}
	for _, encryption := range encryptions {
		if integrity, found := integrity1(encryption, azure, aws); found {
			return Suite{encryption, integrity, group}, ""
		}
	}
	return Suite{}, noneInCommon("phase 1", "integrity", azure.Phase1Integrity, aws.Phase1Integrity)
}

// integrity1 finds the integrity that goes with an encryption in phase 1. Azure
// may name the GCM cipher there too, which leaves the random function to the
// other side; that AWS then takes its own is a guess.
func integrity1(encryption string, azure, aws Proposal) (string, bool) {
	named := slices.ContainsFunc(names(azure.Phase1Integrity), isGCM)
	if isGCM(encryption) && named && len(aws.Phase1Integrity) > 0 {
		return names(aws.Phase1Integrity)[0], true
	}
	return firstCommon(aws.Phase1Integrity, azure.Phase1Integrity)
}

// negotiate2 finds what both take for phase 2. Azure's defaults are whole
// combinations without a group; the first child of IKEv2 needs none, so there
// the group does not count. A policy that was set on Azure must match in
// whole: in life its group may be missed only at the first rekey, within the
// hour, but the fabric shows it at once.
func negotiate2(azure, aws Proposal, ikev1 bool) (Suite, string) {
	combinations := children(azure)
	groupCounts := len(azure.Children) == 0 || ikev1
	for _, encryption := range names(aws.Phase2Encryption) {
		for _, offer := range combinations {
			if offer.Encryption != encryption || !integrityFits(offer, aws) {
				continue
			}
			switch {
			case !groupCounts:
				return Suite{encryption, offer.Integrity, "0"}, ""
			case slices.Contains(names(aws.Phase2Groups), offer.Group):
				return offer, ""
			}
		}
	}
	return Suite{}, phase2Objection(combinations, aws)
}

// children are the whole phase 2 combinations of a proposal.
func children(p Proposal) []Suite {
	var all []Suite
	for _, child := range p.Children {
		parts := append(strings.Split(child, "/"), "", "")
		all = append(all, Suite{name(parts[0]), name(parts[1]), name(parts[2])}.clean())
	}
	if len(p.Children) > 0 {
		return all
	}
	for _, encryption := range names(p.Phase2Encryption) {
		for _, group := range names(p.Phase2Groups) {
			if isGCM(encryption) {
				all = append(all, Suite{encryption, "", group})
				continue
			}
			for _, integrity := range names(p.Phase2Integrity) {
				all = append(all, Suite{encryption, integrity, group})
			}
		}
	}
	return all
}

// clean drops the integrity of a cipher that needs none.
func (s Suite) clean() Suite {
	if isGCM(s.Encryption) {
		s.Integrity = ""
	}
	return s
}

func integrityFits(offer Suite, aws Proposal) bool {
	return isGCM(offer.Encryption) || slices.Contains(names(aws.Phase2Integrity), offer.Integrity)
}

// phase2Objection names the first thing that keeps the two lists apart.
func phase2Objection(offers []Suite, aws Proposal) string {
	var encryptions, integrities, groups []string
	for _, offer := range offers {
		encryptions = appendNew(encryptions, offer.Encryption)
	}
	if len(common(aws.Phase2Encryption, encryptions)) == 0 {
		return noneInCommon("phase 2", "encryption", encryptions, aws.Phase2Encryption)
	}
	for _, offer := range offers {
		if !slices.Contains(names(aws.Phase2Encryption), offer.Encryption) {
			continue
		}
		integrities = appendNew(integrities, offer.Integrity)
		if integrityFits(offer, aws) {
			groups = appendNew(groups, offer.Group)
		}
	}
	if len(groups) == 0 {
		return noneInCommon("phase 2", "integrity", integrities, aws.Phase2Integrity)
	}
	return noneInCommon("phase 2", "PFS group", groups, aws.Phase2Groups)
}

func noneInCommon(phase, what string, azure, aws []string) string {
	return fmt.Sprintf("no proposal in common for %s: %s of Azure is %s, of AWS %s",
		phase, what, listed(azure), listed(aws))
}

func listed(list []string) string {
	if len(list) == 0 {
		return "empty"
	}
	return strings.Join(list, ", ")
}

func appendNew(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// common are those of the first list that are in the second, in its order.
func common(first, second []string) []string {
	second = names(second)
	var both []string
	for _, item := range names(first) {
		if slices.Contains(second, item) {
			both = append(both, item)
		}
	}
	return both
}

func firstCommon(first, second []string) (string, bool) {
	both := common(first, second)
	if len(both) == 0 {
		return "", false
	}
	return both[0], true
}

func names(list []string) []string {
	plain := make([]string, len(list))
	for i, item := range list {
		plain[i] = name(item)
	}
	return plain
}

// name is the common name of an algorithm: AWS says AES256-GCM-16 and
// SHA2-256 for aes256-gcm and sha256.
func name(algorithm string) string {
	plain := strings.ToLower(strings.TrimSpace(algorithm))
	plain = strings.TrimSuffix(plain, "-16")
	return strings.Replace(plain, "sha2-", "sha", 1)
}

func isGCM(algorithm string) bool { return strings.Contains(algorithm, "gcm") }
