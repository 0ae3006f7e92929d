package failures

import (
	"fmt"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

// tunnelsDown are the losses when no tunnel of the link is up.
func (v *view) tunnelsDown() []Loss {
	return append(
		lost(v.inAzure(), v.inAWS(), "gateway", v.gateway.ID),
		lost(v.inAWS(), v.inAzure(), "attachment", v.connection.Attachment)...)
}

// downIfAll are the losses when so many of the expected tunnels are down.
func (v *view) downIfAll(down int) []Loss {
	if down < len(v.meant) {
		return nil
	}
	return v.tunnelsDown()
}

// onTunnels makes an injection that does the same to the first tunnels: to
// all with 0.
func onTunnels(i Injection, count int, do func(*view, int) []step) Injection {
	if count == 0 {
		i.ToAWS, i.ToAzure = "gateway", "attachment"
	} else {
		i.Tunnels = count + 1
	}
	i.plan = func(v *view) plan {
		n := count
		if n == 0 {
			n = len(v.meant)
		}
		var p plan
		for t := range n {
			p.steps = append(p.steps, do(v, t)...)
		}
		p.losses = v.downIfAll(n)
		return p
	}
	return i
}

const strangeKey = "a.key.that.nobody.else.has"

func azureKey(v *view, t int) []step {
	key := ground.Mutation{Cloud: "azure", Kind: linkType, Name: v.links[t].ID, Op: "set", Field: "sharedKey", Value: strangeKey}
	back := key
	back.Value = v.links[t].Key
	return []step{both(key, back)}
}

func awsKey(v *view, t int) []step {
	return []step{awsSet("vpn-tunnel", v.meant[t].Outside.String(), "PreSharedKey", strangeKey, v.tunnel(v.meant[t]).Key)}
}

// otherPolicy is an IKE policy that shares nothing with linkd's.
var otherPolicy = []any{object{
	"ikeEncryption": "AES128", "ikeIntegrity": "SHA1", "dhGroup": "DHGroup2",
	"ipsecEncryption": "AES128", "ipsecIntegrity": "SHA1", "pfsGroup": "PFS2", "saLifeTimeSeconds": 3600, "saDataSizeKilobytes": 102400000,
}}

func keys() []Injection {
	key := func(name string) Injection { return Injection{Code: "TUNNEL_DOWN_PSK_MISMATCH", Name: name} }
	proposal := func(name string) Injection { return Injection{Code: "TUNNEL_DOWN_PROPOSAL_MISMATCH", Name: name} }
	option := func(name string, values ...any) func(*view, int) []step {
		return func(v *view, t int) []step { return []step{tunnelOption(v, v.meant[t], name, values...)} }
	}
	policy := func(v *view, t int) []step {
		return []step{azureSet(linkType, v.links[t].ID, "properties.ipsecPolicies", otherPolicy)}
	}
	return []Injection{
		onTunnels(key("Azure has another key for every tunnel"), 0, azureKey),
		onTunnels(key("AWS has another key for every tunnel"), 0, awsKey),
		onTunnels(key("Azure has another key for one of two tunnels"), 1, azureKey),
		onTunnels(key("AWS has another key for one of two tunnels"), 1, awsKey),
		onTunnels(proposal("AWS takes no group of phase 1 that Azure offers"), 0, option("Phase1DHGroupNumber", "20")),
		onTunnels(proposal("AWS takes no encryption of phase 2 that Azure offers"), 0, option("Phase2EncryptionAlgorithm", "AES128")),
		onTunnels(proposal("Azure offers what AWS does not take"), 0, policy),
		onTunnels(proposal("one of two tunnels takes no group that Azure offers"), 1, option("Phase1DHGroupNumber", "20")),
	}
}

// tunnels are injections whose tunnels are down, or may be, for other reasons than keys and
// proposals.
func tunnels() []Injection {
	cut := func(v *view, t int) []step {
		return []step{when(fabric.Condition{Kind: "tunnel", ID: v.meant[t].Outside.String(), Cut: true})}
	}
	replacing := func(v *view, t int) []step {
		return []step{
			awsSet("vpn-tunnel", v.meant[t].Outside.String(), "InService", false, true),
			awsDo("vpn-tunnel", v.meant[t].Outside.String(), "Replaced", "set", v.now.UTC().Format(time.RFC3339), "unset", nil),
		}
	}
	waits := func(v *view, t int) []step {
		return []step{
			azureSet(linkType, v.links[t].ID, "properties.vpnLinkConnectionMode", "ResponderOnly"),
			tunnelOption(v, v.meant[t], "StartupAction", "add"),
		}
	}
	return []Injection{
		onTunnels(Injection{Code: "TUNNEL_DOWN", Name: "nothing comes through between the ends of every tunnel"}, 0, cut),
		onTunnels(Injection{Code: "REDUNDANCY_LOST", Name: "nothing comes through between the ends of one of two tunnels"}, 1, cut),
		{
			Code: "ASYMMETRIC_PATH", Name: "AWS sends by the second tunnel and Azure by the first", Tunnels: 2, Static: true,
			plan: func(v *view) plan {
				return plan{steps: []step{awsSet("vpn-connection", v.connection.ID, "Prefers", 1, 0)}}
			},
		},
		onTunnels(Injection{Code: "ENDPOINT_STALE", Name: "Azure dials an address that AWS does not have"}, 0, func(v *view, t int) []step {
			return []step{azureSet(siteType, v.links[t].Site, "properties.vpnSiteLinks."+lastName(v.links[t].SiteLink)+".properties.ipAddress", fmt.Sprintf("198.51.100.%d", 7+t))}
		}),
		{
			Code: "ENDPOINT_STALE", Name: "the gateway has another address than AWS knows", ToAWS: "gateway", ToAzure: "attachment",
			plan: func(v *view) plan {
				field := "properties.ipConfigurations." + string(rune('0'+v.meant[0].Instance)) + ".publicIpAddress"
				return plan{steps: []step{azureSet(gatewayType, v.gateway.ID, field, "198.51.100.99")}, losses: v.tunnelsDown()}
			},
		},
		onTunnels(Injection{Code: "TUNNEL_MAINTENANCE", Name: "AWS replaces the end of every tunnel"}, 0, replacing),
		onTunnels(Injection{Code: "TUNNEL_MAINTENANCE", Name: "AWS replaces the end of one of two tunnels"}, 1, replacing),
		{
			Code: "TUNNEL_MAINTENANCE", Name: "maintenance of an AWS end is pending",
			plan: func(v *view) plan {
				return plan{steps: []step{awsSet("vpn-tunnel", v.meant[0].Outside.String(), "PendingMaintenance", true, false)}}
			},
		},
		onTunnels(Injection{Code: "NO_INITIATOR", Name: "both sides of every tunnel wait to be called"}, 0, waits),
		onTunnels(Injection{Code: "NO_INITIATOR", Name: "both sides of one of two tunnels wait to be called"}, 1, waits),
	}
}
