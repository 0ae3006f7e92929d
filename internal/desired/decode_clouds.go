package desired

func readAzure(m *mapping, a *Azure) {
	text(m, "subscription", &a.Subscription)
	text(m, "resource_group", &a.ResourceGroup)
	m.child("credentials", func(m *mapping) {
		text(m, "tenant", &a.Credentials.Tenant)
		text(m, "client", &a.Credentials.Client)
		text(m, "secret_from", &a.Credentials.SecretFrom)
		text(m, "managed_identity", &a.Credentials.ManagedIdentity)
	})
	text(m, "endpoint", &a.Endpoint)
	tags(m, "tags", &a.Tags)
	m.child("virtual_wan", func(m *mapping) {
		text(m, "name", &a.VirtualWAN.Name)
		text(m, "location", &a.VirtualWAN.Location)
		boolean(m, "adopt", &a.VirtualWAN.Adopt)
	})
	list(m, "hubs", &a.Hubs, readHub)
}

func readHub(m *mapping, hub *Hub) {
	text(m, "name", &hub.Name)
	text(m, "location", &hub.Location)
	prefix(m, "address_prefix", &hub.AddressPrefix)
	list(m, "vnets", &hub.VNets, func(m *mapping, vnet *VNet) {
		text(m, "name", &vnet.Name)
		text(m, "id", &vnet.ID)
		prefixes(m, "prefixes", &vnet.Prefixes)
		boolean(m, "adopt", &vnet.Adopt)
	})
	m.child("vpn_gateway", func(m *mapping) {
		gateway := newVPNGateway()
		text(m, "name", &gateway.Name)
		number(m, "scale_units", &gateway.ScaleUnits)
		text(m, "routing_preference", &gateway.RoutingPreference)
		number(m, "asn", &gateway.ASN)
		boolean(m, "adopt", &gateway.Adopt)
		hub.VPNGateway = &gateway
	})
	boolean(m, "adopt", &hub.Adopt)
	text(m, "subscription", &hub.Subscription)
}

func readAWS(m *mapping, a *AWS) {
	text(m, "account", &a.Account)
	m.child("credentials", func(m *mapping) {
		text(m, "profile", &a.Credentials.Profile)
		text(m, "assume_role", &a.Credentials.AssumeRole)
		text(m, "external_id", &a.Credentials.ExternalID)
	})
	text(m, "endpoint", &a.Endpoint)
	tags(m, "tags", &a.Tags)
	text(m, "endpoint_maintenance", &a.EndpointMaintenance)
	list(m, "regions", &a.Regions, func(m *mapping, region *Region) {
		text(m, "name", &region.Name)
		list(m, "transit_gateways", &region.TransitGateways, readTransitGateway)
	})
	list(m, "peerings", &a.Peerings, func(m *mapping, peering *Peering) {
		text(m, "name", &peering.Name)
		texts(m, "join", &peering.Join)
	})
}

func readTransitGateway(m *mapping, gateway *TransitGateway) {
	*gateway = newTransitGateway()
	text(m, "name", &gateway.Name)
	number(m, "asn", &gateway.ASN)
	boolean(m, "ecmp", gateway.ECMP)
	list(m, "vpcs", &gateway.VPCs, func(m *mapping, vpc *VPC) {
		text(m, "name", &vpc.Name)
		text(m, "id", &vpc.ID)
		list(m, "subnets", &vpc.Subnets, func(m *mapping, subnet *Subnet) {
			text(m, "id", &subnet.ID)
			text(m, "zone", &subnet.Zone)
		})
		texts(m, "route_tables", &vpc.RouteTables)
		prefixes(m, "prefixes", &vpc.Prefixes)
		boolean(m, "adopt", &vpc.Adopt)
	})
	boolean(m, "adopt", &gateway.Adopt)
	text(m, "account", &gateway.Account)
	text(m, "assume_role", &gateway.AssumeRole)
	text(m, "external_id", &gateway.ExternalID)
}
