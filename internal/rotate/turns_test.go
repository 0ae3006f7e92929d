package rotate

import (
	"fmt"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// known makes a world of a link whose tunnels have some keys and statuses:
// "1: a b up" says that AWS has the key a for tunnel 1 and Azure b.
func known(link desired.Link, note string, tunnels ...string) resource.World {
	aws, azure := resource.Secrets{}, resource.Secrets{}
	world := resource.World{}
	for i, text := range tunnels {
		t := link.Tunnels()[i]
		words := strings.Fields(text)
		aws[desired.FactKey(t.Number)] = resource.NewSecret(words[0])
		azure["shared_key/"+t.Name()] = resource.NewSecret(words[1])
		status := resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"status": resource.Of(words[2])}}
		world[desired.AWSTunnelID(t)], world[desired.AzureTunnelID(t)] = status, status
	}
	world[desired.AWSConnectionID(link.Name, 0)] = resource.Live{Phase: resource.Ready, Secrets: aws, Attrs: resource.Attrs{desired.FactKeyNote: resource.Of(note)}}
	world[desired.AzureConnectionID(link.Name)] = resource.Live{Phase: resource.Ready, Secrets: azure}
	return world
}

// TestWhatComesNextIsReadFromTheClouds goes through the states in which a
// rotation of two tunnels can be found.
func TestWhatComesNextIsReadFromTheClouds(t *testing.T) {
	link := desired.Link{Name: "tokyo", Redundancy: desired.Tunnels}
	both := []string{"a a up", "b b up"}
	for name, test := range map[string]struct {
		note    string
		tunnels []string
		order   Order
		want    string
	}{
		"nothing begun":                           {"", both, Order{}, "change 1, change 2"},
		"an earlier one has ended":                {"1=2026-11-27T23:20:00Z 2=2026-11-27T23:30:00Z", both, Order{}, "change 1, change 2"},
		"one tunnel is asked for":                 {"", both, Order{Tunnels: []int{2}}, "change 2"},
		"the one that is down goes first":         {"", []string{"a a up", "b b down"}, Order{}, "change 2, change 1"},
		"keys that differ are made the same":      {"", []string{"a a up", "b x down"}, Order{}, "finish 2, change 2, change 1"},
		"noted, and none begun":                   {"todo=1+2", both, Order{}, "change 1, change 2"},
		"noted, and the order stays":              {"todo=2+1", []string{"a a down", "b b up"}, Order{}, "change 2, change 1"},
		"the first changed in AWS, and not noted": {"todo=1+2", []string{"n a up", "b b up"}, Order{}, "finish 1, change 2"},
		"the first changed in AWS, and noted":     {"1=2026-11-27T23:20:00Z prove=1 todo=2", []string{"n a up", "b b up"}, Order{}, "finish 1, change 2"},
		"the first changed in both":               {"1=2026-11-27T23:20:00Z prove=1 todo=2", []string{"n n up", "b b up"}, Order{}, "prove 1, change 2"},
		"the first is done":                       {"1=2026-11-27T23:20:00Z todo=2", both, Order{}, "change 2"},
		"the second changed in AWS, not noted":    {"1=2026-11-27T23:20:00Z prove=1 todo=2", []string{"n n up", "m b up"}, Order{}, "prove 1, finish 2"},
		"all changed, one not seen up":            {"1=2026-11-27T23:20:00Z 2=2026-11-27T23:30:00Z prove=2", both, Order{}, "prove 2"},
		"another's key changed under way":         {"todo=1+2", []string{"a a up", "b x down"}, Order{}, "finish 2, change 1, change 2"},
		"its rest is all, whatever is asked for":  {"1=2026-11-27T23:20:00Z todo=2", both, Order{Tunnels: []int{1}}, "change 2"},
	} {
		var got []string
		for _, turn := range turnsOf(link, known(link, test.note, test.tunnels...), test.order) {
			got = append(got, fmt.Sprintf("%s %d", turn.What, turn.Number))
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%s: %s, want %s", name, text, test.want)
		}
	}
}

// TestARotationThatWasKilledBeforeAllOfItWasNotedIsWhole goes through the notes of two
// connections. Whose turn is to come is noted at the last one first.
func TestARotationThatWasKilledBeforeAllOfItWasNotedIsWhole(t *testing.T) {
	link := desired.Link{Name: "tokyo", Redundancy: desired.Full}
	const all = "change 0-1, change 0-2, change 1-1, change 1-2"
	for name, test := range map[string]struct{ first, last, want string }{
		"nothing is noted":               {"", "", all},
		"it was noted at the last alone": {"", "todo=1+2", all},
		"it was noted at both":           {"todo=1+2", "todo=1+2", all},
		"the first connection is done":   {"prove=2", "todo=1+2", "prove 0-2, change 1-1, change 1-2"},
		"one turn of the last is left":   {"prove=2", "prove=1 todo=2", "prove 0-2, prove 1-1, change 1-2"},
		"only the end is not noted":      {"", "prove=2", "prove 1-2"},
	} {
		world := known(link, test.first)
		world[desired.AWSConnectionID(link.Name, 1)] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{desired.FactKeyNote: resource.Of(test.last)}}
		var got []string
		for _, turn := range turnsOf(link, world, Order{}) {
			got = append(got, fmt.Sprintf("%s %d-%d", turn.What, turn.Instance, turn.Number))
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%s: %s, want %s", name, text, test.want)
		}
	}
}

// TestOnlyKeysThatAWSMakesAreMade asks for links whose keys stand elsewhere.
func TestOnlyKeysThatAWSMakesAreMade(t *testing.T) {
	file := &desired.File{Links: []desired.Link{
		{Name: "tokyo", Keys: desired.Keys{From: "aws"}}, {Name: "osaka", Keys: desired.Keys{From: "env:KEY"}},
	}}
	links, err := linksFor(file, Order{})
	if err != nil || len(links) != 1 || links[0].Name != "tokyo" {
		t.Errorf("%v: %+v", err, links)
	}
	for _, order := range []Order{{Links: []string{"osaka"}}, {Links: []string{"kyoto"}}, {Tunnels: []int{2}}} {
		if _, err := linksFor(file, order); err == nil {
			t.Errorf("%+v is taken", order)
		}
	}
}
