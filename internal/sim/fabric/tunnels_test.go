package fabric

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestATunnelIsUpWhenBothSidesHaveAgreedForAHandshake(t *testing.T) {
	w := article()
	f := New(handshake)
	f.Update(noon, w.Azure, w.AWS)
	if tunnel := f.Tunnel(outside1, instance0); tunnel.Up || !strings.Contains(tunnel.Why, "negotiating") {
		t.Errorf("at once: %+v", tunnel)
	}
	up, coming := f.NextChange()
	if want := noon.Add(handshake); !coming || !up.Equal(want) {
		t.Fatalf("next change %v %v, want %v", up, coming, want)
	}
	f.Update(up, w.Azure, w.AWS)
	tunnel := f.Tunnel(outside1, instance0)
	if !tunnel.Up || !tunnel.Since.Equal(up) || tunnel.Why != "" {
		t.Errorf("after the handshake: %+v", tunnel)
	}
	if want := (Suite{"aes256", "sha256", "14"}); tunnel.Phase1 != want {
		t.Errorf("phase 1 %v, want %v", tunnel.Phase1, want)
	}
	if want := (Suite{"aes256-gcm", "", "14"}); tunnel.Phase2 != want {
		t.Errorf("phase 2 %v, want %v", tunnel.Phase2, want)
	}
	if _, coming := f.NextChange(); coming {
		t.Error("something is still to come")
	}
}

func TestTheArticlesDefaultsMeet(t *testing.T) {
	w := article()
	w.Links[0].Proposal, w.Connections[0].Tunnels[0].Proposal = azureDefault(), awsDefault()
	tunnel := settled(t, w).Tunnel(outside1, instance0)
	if !tunnel.Up {
		t.Fatalf("down: %s", tunnel.Why)
	}
	// AWS begins with the weakest of its own list.
	if want := (Suite{"aes128", "sha1", "2"}); tunnel.Phase1 != want {
		t.Errorf("phase 1 %v, want %v", tunnel.Phase1, want)
	}
	if want := (Suite{"aes128", "sha1", "0"}); tunnel.Phase2 != want {
		t.Errorf("phase 2 %v, want %v", tunnel.Phase2, want)
	}
}

func TestWaysInWhichATunnelStaysDown(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world)
		why    string
	}{
		"the customer gateway has another address": {
			func(w *world) { w.Connections[0].CustomerAddress = netip.MustParseAddr("20.9.9.9") },
			"answers its customer gateway 20.9.9.9 only, not 20.0.0.10",
		},
		"the site dials an address that AWS does not have": {
			func(w *world) { w.Links[0].Remote = netip.MustParseAddr("3.9.9.9") },
			"nobody dials 3.0.0.1",
		},
		"the keys differ": {
			func(w *world) { w.Links[0].Key = "other" },
			"keys differ",
		},
		"no phase 1 group in common": {
			func(w *world) { w.tunnel().Proposal.Phase1Groups = []string{"20"} },
			"phase 1: Diffie-Hellman group of Azure is 14, of AWS 20",
		},
		"no phase 1 encryption in common": {
			func(w *world) { w.tunnel().Proposal.Phase1Encryption = []string{"AES128"} },
			"phase 1: encryption of Azure is aes256, of AWS AES128",
		},
		"no phase 1 integrity in common": {
			func(w *world) { w.tunnel().Proposal.Phase1Integrity = []string{"SHA2-512"} },
			"phase 1: integrity of Azure is sha256, of AWS SHA2-512",
		},
		"no phase 2 encryption in common": {
			func(w *world) { w.tunnel().Proposal.Phase2Encryption = []string{"AES256"} },
			"phase 2: encryption of Azure is aes256-gcm, of AWS AES256",
		},
		"no phase 2 integrity in common": {
			func(w *world) {
				w.Links[0].Proposal.Phase2Encryption, w.Links[0].Proposal.Phase2Integrity = []string{"aes256"}, []string{"sha1"}
				w.tunnel().Proposal.Phase2Encryption, w.tunnel().Proposal.Phase2Integrity = []string{"AES256"}, []string{"SHA2-256"}
			},
			"phase 2: integrity of Azure is sha1, of AWS SHA2-256",
		},
		"no PFS group in common": {
			func(w *world) { w.tunnel().Proposal.Phase2Groups = []string{"20"} },
			"phase 2: PFS group of Azure is 14, of AWS 20",
		},
		"AWS takes strong groups only and Azure has its defaults": {
			func(w *world) { w.Links[0].Proposal = azureDefault() },
			"phase 1: Diffie-Hellman group of Azure is 2, of AWS 14",
		},
		"Azure only responds and AWS does not start": {
			func(w *world) { w.Links[0].Mode = "ResponderOnly" },
			"both sides wait to be called",
		},
		"Azure only responds and AWS starts with IKEv1, which it cannot": {
			func(w *world) {
				w.Links[0].Mode, w.Links[0].IKEv1 = "ResponderOnly", true
				w.tunnel().Initiates, w.tunnel().IKEv1, w.tunnel().IKEv2 = true, true, false
			},
			"both sides wait to be called",
		},
		"no IKE version in common": {
			func(w *world) { w.tunnel().IKEv1, w.tunnel().IKEv2 = true, false },
			"Azure speaks IKEv2, AWS does not take it",
		},
		"the AWS tunnel is being modified": {
			func(w *world) { w.tunnel().InService = false },
			"being modified or replaced",
		},
		"the Azure instance does not serve": {
			func(w *world) { w.Gateways[0].Up = []bool{false, true} },
			"instance 0 of the Azure gateway is not in service",
		},
		"the Azure connection is gone": {
			func(w *world) { w.Links = nil },
			"no Azure link connection",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := article()
			c.change(w)
			tunnel := settled(t, w).Tunnel(outside1, instance0)
			if tunnel.Up || !strings.Contains(tunnel.Why, c.why) {
				t.Errorf("up %v, why %q, want %q", tunnel.Up, tunnel.Why, c.why)
			}
		})
		t.Run(name+", and it had been up", func(t *testing.T) {
			w := article()
			f := settled(t, w)
			c.change(w)
			later := noon.Add(time.Hour)
			f.Update(later, w.Azure, w.AWS)
			tunnel := f.Tunnel(outside1, instance0)
			if tunnel.Up || !tunnel.Since.Equal(later) || !strings.Contains(tunnel.Why, c.why) {
				t.Errorf("%+v, want down since %v because %q", tunnel, later, c.why)
			}
			if !tunnel.Shown(later.Add(time.Minute), 2*time.Minute) || tunnel.Shown(later.Add(3*time.Minute), 2*time.Minute) {
				t.Error("a cloud whose telemetry lags shows it too early or too late")
			}
			w = article()
			f.Update(later.Add(time.Hour), w.Azure, w.AWS)
			f.Update(later.Add(time.Hour+handshake), w.Azure, w.AWS)
			if tunnel := f.Tunnel(outside1, instance0); !tunnel.Up {
				t.Errorf("it does not come back: %s", tunnel.Why)
			}
		})
	}
}

