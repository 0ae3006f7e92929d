package endtoend

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// What the article's link consists of, by short names.
const (
	wan         resource.ID = "azure/virtual-wan/wan-global"
	hubJpe      resource.ID = "azure/virtual-hub/hub-jpe"
	hubUse      resource.ID = "azure/virtual-hub/hub-use"
	hubRoutes   resource.ID = "azure/hub-routes/hub-jpe"
	useRoutes   resource.ID = "azure/hub-routes/hub-use"
	vnetJoin    resource.ID = "azure/vnet-connection/vnet-jpe"
	useJoin     resource.ID = "azure/vnet-connection/vnet-use"
	azureGate   resource.ID = "azure/vpn-gateway/hub-jpe"
	site        resource.ID = "azure/vpn-site/tokyo"
	azureVPN    resource.ID = "azure/vpn-connection/tokyo"
	transit     resource.ID = "aws/transit-gateway/tgw-tokyo"
	attachmentA resource.ID = "aws/vpc-attachment/vpc-a"
	attachmentB resource.ID = "aws/vpc-attachment/vpc-b"
	customer    resource.ID = "aws/customer-gateway/tokyo-0"
	awsVPN      resource.ID = "aws/vpn-connection/tokyo-0"
	tgwRoutes   resource.ID = "aws/tgw-routes/tgw-tokyo"
	routesA     resource.ID = "aws/vpc-routes/rtb-0a10000000000000a"
	routesB     resource.ID = "aws/vpc-routes/rtb-0b20000000000000b"
)

// one is a table of one row.
func one(id resource.ID, parts string) map[resource.ID]string {
	return map[resource.ID]string{id: parts}
}

// each is a table of several rows with the same words.
func each(parts string, ids ...resource.ID) map[resource.ID]string {
	rows := map[resource.ID]string{}
	for _, id := range ids {
		rows[id] = parts
	}
	return rows
}

// writers are the calls that make something: who sends each and, when it is
// the first of its kind to go wrong, who is hit.
var writers = []struct {
	operation, action string
	hit               []resource.ID
	cloud             string
}{
	{"PUT virtualWans", "Microsoft.Network/virtualWans/write", []resource.ID{wan}, "azure"},
	{"PUT virtualHubs", "Microsoft.Network/virtualHubs/write", []resource.ID{hubJpe, hubUse}, "azure"},
	{"PUT virtualHubs/hubVirtualNetworkConnections", "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections/write", []resource.ID{vnetJoin, useJoin}, "azure"},
	{"PUT vpnGateways", "Microsoft.Network/vpnGateways/write", []resource.ID{azureGate}, "azure"},
	{"PUT vpnSites", "Microsoft.Network/vpnSites/write", []resource.ID{site}, "azure"},
	{"PUT vpnGateways/vpnConnections", "Microsoft.Network/vpnGateways/vpnConnections/write", []resource.ID{azureVPN}, "azure"},
	{"CreateTransitGateway", "ec2:CreateTransitGateway", []resource.ID{transit}, "aws"},
	{"CreateTransitGatewayVpcAttachment", "ec2:CreateTransitGatewayVpcAttachment", []resource.ID{attachmentA, attachmentB}, "aws"},
	{"CreateCustomerGateway", "ec2:CreateCustomerGateway", []resource.ID{customer}, "aws"},
	{"CreateVpnConnection", "ec2:CreateVpnConnection", []resource.ID{awsVPN}, "aws"},
	{"CreateTransitGatewayRoute", "ec2:CreateTransitGatewayRoute", []resource.ID{tgwRoutes}, "aws"},
	{"CreateRoute", "ec2:CreateRoute", []resource.ID{routesA, routesB}, "aws"},
}

// other is something of the other cloud that must go on.
var other = map[string][]resource.ID{"azure": {transit, attachmentA, attachmentB}, "aws": {wan, hubJpe, hubUse, vnetJoin, azureGate}}

