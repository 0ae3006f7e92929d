package verify

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// marks are how a terminal shows the marks.
var marks = map[Mark]string{OK: "√", Warned: "‼", Failed: "×", Skipped: "-", Unknown: "?"}

// Text writes the report as a person reads it: the verdict first, a line for
// each group that is well, and all that is known of what is not.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	b.WriteString(r.head())
	var groups []Group
	by := map[Group][]Outcome{}
	for _, o := range r.Outcomes {
		if by[o.Group] == nil {
			groups = append(groups, o.Group)
		}
		by[o.Group] = append(by[o.Group], o)
	}
	b.WriteString("\n")
	for _, group := range groups {
		outcomes := by[group]
		if mark := outcomes[0].Mark; quiet(outcomes, mark) && (group != Pings || len(outcomes) <= few) {
			fmt.Fprintf(&b, "%s %s: %s\n", marks[mark], group, saying(outcomes))
			continue
		}
		for _, o := range outcomes {
			o.text(&b)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// head is what is told first: the verdict, and who judged it if it was
// somebody else.
func (r Report) head() string {
	if r.Source != "" {
		return r.First + "\n" + r.Source + "\n"
	}
	return r.First + "\n"
}

// quiet tells whether a whole group is told in one line.
func quiet(outcomes []Outcome, mark Mark) bool {
	return mark == OK && !slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.Mark != mark || len(o.Findings)+len(o.Gaps) > 0 })
}

// few is how many checks of a group are told in one line. Pings are never only
// counted: each says from where it was sent.
const few = 2

// saying joins what the checks of a group say, or counts them when they are
// many.
func saying(outcomes []Outcome) string {
	if len(outcomes) > few {
		return fmt.Sprintf("%d checks", len(outcomes))
	}
	all := make([]string, len(outcomes))
	for i, o := range outcomes {
		all[i] = o.Says
	}
	return strings.Join(all, "; ")
}

func (o Outcome) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s %s: %s\n", marks[o.Mark], o.Group, o.Says)
	for _, f := range o.Findings {
		f.text(b)
	}
	for _, gap := range o.Gaps {
		if gap.About != o.Check {
			fmt.Fprintf(b, "    ? %s: %s\n", gap.About, gap.Why)
		}
	}
}

func (f Finding) text(b *strings.Builder) {
	line := func(what, text string) {
		if text != "" {
			fmt.Fprintf(b, "      %-8s %s\n", what, text)
		}
	}
	fmt.Fprintf(b, "    %s: %s\n", f.Severity, f.Line())
	line("", f.Says)
	if f.ID != "" || strings.Contains(f.Ref, "/") {
		line("cloud", f.Ref)
	}
	for _, seen := range f.Evidence {
		text := fmt.Sprintf("%s of %s: %s", seen.Field, seen.Call, seen.Value)
		if !seen.At.IsZero() {
			text += ", at " + seen.At.UTC().Format(time.RFC3339)
		}
		line("seen", text)
	}
	line("blocks", strings.Join(f.Ways, ", "))
	for _, effect := range f.Consequences {
		line("so", effect.Line()+": "+effect.Says)
	}
	line("do", f.Hint)
	line("more", f.Doc)
}

// Short writes the verdict and a line for each root cause, for a chat.
func (r Report) Short(w io.Writer) error {
	var b strings.Builder
	b.WriteString(r.head())
	for i, f := range r.Findings {
		if i > 0 || !strings.HasSuffix(r.First, f.Line()) {
			fmt.Fprintf(&b, "%s %s\n", f.Severity, f.Line())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Worst writes the verdict and what is known of the first root cause.
func (r Report) Worst(w io.Writer) error {
	var b strings.Builder
	b.WriteString(r.head())
	if len(r.Findings) > 0 {
		r.Findings[0].text(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// JSON writes the report whole, on lines of its own.
func (r Report) JSON(w io.Writer) error {
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}