func (w *world) tunnel() *AWSTunnel { return &w.Connections[0].Tunnels[0] }

func TestAWSMayStartWhereAzureOnlyResponds(t *testing.T) {
	w := article()
	w.Links[0].Mode, w.tunnel().Initiates = "ResponderOnly", true
	if tunnel := settled(t, w).Tunnel(outside1, instance0); !tunnel.Up {
		t.Error(tunnel.Why)
	}
}

func TestPairsListEveryInstanceOfEveryLink(t *testing.T) {
	w := article()
	w.Links = w.Links[:1]
	var meant, dead, undialled int
	for _, pair := range settled(t, w).Pairs() {
		switch {
		case pair.LinkConnection == "":
			undialled++
		case pair.Meant && pair.Up:
			meant++
		case !pair.Meant && !pair.Up:
			dead++
		}
	}
	if meant != 1 || dead != 1 || undialled != 1 {
		t.Errorf("%d meant and up, %d dead by construction, %d not dialled; want 1 each", meant, dead, undialled)
	}
}

func TestStatusOfALink(t *testing.T) {
	w := article()
	f := New(handshake)
	f.Update(noon, w.Azure, w.AWS)
	if is := f.LinkStatus("LINK1"); is != "Connecting" {
		t.Errorf("at once %s, want Connecting", is)
	}
	up := noon.Add(handshake)
	f.Update(up, w.Azure, w.AWS)
	link := f.Link("link1")
	if link.Status != "Connected" || !link.Since.Equal(up) {
		t.Errorf("after the handshake %+v", link)
	}
	if is := link.Shown(up.Add(time.Second), time.Minute); is != "Connecting" {
		t.Errorf("shown within the lag: %s, want Connecting", is)
	}
	w.Links[0].Remote = netip.MustParseAddr("3.9.9.9")
	f.Update(up.Add(time.Hour), w.Azure, w.AWS)
	if is := f.LinkStatus("link1"); is != "NotConnected" {
		t.Errorf("dialling nobody: %s, want NotConnected", is)
	}
	if is := f.LinkStatus("no such link"); is != "Unknown" {
		t.Errorf("unknown link: %s", is)
	}
}

func TestASecondLinkWithTheSameEndsDoesNotUndoTheFirst(t *testing.T) {
	for name, keys := range map[string][2]string{"the first agrees": {"k1", "x"}, "the second agrees": {"x", "k1"}} {
		t.Run(name, func(t *testing.T) {
			w := article()
			w.Links[1].Remote = outside1
			w.Links[0].Key, w.Links[1].Key = keys[0], keys[1]
			f := settled(t, w)
			if tunnel := f.Tunnel(outside1, instance0); !tunnel.Up {
				t.Error(tunnel.Why)
			}
			for i, link := range []string{"link1", "link2"} {
				if is := f.LinkStatus(link); (is == "Connected") != (keys[i] == "k1") {
					t.Errorf("%s is %s with the key %s", link, is, keys[i])
				}
			}
		})
	}
}
