package aws_test

import (
	"encoding/json"
	"testing"
)

func TestBoto3PeersTransitGatewaysOfTwoRegionsAndTheCLISeesBothEnds(t *testing.T) {
	requireClients(t)
	endpoint := serve(t)
	type end struct{ TransitGatewayID, OwnerID, Region string }
	var made struct {
		Accepted, Options        string
		Gateways, States, Routes []string
		Refusals                 map[string]string
		Ends                     []end
		Tags                     [][]string
	}
	run(t, &made, python, "testdata/peer_gateways.py", endpoint)
	if len(made.Gateways) != 2 {
		t.Fatalf("made %+v", made)
	}
	same := func(what string, got, want any) {
		t.Helper()
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Errorf("%s: %s, want %s", what, a, b)
		}
	}
	same("states of the answers", made.States, []string{"initiatingRequest", "rejecting", "pending", "deleting"})
	same("refusals", made.Refusals, map[string]string{"requester": "InvalidParameterValue", "twice": "DuplicateTransitGatewayAttachment"})
	same("where the routes lead", made.Routes, []string{made.Gateways[1], made.Gateways[0]})
	same("the ends", made.Ends, []end{{made.Gateways[0], "123456789012", "ap-northeast-1"}, {made.Gateways[1], "123456789012", "eu-west-1"}})
	same("tags at both ends", made.Tags, [][]string{{"east-west"}, {}})
	same("the option", made.Options, "disable")

	for _, region := range []string{"ap-northeast-1", "eu-west-1"} {
		for call, query := range map[string]string{
			"describe-transit-gateway-peering-attachments": "TransitGatewayPeeringAttachments[].TransitGatewayAttachmentId",
			"describe-transit-gateway-attachments":         "TransitGatewayAttachments[?ResourceType=='peering'].TransitGatewayAttachmentId",
		} {
			var got []string
			run(t, &got, awsCLI, "ec2", call, "--region", region, "--endpoint-url", endpoint, "--filters", "Name=state,Values=available", "--query", query)
			same("the CLI's "+call+" in "+region, got, []string{made.Accepted})
		}
	}
}
