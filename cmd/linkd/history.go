package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/journal"
)

// journalFolder is where the journal is within a state folder.
func journalFolder(state string) string { return filepath.Join(state, "journal") }

// history is what linkd history was asked for.
type history struct {
	filter       journal.Filter
	since, until string
	events       []string
	state        string
	folder       string
	verify       bool
	output       *oneOf
}

func (p *program) historyCommand() *cobra.Command {
	h := &history{}
	command := &cobra.Command{
		Use: "history", Short: "Show what linkd saw and did, and check that the record is whole", Args: cobra.NoArgs,
		Long: "Read the journal of a file's link: each drift that appeared, was held, repaired and\n" +
			"proved, with the values before and after, and who approved or paused. It is read\n" +
			"from the state folder, whether a linkd runs or not.\n\n" +
			"A time is a span back from now (90m, 24h), a date (2026-11-24), or a date and a\n" +
			"time (2026-11-24T10:00Z); without a zone it is UTC, as all that is printed.\n\n" +
			"--verify checks every line of the journal: the exit code is 0 when the record is\n" +
			"whole, 1 when a line was changed, taken out, put in or moved, and 2 when it could\n" +
			"not be read.\n\n" +
			"Actions:\n" + wrapped(eventNames()) + ".",
		Example: "  linkd history --since 24h --resource 'azure/*'\n  linkd history --action repaired --action failed --last 20\n  linkd history --verify",
	}
	flags := command.Flags()
	flags.StringVar(&h.since, "since", "", "only what happened at or after this time")
	flags.StringVar(&h.until, "until", "", "only what happened before this time")
	flags.StringVar(&h.filter.Resource, "resource", "", "only of resources that fit the pattern, such as 'azure/vpn-site/*'")
	flags.StringVar(&h.filter.Drift, "drift", "", "only of drifts whose key fits the pattern, such as '*.routes.extra'")
	flags.StringVar(&h.filter.Link, "link", "", "only of this link")
	flags.Uint64Var(&h.filter.Round, "round", 0, "only of this round")
	flags.StringArrayVar(&h.events, "action", nil, "only of this sort; may be given again")
	flags.IntVar(&h.filter.Last, "last", 0, "only the last so many of those")
	flags.BoolVar(&h.verify, "verify", false, "check the whole record and show nothing of it")
	flags.StringVar(&h.state, "state", "", "the state folder of linkd run or apply (STATE_DIRECTORY, else ~/.local/state/linkd)")
	flags.StringVar(&h.folder, "journal", "", "the folder of a journal, for a copy, or when the file cannot be read")
	command.MarkFlagsMutuallyExclusive("journal", "state")
	h.output = outputFlag(command, "text", "json")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := h.check(time.Now()); err != nil {
			return err
		}
		folder, err := p.historyFolder(command, h)
		if err != nil {
			return err
		}
		if h.verify {
			return p.verifyHistory(folder)
		}
		return p.showHistory(folder, h)
	}
	return command
}

func eventNames() []string {
	var names []string
	for _, event := range journal.Events() {
		names = append(names, string(event))
	}
	return names
}

// wrapped joins words by commas, in lines as long as those of the help.
func wrapped(words []string) string {
	const width = 84
	var text strings.Builder
	at := 0
	for i, word := range words {
		if i < len(words)-1 {
			word += ","
		}
		if at += len(word) + 1; at > width {
			text.WriteString("\n")
			at = len(word) + 1
		} else if i > 0 {
			text.WriteString(" ")
		}
		text.WriteString(word)
	}
	return text.String()
}

// check reads the arguments into the filter.
func (h *history) check(now time.Time) error {
	for _, bound := range []struct {
		flag, text string
		at         *time.Time
	}{{"--since", h.since, &h.filter.Since}, {"--until", h.until, &h.filter.Until}} {
		if bound.text == "" {
			continue
		}
		at, ok := momentOf(bound.text, now)
		if !ok {
			return &verdict{
				code: exitUsage, err: fmt.Errorf("cannot read the time of %s: %q", bound.flag, bound.text),
				hint: "write a span such as 24h, a date such as 2026-11-24, or 2026-11-24T10:00Z",
			}
		}
		*bound.at = at
	}
	for _, name := range h.events {
		if !slices.Contains(journal.Events(), journal.Event(name)) {
			return &verdict{
				code: exitUsage, err: fmt.Errorf("cannot look for %q: there is no such action", name),
				hint: "it is one of " + strings.Join(eventNames(), ", "),
			}
		}
		h.filter.Events = append(h.filter.Events, journal.Event(name))
	}
	if h.filter.Last < 0 {
		return &verdict{code: exitUsage, err: fmt.Errorf("cannot show the last %d entries", h.filter.Last)}
	}
	return nil
}

// moments are the forms of a time; the zone is UTC where there is none. The
// last is the one that linkd prints.
var moments = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02", "2006-01-02 15:04:05Z07:00",
}

// momentOf reads a time, or a span back from now.
func momentOf(text string, now time.Time) (time.Time, bool) {
	if span, err := time.ParseDuration(text); err == nil {
		return now.Add(-span), span >= 0
	}
	for _, form := range moments {
		if at, err := time.Parse(form, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// historyFolder is the journal's folder: the one given, or that of the file.
func (p *program) historyFolder(command *cobra.Command, h *history) (string, error) {
	if h.folder != "" {
		return h.folder, nil
	}
	file, err := p.load()
	if err != nil {
		return "", err
	}
	clock, err := p.clock(command.Context())
	if err != nil {
		return "", err
	}
	state, err := p.stateFolder(h.state, file, clock)
	return journalFolder(state), err
}

// showHistory writes the entries as the result.
func (p *program) showHistory(folder string, h *history) error {
	out := bufio.NewWriter(p.out)
	err := journal.ReadLines(folder, h.filter, func(e journal.Entry, line []byte) bool {
		if h.output.value == "json" {
			_, _ = out.Write(line)
			return out.WriteByte('\n') == nil
		}
		_, wrong := out.WriteString(entryText(e))
		return wrong == nil
	})
	if wrong := out.Flush(); wrong != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the history: %w", wrong)}
	}
	return unreadJournal(err)
}

// verifyHistory checks the chain and writes what was found as the result.
func (p *program) verifyHistory(folder string) error {
	found, err := journal.Verify(folder)
	if err != nil {
		return unreadJournal(err)
	}
	if _, err := io.WriteString(p.out, verifiedText(found)); err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the result: %w", err)}
	}
	if !found.Whole() {
		return &verdict{
			code: exitFinding, err: errors.New("cannot vouch for the record: it was changed after it was written"),
			hint: "keep a copy of " + folder + " as it is, and see who could write there",
		}
	}
	return nil
}

// unreadJournal is the verdict when a journal cannot be read.
func unreadJournal(err error) error {
	_, damaged := errors.AsType[*journal.Damage](err)
	switch {
	case err == nil:
		return nil
	case damaged:
		return &verdict{code: exitUnchecked, err: err, hint: "all else was read; linkd history --verify names every damaged line"}
	case errors.Is(err, fs.ErrNotExist):
		return &verdict{code: exitUnchecked, err: err, hint: "it begins with the first linkd apply or run; --state and -f say where to look"}
	}
	return &verdict{code: exitUnchecked, err: err}
}
