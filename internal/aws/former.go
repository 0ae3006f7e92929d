package aws

import (
	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Former is the connection, or the customer gateway, to the other instance of the
// Azure gateway, of a link that has one connection and had two.
func (c *Cloud) Former(id resource.ID) resource.Resource {
	if c.declares(id) {
		return nil
	}
	for _, region := range c.file.AWS.Regions {
		for _, gateway := range region.TransitGateways {
			for _, link := range c.linksOf(gateway.Name) {
				switch id {
				case desired.AWSConnectionID(link.Name, desired.Standby):
					return newVPNConnection(c, c.file.PlaceOf(gateway), link, desired.Standby, c.keysOf(link, desired.Standby))
				case desired.CustomerGatewayID(link.Name, desired.Standby):
					return newCustomerGateway(c, c.file.PlaceOf(gateway), link, desired.Standby, c.keysOf(link, desired.Standby))
				}
			}
		}
	}
	return nil
}
