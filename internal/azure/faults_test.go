package azure

import (
	"slices"
	"strings"
	"testing"
	"time"

	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

func TestOperationThatFailsAfterItWasAcceptedSaysWhy(t *testing.T) {
	fault := ground.Fault{Cloud: "azure", Operation: "PUT vpnSites", Count: 1, Effect: ground.EffectFail, Code: "SomethingBroke", Message: "the region is on fire"}
	onStage(t, []ground.Fault{fault}, func(s *stage) {
		s.build()
		live := s.world["azure/vpn-site/tokyo"]
		if live.Phase != resource.Failed || !strings.Contains(live.Why, "SomethingBroke: the region is on fire") {
			s.Fatalf("the site is %s: %s", live.Phase, live.Why)
		}
		site := s.resource("azure/vpn-site/tokyo")
		want, err := site.Want(s.see(site))
		if err != nil {
			s.Fatal(err)
		}
		if err := site.Apply(s.Context(), want, live); err != nil {
			s.Fatal(err)
		}
		s.make(site)
		if live := s.world[site.ID()]; live.Phase != resource.Ready {
			s.Errorf("written again, the site is %s: %s", live.Phase, live.Why)
		}
	})
}

func TestRoleWithoutTheKeysPermissionLeavesTheKeyUnseen(t *testing.T) {
	fault := ground.Fault{Cloud: "azure", Operation: "*listSharedKey*", Effect: ground.EffectDeny}
	onStage(t, []ground.Fault{fault}, func(s *stage) {
		s.build()
		s.sweep()
		live := s.world["azure/vpn-connection/tokyo"]
		if live.Phase != resource.Ready || len(live.Secrets) != 0 {
			s.Errorf("the connection is %s, with %d keys", live.Phase, len(live.Secrets))
		}
		if !slices.Contains(s.drifts(), "azure/vpn-connection.shared_key") {
			s.Error("a key that cannot be seen passes for well")
		}
	})
}

func TestListThatFailsLeavesItsPartUnknownAndTheRestAnswered(t *testing.T) {
	onStage(t, []ground.Fault{{Cloud: "azure", Operation: "LIST vpnGateways", Effect: ground.EffectDeny}}, func(s *stage) {
		s.build()
		s.sweep()
		for id, want := range map[resource.ID]resource.Phase{
			"azure/virtual-hub/hub-jpe":      resource.Ready,
			"azure/vpn-site/tokyo":           resource.Ready,
			"azure/vnet-connection/vnet-use": resource.Ready,
			"azure/vpn-gateway/hub-jpe":      resource.Unknown,
			"azure/vpn-connection/tokyo":     resource.Unknown,
			"azure/vpn-tunnel/tokyo-0-1":     resource.Unknown,
		} {
			live := s.world[id]
			if live.Phase != want || want == resource.Unknown && !strings.Contains(live.Why, "Microsoft.Network/vpnGateways/read was denied") {
				s.Errorf("%s is %s: %s", id, live.Phase, live.Why)
			}
		}
	})
}

func TestCloudThatTellsNonsenseOrNothingIsUnknown(t *testing.T) {
	rows := map[string]struct {
		fault ground.Fault
		says  string
	}{
		"nonsense": {ground.Fault{Cloud: "azure", Effect: ground.EffectNonsense, Nonsense: "garbage"}, "makes no sense"},
		"nothing":  {ground.Fault{Cloud: "azure", Effect: ground.EffectDrop}, "got no answer"},
		"throttling": {
			ground.Fault{Cloud: "azure", Effect: ground.EffectStatus, Status: 429, Code: "SubscriptionRequestsThrottled", Message: "Please try again after '6' seconds.", RetryAfter: 6},
			"was throttled",
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			onStage(t, []ground.Fault{row.fault}, func(s *stage) {
				if err := s.cloud.Check(s.Context()); err == nil || !strings.Contains(err.Error(), row.says) {
					s.Errorf("the check says %v", err)
				}
				s.sweep()
				for _, r := range s.cloud.Resources() {
					if live := s.world[r.ID()]; live.Phase != resource.Unknown || !strings.Contains(live.Why, row.says) {
						s.Errorf("%s is %s: %s", r.ID(), live.Phase, live.Why)
					}
				}
			})
		})
	}
}

func TestCheckNamesAWrongScope(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		home := s.cloud.home()
		group := home.group
		home.group = "rg-of-nobody"
		err := s.cloud.Check(s.Context())
		if err == nil || !strings.Contains(err.Error(), "ResourceGroupNotFound") || resource.HintOf(err) == "" {
			s.Errorf("a wrong resource group: %v", err)
		}
		home.group, home.subscription = group, "99999999-2222-3333-4444-555555555555"
		err = s.cloud.Check(s.Context())
		if err == nil || !strings.Contains(err.Error(), "SubscriptionNotFound") || resource.HintOf(err) == "" {
			s.Errorf("a wrong subscription: %v", err)
		}
	})
}

func TestStraysAreSeen(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.build()
		other := s.cloud.file.Azure.Hubs[1]
		s.cloud.file.Azure.Hubs = s.cloud.file.Azure.Hubs[:1]
		forgetful, err := New(s.cloud.file, Options{Credential: token{}, Transport: s.transport})
		if err != nil {
			s.Fatal(err)
		}
		_, strays := forgetful.Sweep(s.Context())
		if len(strays) != 1 || strays[0].Class != resource.Orphan || strays[0].ID != "azure/virtual-hub/hub-use" {
			s.Errorf("without %s: %v", other.Name, strays)
		}
	})
}

func TestEverythingCanBeTakenAwayAgain(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.build()
		for _, r := range slices.Backward(s.cloud.Resources()) {
			if r.Kind().Given {
				continue
			}
			s.remove(r)
		}
		s.sweep()
		for _, r := range s.cloud.Resources() {
			if live := s.world[r.ID()]; r.Kind() != &vnetKind && live.Phase != resource.Absent {
				s.Errorf("%s is %s: %s", r.ID(), live.Phase, live.Why)
			}
		}
	})
}

// remove deletes one resource and waits until it is gone.
func (s *stage) remove(r resource.Resource) {
	s.Helper()
	for range 2000 {
		err := r.Delete(s.Context(), s.world[r.ID()])
		if err != nil && resource.ReasonOf(err) != resource.Busy {
			s.Fatalf("deleting %s: %v", r.ID(), err)
		}
		time.Sleep(10 * time.Second)
		live, err := r.Read(s.Context(), s.see(r))
		if err != nil {
			s.Fatalf("reading %s: %v", r.ID(), err)
		}
		if live.Phase == resource.Absent {
			return
		}
	}
	s.Fatalf("%s never goes", r.ID())
}
