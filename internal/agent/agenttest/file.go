package agenttest

import "strings"

// Dialled is where the agent of ec2-a listens, and Listening where linkd does.
const (
	Dialled   = "ec2.example:9718"
	Listening = ":9718"
)

// TwoAgents gives the article's file an agent on vm-jpe in a VNet, which dials
// in, and one on ec2-a in a VPC, which listens. linkd itself probes nothing.
func TwoAgents(seed string) string {
	return strings.NewReplacer(
		"probes:\n", "probes:\n  local: none\n  agents: {listen: \""+Listening+"\", certificate: file:/a, key: file:/b, authority: file:/c}\n",
		"vnet: vnet-jpe\n", "vnet: vnet-jpe\n      agent: dials-in\n",
		"vpc: vpc-a\n", "vpc: vpc-a\n      agent: "+Dialled+"\n",
	).Replace(seed)
}
