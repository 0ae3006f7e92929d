package desired

import (
	"testing"
	"time"

	"linkd/internal/resource"
)

func TestDecide(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	differs := resource.Drift{Kind: "azure/vpn-site", Class: resource.Differs, Attr: "address_space", Fix: resource.InPlace}
	replace := resource.Drift{Kind: "aws/vpn-connection", Class: resource.Differs, Attr: "static_routes_only", Fix: resource.Replace}
	extra := resource.Drift{Kind: "aws/tgw-routes", Class: resource.Extra, Attr: "routes", Fix: resource.InPlace}
	of := func(class resource.Class) resource.Drift {
		return resource.Drift{Kind: "aws/customer-gateway", Class: class, Fix: resource.InPlace}
	}
	byHand := resource.Drift{Kind: "aws/vpn-tunnel", Class: resource.Differs, Attr: "status", Fix: resource.ByHand}
	rules := func(rules ...Rule) Policy { return Policy{Default: Repair, Rules: rules} }
	tests := []struct {
		name   string
		policy Policy
		drift  resource.Drift
		want   Action
		why    string
	}{
		{"what can be updated is repaired by default", rules(), differs, Repair, "policy says repair by default"},
		{"what is missing is made by default", rules(), of(resource.Missing), Repair, ""},
		{"what failed is repaired by default", rules(), of(resource.FailedNow), Repair, ""},
		{"the default can be report", Policy{Default: Report}, differs, Report, "policy says report by default"},
		{"the first rule that matches wins", rules(Rule{Drift: "azure/*", Do: Report, Why: "frozen"}, Rule{Drift: "*", Do: Repair}), differs, Report, "frozen"},
		{"a rule without a reason is its own reason", rules(Rule{Drift: "azure/*", Do: Approve}), differs, Approve, `the rule "azure/*" says approve`},
		{"a star crosses slashes and dots", rules(Rule{Drift: "*space", Do: Ignore}), differs, Ignore, ""},
		{"a rule of another link does not match", rules(Rule{Drift: "*", Link: "osaka", Do: Ignore}), differs, Repair, ""},
		{"a rule of this link matches", rules(Rule{Drift: "*", Link: "tokyo", Do: Ignore}), differs, Ignore, ""},
		{"a rule that has ended is passed over", rules(Rule{Drift: "*", Do: Ignore, Until: now}), differs, Repair, ""},
		{"a rule that has not ended holds", rules(Rule{Drift: "*", Do: Ignore, Until: now.Add(1)}), differs, Ignore, ""},
		{"a replace waits for approval by default", rules(), replace, Approve, ""},
		{"a replace is only reported where the default is", Policy{Default: Report}, replace, Report, ""},
		{"a replace waits for approval under a rule for everything", rules(Rule{Drift: "aws/vpn-connection.*", Do: Repair}), replace, Approve, ""},
		{"a replace that a rule names is done", rules(Rule{Drift: "aws/*.static_routes_only", Do: Repair}), replace, Repair, ""},
		{"an extra member is reported by default", rules(), extra, Report, ""},
		{"an extra member is reported under a rule for everything", rules(Rule{Drift: "*", Do: Repair}), extra, Report, ""},
		{"an extra member that a rule names waits for approval", rules(Rule{Drift: "*.extra", Do: Approve}), extra, Approve, ""},
		{"an extra member that a rule names is removed", rules(Rule{Drift: "aws/tgw-routes.routes.extra", Do: Repair}), extra, Repair, ""},
		{"an orphan is reported by default", rules(), of(resource.Orphan), Report, ""},
		{"an orphan that a rule names is deleted", rules(Rule{Drift: "*.orphan", Do: Repair}), of(resource.Orphan), Repair, ""},
		{"what is not ours is reported whatever a rule says", rules(Rule{Drift: "*.unowned", Do: Repair}), of(resource.Unowned), Report, "it is not ours"},
		{"what is not ours is never ignored", rules(Rule{Drift: "*.unowned", Do: Ignore, Why: "noise"}), of(resource.Unowned), Report, "it is not ours"},
		{"a duplicate is reported whatever a rule says", rules(Rule{Drift: "*.duplicate", Do: Repair}), of(resource.Duplicate), Report, ""},
		{"what cannot be seen is never ignored", rules(Rule{Drift: "*", Do: Ignore, Why: "noise"}), of(resource.Unseen), Report, ""},
		{"a busy resource is left alone", rules(), of(resource.BusyNow), Report, ""},
		{"what a person must do is reported", rules(Rule{Drift: "*.status", Do: Repair}), byHand, Report, "linkd cannot mend it"},
		{"what a person must do can be ignored", rules(Rule{Drift: "*.status", Do: Ignore, Why: "cold standby"}), byHand, Ignore, "cold standby"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, why := test.policy.Decide(test.drift, "tokyo", now)
			if got != test.want || why == "" || test.why != "" && why != test.why {
				t.Errorf("Decide(%s) = %s, %q; want %s, %q", test.drift.Key(), got, why, test.want, test.why)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		pattern, key string
		want         bool
	}{
		{"*", "aws/vpc-routes.routes.extra", true},
		{"aws/*.extra", "aws/vpc-routes.routes.extra", true},
		{"aws/*.extra", "aws/vpc-routes.routes", false},
		{"aws/v??-routes.*", "aws/vpc-routes.missing", true},
		{"aws/vpn-tunnel.status", "aws/vpn-tunnel.status", true},
		{"aws/vpn-tunnel.status", "aws/vpn-tunnel.status_message", false},
		{"*a*b*c", "aabbcbc", true},
		{"*a*b*c", "aabbcb", false},
		{"", "a", false},
		{"a?", "a", false},
	} {
		if got := matches(test.pattern, test.key); got != test.want {
			t.Errorf("matches(%q, %q) = %v, want %v", test.pattern, test.key, got, test.want)
		}
	}
}
