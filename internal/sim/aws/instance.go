package aws

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"linkd/internal/sim/machine"
)

// instance is an EC2 instance with one address.
type instance struct {
	id, subnet, state string // running, stopped
	address           netip.Addr
	groups            []string
	answers           bool // its own firewall lets echoes in
	launched          time.Time
	temper            machine.Temper
	unmanaged         bool // Systems Manager does not know it
	lost              bool // its agent has fallen silent
}

type stateItem struct {
	Code int    `xml:"code"`
	Name string `xml:"name"`
}

type groupReference struct {
	ID   string `xml:"groupId"`
	Name string `xml:"groupName"`
}

type reservationItem struct {
	ID        string              `xml:"reservationId"`
	Owner     string              `xml:"ownerId"`
	Groups    set[groupReference] `xml:"groupSet"`
	Instances set[instanceItem]   `xml:"instancesSet"`
}

type instanceItem struct {
	ID       string              `xml:"instanceId"`
	Image    string              `xml:"imageId"`
	Type     string              `xml:"instanceType"`
	State    stateItem           `xml:"instanceState"`
	Launched stamp               `xml:"launchTime"`
	Zone     string              `xml:"placement>availabilityZone"`
	Tenancy  string              `xml:"placement>tenancy"`
	Monitor  string              `xml:"monitoring>state"`
	Subnet   string              `xml:"subnetId"`
	VPC      string              `xml:"vpcId"`
	DNS      string              `xml:"privateDnsName"`
	Address  string              `xml:"privateIpAddress"`
	Check    bool                `xml:"sourceDestCheck"`
	Groups   set[groupReference] `xml:"groupSet"`
	Cards    set[interfaceItem]  `xml:"networkInterfaceSet"`
	Arch     string              `xml:"architecture"`
	Root     string              `xml:"rootDeviceType"`
	Tags     set[tag]            `xml:"tagSet"`
}

type interfaceItem struct {
	ID      string              `xml:"networkInterfaceId"`
	Subnet  string              `xml:"subnetId"`
	VPC     string              `xml:"vpcId"`
	Owner   string              `xml:"ownerId"`
	Status  string              `xml:"status"`
	Address string              `xml:"privateIpAddress"`
	Check   bool                `xml:"sourceDestCheck"`
	Groups  set[groupReference] `xml:"groupSet"`
}

type instancesAnswer struct {
	Reservations set[reservationItem] `xml:"reservationSet"`
	page
}

type statusItem struct {
	ID       string    `xml:"instanceId"`
	Zone     string    `xml:"availabilityZone"`
	State    stateItem `xml:"instanceState"`
	System   string    `xml:"systemStatus>status"`
	Instance string    `xml:"instanceStatus>status"`
}

type statusesAnswer struct {
	Statuses set[statusItem] `xml:"instanceStatusSet"`
	page
}

// stateCodes are EC2's numbers for the states of an instance.
var stateCodes = map[string]int{"running": 16, "stopped": 80}

func (i instance) stateItem() stateItem { return stateItem{stateCodes[i.state], i.state} }

func (k *call) subnetOf(i instance) subnet {
	s, _ := k.region.subnets.get(i.subnet)
	return s
}

func (k *call) groupReference(id string) groupReference {
	g, _ := k.region.groups.get(id)
	return groupReference{id, g.name}
}

func (k *call) reservationItem(i instance) reservationItem {
	s, address := k.subnetOf(i), i.address.String()
	groups := listed(i.groups, k.groupReference)
	return reservationItem{
		ID: "r-0" + k.derive("reservation", i.id)[:16], Owner: k.account,
		Instances: set[instanceItem]{[]instanceItem{{
			ID: i.id, Image: "ami-0" + k.derive("image")[:16], Type: "t3.micro", State: i.stateItem(), Launched: stamp(i.launched),
			Zone: s.zone, Tenancy: "default", Monitor: "disabled", Subnet: i.subnet, VPC: s.vpc, Address: address, Check: true,
			DNS:    "ip-" + strings.ReplaceAll(address, ".", "-") + "." + k.region.name + ".compute.internal",
			Groups: groups, Arch: "x86_64", Root: "ebs", Tags: k.tagSet(i.id),
			Cards: set[interfaceItem]{[]interfaceItem{{
				ID: "eni-0" + k.derive("interface", i.id)[:16], Subnet: i.subnet, VPC: s.vpc, Owner: k.account, Status: "in-use",
				Address: address, Check: true, Groups: groups,
			}}},
		}}},
	}
}

func (k *call) instanceFilters() map[string]func(instance) []string {
	return map[string]func(instance) []string{
		"instance-id":         one(func(i instance) string { return i.id }),
		"instance-state-name": one(func(i instance) string { return i.state }),
		"instance-state-code": one(func(i instance) string { return strconv.Itoa(stateCodes[i.state]) }),
		"private-ip-address":  one(func(i instance) string { return i.address.String() }),
		"subnet-id":           one(func(i instance) string { return i.subnet }),
		"vpc-id":              one(func(i instance) string { return k.subnetOf(i).vpc }),
		"availability-zone":   one(func(i instance) string { return k.subnetOf(i).zone }),
		"instance.group-id":   func(i instance) []string { return i.groups },
		"owner-id":            one(func(instance) string { return k.account }),
	}
}

func describeInstances(k *call) (any, error) {
	rows, page, err := find(k, k.region.instances.allAt(k.seen), listing[instance]{
		parameter: "InstanceId", ids: instanceIDs, id: func(i instance) string { return i.id },
		least: 5, most: 1000, filters: k.instanceFilters(),
	})
	if err != nil {
		return nil, err
	}
	return instancesAnswer{listed(rows, k.reservationItem), page}, nil
}

// describeInstanceStatus lists the running instances, and the others when
// asked to.
func describeInstanceStatus(k *call) (any, error) {
	every, err := k.truth("IncludeAllInstances")
	if err != nil {
		return nil, err
	}
	var rows []instance
	for _, i := range k.region.instances.allAt(k.seen) {
		if every || i.state == "running" {
			rows = append(rows, i)
		}
	}
	rows, page, err := find(k, rows, listing[instance]{
		parameter: "InstanceId", ids: instanceIDs, id: func(i instance) string { return i.id },
		least: 5, most: 1000, filters: k.instanceFilters(),
	})
	if err != nil {
		return nil, err
	}
	return statusesAnswer{listed(rows, func(i instance) statusItem {
		health := map[bool]string{true: "ok", false: "not-applicable"}[i.state == "running"]
		return statusItem{i.id, k.subnetOf(i).zone, i.stateItem(), health, health}
	}), page}, nil
}
