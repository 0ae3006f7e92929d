package aws

// action is what the half does for one Action, and the parameters it knows by
// their first names on the wire.
type action struct {
	do         func(*call) (any, error)
	parameters string
}

const (
	pages       = " Filter MaxResults NextToken"
	routeTarget = " TransitGatewayId GatewayId NatGatewayId NetworkInterfaceId InstanceId VpcPeeringConnectionId"
)

// actions is the table of EC2's actions that are simulated. The names of lists
// differ from call to call: CreateTransitGatewayVpcAttachment takes
// TagSpecifications where most calls take TagSpecification.
func actions() map[string]action {
	return map[string]action{
		"CreateTransitGateway":    {createTransitGateway, "Description Options TagSpecification"},
		"ModifyTransitGateway":    {modifyTransitGateway, "TransitGatewayId Description Options"},
		"DeleteTransitGateway":    {deleteTransitGateway, "TransitGatewayId"},
		"DescribeTransitGateways": {describeTransitGateways, "TransitGatewayIds" + pages},

		"CreateTransitGatewayVpcAttachment":        {createTransitGatewayVPCAttachment, "TransitGatewayId VpcId SubnetIds Options TagSpecifications"},
		"ModifyTransitGatewayVpcAttachment":        {modifyTransitGatewayVPCAttachment, "TransitGatewayAttachmentId AddSubnetIds RemoveSubnetIds Options"},
		"DeleteTransitGatewayVpcAttachment":        {deleteTransitGatewayVPCAttachment, "TransitGatewayAttachmentId"},
		"DescribeTransitGatewayVpcAttachments":     {describeTransitGatewayVPCAttachments, "TransitGatewayAttachmentIds" + pages},
		"CreateTransitGatewayPeeringAttachment":    {createTransitGatewayPeeringAttachment, "TransitGatewayId PeerTransitGatewayId PeerAccountId PeerRegion Options TagSpecification"},
		"AcceptTransitGatewayPeeringAttachment":    {acceptTransitGatewayPeeringAttachment, "TransitGatewayAttachmentId"},
		"RejectTransitGatewayPeeringAttachment":    {rejectTransitGatewayPeeringAttachment, "TransitGatewayAttachmentId"},
		"DeleteTransitGatewayPeeringAttachment":    {deleteTransitGatewayPeeringAttachment, "TransitGatewayAttachmentId"},
		"DescribeTransitGatewayPeeringAttachments": {describeTransitGatewayPeeringAttachments, "TransitGatewayAttachmentIds" + pages},

		"DescribeTransitGatewayAttachments": {describeTransitGatewayAttachments, "TransitGatewayAttachmentIds" + pages},

		"CreateTransitGatewayRouteTable":    {createTransitGatewayRouteTable, "TransitGatewayId TagSpecifications"},
		"DeleteTransitGatewayRouteTable":    {deleteTransitGatewayRouteTable, "TransitGatewayRouteTableId"},
		"DescribeTransitGatewayRouteTables": {describeTransitGatewayRouteTables, "TransitGatewayRouteTableIds" + pages},

		"AssociateTransitGatewayRouteTable":          {associateTransitGatewayRouteTable, "TransitGatewayRouteTableId TransitGatewayAttachmentId"},
		"DisassociateTransitGatewayRouteTable":       {disassociateTransitGatewayRouteTable, "TransitGatewayRouteTableId TransitGatewayAttachmentId"},
		"EnableTransitGatewayRouteTablePropagation":  {enableTransitGatewayRouteTablePropagation, "TransitGatewayRouteTableId TransitGatewayAttachmentId"},
		"DisableTransitGatewayRouteTablePropagation": {disableTransitGatewayRouteTablePropagation, "TransitGatewayRouteTableId TransitGatewayAttachmentId"},
		"GetTransitGatewayRouteTableAssociations":    {getTransitGatewayRouteTableAssociations, "TransitGatewayRouteTableId" + pages},
		"GetTransitGatewayRouteTablePropagations":    {getTransitGatewayRouteTablePropagations, "TransitGatewayRouteTableId" + pages},
		"GetTransitGatewayAttachmentPropagations":    {getTransitGatewayAttachmentPropagations, "TransitGatewayAttachmentId" + pages},
		"GetTransitGatewayPrefixListReferences":      {getTransitGatewayPrefixListReferences, "TransitGatewayRouteTableId" + pages},

		"CreateTransitGatewayRoute":  {createTransitGatewayRoute, "TransitGatewayRouteTableId DestinationCidrBlock TransitGatewayAttachmentId Blackhole"},
		"ReplaceTransitGatewayRoute": {replaceTransitGatewayRoute, "TransitGatewayRouteTableId DestinationCidrBlock TransitGatewayAttachmentId Blackhole"},
		"DeleteTransitGatewayRoute":  {deleteTransitGatewayRoute, "TransitGatewayRouteTableId DestinationCidrBlock"},
		"SearchTransitGatewayRoutes": {searchTransitGatewayRoutes, "TransitGatewayRouteTableId" + pages},

		"CreateCustomerGateway":    {createCustomerGateway, "Type IpAddress PublicIp BgpAsn BgpAsnExtended DeviceName CertificateArn TagSpecification"},
		"DeleteCustomerGateway":    {deleteCustomerGateway, "CustomerGatewayId"},
		"DescribeCustomerGateways": {describeCustomerGateways, "CustomerGatewayId Filter"},

		"CreateVpnConnection":           {createVPNConnection, "Type CustomerGatewayId TransitGatewayId VpnGatewayId PreSharedKeyStorage Options TagSpecification"},
		"DeleteVpnConnection":           {deleteVPNConnection, "VpnConnectionId"},
		"DescribeVpnConnections":        {describeVPNConnections, "VpnConnectionId Filter"},
		"ModifyVpnConnection":           {modifyVPNConnection, "VpnConnectionId CustomerGatewayId TransitGatewayId"},
		"ModifyVpnConnectionOptions":    {modifyVPNConnectionOptions, "VpnConnectionId LocalIpv4NetworkCidr RemoteIpv4NetworkCidr TunnelBandwidth"},
		"ModifyVpnTunnelOptions":        {modifyVPNTunnelOptions, "VpnConnectionId VpnTunnelOutsideIpAddress TunnelOptions PreSharedKeyStorage SkipTunnelReplacement"},
		"ReplaceVpnTunnel":              {replaceVPNTunnel, "VpnConnectionId VpnTunnelOutsideIpAddress ApplyPendingMaintenance"},
		"GetVpnTunnelReplacementStatus": {getVPNTunnelReplacementStatus, "VpnConnectionId VpnTunnelOutsideIpAddress"},
		"GetActiveVpnTunnelStatus":      {getActiveVPNTunnelStatus, "VpnConnectionId VpnTunnelOutsideIpAddress"},

		"CreateTags":   {createTags, "ResourceId Tag"},
		"DeleteTags":   {deleteTags, "ResourceId Tag"},
		"DescribeTags": {describeTags, "Filter MaxResults NextToken"},

		"DescribeVpcs":        {describeVPCs, "VpcId" + pages},
		"DescribeSubnets":     {describeSubnets, "SubnetId" + pages},
		"DescribeRouteTables": {describeRouteTables, "RouteTableId" + pages},
		"CreateRoute":         {createRoute, "RouteTableId DestinationCidrBlock" + routeTarget},
		"ReplaceRoute":        {replaceRoute, "RouteTableId DestinationCidrBlock" + routeTarget},
		"DeleteRoute":         {deleteRoute, "RouteTableId DestinationCidrBlock"},

		"DescribeSecurityGroups":        {describeSecurityGroups, "GroupId" + pages},
		"DescribeSecurityGroupRules":    {describeSecurityGroupRules, "SecurityGroupRuleId" + pages},
		"AuthorizeSecurityGroupIngress": {authorizeSecurityGroupIngress, "GroupId IpPermissions IpProtocol FromPort ToPort CidrIp TagSpecification"},
		"RevokeSecurityGroupIngress":    {revokeSecurityGroupIngress, "GroupId IpPermissions IpProtocol FromPort ToPort CidrIp SecurityGroupRuleId"},
		"DescribeNetworkAcls":           {describeNetworkACLs, "NetworkAclId" + pages},
		"DescribeInstances":             {describeInstances, "InstanceId" + pages},
		"DescribeInstanceStatus":        {describeInstanceStatus, "InstanceId IncludeAllInstances" + pages},
		"DescribeAvailabilityZones":     {describeAvailabilityZones, "ZoneName AllAvailabilityZones Filter"},
		"DescribeRegions":               {describeRegions, "RegionName AllRegions Filter"},
	}
}
