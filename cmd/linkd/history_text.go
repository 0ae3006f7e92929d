package main

import (
	"fmt"
	"strings"
	"unicode"

	"linkd/internal/journal"
	"linkd/internal/resource"
)

const (
	historyTime = "2006-01-02 15:04:05Z"
	// historyIndent is where the lines under an entry begin: below its event.
	historyIndent = len(historyTime) + 2
)

// entryText is an entry as a person reads it: one line, and a second one only
// where there is a sentence beside the facts.
func entryText(e journal.Entry) string {
	facts := []string{e.Resource, driftName(e), difference(e), heldWord(e)}
	if e.Resource == "" {
		facts = []string{e.Link, driftName(e), difference(e)}
	}
	facts = append(facts, byWhom(e))
	var shown []string
	for _, fact := range facts {
		if fact != "" {
			shown = append(shown, fact)
		}
	}
	text := oneLine(e.Text)
	if restates(e, text) {
		text = ""
	}
	if text != "" && e.Resource == "" { // which is all that there is to say
		shown = append(shown, text)
		text = ""
	}
	head := fmt.Sprintf("%s  %-9s  ", e.At.UTC().Format(historyTime), e.Event)
	line := strings.TrimRight(head+oneLine(strings.Join(shown, "  ")), " ") + "\n"
	if text != "" {
		line += strings.Repeat(" ", historyIndent) + text + "\n"
	}
	return line
}

// restates says whether a text tells only what the line of facts does.
func restates(e journal.Entry, text string) bool {
	name := driftName(e)
	for _, fact := range []string{difference(e), "differs (hidden)", "has " + resource.Of(e.Have...).String() + ", which nobody declared"} {
		if text == strings.TrimSpace(name+" "+fact) {
			return true
		}
	}
	return false
}

// driftName is the part of a drift's key that its resource does not say, with
// the member that it is about.
func driftName(e journal.Entry) string {
	_, name, _ := strings.Cut(e.Drift, ".")
	if e.Member != "" {
		name += " of " + e.Member
	}
	return name
}

// difference shows two scalars as a change, and two sets by what one has more
// than the other.
func difference(e journal.Entry) string {
	want, have := resource.Of(e.Want...), resource.Of(e.Have...)
	if len(want) == 1 && len(have) == 1 {
		return fmt.Sprintf("is %s, should be %s", have, want)
	}
	var parts []string
	if missing := want.Without(have); len(missing) > 0 {
		parts = append(parts, "missing "+missing.String())
	}
	if extra := have.Without(want); len(extra) > 0 {
		parts = append(parts, "extra "+extra.String())
	}
	if len(parts) == 0 && !strings.HasSuffix(e.Drift, "."+e.Class) { // whose key says it
		return e.Class
	}
	return strings.Join(parts, ", ")
}

// heldWord says in one word why a drift is left.
func heldWord(e journal.Entry) string {
	if e.Held == "" {
		return ""
	}
	return "(" + e.Held + ")"
}

// byWhom says who did it, and to which plan.
func byWhom(e journal.Entry) string {
	var parts []string
	if e.Digest != "" {
		parts = append(parts, "plan "+e.Digest)
	}
	if e.By != "" {
		parts = append(parts, "by "+e.By)
	}
	return strings.Join(parts, " ")
}

// oneLine keeps what a cloud or a person wrote from breaking lines or steering
// the terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, text)
}

// verifiedText says what a check of the record found.
func verifiedText(v journal.Verified) string {
	var text strings.Builder
	for _, b := range v.Breaks {
		fmt.Fprintf(&text, "✗ %s\n", b)
	}
	if v.More > 0 {
		fmt.Fprintf(&text, "✗ and %d lines more\n", v.More)
	}
	if v.Count == 0 {
		fmt.Fprintf(&text, "The journal holds no entry that is as it was written.\n")
		return text.String()
	}
	if v.Whole() {
		fmt.Fprintf(&text, "The record is whole: %d entries, %d to %d, from %s to %s.\n",
			v.Count, v.First.Seq, v.Last.Seq, v.First.At.Format(historyTime), v.Last.At.Format(historyTime))
	} else {
		fmt.Fprintf(&text, "The record is broken: %d entries fit, %s.\n", v.Count, wholeFrom(v))
	}
	if v.First.Seq > 1 && v.Whole() {
		fmt.Fprintf(&text, "Entries before %d were dropped with the oldest files.\n", v.First.Seq)
	}
	if v.Gaps > 0 {
		fmt.Fprintf(&text, "Entries were lost in %d places; linkd history --action gap tells when and why.\n", v.Gaps)
	}
	if v.Torn != "" {
		fmt.Fprintf(&text, "The last line of %s is unfinished: it is being written, or linkd was killed.\n", v.Torn)
	}
	fmt.Fprintf(&text, "Last: entry %d, %s\n", v.Last.Seq, v.Last.Hash)
	return text.String()
}

func wholeFrom(v journal.Verified) string {
	if v.From == 0 {
		return "and the last line does not"
	}
	return fmt.Sprintf("whole from entry %d on", v.From)
}
