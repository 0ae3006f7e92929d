package catalogue

import (
	"errors"
	"testing"

	"linkd/internal/sim/ground"
)

const someState = `{"azure": {"resources": {}}, "aws": {"ap-northeast-1": {
	"TransitGateways": [
		{"ID": "tgw-gone", "State": "deleted", "Options": {"AssociationTable": "t0"}, "Tags": [{"Key": "Name", "Value": "tgw-tokyo"}]},
		{"ID": "tgw-1", "State": "available", "Options": {"AssociationTable": "t1"}, "Tags": [{"Key": "Name", "Value": "tgw-tokyo"}]}
	],
	"Attachments": [{"ID": "at-1", "ResourceID": "vpc-1", "State": "available", "Tags": [{"Key": "linkd-id", "Value": "aws/vpc-attachment/vpc-a"}]}],
	"Instances": [{"ID": "i-1", "State": {"Code": 16}}]
}}}`

func TestIDsAreFoundByNameTagAndWhatIsJoined(t *testing.T) {
	t.Parallel()
	p, err := find([]byte(someState))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][2]string{
		{p.ID("TransitGateways", gateway), "tgw-1"},
		{p.Table(gateway), "t1"},
		{p.ID("Attachments", joinA), "at-1"},
		{p.ID("Attachments", "vpc-1"), "at-1"},
		{p.untagged("TransitGateways"), "tgw-1"},
		{p.ID("Connections", vpnID), ""},
	} {
		if row[0] != row[1] {
			t.Errorf("found %q, want %q", row[0], row[1])
		}
	}
}

func TestPlayLooksBeforeEveryStepAndStopsAtTheFirstThatFails(t *testing.T) {
	t.Parallel()
	looks, made, refused := 0, 0, errors.New("refused")
	err := Play([]Step{aws("set", "vpc", "a", "Tags.x", "1"), aws("set", "vpc", "b", "Tags.x", "1"), aws("set", "vpc", "c", "Tags.x", "1")},
		func() ([]byte, error) { looks++; return []byte(someState), nil },
		func(m ground.Mutation) error {
			if m.Name == "b" {
				return refused
			}
			made++
			return nil
		})
	if !errors.Is(err, refused) || looks != 2 || made != 1 {
		t.Errorf("%d looks, %d made: %v", looks, made, err)
	}
}

func TestEntriesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, entry := range Entries() {
		if entry.Name == "" || len(entry.Do) == 0 {
			t.Errorf("%q does nothing, or has no name", entry.Key)
		}
		if entry.Tries && entry.Lasts == "" {
			t.Errorf("%s is mended, and so tries by nature", entry.Name)
		}
	}
}
