package rotate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// Order is what was asked for.
type Order struct {
	Links   []string // by name; none: all whose keys AWS makes
	Tunnels []int    // by their number in their AWS connection; none: all
	// Due is the time at which a key must be due to be changed, by the schedule of
	// its link; zero: whatever its age.
	Due time.Time
}

// What is to be done about one pair, in a word.
type What string

// What a turn may be.
const (
	Change What = "change" // it gets a new key
	Finish What = "finish" // AWS has the new key, and Azure follows
	Prove  What = "prove"  // both have the new key, and it was not seen up since
)

// Text says what is done, to a person.
func (w What) Text() string {
	return map[What]string{
		Change: "a new key goes to AWS, then to Azure",
		Finish: "Azure gets the key that AWS has",
		Prove:  "its key was changed before; waiting until both clouds show it up",
	}[w]
}

// Turn is what is to be done about one pair, before the next is begun.
type Turn struct {
	desired.Tunnel
	What What
	// Held is why it must not be done now, and Text the same for a person.
	Held reconcile.HoldReason
	Text string
	// Waits says what a cloud still does to a connection that holds its key, as a clause, or
	// is "": the turn comes once that has ended, and what it is to do is told by how the
	// keys stood before.
	Waits string
	// Age is that of the key that it has, where something is known of it.
	Age Age
}

// The rows of the keys, of both clouds.
const (
	awsRow   = "aws/vpn-connection.key"
	azureRow = "azure/vpn-connection.shared_key"
)

// keysOf are the differences that a rotation of a pair makes and mends.
func keysOf(t desired.Tunnel) map[reconcile.Difference]bool {
	return map[reconcile.Difference]bool{
		{ID: desired.AWSConnectionID(t.Link, t.Instance), Key: awsRow, Member: fmt.Sprint(t.Number)}: true,
		{ID: desired.AzureConnectionID(t.Link), Key: azureRow, Member: t.Name()}:                     true,
	}
}

// connectionsOf are the two resources that hold the key of a pair.
func connectionsOf(t desired.Tunnel) []resource.ID {
	return []resource.ID{desired.AWSConnectionID(t.Link, t.Instance), desired.AzureConnectionID(t.Link)}
}

// linksFor lists the links that an order is of. Of a link whose keys stand
// somewhere else linkd makes none.
func linksFor(file *desired.File, order Order) ([]desired.Link, error) {
	var links []desired.Link
	for _, name := range order.Links {
		if !slices.ContainsFunc(file.Links, func(link desired.Link) bool { return link.Name == name }) {
			return nil, fmt.Errorf("cannot rotate the keys of %s: the file has no such link", name)
		}
		if link := file.LinkNamed(name); link.Keys.Given() {
			return nil, resource.WithHint(
				fmt.Errorf("cannot make new keys for %s: the file takes them from %s", name, link.Keys.From),
				"change the keys there; linkd apply, or the linkd that runs, then brings them to both clouds, one tunnel at a time")
		}
	}
	for _, link := range file.Links {
		if len(order.Links) == 0 && !link.Keys.Given() || slices.Contains(order.Links, link.Name) {
			links = append(links, link)
		}
	}
	for _, number := range order.Tunnels {
		if !slices.ContainsFunc(links, func(link desired.Link) bool {
			return slices.ContainsFunc(link.Tunnels(), func(t desired.Tunnel) bool { return t.Number == number })
		}) {
			return nil, fmt.Errorf("cannot rotate the key of tunnel %d: no link that was named uses one of this number", number)
		}
	}
	return links, nil
}

// noteOf is the note of one connection, as the cloud has it.
func noteOf(world resource.World, connection resource.ID) desired.KeyNote {
	return desired.ParseKeyNote(world[connection].Attrs[desired.FactKeyNote].One())
}