// mishaps is the table: named rows, and rows for each writing call.
func mishaps() map[string]mishap {
	rows := namedMishaps()
	for _, w := range writers {
		rows["permission denied: "+w.action] = mishap{
			faults: []ground.Fault{{Operation: w.operation, Effect: ground.EffectDeny}},
			says:   each(w.action+" was denied: ", w.hit...), hint: map[string]string{"azure": "role", "aws": "allow " + w.action}[w.cloud], builds: other[w.cloud],
		}
		rows["a quota: "+w.action] = mishap{
			faults: []ground.Fault{{Operation: w.operation, Effect: ground.EffectStatus, Status: 400, Code: map[string]string{"azure": "PublicIPCountLimitReached", "aws": "VpnConnectionLimitExceeded"}[w.cloud], Message: "enough is enough"}},
			says:   each(w.action+" met a limit: ", w.hit...), hint: "remove what is n", builds: other[w.cloud],
		}
		for how, f := range map[string]ground.Fault{
			"lost before it was done":        {Effect: ground.EffectDrop},
			"lost after it was done":         {Effect: ground.EffectDie},
			"answered after two hours":       {Effect: ground.EffectStall, Stall: 7200},
			"answered by half an answer":     {Effect: ground.EffectNonsense, Nonsense: "cut"},
			"answered by a page of a proxy":  {Effect: ground.EffectNonsense, Nonsense: "garbage"},
			"answered with nothing":          {Effect: ground.EffectNonsense, Nonsense: "empty"},
			"refused by a server error":      {Effect: ground.EffectStatus, Status: 503, Code: "ServiceUnavailable", Message: "later"},
			"throttled, and throttled again": {Effect: ground.EffectStatus, Status: map[string]int{"azure": 429, "aws": 503}[w.cloud], Code: map[string]string{"azure": "TooManyRequests", "aws": "RequestLimitExceeded"}[w.cloud], Message: "slow down", Count: 30},
		} {
			f.Operation, f.Count = w.operation, max(f.Count, 1)
			rows[w.action+" is "+how] = mishap{faults: []ground.Fault{f}, slow: how == "answered after two hours", within: time.Hour}
		}
	}
	for _, w := range writers[:6] {
		rows["accepted and then failed: "+w.action] = mishap{
			slow:   true,
			faults: []ground.Fault{{Operation: w.operation, Effect: ground.EffectFail, Code: "InternalServerError", Message: "An error occurred."}},
			says:   each("the cloud accepted it and then failed: InternalServerError: An error occurred.", w.hit...), hint: "apply again", builds: other["azure"],
		}
	}
	return rows
}

