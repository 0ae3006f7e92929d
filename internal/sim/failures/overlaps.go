package failures

import (
	"net/netip"

	"linkd/internal/sim/fabric"
)

func overlaps() []Injection {
	return []Injection{
		{
			Code: "PREFIX_OVERLAP", Name: "a VNet has a VPC's prefix too", ToAWS: "vnet",
			plan: func(v *view) plan {
				all := append(texts(v.vnet(v.vmFar).Prefixes), v.vpc(v.hostA).Prefixes[0].String())
				return plan{
					steps:  []step{azureSet("virtualNetworks", v.vmFar.VNet, sitePrefixes, all)},
					losses: lost(only(v.vmFar.Address), only(v.hostA.Address), "vnet", v.vmFar.VNet),
				}
			},
		},
		{
			Code: "PREFIX_OVERLAP", Name: "a VPC has a part of another one's prefix", ToAWS: "vpc",
			plan: func(v *view) plan {
				part := v.subnet(v.hostA).Prefix.String()
				return plan{
					steps:  []step{awsDo("vpc", v.hostB.VPC, "CidrBlocks", "add", part, "remove", part)},
					losses: lost(append(v.inAzure(), v.hostB.Address), only(v.hostA.Address), "vpc", v.hostB.VPC),
				}
			},
		},
	}
}

// sizes are injections of which small packets know nothing.
func sizes() []Injection {
	hole := func(name, toward string, condition fabric.Condition, limit Limit) Injection {
		condition.Kind, condition.Toward, limit.Toward = "tunnel", toward, toward
		return Injection{Code: "MTU_BLACKHOLE", Name: name, plan: func(*view) plan {
			return plan{steps: []step{when(condition)}, limits: []Limit{limit}}
		}}
	}
	silent := fabric.Condition{MTU: 1300, Silent: true}
	above := Limit{Passes: 1300, SilentFrom: 1301, SilentTo: 9001}
	// As somebody measured it from a machine in Azure: 1394 bytes are answered,
	// 1395 are lost, and of 1396 the network says that they are too many
	// (msxfaq.de, Azure VPN and MTU).
	band := fabric.Condition{MTU: 1395, SilentFrom: 1395, SilentTo: 1395}
	return []Injection{
		hole("large packets to AWS are lost without a word", fabric.TowardAWS, silent, above),
		hole("large packets to Azure are lost without a word", fabric.TowardAzure, silent, above),
		hole("packets of one size to AWS are lost without a word", fabric.TowardAWS, band, Limit{Passes: 1394, SilentFrom: 1395, SilentTo: 1395, Told: 1395}),
		hole("packets of one size to Azure are lost without a word", fabric.TowardAzure, band, Limit{Passes: 1394, SilentFrom: 1395, SilentTo: 1395, Told: 1395}),
	}
}

// The machine and the subnet that show a zone without the attachment.
const (
	otherSubnet = "subnet-0a1000000000000a9"
	otherHost   = "i-0a1000000000000a9"
)

// otherRange is where the subnet is: a part of the VPC that the scenarios leave free.
func (v *view) otherRange() netip.Prefix {
	address := v.vpc(v.hostA).Prefixes[0].Addr().As4()
	address[2], address[3] = 9, 0
	return netip.PrefixFrom(netip.AddrFrom4(address), 24)
}

// otherAddress is that of the machine.
func (v *view) otherAddress() netip.Addr {
	address := v.otherRange().Addr().As4()
	address[3] = 10
	return netip.AddrFrom4(address)
}

func (v *view) otherZone() string { return v.transitGateway.Region + "d" }

func zones() []Injection {
	subnet := func(v *view) step {
		return awsMade(v, "subnet", otherSubnet, object{
			"SubnetId": otherSubnet, "VpcId": v.hostA.VPC, "CidrBlock": v.otherRange().String(), "AvailabilityZone": v.otherZone(),
		})
	}
	return []Injection{
		{
			Code: "AWS_TGW_AZ_UNATTACHED", Name: "a machine is in a zone in which the attachment has no subnet", ToAzure: "attachment",
			plan: func(v *view) plan {
				machine := awsMade(v, "instance", otherHost, object{
					"InstanceId": otherHost, "SubnetId": otherSubnet, "PrivateIpAddress": v.otherAddress().String(), "Groups": []any{v.hostA.Rules[0].Group},
				})
				return plan{
					steps:  []step{subnet(v), machine},
					adds:   []Machine{{ID: otherHost, VPC: v.hostA.VPC, Subnet: otherSubnet, Zone: v.otherZone(), Address: v.otherAddress()}},
					losses: lost(only(v.otherAddress()), append(v.inAzure(), v.hostB.Address), "attachment", v.attachment(v.hostA.VPC).ID),
				}
			},
		},
		{
			Code: "AWS_TGW_AZ_UNATTACHED", Name: "the attachment's subnet is in another zone than the machine", ToAzure: "attachment",
			plan: func(v *view) plan {
				id := v.attachment(v.hostA.VPC).ID
				return plan{
					steps:  []step{subnet(v), awsSet("transit-gateway-attachment", id, "SubnetIds", []any{otherSubnet}, []any{v.hostA.Subnet})},
					losses: lost(only(v.hostA.Address), append(v.inAzure(), v.hostB.Address), "attachment", id),
				}
			},
		},
	}
}
