package desired

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// KeyNote is what the [KeysTag] of an AWS VPN connection says of the keys of
// its tunnels: the whole memory of a rotation, so that any linkd goes on with
// what another began. It names no key and nothing made of one. The zero KeyNote
// is that of a connection whose keys linkd never changed.
//
// Its text is words apart by spaces, such as
// "1=2026-11-27T23:20:00Z prove=1 todo=2".
type KeyNote struct {
	// Set is when linkd gave a tunnel the key that it has, by the tunnel's number.
	Set map[int]time.Time
	// Todo are the tunnels whose turn is to come in the rotation under way, in
	// the order of their turns.
	Todo []int
	// Prove are the tunnels whose key was changed and that were not seen up since.
	Prove []int
}

// ParseKeyNote reads a note. What it does not understand it leaves out: a note
// is somebody's to edit, and a key that is changed once more than needed harms
// nobody.
func ParseKeyNote(text string) KeyNote {
	note := KeyNote{Set: map[int]time.Time{}}
	for word := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "todo":
			note.Todo = tunnelNumbers(value)
		case "prove":
			note.Prove = tunnelNumbers(value)
		default:
			at, err := time.Parse(time.RFC3339, value)
			if numbers := tunnelNumbers(name); err == nil && len(numbers) == 1 {
				note.Set[numbers[0]] = at.UTC()
			}
		}
	}
	return note
}

// tunnelNumbers reads "1+2". A connection has no other tunnels.
func tunnelNumbers(text string) []int {
	var numbers []int
	for part := range strings.SplitSeq(text, "+") {
		if number, err := strconv.Atoi(part); err == nil && (number == 1 || number == 2) && !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// String is the text of the note, of characters that a tag may have.
func (n KeyNote) String() string {
	var words []string
	for _, number := range slices.Sorted(maps.Keys(n.Set)) {
		words = append(words, fmt.Sprintf("%d=%s", number, n.Set[number].UTC().Format(time.RFC3339)))
	}
	for _, list := range []struct {
		name    string
		numbers []int
	}{{"prove", n.Prove}, {"todo", n.Todo}} {
		if len(list.numbers) == 0 {
			continue
		}
		texts := make([]string, len(list.numbers))
		for i, number := range list.numbers {
			texts[i] = strconv.Itoa(number)
		}
		words = append(words, list.name+"="+strings.Join(texts, "+"))
	}
	return strings.Join(words, " ")
}

// Open reports whether a rotation is under way.
func (n KeyNote) Open() bool { return len(n.Todo) > 0 || len(n.Prove) > 0 }

// KeysMade is the note of a connection that was made at a moment, with the keys
// of both its tunnels.
func KeysMade(at time.Time) KeyNote {
	at = at.UTC().Truncate(time.Second)
	return KeyNote{Set: map[int]time.Time{1: at, 2: at}}
}

// Begun is the note with tunnels added whose turn is to come.
func (n KeyNote) Begun(order ...int) KeyNote {
	next := n.clone()
	for _, number := range order {
		if !slices.Contains(next.Todo, number) {
			next.Todo = append(next.Todo, number)
		}
	}
	return next
}

// Changed is the note once a tunnel has a new key.
func (n KeyNote) Changed(number int, at time.Time) KeyNote {
	next := n.clone()
	next.Set[number] = at.UTC().Truncate(time.Second)
	next.Todo = slices.DeleteFunc(next.Todo, func(other int) bool { return other == number })
	if !slices.Contains(next.Prove, number) {
		next.Prove = append(next.Prove, number)
	}
	return next
}

// Proved is the note once tunnels were seen up with their new keys.
func (n KeyNote) Proved(numbers ...int) KeyNote {
	next := n.clone()
	next.Prove = slices.DeleteFunc(next.Prove, func(number int) bool { return slices.Contains(numbers, number) })
	return next
}

func (n KeyNote) clone() KeyNote {
	next := KeyNote{Set: maps.Clone(n.Set), Todo: slices.Clone(n.Todo), Prove: slices.Clone(n.Prove)}
	if next.Set == nil {
		next.Set = map[int]time.Time{}
	}
	return next
}
