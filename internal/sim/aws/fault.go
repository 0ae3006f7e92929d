package aws

import (
	"fmt"
	"net/http"
)

// fault is an error as EC2 answers it.
type fault struct {
	status        int
	code, message string
}

// Error is the fault in one line.
func (f *fault) Error() string { return f.code + ": " + f.message }

func refuse(code, message string, arguments ...any) *fault {
	return &fault{http.StatusBadRequest, code, fmt.Sprintf(message, arguments...)}
}

func missing(name string) *fault {
	return refuse("MissingParameter", "The request must contain the parameter %s", name)
}

func badValue(message string, arguments ...any) *fault {
	return refuse("InvalidParameterValue", message, arguments...)
}

func badState(message string, arguments ...any) *fault {
	return refuse("IncorrectState", message, arguments...)
}

// idKind is the shape of the ids of a kind, and the codes for ids that are
// wrong or unknown.
type idKind struct {
	prefix, noun        string
	malformed, notFound string
}

func ids(prefix, noun, code string) idKind {
	return idKind{prefix, noun, code + ".Malformed", code + ".NotFound"}
}

// The kinds of ids. EC2 spells the codes of some kinds in more than one way:
// a transit gateway route table is reported as InvalidRouteTableID, and a
// security group without "ID" at all.
var (
	gatewayIDs         = ids("tgw-", "transitGateway ID", "InvalidTransitGatewayID")
	attachmentIDs      = ids("tgw-attach-", "transitGatewayAttachment ID", "InvalidTransitGatewayAttachmentID")
	gatewayTableIDs    = ids("tgw-rtb-", "routeTable ID", "InvalidRouteTableID")
	customerGatewayIDs = ids("cgw-", "customerGateway ID", "InvalidCustomerGatewayID")
	connectionIDs      = ids("vpn-", "vpnConnection ID", "InvalidVpnConnectionID")
	vpcIDs             = ids("vpc-", "vpc ID", "InvalidVpcID")
	subnetIDs          = ids("subnet-", "subnet ID", "InvalidSubnetID")
	routeTableIDs      = ids("rtb-", "routeTable ID", "InvalidRouteTableID")
	groupIDs           = idKind{"sg-", "security group", "InvalidGroupId.Malformed", "InvalidGroup.NotFound"}
	groupRuleIDs       = ids("sgr-", "security group rule ID", "InvalidSecurityGroupRuleId")
	networkACLIDs      = ids("acl-", "networkAcl ID", "InvalidNetworkAclID")
	instanceIDs        = ids("i-", "instance ID", "InvalidInstanceID")
)

// unknown is the answer for an id that names nothing: malformed if it does
// not even look like an id of the kind.
func (k idKind) unknown(id string) *fault {
	if !k.shaped(id) {
		return refuse(k.malformed, "Invalid id: %q (expecting %q)", id, k.prefix+"...")
	}
	return refuse(k.notFound, "The %s '%s' does not exist", k.noun, id)
}

// shaped tells whether id looks like one of the kind: the prefix and then 8
// or 17 hexadecimal digits.
func (k idKind) shaped(id string) bool {
	if len(id) <= len(k.prefix) || id[:len(k.prefix)] != k.prefix {
		return false
	}
	digits := id[len(k.prefix):]
	for _, r := range digits {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return len(digits) == 8 || len(digits) == 17
}
