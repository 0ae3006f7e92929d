package azure

import (
	"fmt"

	"linkd/internal/sim/scenario"
)

// seed makes what exists beforehand.
func (c *Cloud) seed(s scenario.Azure) error {
	for _, wanted := range s.Subscriptions {
		if wanted.ID == "" {
			return fmt.Errorf("a subscription has no id")
		}
		sub := &subscription{id: wanted.ID, groups: map[string]*group{}}
		c.subscriptions[key(sub.id)] = sub
		for _, rg := range wanted.ResourceGroups {
			g := &group{subscription: sub, name: rg.Name, location: normalLocation(rg.Location)}
			sub.groups[key(g.name)] = g
			if err := c.seedGroup(g, rg); err != nil {
				return fmt.Errorf("cannot fill resource group %s: %w", rg.Name, err)
			}
		}
	}
	return nil
}

// seedGroup makes filters and tables before the subnets that name them, and
// subnets before machines.
func (c *Cloud) seedGroup(g *group, rg scenario.ResourceGroup) error {
	for _, nsg := range rg.NSGs {
		if err := c.plant(g, "networkSecurityGroups", nsg.Name, object{"securityRules": nsgRules(nsg)}); err != nil {
			return err
		}
	}
	for _, table := range rg.RouteTables {
		properties := object{"disableBgpRoutePropagation": table.DisableBGPRoutePropagation, "routes": userRoutes(table)}
		if err := c.plant(g, "routeTables", table.Name, properties); err != nil {
			return err
		}
	}
	for _, vnet := range rg.VNets {
		if err := c.plantVNet(g, vnet); err != nil {
			return err
		}
	}
	for _, vm := range rg.VMs {
		if err := c.plantMachine(g, vm); err != nil {
			return err
		}
	}
	return nil
}

// plant makes a resource as a PUT would, done at once.
func (c *Cloud) plant(g *group, collection, name string, properties object, location ...string) error {
	k := c.kindAt(network, []string{collection})
	body := object{"properties": properties}
	if body["location"] = g.location; len(location) > 0 && location[0] != "" {
		body["location"] = normalLocation(location[0])
	}
	id := g.id() + "/providers/" + network + "/" + collection + "/" + name
	d := draft{kind: k, id: id, name: name, group: g, old: c.find(id), body: body}
	if problem := c.valid(d); problem != nil {
		return fmt.Errorf("cannot make %s %s: %s", collection, name, problem.message)
	}
	n := c.write(d)
	c.setState(n, "Succeeded")
	c.takeEffect(n)
	c.changed()
	return nil
}

func nsgRules(nsg scenario.NSG) []any {
	rules := []any{}
	for _, rule := range nsg.Rules {
		rules = append(rules, object{"name": rule.Name, "properties": object{
			"priority": rule.Priority, "direction": rule.Direction, "access": rule.Access, "protocol": rule.Protocol,
			"sourceAddressPrefix": rule.Source, "destinationAddressPrefix": rule.Destination, "sourcePortRange": "*", "destinationPortRange": "*",
		}})
	}
	return rules
}

func userRoutes(table scenario.RouteTable) []any {
	routes := []any{}
	for _, route := range table.Routes {
		routes = append(routes, object{"name": route.Name, "properties": object{"addressPrefix": route.Prefix.String(), "nextHopType": route.NextHop}})
	}
	return routes
}

func (c *Cloud) plantVNet(g *group, vnet scenario.VNet) error {
	var prefixes, subnets []any
	for _, prefix := range vnet.Prefixes {
		prefixes = append(prefixes, prefix.String())
	}
	for _, subnet := range vnet.Subnets {
		properties := object{"addressPrefix": subnet.Prefix.String()}
		if subnet.NSG != "" {
			properties["networkSecurityGroup"] = reference(g.id() + "/providers/" + network + "/networkSecurityGroups/" + subnet.NSG)
		}
		if subnet.RouteTable != "" {
			properties["routeTable"] = reference(g.id() + "/providers/" + network + "/routeTables/" + subnet.RouteTable)
		}
		subnets = append(subnets, object{"name": subnet.Name, "properties": properties})
	}
	return c.plant(g, "virtualNetworks", vnet.Name, object{"addressSpace": object{"addressPrefixes": prefixes}, "subnets": subnets}, vnet.Location)
}

// plantMachine makes a machine and its NIC, in the region of its VNet.
func (c *Cloud) plantMachine(g *group, vm scenario.VM) error {
	subnet := c.find(g.id() + "/providers/" + network + "/virtualNetworks/" + vm.VNet + "/subnets/" + vm.Subnet)
	if subnet == nil {
		return fmt.Errorf("cannot make machine %s: there is no subnet %s/%s", vm.Name, vm.VNet, vm.Subnet)
	}
	location := c.location(subnet)
	properties := object{"ipConfigurations": []any{object{"name": "ipconfig1", "properties": object{
		"privateIPAddress": vm.Address.String(), "privateIPAllocationMethod": "Static", "subnet": reference(subnet.id),
	}}}}
	if vm.NSG != "" {
		properties["networkSecurityGroup"] = reference(g.id() + "/providers/" + network + "/networkSecurityGroups/" + vm.NSG)
	}
	if err := c.plant(g, "networkInterfaces", vm.Name+"-nic", properties, location); err != nil {
		return err
	}
	nic := c.find(g.id() + "/providers/" + network + "/networkInterfaces/" + vm.Name + "-nic")
	machine := c.add(c.kindAt(compute, []string{"virtualMachines"}), g.id()+"/providers/"+compute+"/virtualMachines/"+vm.Name, vm.Name, g, nil)
	machine.body = object{"location": location, "properties": object{
		"hardwareProfile": object{"vmSize": "Standard_B1s"},
		"networkProfile":  object{"networkInterfaces": references([]string{nic.id})},
	}}
	machine.state, machine.works = "Succeeded", clone(machine.body)
	machine.stopped, machine.silent = vm.Stopped, vm.Silent
	for _, body := range []object{nic.body, nic.works} {
		child(body, "properties")["virtualMachine"] = reference(machine.id)
	}
	return nil
}
