package aws

// quotas are what an account may have in a region, by default, and the code
// with which EC2 refuses more. The figures are those of AWS's user guides; the
// scenario may raise them, as a support case does.
var quotas = map[string]struct {
	most int
	code string
}{
	"transit-gateways":                                {5, "TransitGatewayLimitExceeded"},
	"transit-gateway-attachments":                     {5000, "TransitGatewayAttachmentLimitExceeded"},
	"attachments-per-vpc":                             {5, "TransitGatewayAttachmentLimitExceeded"},
	"peering-attachments-per-transit-gateway":         {50, "TransitGatewayAttachmentLimitExceeded"},
	"pending-peering-attachments-per-transit-gateway": {10, "TransitGatewayAttachmentLimitExceeded"},
	"transit-gateway-route-tables":                    {20, "TransitGatewayRouteTableLimitExceeded"},
	"transit-gateway-routes":                          {10000, "TransitGatewayRouteLimitExceeded"},
	"customer-gateways":                               {50, "CustomerGatewayLimitExceeded"},
	"vpn-connections":                                 {50, "VpnConnectionLimitExceeded"},
	"routes-per-table":                                {500, "RouteLimitExceeded"},
}

// quota refuses one more when there are that many already.
func (k *call) quota(name string, have int) error {
	row := quotas[name]
	most, raised := k.Scenario.AWS.Quotas[name]
	if !raised {
		most = row.most
	}
	if have >= most {
		return refuse(row.code, "The maximum number of %s has been reached (%d).", name, most)
	}
	return nil
}

// living counts what is not deleted.
func living[T any](values []T, state func(T) string) int {
	count := 0
	for _, value := range values {
		if state(value) != "deleted" {
			count++
		}
	}
	return count
}
