package verify

import (
	"slices"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// standbyID is the second connection of a link.
var standbyID = desired.AWSConnectionID("tokyo", 1)

// both gives the link two connections, with BGP.
func (s *scene) both() {
	speaksBGP(s)
	s.File.Links[0].Redundancy = desired.Full
	s.link = s.File.Links[0]
	for _, t := range s.link.Tunnels() {
		s.ready(desired.AzureTunnelID(t), "", resource.Attrs{"status": resource.Of("up")})
		s.ready(desired.AWSTunnelID(t), "", resource.Attrs{"status": resource.Of("up"), "accepted_routes": resource.Of("2")})
	}
	for number := range s.link.Tunnels() {
		s.counts(number+1, "5000", "5000")
	}
	s.ready(standbyID, "vpn-2", resource.Attrs{"transit_gateway": resource.Of("tgw-1"), "attachment": resource.Of("att-vpn-1"), "association": resource.Of("tgw-rtb-1"), "routing": resource.Of("bgp")})
	s.set(tgwRoutesID, "routes")
	s.set(tgwRoutesID, "propagated", "10.1.0.0/16 att-vpn+att-vpn-1", "10.2.0.0/16 att-vpn+att-vpn-1", "172.20.0.0/16 att-vpc-a", "172.21.0.0/16 att-vpc-b")
	s.ready(desired.LearnedRoutesID("tgw-tokyo"), "tgw-rtb-1", resource.Attrs{"routes": resource.Of("10.1.0.0/16 att-vpn", "10.1.0.0/16 att-vpn-1", "10.2.0.0/16 att-vpn", "10.2.0.0/16 att-vpn-1")})
}

// propagatesNot has a connection propagate to no table.
func propagatesNot(id resource.ID) func(*scene) {
	return differs(id, "aws/vpn-connection", "propagation", nil, resource.Of("tgw-rtb-1"))
}

// learnsNothing takes from the table all that BGP brings.
func learnsNothing(s *scene) {
	s.set(tgwRoutesID, "propagated", "172.20.0.0/16 att-vpc-a", "172.21.0.0/16 att-vpc-b")
	s.set(desired.LearnedRoutesID("tgw-tokyo"), "routes")
	differs(desired.LearnedRoutesID("tgw-tokyo"), "aws/learned-routes", "routes", nil, resource.Of("10.1.0.0/16 att-vpn", "10.1.0.0/16 att-vpn-1", "10.2.0.0/16 att-vpn", "10.2.0.0/16 att-vpn-1"))(s)
}

// TestAConnectionThatDoesNotPropagateIsAsBadAsWhatIsLeft: of two connections with BGP one,
// or both, do not propagate to the table that is looked up.
func TestAConnectionThatDoesNotPropagateIsAsBadAsWhatIsLeft(t *testing.T) {
	down := func(s *scene) {
		for _, number := range []string{"1", "2"} {
			s.set(resource.ID("aws/vpn-tunnel/tokyo-1-"+number), "status", "down")
		}
	}
	untold := func(s *scene) {
		down(s)
		delete(s.World["aws/vpn-tunnel/tokyo-1-1"].Attrs, "status")
	}
	crossed := func(s *scene) {
		for number, counted := range [][2]string{{"0", "9000"}, {"0", "0"}, {"9000", "0"}, {"0", "0"}} {
			s.counts(number+1, counted[0], counted[1])
		}
	}
	stateful := func(s *scene) { s.File.Links[0].Stateful = true }
	still := func(s *scene) {
		s.set(awsID, "routing", "static")
		s.World[connectionID].Attrs["bgp"] = resource.Of("tokyo-1-1", "tokyo-1-2")
	}
	for name, c := range map[string]struct {
		do   []func(*scene)
		want []string // severity, code, place, and its effects
	}{
		"one, and the other carries":             {[]func(*scene){propagatesNot(awsID)}, []string{"warning AWS_TGW_PROPAGATION_OFF aws/vpn-connection/tokyo-0"}},
		"one, and AWS answers by the other":      {[]func(*scene){propagatesNot(awsID), crossed}, []string{"warning AWS_TGW_PROPAGATION_OFF aws/vpn-connection/tokyo-0 ASYMMETRIC_PATH"}},
		"the same, and a firewall sees one only": {[]func(*scene){propagatesNot(awsID), crossed, stateful}, []string{"error AWS_TGW_PROPAGATION_OFF aws/vpn-connection/tokyo-0 ASYMMETRIC_PATH"}},
		"AWS answers by the other anyway":        {[]func(*scene){crossed}, []string{"info ASYMMETRIC_PATH aws/vpn-connection/tokyo-1"}},
		"one, and the other is down":             {[]func(*scene){propagatesNot(awsID), down, learnsNothing}, []string{"error AWS_TGW_PROPAGATION_OFF aws/vpn-connection/tokyo-0 AWS_TGW_ROUTE_MISSING"}},
		"one, and of the other nothing is known": {[]func(*scene){propagatesNot(awsID), untold}, []string{"error AWS_TGW_PROPAGATION_OFF aws/vpn-connection/tokyo-0"}},
		"both": {[]func(*scene){propagatesNot(awsID), propagatesNot(standbyID), learnsNothing}, []string{
			"error AWS_TGW_PROPAGATION_OFF aws/vpn-connection/tokyo-0 AWS_TGW_ROUTE_MISSING", "error AWS_TGW_PROPAGATION_OFF aws/vpn-connection/tokyo-1",
		}},
		"none":                    {nil, nil},
		"one that is yet to move": {[]func(*scene){propagatesNot(awsID), still}, nil},
		"one of which it was not read": {[]func(*scene){func(s *scene) {
			s.drift(resource.Drift{ID: awsID, Kind: "aws/vpn-connection", Attr: "propagation", Class: resource.Unseen, Want: resource.Of("tgw-rtb-1")})
		}}, nil},
		"one that propagates to others": {[]func(*scene){differs(awsID, "aws/vpn-connection", "propagation", resource.Of("tgw-rtb-1", "tgw-rtb-2"), resource.Of("tgw-rtb-1"))}, nil},
	} {
		s := newScene(t)
		s.both()
		for _, do := range c.do {
			do(s)
		}
		s.Pings, s.PingsOff = nil, true
		said := summary(s.judge(t, "^(propagations|tgw-routes|one-way)$"))
		if !slices.Equal(said, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(said, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// summary are the findings of a report: severity, code, place, and the codes of its effects.
func summary(report Report) []string {
	var all []string
	for _, f := range report.Findings {
		text := string(f.Severity) + " " + string(f.Code) + " " + f.At()
		for _, effect := range f.Consequences {
			text += " " + string(effect.Code)
		}
		all = append(all, text)
	}
	return all
}
