package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Entry is one line of the journal. Seq, Previous and Hash are filled in when
// it is appended.
type Entry struct {
	// Seq counts the entries of a folder from 1, over all files and restarts.
	Seq uint64 `json:"seq"`
	// At is when it happened, in UTC to the nanosecond.
	At    time.Time `json:"at"`
	Event Event     `json:"event"`

	Round    uint64 `json:"round,omitempty"`
	Link     string `json:"link,omitempty"`
	Resource string `json:"resource,omitempty"` // "azure/vpn-site/tokyo"
	Drift    string `json:"drift,omitempty"`    // its key, "azure/vpn-site.address_space"
	Member   string `json:"member,omitempty"`   // which of the secrets of a row

	Class    string `json:"class,omitempty"`    // missing, differs, extra, …
	Decision string `json:"decision,omitempty"` // repair, report or approve
	Held     string `json:"held,omitempty"`     // why it is not mended, in one word

	// Want is the value after a repair, and Have the one before. Of a drift of
	// members they hold only those that are missing or extra. Both are empty for a
	// secret.
	Want []string `json:"want,omitempty"`
	Have []string `json:"have,omitempty"`

	By     string `json:"by,omitempty"`     // who approved or paused: "uid 1000 (alice)"
	Text   string `json:"text,omitempty"`   // a sentence for a person
	Digest string `json:"digest,omitempty"` // of the plan that an approval is bound to

	// Previous is the Hash of the entry before, "" for the first of all.
	Previous string `json:"previous,omitempty"`
	// Hash is the SHA-256, in hex, over Previous and the line without its hash.
	Hash string `json:"hash,omitempty"`
}

// What an entry may hold at the most, in bytes. Longer lists and texts are cut
// and say so. A line is shorter than longestLine also when every byte has to be
// escaped.
const (
	longestText = 4 << 10
	longestList = 64 << 10
	longestLine = 2 << 20
)

// end is where a chain ends: the number and the hash of its last entry.
type end struct {
	seq  uint64
	hash string
}

// seal ties an entry that is tidied to the end of a chain. It returns the line,
// with its newline, and the new end.
func seal(e Entry, after end) ([]byte, end) {
	e.Seq, e.Previous, e.Hash = after.seq+1, after.hash, ""
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // jq and people read it
	if err := encoder.Encode(e); err != nil {
		panic(err) // strings, numbers and a time that RFC 3339 can say
	}
	body := bytes.TrimSuffix(text.Bytes(), []byte("\n"))
	e.Hash = sum(e.Previous, body)
	line := append(body[:len(body)-1:len(body)-1], hashEnding(e.Hash)...)
	return append(line, '\n'), end{e.Seq, e.Hash}
}

// sum is the hash of a line: over the hash before and the text without its own.
func sum(previous string, body []byte) string {
	digest := sha256.New()
	digest.Write([]byte(previous))
	digest.Write(body)
	return hex.EncodeToString(digest.Sum(nil))
}

// hashEnding is how a line with this hash ends.
func hashEnding(hash string) string { return `,"hash":"` + hash + `"}` }

var errNoEntry = errors.New("it is not an entry")

// parse reads a line, without its newline. Sound says that the line is as it
// was written: its hash fits every byte of it.
func parse(line []byte) (e Entry, sound bool, err error) {
	if e, err = decode(line); err != nil {
		return Entry{}, false, err
	}
	body, ends := bytes.CutSuffix(line, []byte(hashEnding(e.Hash)))
	if !ends {
		return e, false, nil
	}
	return e, sum(e.Previous, append(slices.Clip(body), '}')) == e.Hash, nil
}

// decode reads a line as parse does, and does not ask whether it is as it was
// written.
func decode(line []byte) (e Entry, err error) {
	if err := json.Unmarshal(line, &e); err != nil || e.Seq == 0 || e.Hash == "" {
		return Entry{}, errNoEntry
	}
	return e, nil
}

// tidied returns an entry that can be written: in UTC, and no longer than a
// line may be.
func tidied(e Entry) Entry {
	if year := e.At.UTC().Year(); e.At.IsZero() || year < 1 || year > 9999 { // which RFC 3339 cannot say
		e.At = time.Now()
	}
	e.At = e.At.UTC().Round(0)
	for _, field := range []*string{
		(*string)(&e.Event), &e.Link, &e.Resource, &e.Drift, &e.Member, &e.Class, &e.Decision, &e.Held, &e.By, &e.Text, &e.Digest,
	} {
		*field = cut(*field, longestText)
	}
	e.Want, e.Have = cutList(e.Want), cutList(e.Have)
	return e
}

// cut shortens a text to so many bytes of whole characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-len("…")], "") + "…"
}

// cutList keeps the first members of a list that is too long, and counts the others.
func cutList(list []string) []string {
	size := 0
	for i, member := range list {
		if size += len(member) + len(`"",`); size > longestList {
			return append(list[:i:i], fmt.Sprintf("… and %d more", len(list)-i))
		}
	}
	return list
}