func namedMishaps() map[string]mishap {
	refused := func(cloud string, status int, code string) []ground.Fault {
		return []ground.Fault{{Cloud: cloud, Operation: "*", Effect: ground.EffectStatus, Status: status, Code: code, Message: "no"}}
	}
	nothing := func(operation string, how string) []ground.Fault {
		return []ground.Fault{{Operation: operation, Effect: ground.EffectNonsense, Nonsense: how}}
	}
	const nobody = "99999999-2222-3333-4444-555555555555"
	var kept string
	return map[string]mishap{
		"wrong credentials of Azure": {
			faults:  refused("azure", 401, "InvalidAuthenticationToken"),
			plans:   "? azure/virtual-wan/wan-global … Microsoft.Network/virtualWans/read could not sign in: InvalidAuthenticationToken",
			refuses: "cannot write to azure: Microsoft.Resources/subscriptions/resourceGroups/read could not sign in: InvalidAuthenticationToken", hint: "az login",
		},
		"wrong credentials of AWS": {
			faults:  refused("aws", 401, "AuthFailure"),
			plans:   "? aws/transit-gateway/tgw-tokyo … ec2:DescribeTransitGateways could not sign in: AuthFailure",
			refuses: "cannot write to aws: sts:GetCallerIdentity could not sign in: AuthFailure", hint: "check the access key",
		},
		"credentials of AWS that read and are not accepted by STS": {
			faults:  []ground.Fault{{Operation: "GetCallerIdentity", Effect: ground.EffectStatus, Status: 403, Code: "ExpiredToken", Message: "The security token included in the request is expired"}},
			refuses: "cannot write to aws: sts:GetCallerIdentity could not sign in: ExpiredToken", hint: "sign in again",
		},
		"a wrong subscription": {
			file:    func(f *desired.File) { kept, f.Azure.Subscription = f.Azure.Subscription, nobody },
			mend:    func(l *lab) { l.file.Azure.Subscription = kept },
			plans:   "? azure/virtual-wan/wan-global … SubscriptionNotFound",
			refuses: "cannot write to azure: … SubscriptionNotFound: The subscription '99999999-", hint: "azure.subscription of the file, or that of a hub or VNet, does not exist",
		},
		"a wrong resource group": {
			file:    func(f *desired.File) { kept, f.Azure.ResourceGroup = f.Azure.ResourceGroup, "rg-of-nobody" },
			mend:    func(l *lab) { l.file.Azure.ResourceGroup = kept },
			refuses: "cannot write to azure: Microsoft.Resources/subscriptions/resourceGroups/read was refused: ResourceGroupNotFound: … rg-of-nobody", hint: "create the resource group first",
		},
		"a wrong account": {
			file:    func(f *desired.File) { kept, f.AWS.Account = f.AWS.Account, "999999999999" },
			mend:    func(l *lab) { l.file.AWS.Account = kept },
			refuses: "cannot write to aws: … the credentials are of account 123456789012, and the file names account 999999999999", hint: "profile or role, or mend aws.account",
		},
		"a VNet that does not exist": {
			file: func(f *desired.File) {
				kept, f.Azure.Hubs[1].VNets[0].ID = f.Azure.Hubs[1].VNets[0].ID, f.Azure.Hubs[1].VNets[0].ID+"-gone"
			},
			mend:  func(l *lab) { l.file.Azure.Hubs[1].VNets[0].ID = kept },
			plans: "azure/vnet/vnet-use … missing: Azure has no /subscriptions/ … vnet-use-gone: create it, or mend its id in the file",
			skips: one(useJoin, "it needs azure/vnet/vnet-use, which does not exist, and linkd does not make it: Azure has no"), builds: []resource.ID{vnetJoin, azureGate, awsVPN, azureVPN},
		},
		"a VPC that does not exist": {
			file:  func(f *desired.File) { kept = vpcOf(f, 1).ID; vpcOf(f, 1).ID = "vpc-0ffffffffffffffff" },
			mend:  func(l *lab) { vpcOf(l.file, 1).ID = kept },
			plans: "aws/vpc/vpc-b … missing: there is no vpc-0ffffffffffffffff in ap-northeast-1 of this account",
			skips: one(attachmentB, "it needs aws/vpc/vpc-b, which does not exist, and linkd does not make it: there is no vpc-0ffffffffffffffff"), builds: []resource.ID{attachmentA, azureGate, awsVPN},
		},
		"a route table that does not exist": {
			file: func(f *desired.File) {
				kept = vpcOf(f, 1).RouteTables[0]
				vpcOf(f, 1).RouteTables[0] = "rtb-0ffffffffffffffff"
			},
			mend:  func(l *lab) { vpcOf(l.file, 1).RouteTables[0] = kept },
			plans: "aws/vpc-routes/rtb-0ffffffffffffffff … missing", says: one("aws/vpc-routes/rtb-0ffffffffffffffff", "rtb-0ffffffffffffffff"),
			hint: "correct route_tables of vpc vpc-b in the file", builds: []resource.ID{attachmentB, routesA, azureVPN},
		},
		"an overlap that only the live networks show": {
			file: func(f *desired.File) { vpcOf(f, 1).Prefixes, f.Azure.Hubs[1].VNets[0].Prefixes = nil, nil },
			given: func(s *scenario.Scenario) {
				s.AWS.Regions[0].VPCs[1].Prefixes = append(s.AWS.Regions[0].VPCs[1].Prefixes, netip.MustParsePrefix("10.2.128.0/17"))
			},
			mend: func(l *lab) {
				l.mustMutate(ground.Mutation{Cloud: "aws", Op: "remove", Kind: "vpc", Name: "vpc-0b20000000000000b", Field: "CidrBlocks", Value: "10.2.128.0/17"})
				l.file.Policy.Rules = []desired.Rule{{Drift: "azure/vpn-site.address_space.extra", Do: desired.Repair}}
			},
			plans: "azure/hub-routes/hub-jpe … cannot be: cannot route 10.2.128.0/17 of VPC vpc-b: it overlaps 10.2.0.0/16 of VNet vnet-use … hint: give one of the two networks another address space",
			says: map[resource.ID]string{
				hubRoutes: "cannot route 10.2.128.0/17 of VPC vpc-b", useRoutes: "cannot route 10.2.128.0/17 of VPC vpc-b",
				routesA: "overlaps … vnet-use", routesB: "overlaps … vnet-use",
			},
			hint: "give one of the two networks another address space", builds: []resource.ID{azureGate, awsVPN, attachmentB},
		},
		"nonsense for the list of gateways, always": {
			faults: nothing("LIST vpnGateways", "empty"),
			plans:  "? azure/vpn-gateway/hub-jpe … Microsoft.Network/vpnGateways/read got an answer that makes no sense: the answer is no JSON with value in it", builds: []resource.ID{hubJpe, transit, azureGate, azureVPN},
		},
		"nothing for the state of a hub, always": {
			faults: nothing("GET virtualHubs", "empty"),
			says:   each("cannot read azure/virtual-hub/ … got an answer that makes no sense: the answer is no JSON with id in it (4 times)", hubJpe, hubUse), hint: "proxy", builds: other["azure"],
			skips: one(azureVPN, "was skipped because of azure/virtual-hub/hub-jpe"),
		},
		"a proxy's page for the transit gateways, always": {
			faults: nothing("DescribeTransitGateways", "garbage"),
			plans:  "? aws/transit-gateway/tgw-tokyo … ec2:DescribeTransitGateways got an answer that makes no sense", builds: other["aws"],
		},
		"EC2 throttles everything for minutes": {
			slow: true, faults: []ground.Fault{{Cloud: "aws", Nth: 40, Count: 200, Effect: ground.EffectStatus, Status: 503, Code: "RequestLimitExceeded", Message: "Request limit exceeded."}},
		},
		"Azure throttles everything for minutes": {
			slow: true, faults: []ground.Fault{{Cloud: "azure", Nth: 40, Count: 100, Effect: ground.EffectStatus, Status: 429, Code: "TooManyRequests", Message: "slow down", RetryAfter: 17}},
		},
		"a VPN site of the same name that is not ours": {
			before: func(l *lab) {
				l.put("virtualWans/theirs", `{"location":"japaneast","tags":{"team":"theirs"}}`)
				l.put("vpnSites/tokyo", `{"location":"japaneast","tags":{"team":"theirs"},"properties":{"virtualWan":{"id":"`+l.armID("virtualWans/theirs")+`"},`+
					`"addressSpace":{"addressPrefixes":["10.77.0.0/16"]},"vpnSiteLinks":[{"name":"theirs","properties":{"ipAddress":"198.51.100.7","linkProperties":{"linkSpeedInMbps":10}}}]}}`)
			},
			mend: func(l *lab) {
				for _, name := range []string{"vpnSites/tokyo", "virtualWans/theirs"} {
					kind, name, _ := strings.Cut(name, "/")
					l.mustMutate(ground.Mutation{Cloud: "azure", Op: "delete", Kind: kind, Name: name})
				}
			},
			plans: "azure/vpn-site/tokyo … unowned: it has no owner tag of ours", skips: one(azureVPN, "azure/vpn-site/tokyo is not linkd's, and nothing is built on it"),
			builds: []resource.ID{transit, azureGate, customer, awsVPN, attachmentA},
		},
		"a transit gateway of another owner with our id": {
			before: func(l *lab) {
				l.ec2("CreateTransitGateway", "TagSpecification.1.ResourceType", "transit-gateway",
					"TagSpecification.1.Tag.1.Key", desired.IDTag, "TagSpecification.1.Tag.1.Value", string(transit),
					"TagSpecification.1.Tag.2.Key", desired.OwnerTag, "TagSpecification.1.Tag.2.Value", "theirs")
			},
			mend: func(l *lab) {
				l.mustMutate(ground.Mutation{Cloud: "aws", Op: "delete", Kind: "transit-gateway", Name: l.world()[transit].Ref})
			},
			plans: "aws/transit-gateway/tgw-tokyo … unowned: its owner tag says theirs", skips: one(awsVPN, "aws/transit-gateway/tgw-tokyo is not linkd's, and nothing is built on it"),
			builds: []resource.ID{azureGate, customer, vnetJoin},
		},
		"Azure takes a question and never answers": {
			slow: true, faults: []ground.Fault{{Operation: "GET vpnSites", Effect: ground.EffectStall, Stall: 1e6}},
			says: one(site, "cannot read azure/vpn-site/tokyo: Microsoft.Network/vpnSites/read got no answer: none came in time, which is 1m0s at the most (for 1h30m0s, and then linkd gave up)"),
			hint: "look at the network", builds: other["azure"],
		},
		"both clouds count calls": {slow: true, given: func(s *scenario.Scenario) { s.Behaviour.Throttle = true }},
		"a VPC attachment is accepted and then fails": {
			slow: true, faults: []ground.Fault{{Operation: "CreateTransitGatewayVpcAttachment", Effect: ground.EffectFail, Code: "x", Message: "y"}},
			says: each("the cloud accepted it and then failed: its state is failed", attachmentA, attachmentB), hint: "apply again", builds: other["aws"],
		},
		"a VPN connection is accepted and is gone, time and again": {
			slow: true, faults: []ground.Fault{{Operation: "CreateVpnConnection", Effect: ground.EffectFail, Code: "x", Message: "y"}},
			says: one(awsVPN, "cannot create aws/vpn-connection/tokyo-0: the cloud accepted it 4 times, and each time it was gone again"), hint: "CloudTrail", builds: other["aws"],
		},
	}
}

