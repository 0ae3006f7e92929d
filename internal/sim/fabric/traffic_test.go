package fabric

import "testing"

// TestALinkCountsWhatItCarries: what Azure sends counts when it is sent, what
// comes when it has come.
func TestALinkCountsWhatItCarries(t *testing.T) {
	f := wired(t)
	traffic := func() (all Traffic) {
		seen := map[string]bool{}
		for _, pair := range f.pairs {
			if !seen[pair.LinkConnection] {
				seen[pair.LinkConnection] = true
				one := f.Traffic(pair.LinkConnection)
				all.Ingress, all.Egress = all.Ingress+one.Ingress, all.Egress+one.Egress
			}
		}
		return all
	}
	if f.Carry(Packet{From: vmA, To: hostA, Size: 500}); traffic() != (Traffic{Ingress: 500, Egress: 500}) {
		t.Errorf("after an echo from Azure and its answer: %+v", traffic())
	}
	if f.Carry(Packet{From: hostA, To: vmA, Size: 100}); traffic() != (Traffic{Ingress: 600, Egress: 600}) {
		t.Errorf("after an echo from AWS and its answer: %+v", traffic())
	}
	f.SetConditions(Condition{Kind: "tunnel", Loss: 1})
	f.Carry(Packet{From: vmA, To: hostA, Size: 10})
	f.Carry(Packet{From: hostA, To: vmA, Size: 10})
	if traffic() != (Traffic{Ingress: 600, Egress: 610}) {
		t.Errorf("after one lost from each side: %+v", traffic())
	}
}
