package azure

import (
	"slices"
	"strings"

	"linkd/internal/sim/fabric"
)

// algorithms are the names that an ipsecPolicies item may use, by property,
// with the fabric's common names. Properties are all required.
var algorithms = map[string]map[string]string{
	"ikeEncryption": {
		"AES256": "aes256", "AES192": "aes192", "AES128": "aes128", "DES": "des", "DES3": "3des",
		"GCMAES256": "aes256-gcm", "GCMAES128": "aes128-gcm",
	},
	"ikeIntegrity": {"SHA384": "sha384", "SHA256": "sha256", "SHA1": "sha1", "MD5": "md5", "GCMAES256": "aes256-gcm", "GCMAES128": "aes128-gcm"},
	"dhGroup": {
		"None": "0", "DHGroup1": "1", "DHGroup2": "2", "DHGroup14": "14", "DHGroup2048": "14", "DHGroup24": "24",
		"ECP256": "19", "ECP384": "20",
	},
	"ipsecEncryption": {
		"AES256": "aes256", "AES192": "aes192", "AES128": "aes128", "DES": "des", "DES3": "3des", "None": "none",
		"GCMAES256": "aes256-gcm", "GCMAES192": "aes192-gcm", "GCMAES128": "aes128-gcm",
	},
	"ipsecIntegrity": {"SHA256": "sha256", "SHA1": "sha1", "MD5": "md5", "GCMAES256": "aes256-gcm", "GCMAES192": "aes192-gcm", "GCMAES128": "aes128-gcm"},
	"pfsGroup": {
		"None": "0", "PFS1": "1", "PFS2": "2", "PFS14": "14", "PFS2048": "14", "PFS24": "24", "PFSMM": "0",
		"ECP256": "19", "ECP384": "20",
	},
}

// checkPolicies wants all eight properties of each policy.
func checkPolicies(d draft) *failure {
	for _, policy := range objects(d.properties(), "ipsecPolicies") {
		for _, property := range sortedKeys(algorithms) {
			value := text(policy, property)
			if _, known := lookUpFold(algorithms[property], value); !known {
				return badRequest("InvalidRequestFormat", "Cannot parse the request: %s of an IPsec policy of %s has the value '%s'.", property, d.id, value)
			}
		}
		for _, property := range []string{"saLifeTimeSeconds", "saDataSizeKilobytes"} {
			if number(policy, property) <= 0 {
				return badRequest("InvalidRequestFormat", "Cannot parse the request: %s of an IPsec policy of %s is missing.", property, d.id)
			}
		}
	}
	return nil
}

func lookUpFold(names map[string]string, name string) (string, bool) {
	for known, common := range names {
		if same(known, name) {
			return common, true
		}
	}
	return "", false
}

// proposal is what a link offers: its policies, or the service's default set.
func proposal(properties object) fabric.Proposal {
	policies := objects(properties, "ipsecPolicies")
	if len(policies) == 0 {
		return defaultProposal()
	}
	common := func(property string) []string {
		var out []string
		for _, policy := range policies {
			if name, known := lookUpFold(algorithms[property], text(policy, property)); known && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		return out
	}
	return fabric.Proposal{
		Phase1Encryption: common("ikeEncryption"), Phase1Integrity: common("ikeIntegrity"), Phase1Groups: common("dhGroup"),
		Phase2Encryption: common("ipsecEncryption"), Phase2Integrity: common("ipsecIntegrity"), Phase2Groups: common("pfsGroup"),
	}
}

// defaultProposal is what the documentation of the service names when a link
// has no policies of its own: as initiator without PFS, as responder also with
// the groups 1, 2, 14 and 24.
func defaultProposal() fabric.Proposal {
	var children []string
	for _, suite := range []string{"aes256-gcm/aes256-gcm", "aes256/sha1", "aes256/sha256", "aes128/sha1"} {
		for _, group := range []string{"0", "1", "2", "14", "24"} {
			children = append(children, suite+"/"+group)
		}
	}
	return fabric.Proposal{
		Phase1Encryption: []string{"aes256", "aes128"},
		Phase1Integrity:  []string{"sha1", "sha256"},
		Phase1Groups:     []string{"2"},
		Children:         children,
	}
}

// spelled turns a common name back into the service's, for IKE SAs.
func spelled(property, common string) string {
	for _, name := range sortedKeys(algorithms[property]) {
		if algorithms[property][name] == common {
			return name
		}
	}
	return strings.ToUpper(common)
}