func vpcOf(f *desired.File, n int) *desired.VPC { return &f.AWS.Regions[0].TransitGateways[0].VPCs[n] }

func (l *lab) mustMutate(m ground.Mutation) {
	l.Helper()
	if err := l.sim.Mutate(m); err != nil {
		l.Fatal(err)
	}
}

// armID is the id of a network resource in the article's resource group.
func (l *lab) armID(path string) string {
	return "/subscriptions/" + l.file.Azure.Subscription + "/resourceGroups/" + l.file.Azure.ResourceGroup + "/providers/Microsoft.Network/" + path
}

// put makes an Azure resource as somebody else.
func (l *lab) put(path, body string) {
	l.Helper()
	l.ask(http.MethodPut, "http://simulator.localhost"+l.armID(path)+"?api-version=2025-05-01", "application/json", "Bearer theirs", body)
	time.Sleep(time.Minute)
}

// ec2 calls an action as somebody else.
func (l *lab) ec2(action string, parameters ...string) {
	l.Helper()
	l.ec2In("ap-northeast-1", action, parameters...)
	time.Sleep(5 * time.Minute)
}

// ec2In does something in a region by EC2's own API.
func (l *lab) ec2In(region, action string, parameters ...string) {
	l.Helper()
	form := url.Values{"Action": {action}, "Version": {"2016-11-15"}}
	for i := 0; i+1 < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	l.ask(http.MethodPost, "http://simulator.localhost/", "application/x-www-form-urlencoded",
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/"+region+"/ec2/aws4_request, SignedHeaders=host, Signature=0", form.Encode())
}

func (l *lab) ask(method, address, kind, authorization, body string) {
	l.Helper()
	request, err := http.NewRequestWithContext(l.Context(), method, address, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Authorization", authorization)
	response, err := l.wire.client.Do(request)
	if err != nil {
		l.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		l.Fatalf("%s %s: %s", method, address, response.Status)
	}
}
