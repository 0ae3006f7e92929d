package path

import (
	"testing"

	"linkd/internal/failure"
	"linkd/internal/survey"
)

// TestARuleIsAboutATypeOfICMP: the request of an echo has another type than its
// answer, and a network ACL judges both.
func TestARuleIsAboutATypeOfICMP(t *testing.T) {
	const unreachable = 3
	at := func(kind, code int) *survey.ICMP { return &survey.ICMP{Type: kind, Code: code} }
	acl := func(in, allow bool, kind *survey.ICMP) func(*survey.Machine) {
		return func(m *survey.Machine) {
			rule := survey.Rule{Number: 1, In: in, Allow: allow, Protocol: "icmp", ICMP: kind}
			m.Filters[1].Rules = append([]survey.Rule{rule}, m.Filters[1].Rules...)
		}
	}
	group := func(kind *survey.ICMP) func(*survey.Machine) {
		return func(m *survey.Machine) {
			for i := range m.Filters[0].Rules {
				if rule := &m.Filters[0].Rules[i]; rule.In {
					rule.Protocol, rule.ICMP = "icmp", kind
				}
			}
		}
	}
	tests := []struct {
		name          string
		do            func(*survey.Machine)
		request, back Verdict
		at            Kind
	}{
		{"the group allows echo requests alone", group(at(echoRequest, -1)), Pass, Pass, ""},
		{"the group allows echo requests of the code that they have", group(at(echoRequest, 0)), Pass, Pass, ""},
		{"the group allows all types", group(at(-1, -1)), Pass, Pass, ""},
		{"the group allows what says that packets are too big", group(at(unreachable, 4)), Block, Pass, SecurityGroup},
		{"the group allows echo requests of a code that none has", group(at(echoRequest, 4)), Block, Pass, SecurityGroup},
		{"the ACL denies requests in", acl(true, false, at(echoRequest, -1)), Block, Pass, NetworkACL},
		{"the ACL denies replies in", acl(true, false, at(echoReply, -1)), Pass, Pass, ""},
		{"the ACL denies replies out", acl(false, false, at(echoReply, 0)), Pass, Block, NetworkACL},
		{"the ACL denies requests out", acl(false, false, at(echoRequest, 0)), Pass, Pass, ""},
	}
	for _, test := range tests {
		s := newScene(t)
		s.machine("ec2-a", test.do)
		trace := s.trace(t, "vm-jpe", "ec2-a")
		if trace.Forward.Verdict != test.request || trace.Back.Verdict != test.back {
			t.Errorf("%s: the request is %s and its answer %s, want %s and %s", test.name, trace.Forward.Verdict, trace.Back.Verdict, test.request, test.back)
		}
		for _, way := range []Way{trace.Forward, trace.Back} {
			if hop, broken := way.Broken(); broken && (hop.Kind != test.at || hop.Code != failure.ICMPBlocked) {
				t.Errorf("%s: blocked at %s by %s", test.name, hop.Kind, hop.Code)
			}
		}
	}
}
