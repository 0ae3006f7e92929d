package reconcile

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Glyph marks each verb at the beginning of its line.
func (v Verb) Glyph() string {
	return map[Verb]string{
		Create: "+", Update: "~", Renew: "∓", Remove: "-", Hold: "=", Await: "…", Unclear: "?",
	}[v]
}

// Text writes the plan as a person reads it: a line for each resource, what
// differs, what it breaks, why it is held, and a summary at the end.
func (p Plan) Text(w io.Writer) error {
	var text strings.Builder
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, step := range p.All() {
		step.text(columns)
	}
	_ = columns.Flush()
	for _, stray := range p.Strays {
		_, _ = fmt.Fprintf(&text, "! %s\n", strayLine(stray))
		if p.removable[stray.Ref] {
			_, _ = fmt.Fprintf(&text, "    held: nothing is deleted unless a rule names it: %s.%s\n", stray.Kind, stray.Class)
		}
	}
	if len(p.Strays) > len(p.removable) {
		text.WriteString("    hint: linkd removes nothing that the file does not have: delete by hand what nobody uses, connections first, or give it its place and name in the file again\n")
	}
	if len(p.Steps)+len(p.Strays)+len(p.Retires) > 0 {
		text.WriteString("\n")
	}
	if effect := p.reachText(); effect != "" {
		text.WriteString(effect + "\n")
	}
	for i, m := range p.Meanwhile {
		text.WriteString(m.text())
		if i == len(p.Meanwhile)-1 {
			text.WriteString("\n")
		}
	}
	text.WriteString(p.Summary() + "\n")
	_, err := io.WriteString(w, text.String())
	return err
}

// text writes the lines of one step.
func (s Step) text(w io.Writer) {
	line := func(how string) { _, _ = fmt.Fprintf(w, "%s %s\t%s\n", s.Verb.Glyph(), s.ID, how) }
	under := func(format string, args ...any) { _, _ = fmt.Fprintf(w, "    "+format+"\n", args...) }
	switch {
	case s.Verb == Create:
		line(fmt.Sprintf("missing, usually made in %s", s.Takes))
	case len(s.Drifts) == 1:
		line(s.Drifts[0].Describe())
	default:
		line(fmt.Sprintf("%d differences", len(s.Drifts)))
	}
	for _, d := range s.Drifts {
		if len(s.Drifts) > 1 && s.Verb != Create {
			under("%s", d.Describe())
		}
		if d.Breaks != "" {
			under("breaks: %s", d.Breaks)
		}
		if d.Action != desired.Repair && d.Because != "" && s.Verb != Await {
			under("held: %s", d.Because)
		}
	}
	if s.Fault != "" && !slices.ContainsFunc(s.Drifts, func(d Decided) bool { return d.Why == s.Fault || d.Because == s.Fault }) {
		under("cannot be: %s", s.Fault)
	}
	if s.Hint != "" {
		under("hint: %s", s.Hint)
	}
	if s.After != "" && s.Verb != Await && !s.blocked() {
		under("(%s)", s.After)
	}
	if s.Effect != resource.NoInterruption {
		under("interrupts: %s", s.Effect)
	}
	if slices.ContainsFunc(s.Drifts, func(d Decided) bool { return d.Then == desired.Repair }) {
		under("then: linkd goes on with it by itself%s", later(s.Later))
	}
}

// later says what is interrupted by what waits for its turn, as a clause.
func later(effect resource.Effect) string {
	if effect == resource.NoInterruption {
		return ""
	}
	return ", which interrupts: " + string(effect)
}

// Describe says what differs, in one line. A secret is only said to differ.
func (d Decided) Describe() string {
	name := d.Attr
	if d.Member != "" {
		name += " of " + d.Member
	}
	var text string
	switch {
	case d.Attr == "":
		text = strings.TrimSpace(string(d.Class) + " " + d.Member)
	case d.Class == resource.Unseen:
		text = name + " cannot be read"
	case d.Want == nil && d.Have == nil:
		text = name + " differs (hidden)"
	case d.Class == resource.Extra:
		text = fmt.Sprintf("%s has %s, which nobody declared", name, d.Have)
	case d.Turn:
		text = fmt.Sprintf("%s are %s, should be %s", name, d.Have, d.Want)
	default:
		text = name + " " + contrast(d.Want, d.Have)
	}
	if d.Why != "" {
		text += ": " + d.Why
	}
	return text
}

// contrast shows two scalars as a change, and two sets by their difference.
func contrast(want, have resource.Value) string {
	if len(have) == 0 {
		return "missing " + want.String()
	}
	if len(want) <= 1 && len(have) <= 1 {
		return fmt.Sprintf("is %s, should be %s", have, orNone(want))
	}
	var parts []string
	if missing := want.Without(have); len(missing) > 0 {
		parts = append(parts, "missing "+missing.String())
	}
	if extra := have.Without(want); len(extra) > 0 {
		parts = append(parts, "extra "+extra.String())
	}
	return strings.Join(parts, ", ")
}

func orNone(v resource.Value) string {
	if len(v) == 0 {
		return "(none)"
	}
	return v.String()
}

// strayLine says what is there and why it is told.
func strayLine(stray resource.Stray) string {
	why := map[resource.Class]string{
		resource.Orphan:    "ours by its tag, and no longer in the file",
		resource.Duplicate: "a second one with the tag of " + string(stray.ID),
		resource.Extra:     "nobody declared it",
	}[stray.Class]
	return fmt.Sprintf("%s %s  %s: %s", stray.Kind, stray.Ref, stray.Class, why)
}

// Summary counts the steps by what becomes of them, in one line.
func (p Plan) Summary() string {
	if p.Refused != "" {
		return "Refused: " + p.Refused + "."
	}
	counts := map[Verb]int{}
	for _, step := range p.All() {
		counts[step.Verb]++
	}
	words := []struct {
		verb Verb
		text string
	}{
		{Create, "to create"},
		{Update, "to repair"},
		{Renew, "to replace"},
		{Remove, "to delete"},
		{Hold, "held"},
		{Await, "to wait for"},
		{Unclear, "unknown"},
	}
	var parts []string
	for _, word := range words {
		if counts[word.verb] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[word.verb], word.text))
		}
	}
	if len(p.Strays) > 0 {
		parts = append(parts, fmt.Sprintf("%d undeclared", len(p.Strays)))
	}
	parts = append(parts, fmt.Sprintf("%d as desired", p.AsDesired))
	line := strings.Join(parts, ", ") + "."
	if len(p.Path) > 0 && p.Takes > 0 {
		line += fmt.Sprintf(" Longest path: %s (%s).", p.Takes.Round(time.Second), shorten(p.Path))
	}
	return line
}

// shorten writes a path of ids with arrows.
func shorten(path []resource.ID) string {
	names := make([]string, len(path))
	for i, id := range path {
		names[i] = string(id)
	}
	return strings.Join(names, " → ")
}
