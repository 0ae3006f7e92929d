package verify

import (
	"slices"
	"strconv"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
)

// offer is what one side takes in one phase.
type offer struct{ encryption, integrity, group []string }

// suites are what Azure offers for a tunnel. Phase 2 is a list of whole
// combinations; group "0" stands for no forward secrecy.
type suites struct {
	version string
	phase1  offer
	phase2  []offer
}

// azureDefaults are what Azure takes for a link connection without a policy of
// its own: the published default set of a Virtual WAN gateway.
var azureDefaults = suites{
	phase1: offer{encryption: []string{"aes256", "aes128"}, integrity: []string{"sha1", "sha256"}, group: []string{"2"}},
	phase2: []offer{
		{encryption: []string{"aes256-gcm"}, group: []string{"0"}},
		{encryption: []string{"aes256"}, integrity: []string{"sha1", "sha256"}, group: []string{"0"}},
		{encryption: []string{"aes128"}, integrity: []string{"sha1"}, group: []string{"0"}},
	},
}

// ourNames are Azure's names of algorithms and groups, where they differ from
// the file's.
var ourNames = map[string]string{
	"gcmaes128": "aes128-gcm", "gcmaes192": "aes192-gcm", "gcmaes256": "aes256-gcm",
	"dhgroup1": "1", "dhgroup2": "2", "dhgroup14": "14", "dhgroup24": "24", "ecp256": "19", "ecp384": "20",
	"pfs1": "1", "pfs2": "2", "pfs14": "14", "pfs24": "24", "none": "0",
}

func ourName(theirs string) string {
	if ours, known := ourNames[theirs]; known {
		return ours
	}
	return theirs
}

// azureSuites reads a member of ike_policy: "tokyo-0-1 ikev2 aes256/sha256/dhgroup14
// gcmaes256/gcmaes256/pfs14 3600s 102400000KB", or "tokyo-0-1 ikev2 default".
func azureSuites(member string) (suites, bool) {
	words := strings.Fields(member)
	if len(words) < 3 {
		return suites{}, false
	}
	if words[2] == "default" {
		s := azureDefaults
		s.version = words[1]
		return s, true
	}
	one, two := strings.Split(words[2], "/"), []string(nil)
	if len(words) > 3 {
		two = strings.Split(words[3], "/")
	}
	if len(one) != 3 || len(two) != 3 {
		return suites{}, false
	}
	single := func(parts []string) offer {
		return offer{[]string{ourName(parts[0])}, []string{ourName(parts[1])}, []string{ourName(parts[2])}}
	}
	return suites{version: words[1], phase1: single(one), phase2: []offer{single(two)}}, true
}

// awsOffer reads tunnel_1_phase1: "aes128+aes256/sha1+sha256/group 2+14/8h0m0s".
func awsOffer(text string) (offer, bool) {
	parts := strings.Split(text, "/")
	if len(parts) < 3 {
		return offer{}, false
	}
	groups, named := strings.CutPrefix(parts[len(parts)-2], "group ")
	if !named {
		return offer{}, false
	}
	o := offer{encryption: strings.Split(parts[0], "+"), group: strings.Split(groups, "+")}
	if len(parts) == 4 {
		o.integrity = strings.Split(parts[1], "+")
	}
	return o, true
}

func sealed(encryption string) bool { return strings.HasSuffix(encryption, "-gcm") }

func meets(a, b []string) bool {
	return slices.ContainsFunc(a, func(one string) bool { return slices.Contains(b, one) })
}

// apartIn1 says what keeps the two sides apart in phase 1, or "".
func apartIn1(azure, aws offer) string {
	named := slices.ContainsFunc(azure.integrity, sealed) // then the other side chooses
	switch {
	case !meets(azure.encryption, aws.encryption):
		return differ("phase 1", "encryption", azure.encryption, aws.encryption)
	case !named && !meets(azure.integrity, aws.integrity):
		return differ("phase 1", "integrity", azure.integrity, aws.integrity)
	case !meets(azure.group, aws.group):
		return differ("phase 1", "Diffie-Hellman group", azure.group, aws.group)
	}
	return ""
}

// apartIn2 says what keeps the two sides apart in phase 2, or "". AWS cannot
// ask for a tunnel without forward secrecy, and takes one from Azure's
// defaults, for the first child of IKEv2 has no group of its own; under IKEv1
// and under a policy that was set, the groups must meet.
func apartIn2(azure []offer, aws offer, free bool) string {
	worst := ""
	for _, o := range azure {
		both := slices.DeleteFunc(slices.Clone(o.encryption), func(name string) bool { return !slices.Contains(aws.encryption, name) })
		open := slices.ContainsFunc(both, sealed)
		switch {
		case len(both) == 0:
			if worst == "" {
				worst = differ("phase 2", "encryption", o.encryption, aws.encryption)
			}
		case !open && !meets(o.integrity, aws.integrity):
			worst = differ("phase 2", "integrity", o.integrity, aws.integrity)
		case !free && !slices.Contains(o.group, "0") && !meets(o.group, aws.group):
			worst = differ("phase 2", "PFS group", o.group, aws.group)
		case !free && slices.Equal(o.group, []string{"0"}):
			worst = differ("phase 2", "PFS group", []string{"none"}, aws.group)
		default:
			return ""
		}
	}
	return worst
}

