package verify

import (
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// TestMaintenanceToComeFailsVerifyAndExplainsNothing: a person has to know, and
// what is broken meanwhile has a cause of its own.
func TestMaintenanceToComeFailsVerifyAndExplainsNothing(t *testing.T) {
	e := &Evidence{File: seed(t), PingsOff: true, World: resource.World{}, Survey: &survey.Survey{Tunnels: map[string]survey.Tunnel{
		"tokyo-0-1": {Pending: "maintenance is pending", AppliedAfter: time.Unix(1e9, 0)},
	}}}
	stand := func(id resource.ID, attrs resource.Attrs) {
		e.World[id] = resource.Live{Phase: resource.Ready, Ref: "x", Attrs: attrs}
	}
	tunnel := e.File.Tunnels()[0]
	stand(desired.AzureConnectionID("tokyo"), nil)
	stand(desired.AWSConnectionID("tokyo", 0), nil)
	stand(desired.AzureTunnelID(tunnel), resource.Attrs{"status": resource.Of("up")})
	stand(desired.AWSTunnelID(tunnel), resource.Attrs{"status": resource.Of("up")})
	only := Selection{Only: regexpOf("^tunnels$|^hub-routes$")}
	report := Run(e, only)
	if report.First != "tokyo is degraded: TUNNEL_MAINTENANCE at aws/vpn-tunnel/tokyo-0-1" || report.Exit(Bar{Threshold: failure.Warning}) != 1 || report.Exit(Bar{Threshold: failure.Error}) != 0 {
		t.Errorf("%s: %+v", report.First, report.Findings)
	}
	if report := Run(e, Selection{Skip: regexpOf("TUNNEL_MAINTENANCE")}); len(report.Findings) > 0 || outcomeOf(report, "tunnels").Mark != OK {
		t.Errorf("left out, it is told, or the tunnels with it are: %+v", outcomeOf(report, "tunnels"))
	}
	stand(desired.HubRoutesID("hub-jpe"), resource.Attrs{"routes": resource.Of()})
	e.Drifts = []resource.Drift{{ID: desired.HubRoutesID("hub-jpe"), Kind: "azure/hub-routes", Attr: "routes", Class: resource.Differs, Want: resource.Of("172.20.0.0/16 vpn")}}
	report = Run(e, only)
	if len(report.Findings) != 2 || report.Findings[0].Code != failure.HubRouteMissing || report.Findings[1].Code != failure.TunnelMaintenance {
		t.Errorf("%s: %+v", report.First, report.Findings)
	}
}
