package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"

	"linkd/internal/sim/catalogue"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// newLabOfGuest starts the article's clouds with all of AWS in another account, and
// its file with the role that leads there.
func newLabOfGuest(t testing.TB) *lab {
	t.Helper()
	l := newLab(t, func(s *scenario.Scenario) {
		instant(s)
		s.AWS.Accounts = []scenario.Account{{
			Account: otherAccount, Roles: []scenario.Role{{Name: "linkd", ExternalID: "tokyo-link"}}, Regions: s.AWS.Regions,
		}}
		s.AWS.Regions = []scenario.Region{{Name: s.AWS.Regions[0].Name}}
	})
	gateway := &l.file.AWS.Regions[0].TransitGateways[0]
	gateway.Account, gateway.AssumeRole, gateway.ExternalID = otherAccount, otherRole, "tokyo-link"
	return l
}

// ofTwoAccounts is the peering of two-accounts.yaml, whose asked end stands in the other
// account.
var ofTwoAccounts = func() catalogue.Peering {
	g := ofPacific
	g.Owner, g.Asked.Region = "two-accounts", "us-east-1@"+otherAccount
	return g
}()

// inOtherAccount is an entry of the catalogue whose things stand in the other account:
// a region that it names is that one of that account.
func inOtherAccount(entry catalogue.Entry, region string) catalogue.Entry {
	moved := func(steps []catalogue.Step) (there []catalogue.Step) {
		for _, step := range steps {
			there = append(there, func(p catalogue.Place) ground.Mutation {
				m := step(p)
				if name, rest, _ := strings.Cut(m.Name, "/"); m.Cloud == "aws" && name == region {
					m.Name = strings.TrimSuffix(region+"@"+otherAccount+"/"+rest, "/")
				}
				if call, is := m.Value.(map[string]any); is && call["PeerRegion"] != nil { // a call names it without the account
					call["PeerRegion"], _, _ = strings.Cut(call["PeerRegion"].(string), "@")
				}
				return m
			})
		}
		return there
	}
	entry.Do, entry.Then = moved(entry.Do), moved(entry.Then)
	return entry
}

// TestTheCatalogueOfDriftInASecondAccount plays one entry of each row of AWS, in a short
// run of each kind, on a link whose transit gateway stands in another account, and
// then those of a peering between two accounts.
func TestTheCatalogueOfDriftInASecondAccount(t *testing.T) {
	t.Parallel()
	played := map[string]bool{}
	first := func(entry catalogue.Entry) bool {
		row := strings.Replace(entry.Key, ".tunnel_2_", ".tunnel_1_", 1)
		if testing.Short() {
			row, _, _ = strings.Cut(row, ".")
		}
		again := played[row]
		played[row] = true
		return !again && strings.HasPrefix(row, "aws/")
	}
	for _, entry := range catalogue.Entries() {
		if !first(entry) {
			continue
		}
		t.Run(entry.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLabOfGuest(t)
				l.vary(entry.File)
				l.play(t, inOtherAccount(entry, "ap-northeast-1"))
				for place := range l.connectionsBy() {
					if place != "ap-northeast-1@"+otherAccount {
						t.Errorf("a connection stands in %s", place)
					}
				}
			})
		})
	}
	for _, entry := range ofTwoAccounts.Entries() {
		if !first(entry) {
			continue
		}
		t.Run(entry.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				newLabOfAccounts(t, instant).play(t, inOtherAccount(entry, "us-east-1"))
			})
		})
	}
}
