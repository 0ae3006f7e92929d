package failures

import (
	"net/netip"
	"strings"
)

// privateTen and privateTwelve are the ranges in which the scenario's VNets
// and VPCs are.
const (
	privateTen    = "10.0.0.0/8"
	privateTwelve = "172.16.0.0/12"
)

func filters() []Injection {
	blocked := func(name, toAWS, toAzure string, p func(*view) plan) Injection {
		return Injection{Code: "ICMP_BLOCKED", Name: name, ToAWS: toAWS, ToAzure: toAzure, plan: p}
	}
	denies := func(direction string) func(*view) plan {
		return func(v *view) plan {
			group, _ := v.value(v.vmNear.Subnet, []string{"properties", "networkSecurityGroup", "id"})
			id, _ := group.(string)
			turns := azureListed("networkSecurityGroups", id, "properties.securityRules", "theirs", denial(direction))
			if direction == "Inbound" { // the rule of the scenario that allows it denies it
				turns = azureSet("networkSecurityGroups/securityRules", id+"/securityRules/echo-from-aws", "properties.access", "Deny")
			}
			return plan{
				steps:  []step{turns},
				losses: v.deniedBy("nsg", v.vmNear.Subnet, direction),
			}
		}
	}
	acl := func(egress bool) func(*view) plan {
		return func(v *view) plan {
			entry := object{"RuleNumber": 50, "Egress": egress, "RuleAction": "deny", "Protocol": "1", "CidrBlock": privateTen}
			losses := lost(v.inAzure(), only(v.hostA.Address), "acl", v.hostA.Subnet)
			if egress {
				losses = lost(only(v.hostA.Address), v.inAzure(), "acl", v.hostA.Subnet)
			}
			return plan{steps: []step{awsDo("network-acl", v.acl(v.hostA), "Entries", "add", entry, "remove", entry)}, losses: losses}
		}
	}
	return []Injection{
		blocked("a rule of the subnet's security group denies ICMP to a machine in Azure", "", "nsg", denies("Inbound")),
		blocked("a rule of the subnet's security group denies ICMP from a machine in Azure", "nsg", "", denies("Outbound")),
		blocked("a security group on the interface denies ICMP to a machine in Azure", "", "nsg", func(v *view) plan {
			id := strings.TrimSuffix(v.vmNear.NIC, "/networkInterfaces/"+lastName(v.vmNear.NIC)) + "/networkSecurityGroups/theirs"
			rule := object{"name": "theirs", "properties": denial("Inbound")}
			return plan{
				steps: []step{
					azureMade("networkSecurityGroups", id, object{"location": v.vnet(v.vmNear).Region, "properties": object{"securityRules": []any{rule}}}),
					azureSet("networkInterfaces", v.vmNear.NIC, "properties.networkSecurityGroup.id", id),
				},
				losses: v.deniedBy("nsg", v.vmNear.NIC, "Inbound"),
			}
		}),
		blocked("a network ACL denies ICMP to a machine in AWS", "acl", "", acl(false)),
		blocked("a network ACL denies ICMP from a machine in AWS", "", "acl", acl(true)),
		blocked("a network ACL denies echo requests to a machine in AWS, and no replies", "acl", "", func(v *view) plan {
			entry := object{"RuleNumber": 50, "Egress": false, "RuleAction": "deny", "Protocol": "1", "IcmpType": 8, "CidrBlock": privateTen}
			return plan{
				steps:  []step{awsDo("network-acl", v.acl(v.hostA), "Entries", "add", entry, "remove", entry)},
				losses: requests(lost(v.inAzure(), only(v.hostA.Address), "acl", v.hostA.Subnet)),
			}
		}),
		blocked("a security group allows no ICMP to a machine in AWS but what says that packets are too big", "security-group", "", func(v *view) plan {
			rule := object{"IpProtocol": "icmp", "CidrIp": privateTen}
			only3 := object{"IpProtocol": "icmp", "FromPort": 3, "ToPort": 4, "CidrIp": privateTen}
			return plan{
				steps: []step{
					awsDo("security-group", v.hostA.Rules[0].Group, "IpPermissions", "remove", rule, "add", rule),
					awsDo("security-group", v.hostA.Rules[0].Group, "IpPermissions", "add", only3, "remove", only3),
				},
				losses: requests(lost(v.inAzure(), only(v.hostA.Address), "security-group", v.hostA.ID)),
			}
		}),
		blocked("a security group allows no ICMP to a machine in AWS", "security-group", "", func(v *view) plan {
			rule := object{"IpProtocol": "icmp", "CidrIp": privateTen}
			return plan{
				steps:  []step{awsDo("security-group", v.hostA.Rules[0].Group, "IpPermissions", "remove", rule, "add", rule)},
				losses: requests(lost(v.inAzure(), only(v.hostA.Address), "security-group", v.hostA.ID)),
			}
		}),
		blocked("a security group allows nothing from a machine in AWS", "", "security-group", func(v *view) plan {
			rule := object{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
			return plan{
				steps:  []step{awsDo("security-group", v.hostA.Rules[0].Group, "IpPermissionsEgress", "remove", rule, "add", rule)},
				losses: requests(lost(only(v.hostA.Address), append(v.inAzure(), v.hostB.Address), "security-group", v.hostA.ID)),
			}
		}),
	}
}

// denial are the properties of a rule that denies ICMP between a machine and
// AWS.
func denial(direction string) object {
	rule := object{
		"priority": 100, "direction": direction, "access": "Deny", "protocol": "Icmp", "sourcePortRange": "*", "destinationPortRange": "*",
		"sourceAddressPrefix": privateTwelve, "destinationAddressPrefix": "*",
	}
	if direction == "Outbound" {
		rule["sourceAddressPrefix"], rule["destinationAddressPrefix"] = "*", privateTwelve
	}
	return rule
}

func (v *view) deniedBy(kind, id, direction string) []Loss {
	near := []netip.Addr{v.vmNear.Address}
	if direction == "Inbound" {
		return requests(lost(v.inAWS(), near, kind, id))
	}
	return requests(lost(near, v.inAWS(), kind, id))
}

// machines are injections into the machines themselves.
func machines() []Injection {
	down := func(name, toAWS, toAzure string, p func(*view) plan) Injection {
		return Injection{Code: "TARGET_DOWN_OR_HOST_FIREWALL", Name: name, ToAWS: toAWS, ToAzure: toAzure, plan: p}
	}
	return []Injection{
		down("a machine in Azure is stopped", "machine", "machine", func(v *view) plan {
			return plan{steps: []step{vmSet(v, "powerState", "stopped", "running")}, losses: v.stopped(v.vmNear.Address, v.vmNear.ID)}
		}),
		down("a machine in AWS is stopped", "machine", "machine", func(v *view) plan {
			return plan{steps: []step{awsSet("instance", v.hostA.ID, "State", "stopped", "running")}, losses: v.stopped(v.hostA.Address, v.hostA.ID)}
		}),
		down("a machine in Azure has a firewall of its own", "", "machine", func(v *view) plan {
			return plan{
				steps:  []step{vmSet(v, "answers", false, true)},
				losses: requests(lost(append(v.inAWS(), v.vmFar.Address), only(v.vmNear.Address), "machine", v.vmNear.ID)),
			}
		}),
		down("a machine in AWS has a firewall of its own", "machine", "", func(v *view) plan {
			return plan{
				steps:  []step{awsSet("instance", v.hostA.ID, "Answers", false, true)},
				losses: requests(lost(append(v.inAzure(), v.hostB.Address), only(v.hostA.Address), "machine", v.hostA.ID)),
			}
		}),
	}
}

func vmSet(v *view, field string, value, was any) step {
	return azureSpecial("virtualMachines", v.vmNear.ID, field, value, was)
}

func (v *view) stopped(machine netip.Addr, id string) []Loss {
	all := append(v.inAzure(), v.inAWS()...)
	return append(lost(all, only(machine), "machine", id), lost(only(machine), all, "machine", id)...)
}
