package desired

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const vnetIDShape = "it looks like /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Network/virtualNetworks/<name>"

// idRule is what an id of a cloud looks like. Empty ids are not its matter.
type idRule struct {
	shape *regexp.Regexp
	what  string
	hint  string
}

const (
	guid    = `[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`
	arm     = `(?i)^/subscriptions/` + guid + `/resourceGroups/[^/]{1,90}/providers/`
	hexTail = `-([0-9a-f]{8}|[0-9a-f]{17})$`
)

// The shapes of ids: ARM's are compared without case, as Azure does, and
// EC2's have 17 digits, or 8 when they are old.
var (
	vnetID     = idRule{regexp.MustCompile(arm + `Microsoft\.Network/virtualNetworks/[^/]{1,64}$`), "the ARM id of a VNet", vnetIDShape}
	vmID       = idRule{regexp.MustCompile(arm + `Microsoft\.Compute/virtualMachines/[^/]{1,64}$`), "the ARM id of a VM", "it looks like /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Compute/virtualMachines/<name>"}
	guidID     = idRule{regexp.MustCompile(`^` + guid + `$`), "an id of Azure", "it looks like 11111111-2222-3333-4444-555555555555"}
	accountID  = idRule{regexp.MustCompile(`^[0-9]{12}$`), "an AWS account", "it has 12 digits; put quotes around it when it begins with 0"}
	vpcID      = idRule{regexp.MustCompile(`^vpc` + hexTail), "the id of a VPC", "it looks like vpc-0a1b2c3d4e5f67890"}
	subnetID   = idRule{regexp.MustCompile(`^subnet` + hexTail), "the id of a subnet", "it looks like subnet-0a1b2c3d4e5f67890"}
	tableID    = idRule{regexp.MustCompile(`^rtb` + hexTail), "the id of a VPC route table", "it looks like rtb-0a1b2c3d4e5f67890"}
	instanceID = idRule{regexp.MustCompile(`^i` + hexTail), "the id of an EC2 instance", "it looks like i-0a1b2c3d4e5f67890"}
	roleARN    = idRule{regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$`), "the ARN of a role", "it looks like arn:aws:iam::123456789012:role/linkd"}
)

func (c *checker) id(path, id string, rule idRule) {
	if id != "" && !rule.shape.MatchString(id) {
		c.problem(path, rule.hint, "%q is not %s", shorten(id), rule.what)
	}
}

// checkIDs holds every id against the shape of its kind.
func checkIDs(c *checker) {
	c.id("azure.subscription", c.Azure.Subscription, guidID)
	c.id("aws.account", c.AWS.Account, accountID)
	for path, hub := range c.hubs() {
		c.id(path+".subscription", hub.Subscription, guidID)
	}
	for path, vnet := range c.vnets() {
		c.id(path+".id", vnet.ID, vnetID)
	}
	for path, gateway := range c.transitGateways() {
		c.id(path+".account", gateway.Account, accountID)
		c.id(path+".assume_role", gateway.AssumeRole, roleARN)
	}
	for path, vpc := range c.vpcs() {
		c.id(path+".id", vpc.ID, vpcID)
		for path, table := range each(path+".route_tables", vpc.RouteTables) {
			c.id(path, *table, tableID)
		}
		for path, subnet := range each(path+".subnets", vpc.Subnets) {
			c.id(path+".id", subnet.ID, subnetID)
		}
	}
	for path, target := range c.targets() {
		c.id(path+".subnet", target.Subnet, subnetID)
		if target.VNet != "" {
			c.id(path+".id", target.ID, vmID)
		} else {
			c.id(path+".id", target.ID, instanceID)
		}
	}
}

// checkCredentials checks how to sign in, where, and where keys come from.
func checkCredentials(c *checker) {
	azure, aws := c.Azure.Credentials, c.AWS.Credentials
	c.id("azure.credentials.client", azure.Client, guidID)
	c.source("azure.credentials.secret_from", Source(azure.SecretFrom))
	if Source(azure.SecretFrom).Cloud() == "azure" {
		c.problem("azure.credentials.secret_from", "put it into AWS Secrets Manager (awssm:), a file, an environment variable or a systemd credential; in Azure, a managed identity needs no secret",
			"the client secret cannot be in Azure Key Vault, which only answers who is signed in to Azure already")
	}
	if azure.ManagedIdentity != "system" {
		c.id("azure.credentials.managed_identity", azure.ManagedIdentity, idRule{guidID.shape, "a managed identity", "write the client id of a user-assigned identity, or system"})
	}
	if azure.ManagedIdentity != "" && azure.Client+azure.SecretFrom != "" {
		c.problem("azure.credentials.managed_identity", "keep one of the two", "a managed identity needs no client and no secret")
	}
	if azure.SecretFrom != "" && (azure.Client == "" || azure.Tenant == "") {
		c.problem("azure.credentials.secret_from", "give tenant and client too", "a client secret is of no use without tenant and client")
	}
	c.id("aws.credentials.assume_role", aws.AssumeRole, roleARN)
	if aws.ExternalID != "" && aws.AssumeRole == "" {
		c.problem("aws.credentials.external_id", "give assume_role too", "an external id is of no use without a role")
	}
	c.endpoint("azure.endpoint", c.Azure.Endpoint)
	c.endpoint("aws.endpoint", c.AWS.Endpoint)
	for path, link := range c.links() {
		if link.Keys.From != keysFromAWS {
			c.source(path+".keys.from", Source(link.Keys.From))
		}
		c.rotation(path+".keys.rotate_every", link.Keys)
	}
}

// mostBetweenKeys is five years.
const mostBetweenKeys = Duration(5 * 365 * day)

// rotation checks the schedule of new keys: two rotations must not come into
// each other's way, and linkd makes keys only where no source gives them.
func (c *checker) rotation(path string, keys Keys) {
	switch {
	case keys.RotateEvery == 0 && !c.origin.written(path):
	case keys.Given():
		c.problem(path, "change the keys at their source, and linkd brings them to both clouds; or let AWS make them: from: aws", "linkd makes no new keys for a link whose keys come from somewhere else")
	case keys.RotateEvery < Duration(day) || keys.RotateEvery > mostBetweenKeys:
		c.problem(path, "give 1d to 1825d, such as 90d; without rotate_every linkd changes no key by itself", "keys cannot be changed every %s", brief(time.Duration(keys.RotateEvery)))
	}
}

func (c *checker) source(path string, source Source) {
	if source == "" {
		return
	}
	if text, hint := source.wrong(); text != "" {
		if strings.HasSuffix(path, "keys.from") {
			hint += ", or aws to let AWS make the keys"
		}
		c.problem(path, hint, "%s %s", last(path), text)
	}
}

// endpoint checks an override. Keys and tokens go there, so without TLS it
// may only be this machine.
func (c *checker) endpoint(path, endpoint string) {
	if endpoint == "" {
		return
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		c.problem(path, "such as https://management.azure.com, or http://127.0.0.1:8080 for linksim", "%q is not an http or https address", shorten(endpoint))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		c.problem(path, "write scheme, host, port and path only", "an endpoint carries no user, query or fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		c.problem(path, "use https", "%s would be reached without encryption, and keys go there", u.Host)
	}
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// accountOfARN is the account in an ARN that has the shape of a role's.
func accountOfARN(arn string) string { return strings.Split(arn, ":")[4] }
