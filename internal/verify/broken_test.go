package verify

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"linkd/internal/failure"
	"linkd/internal/probe"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

func (s *scene) down(number string) {
	for _, cloud := range []string{"azure", "aws"} {
		s.set(resource.ID(cloud+"/vpn-tunnel/tokyo-0-"+number), "status", "down")
	}
}

// TestWhatBreaksTogetherIsToldApart are pairs of failures of which one once hid
// the other, or was taken for it.
func TestWhatBreaksTogetherIsToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*scene)
		want []failure.Code
	}{
		"a tunnel is down, and maintenance of it is to come": {func(s *scene) {
			s.down("1")
			s.down("2")
			for _, tunnel := range []string{"tokyo-0-1", "tokyo-0-2"} {
				s.Survey.Tunnels[tunnel] = survey.Tunnel{Seen: survey.Seen{At: noon}, Pending: "maintenance is pending"}
			}
		}, []failure.Code{failure.TunnelDown, failure.TunnelMaintenance}},
		"a machine is stopped, and its VPC's table lacks a route": {func(s *scene) {
			s.set(vpcRoutesID, "routes", "10.1.0.0/16 tgw-1", "172.21.0.0/16 tgw-1")
			s.drift(resource.Drift{ID: vpcRoutesID, Kind: "aws/vpc-routes", Attr: "routes", Class: resource.Differs, Want: resource.Of("10.2.0.0/16 tgw-1")})
			s.machine("ec2-a", func(m *survey.Machine) { m.Power = survey.Stopped })
		}, []failure.Code{failure.VPCRouteMissing, failure.TargetDown}},
		"a target has no machine behind it": {func(s *scene) {
			unread("ec2-a")(s)
			lost([2]string{"vm-jpe", "ec2-a"}, [2]string{"vm-use", "ec2-a"})(s)
		}, []failure.Code{failure.TargetDown}},
	} {
		s := newScene(t)
		c.do(s)
		report := s.judge(t, "")
		var codes []failure.Code
		for _, f := range report.Findings {
			if f.Code != failure.ObservationGap && !slices.Contains(codes, f.Code) {
				codes = append(codes, f.Code)
			}
		}
		if !slices.Equal(codes, c.want) {
			t.Errorf("%s: %v, want %v: %s", name, codes, c.want, report.First)
		}
	}
}

// TestALinkThatPassesNothingLargeIsNotWell: below the smallest size that a search
// tries, everything is lost without a word.
func TestALinkThatPassesNothingLargeIsNotWell(t *testing.T) {
	s := newScene(t)
	for _, way := range everyWayToAWS {
		s.ping(way[0], way[1], func(p *Ping) { p.MTU = &probe.MTU{SilentFrom: 576, SilentTo: 1500} })
	}
	if report := s.judge(t, ""); len(report.Findings) == 0 || report.Findings[0].Code != failure.MTUBlackhole {
		t.Errorf("%s: %+v", report.First, report.Findings)
	}
}

// TestAPartOfTheSurveyThatWasNotReadIsNotWell denies one read after the other.
func TestAPartOfTheSurveyThatWasNotReadIsNotWell(t *testing.T) {
	const denied = "it was refused"
	for name, do := range map[string]func(*scene){
		"whether ec2-a runs": func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) { m.Power, m.PowerWhy = survey.PowerUnsaid, denied })
		},
		"the checks of ec2-a": func(s *scene) { s.machine("ec2-a", func(m *survey.Machine) { m.HealthWhy = denied }) },
		"the maintenance of tokyo-0-1": func(s *scene) {
			s.Survey.Tunnels["tokyo-0-1"] = survey.Tunnel{Seen: survey.Seen{At: noon}, MaintenanceWhy: denied}
		},
		"the attachments of tgw-tokyo": func(s *scene) {
			s.Survey.TransitGateways["tgw-tokyo"] = survey.TransitGateway{Seen: survey.Seen{At: noon}, AttachmentsWhy: denied}
		},
		"the zones of att-1": func(s *scene) {
			s.Survey.TransitGateways["tgw-tokyo"] = survey.TransitGateway{Seen: survey.Seen{At: noon}, Attachments: []survey.Attachment{{ID: "att-1", ZonesWhy: denied}}}
		},
	} {
		s := newScene(t)
		do(s)
		report := s.judge(t, "^surveyed$")
		if len(report.Findings) != 1 || report.Findings[0].Says != name+" could not be read: "+denied {
			t.Errorf("%s: %s, %+v", name, report.First, report.Findings)
		}
		if report.Exit(Bar{Threshold: failure.Warning}) == 0 {
			t.Errorf("%s: it is well", name)
		}
	}
}

// TestTheCasesOfAJUnitReportKeepTheirNames, whatever was found: a test is followed
// from run to run by its name.
func TestTheCasesOfAJUnitReportKeepTheirNames(t *testing.T) {
	names := func(do func(*scene)) (all []string) {
		s := newScene(t)
		do(s)
		var text bytes.Buffer
		if err := s.judge(t, "").JUnit(&text, Bar{Threshold: failure.Warning}); err != nil {
			t.Fatal(err)
		}
		var report junitSuites
		if err := xml.Unmarshal(text.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		for _, suite := range report.Suites {
			for _, c := range suite.Cases {
				all = append(all, c.Class+" "+c.Name)
			}
		}
		return all
	}
	well, broken := names(func(*scene) {}), names(narrowSite)
	others := slices.DeleteFunc(Checks(), func(c Check) bool { return !c.Peered && !c.Sourced }) // of other files
	if !slices.Equal(well, broken) || len(well) != len(Checks())-len(others) {
		t.Errorf("well:\n%s\nbroken:\n%s", strings.Join(well, "\n"), strings.Join(broken, "\n"))
	}
}
