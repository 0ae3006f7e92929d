package failures

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

// Healthy is a variation that leaves every echo crossing: one to five changes
// that have nothing to do with the link, chosen and shaped by the seed. No
// failure may be named of it.
func Healthy(seed uint64) Injection {
	random := rand.New(rand.NewPCG(seed, 0x11ea17)) // a row of its own for every seed
	rows := variations()
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	rows = rows[:1+random.IntN(5)]
	var names []string
	for _, row := range rows {
		names = append(names, row.name)
	}
	return Injection{Name: strings.Join(names, "; "), plan: func(v *view) plan {
		var p plan
		for _, row := range rows {
			p.steps = append(p.steps, row.do(random, v)...)
		}
		return p
	}}
}

// variation is a change that does not matter.
type variation struct {
	name string
	do   func(r *rand.Rand, v *view) []step
}

func variations() []variation {
	return []variation{
		{"a VPC has a route to the Internet", func(r *rand.Rand, v *view) []step {
			prefix := fmt.Sprintf("100.64.%d.0/24", r.IntN(256))
			return []step{awsDo("route-table", v.subnet(v.hostA).Table, "Routes", "add", object{"DestinationCidrBlock": prefix, "GatewayId": "igw-0a1000000000000aa"}, "remove", prefix)}
		}},
		{"a VPC has a more specific route to a part of a VNet", func(r *rand.Rand, v *view) []step {
			prefix := fmt.Sprintf("10.1.%d.0/24", 100+r.IntN(100))
			return []step{awsDo("route-table", v.subnet(v.hostB).Table, "Routes", "add", object{"DestinationCidrBlock": prefix, "TransitGatewayId": v.transitGateway.ID}, "remove", prefix)}
		}},
		{"the transit gateway has a wanted blackhole", func(r *rand.Rand, v *view) []step {
			prefix := fmt.Sprintf("10.%d.0.0/16", 200+r.IntN(50))
			return []step{awsDo("transit-gateway-route-table", v.table, "Routes", "add", object{"DestinationCidrBlock": prefix}, "remove", prefix)}
		}},
		{"the transit gateway has a more specific route to a part of a VNet", func(r *rand.Rand, v *view) []step {
			prefix := fmt.Sprintf("10.2.%d.0/24", 100+r.IntN(100))
			route := object{"DestinationCidrBlock": prefix, "TransitGatewayAttachmentId": v.connection.Attachment}
			return []step{awsDo("transit-gateway-route-table", v.table, "Routes", "add", route, "remove", prefix)}
		}},
		{"the transit gateway has one more route table", func(_ *rand.Rand, v *view) []step { return []step{spareTable(v)} }},
		{"a VPC carries one more tag", func(r *rand.Rand, v *view) []step {
			return []step{awsDo("vpc", v.hostA.VPC, "Tags.cost-centre", "set", fmt.Sprint(r.IntN(1000)), "unset", nil)}
		}},
		{"a machine in AWS carries one more tag", func(r *rand.Rand, v *view) []step {
			return []step{awsDo("instance", v.hostB.ID, "Tags.patched", "set", fmt.Sprint(r.IntN(1000)), "unset", nil)}
		}},
		{"a VNet carries one more tag", func(r *rand.Rand, v *view) []step {
			return []step{azureSet("virtualNetworks", v.vmFar.VNet, "tags.cost-centre", fmt.Sprint(r.IntN(1000)))}
		}},
		{"a security group of AWS allows a port more", func(r *rand.Rand, v *view) []step {
			port := 1024 + r.IntN(60000)
			rule := object{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": privateTen}
			return []step{awsDo("security-group", v.hostA.Rules[0].Group, "IpPermissions", "add", rule, "remove", rule)}
		}},
		{"a network ACL denies a protocol that is not ICMP", func(r *rand.Rand, v *view) []step {
			entry := object{"RuleNumber": 10 + r.IntN(80), "Egress": r.IntN(2) == 0, "RuleAction": "deny", "Protocol": "17", "CidrBlock": privateTen}
			return []step{awsDo("network-acl", v.acl(v.hostB), "Entries", "add", entry, "remove", entry)}
		}},
		{"a network ACL denies a type of ICMP that no echo has", func(r *rand.Rand, v *view) []step {
			entry := object{"RuleNumber": 10 + r.IntN(80), "Egress": r.IntN(2) == 0, "RuleAction": "deny", "Protocol": "1", "IcmpType": 9 + r.IntN(10), "CidrBlock": privateTen}
			return []step{awsDo("network-acl", v.acl(v.hostA), "Entries", "add", entry, "remove", entry)}
		}},
		{"a security group of AWS allows echo requests alone", func(r *rand.Rand, v *view) []step {
			all := object{"IpProtocol": "icmp", "CidrIp": privateTen}
			echo := object{"IpProtocol": "icmp", "FromPort": 8, "ToPort": r.IntN(2) - 1, "CidrIp": privateTen}
			return []step{
				awsDo("security-group", v.hostA.Rules[0].Group, "IpPermissions", "add", echo, "remove", echo),
				awsDo("security-group", v.hostA.Rules[0].Group, "IpPermissions", "remove", all, "add", all),
			}
		}},
		{"a network ACL denies ICMP of nobody here", func(r *rand.Rand, v *view) []step {
			entry := object{"RuleNumber": 10 + r.IntN(80), "Egress": false, "RuleAction": "deny", "Protocol": "1", "CidrBlock": fmt.Sprintf("10.%d.0.0/16", 100+r.IntN(100))}
			return []step{awsDo("network-acl", v.acl(v.hostA), "Entries", "add", entry, "remove", entry)}
		}},
		{"a security group of Azure denies TCP", func(r *rand.Rand, v *view) []step {
			rule := denial("Inbound")
			rule["protocol"], rule["priority"] = "Tcp", 200+r.IntN(1000)
			group, _ := v.value(v.vmNear.Subnet, []string{"properties", "networkSecurityGroup", "id"})
			id, _ := group.(string)
			return []step{azureListed("networkSecurityGroups", id, "properties.securityRules", "variation", rule)}
		}},
		{"a security group of Azure denies ICMP behind the rule that allows it", func(r *rand.Rand, v *view) []step {
			rule := denial("Inbound")
			rule["priority"] = 200 + r.IntN(1000)
			group, _ := v.value(v.vmFar.Subnet, []string{"properties", "networkSecurityGroup", "id"})
			id, _ := group.(string)
			return []step{azureListed("networkSecurityGroups", id, "properties.securityRules", "variation", rule)}
		}},
		{"a subnet of Azure has a table with a route to elsewhere", func(r *rand.Rand, v *view) []step {
			prefix := fmt.Sprintf("198.18.%d.0/24", r.IntN(256))
			return v.overridden(object{"routes": []any{object{"name": "elsewhere", "properties": object{"addressPrefix": prefix, "nextHopType": "None"}}}})
		}},
		{"a VNet is attached to nothing", func(r *rand.Rand, v *view) []step {
			id := v.vmNear.VNet + "-alone"
			prefix := fmt.Sprintf("10.%d.0.0/16", 100+r.IntN(100))
			return []step{azureMade("virtualNetworks", id, object{"location": "japaneast", "properties": object{
				"addressSpace": object{"addressPrefixes": []any{prefix}}, "subnets": []any{object{"name": "default", "properties": object{"addressPrefix": prefix}}},
			}})}
		}},
		{"a VPC has one more subnet", func(r *rand.Rand, v *view) []step {
			prefix := fmt.Sprintf("172.21.%d.0/24", 10+r.IntN(200))
			return []step{awsMade(v, "subnet", "subnet-0b2000000000000b7", object{
				"SubnetId": "subnet-0b2000000000000b7", "VpcId": v.hostB.VPC, "CidrBlock": prefix, "AvailabilityZone": "ap-northeast-1d",
			})}
		}},
		{"a subnet of AWS has one more machine", func(r *rand.Rand, v *view) []step {
			return []step{awsMade(v, "instance", "i-0b2000000000000b7", object{
				"InstanceId": "i-0b2000000000000b7", "SubnetId": v.hostB.Subnet, "PrivateIpAddress": fmt.Sprintf("172.21.0.%d", 20+r.IntN(200)),
				"Groups": []any{v.hostB.Rules[0].Group},
			})}
		}},
		{"the way is longer", func(r *rand.Rand, _ *view) []step {
			return []step{when(fabric.Condition{
				Kind: "tunnel", Latency: time.Duration(r.IntN(30)) * time.Millisecond, Jitter: time.Duration(1+r.IntN(4)) * time.Millisecond,
			})}
		}},
		{"one way is longer than the other", func(r *rand.Rand, _ *view) []step {
			return []step{when(fabric.Condition{Kind: "hub", Toward: fabric.TowardAzure, Latency: time.Duration(r.IntN(20)) * time.Millisecond})}
		}},
	}
}

// spareTable makes a route table of the transit gateway that nothing uses.
func spareTable(v *view) step {
	spec := object{"ResourceType": "transit-gateway-route-table", "Tag": []any{object{"Key": "Name", "Value": "spare"}}}
	return both(
		ground.Mutation{Cloud: "aws", Kind: "transit-gateway-route-table", Name: v.transitGateway.Region, Op: "create", Value: object{
			"TransitGatewayId": v.transitGateway.ID, "TagSpecifications": []any{spec},
		}},
		ground.Mutation{Cloud: "aws", Kind: "transit-gateway-route-table", Name: "spare", Op: "delete"},
	)
}