// turnsOf lists what is to be done about the keys of a link: what is half done,
// then what is to be changed. Where an earlier rotation was not ended, its rest is
// all that is changed; else those are that were asked for. They go connection
// by connection, and in each those first that are down, since that costs nothing.
func turnsOf(link desired.Link, world resource.World, order Order) []Turn {
	due := Due(link, world, order.Due)
	var turns, changes []Turn
	for _, t := range link.Tunnels() {
		note := noteOf(world, desired.AWSConnectionID(t.Link, t.Instance))
		switch {
		case differ(t, world):
			turns = append(turns, Turn{Tunnel: t, What: Finish})
		case slices.Contains(note.Prove, t.Number):
			turns = append(turns, Turn{Tunnel: t, What: Prove})
		}
		asked := (len(order.Tunnels) == 0 || slices.Contains(order.Tunnels, t.Number)) && (order.Due.IsZero() || slices.Contains(due, t))
		if !halfDone(t, note, world) && (slices.Contains(note.Todo, t.Number) || !begun(link, t.Instance, world) && asked) {
			changes = append(changes, Turn{Tunnel: t, What: Change})
		}
	}
	slices.SortStableFunc(changes, func(a, b Turn) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(rank(a.Tunnel, world), rank(b.Tunnel, world)))
	})
	return append(turns, changes...)
}

// begun reports whether it stands in the notes of a link whose turn is to come at one
// of its connections: a rotation is under way that was not killed while it noted that.
// It does so at the last connection first, and its first turns are at the first one,
// whose note stays open until the end.
func begun(link desired.Link, instance int, world resource.World) bool {
	open := false
	own := noteOf(world, desired.AWSConnectionID(link.Name, instance))
	for _, other := range link.Instances() {
		note := noteOf(world, desired.AWSConnectionID(link.Name, other))
		if other > instance && len(note.Todo) > 0 && !own.Open() {
			return false
		}
		open = open || note.Open()
	}
	return open
}

// rank puts those whose turn was to come next first, in their order, and then
// those that are down.
func rank(t desired.Tunnel, world resource.World) int {
	note := noteOf(world, desired.AWSConnectionID(t.Link, t.Instance))
	switch at := slices.Index(note.Todo, t.Number); {
	case at >= 0:
		return at
	case reconcile.StatusOf(t, world) == reconcile.PairDown:
		return 2
	}
	return 3
}

// halfDone reports whether the key of the tunnel whose turn is next has been
// changed already: AWS has another than Azure, as it can only have between its
// own change and the note of that, for a rotation begins with keys that agree.
func halfDone(t desired.Tunnel, note desired.KeyNote, world resource.World) bool {
	return len(note.Todo) > 0 && note.Todo[0] == t.Number && differ(t, world)
}

// differ reports whether both clouds are known to have different keys.
func differ(t desired.Tunnel, world resource.World) bool {
	aws, azure := keysIn(t, world)
	return !aws.IsZero() && !azure.IsZero() && !aws.Equal(azure)
}

func keysIn(t desired.Tunnel, world resource.World) (aws, azure resource.Secret) {
	return world[desired.AWSConnectionID(t.Link, t.Instance)].Secrets[desired.FactKey(t.Number)],
		world[desired.AzureConnectionID(t.Link)].Secrets[azureKey(t)]
}

// azureKey is the name of the key of a pair among those of Azure's connection.
func azureKey(t desired.Tunnel) string {
	_, row, _ := strings.Cut(azureRow, ".")
	return row + "/" + t.Name()
}

// obstacle says why the key of a pair cannot be changed in this world, so that
// both clouds would surely have it afterwards, or "".
func obstacle(t desired.Tunnel, world resource.World) string {
	for _, id := range connectionsOf(t) {
		switch live := world[id]; {
		case live.Phase == resource.Unknown:
			return fmt.Sprintf("%s cannot be read: %s", id, live.Why)
		case live.Phase == resource.Pending || live.Phase == resource.Created:
			return fmt.Sprintf("an operation runs on %s: %s", id, live.Why)
		case live.Phase != resource.Ready:
			return fmt.Sprintf("%s is %s", id, live.Phase)
		}
	}
	switch aws, azure := keysIn(t, world); {
	case aws.IsZero():
		return "AWS does not show its key"
	case azure.IsZero():
		return "Azure does not show its key, so that nobody could tell whether it has the new one"
	}
	return ""
}
