package path

import (
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// gatewaySurveyed adds what a survey tells of the transit gateway.
func (s *scene) gatewaySurveyed() {
	seen := survey.Seen{At: noon}
	attachment := func(id, kind, of string) survey.Attachment {
		return survey.Attachment{ID: id, Type: kind, Resource: of, State: "available", Table: "tgw-rtb-1", TableState: "associated"}
	}
	gateway := survey.TransitGateway{Seen: seen, Attachments: []survey.Attachment{attachment("att-vpn", "vpn", "vpn-1")}}
	for _, vpc := range s.file.TransitGateways()[0].VPCs {
		of := attachment("att-"+vpc.Name, "vpc", vpc.ID)
		of.Zones, of.Propagates = []string{vpc.Subnets[0].Zone}, []string{"tgw-rtb-1"}
		gateway.Attachments = append(gateway.Attachments, of)
	}
	s.survey.TransitGateways = map[string]survey.TransitGateway{"tgw-tokyo": gateway}
}

// TestARouteThatLeadsAstrayIsTheTables: the attachment that it leads to is well.
func TestARouteThatLeadsAstrayIsTheTables(t *testing.T) {
	routes := desired.TransitGatewayRoutesID("tgw-tokyo")
	for name, via := range map[string]string{"to a VPC": "att-vpc-b", "to a VPN connection of somebody else": "att-theirs"} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.gatewaySurveyed()
			gateway := s.survey.TransitGateways["tgw-tokyo"]
			gateway.Attachments = append(gateway.Attachments, survey.Attachment{ID: "att-theirs", Type: "vpn", Resource: "vpn-theirs", State: "available"})
			s.survey.TransitGateways["tgw-tokyo"] = gateway
			s.set(routes, "routes", "10.1.0.0/24 "+via, "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn")
			hop, _ := s.trace(t, "vm-jpe", "ec2-a").Broken()
			if hop.Kind != Attachment || hop.Code != failure.TGWRouteMissing || hop.Root != routes {
				t.Errorf("lost at %s [%s], to be mended at %q, want %s", hop.Kind, hop.Code, hop.Root, routes)
			}
		})
	}
}

// TestWhatWasNotReadIsNotAccused takes the leave to read one thing, and finds
// what it is and the reason at a hop that is not known.
func TestWhatWasNotReadIsNotAccused(t *testing.T) {
	const why = "it was denied"
	tests := []struct {
		name string
		do   func(*scene)
		at   Kind
		says string
	}{
		{"the VPN connection, whose attachment the survey tells of", func(s *scene) {
			s.world[desired.AWSConnectionID("tokyo", 0)] = resource.Live{Why: why}
		}, Attachment, "10.1.0.0/16 leads to the VPN connection vpn-1, and whose that is could not be read: it was denied"},
		{"what a connection with BGP is associated with", func(s *scene) {
			s.set(desired.VPNSiteID("tokyo"), "address_space")
			s.set(desired.AWSConnectionID("tokyo", 0), "routing", "bgp")
			delete(s.world[desired.AWSConnectionID("tokyo", 0)].Attrs, "association")
		}, Site, "the prefixes behind the link tokyo: what the VPN connection is associated with was not read"},
		{"whether a machine runs", func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) { m.Power, m.PowerWhy = survey.PowerUnsaid, why })
		}, Machine, "vm-jpe: it was denied"},
		{"the zones of an attachment", func(s *scene) {
			for i := range s.survey.TransitGateways["tgw-tokyo"].Attachments {
				attachment := &s.survey.TransitGateways["tgw-tokyo"].Attachments[i]
				attachment.Zones, attachment.ZonesWhy = nil, why
			}
		}, Zone, "the zones of the attachment: it was denied"},
		{"a filter, of which not even the name is known", func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) {
				m.Filters[1] = survey.Filter{Seen: survey.Seen{Why: why}, Layer: survey.NetworkACL}
			})
		}, NetworkACL, "the filters of ec2-a: it was denied"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.gatewaySurveyed()
			if trace := s.trace(t, "vm-jpe", "ec2-a"); trace.Verdict() != Pass {
				t.Fatalf("the whole link: %s\n%v\n%v", trace.Verdict(), trace.Forward.Hops, trace.Back.Hops)
			}
			test.do(s)
			trace := s.trace(t, "vm-jpe", "ec2-a")
			if trace.Verdict() != Unknown {
				t.Fatalf("%s, want unknown\n%v\n%v", trace.Verdict(), trace.Forward.Hops, trace.Back.Hops)
			}
			for _, hop := range append(trace.Forward.Hops, trace.Back.Hops...) {
				if hop.Kind == test.at && hop.Verdict == Unknown && hop.Says == test.says {
					return
				}
			}
			t.Errorf("no hop %s says %q\n%v\n%v", test.at, test.says, trace.Forward.Hops, trace.Back.Hops)
		})
	}
}