func differ(phase, what string, azure, aws []string) string {
	return phase + " has no " + what + " in common: Azure " + strings.Join(azure, ", ") + "; AWS " + strings.Join(aws, ", ")
}

// proposals intersects what both sides take, tunnel by tunnel.
func proposals(e *Evidence) answer {
	a := answer{of: "tunnels"}
	for _, tunnel := range e.File.Tunnels() {
		azureID, awsID := desired.AzureConnectionID(tunnel.Link), desired.AWSConnectionID(tunnel.Link, tunnel.Instance)
		if !e.stands(azureID) || !e.stands(awsID) || !e.live(azureID).Attrs["links"].Has(tunnel.Name()) {
			continue
		}
		a.subjects++
		option := func(name string) string {
			return e.live(awsID).Attrs["tunnel_"+strconv.Itoa(tunnel.Number)+"_"+name].One()
		}
		member := policyOf(e.live(azureID).Attrs["ike_policy"], tunnel.Name())
		azure, one := azureSuites(member)
		phase1, two := awsOffer(option("phase1"))
		phase2, three := awsOffer(option("phase2"))
		versions := option("ike_version")
		if !one || !two || !three || versions == "" {
			a.gaps = append(a.gaps, e.gap(awsID, "the proposals of "+tunnel.Name()+" are not told by both sides"))
			continue
		}
		why := apartIn1(azure.phase1, phase1)
		if why == "" {
			why = apartIn2(azure.phase2, phase2, strings.HasSuffix(member, " default") && azure.version == "ikev2")
		}
		if !slices.Contains(strings.Split(versions, "+"), azure.version) {
			why = "there is no version of IKE in common: Azure " + azure.version + "; AWS " + versions
		}
		if why == "" {
			continue
		}
		f := e.found(failure.ProposalMismatch, awsID, tunnel.Name()+": "+why)
		f = f.seen(e, "TunnelOptions", versions+" "+option("phase1")+" "+option("phase2"))
		f.Evidence = append(f.Evidence, e.found(f.Code, azureID, "").seen(e, "ipsecPolicies", strings.TrimPrefix(member, tunnel.Name()+" ")).Evidence...)
		f.subject = tunnel.Name()
		a.findings = append(a.findings, f.on(failure.Tunnel, tunnel.Name()))
	}
	return a
}

// policyOf is the member of ike_policy of a tunnel.
func policyOf(policies []string, tunnel string) string {
	for _, member := range policies {
		if strings.HasPrefix(member, tunnel+" ") {
			return member
		}
	}
	return ""
}

// initiator tells for which tunnels no side may start IKE, now or after the
// peer was once silent.
func initiator(e *Evidence) answer {
	a := answer{of: "tunnels"}
	for _, tunnel := range e.File.Tunnels() {
		azureID, awsID := desired.AzureConnectionID(tunnel.Link), desired.AWSConnectionID(tunnel.Link, tunnel.Instance)
		if !e.stands(azureID) || !e.stands(awsID) {
			continue
		}
		a.subjects++
		prefix := "tunnel_" + strconv.Itoa(tunnel.Number) + "_"
		mode, attrs := e.live(azureID).Attrs["mode"], e.live(awsID).Attrs
		startup, dpd, versions := attrs[prefix+"startup"].One(), attrs[prefix+"dpd"].One(), attrs[prefix+"ike_version"].One()
		if len(mode) == 0 || startup == "" || dpd == "" || versions == "" {
			a.gaps = append(a.gaps, e.gap(awsID, "who may start "+tunnel.Name()+" is not told by both sides"))
			continue
		}
		if !mode.Has(string(desired.InitiateAWS)) {
			continue
		}
		var why, field, value string
		switch {
		case startup != "start":
			why, field, value = "the startup action of AWS is "+startup, "StartupAction", startup
		case !slices.Contains(strings.Split(versions, "+"), "ikev2"):
			why, field, value = "AWS takes IKEv1 alone, which it never starts", "IkeVersions", versions
		case strings.HasPrefix(dpd, "clear"):
			why, field, value = "AWS clears a silent peer and does not start again", "DPDTimeoutAction", dpd
		default:
			continue
		}
		f := e.found(failure.NoInitiator, awsID, tunnel.Name()+": Azure only answers, and "+why).seen(e, field, value)
		f.Evidence = append(f.Evidence, e.found(f.Code, azureID, "").seen(e, "vpnLinkConnectionMode", "ResponderOnly").Evidence...)
		f.subject = tunnel.Name()
		if e.pair(tunnel) == pairUp {
			f = f.as(failure.Warning)
		}
		a.findings = append(a.findings, f.on(failure.Tunnel, tunnel.Name()))
	}
	return a
}
