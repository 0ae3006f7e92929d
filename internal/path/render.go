package path

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Mark is how a verdict is shown at the beginning of a line.
func (v Verdict) Mark() string {
	return map[Verdict]string{Pass: "✓", Block: "✗", Unknown: "?"}[v]
}

// Text writes both ways hop by hop, as a person reads them; with the evidence
// below each hop when it is asked for.
func (t Trace) Text(w io.Writer, evidence bool) error {
	var text strings.Builder
	for i, way := range []Way{t.Forward, t.Back} {
		if i > 0 {
			text.WriteString("\n")
		}
		way.text(&text, evidence)
	}
	for _, note := range []string{t.Asymmetric, t.Unmeant} {
		if note != "" {
			fmt.Fprintf(&text, "\nnote: %s\n", note)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (w Way) text(text *strings.Builder, evidence bool) {
	fmt.Fprintf(text, "%s → %s: %s\n", w.From, w.To, w.summary())
	for _, hop := range w.Hops {
		says := hop.Says
		if hop.Code != "" {
			says += " [" + string(hop.Code) + "]"
		}
		fmt.Fprintf(text, "  %s %-15s  %s\n", hop.Verdict.Mark(), hop.Kind, says)
		if evidence {
			hop.evidence(text)
		}
	}
}

// evidence writes what a hop was judged by.
func (h Hop) evidence(text *strings.Builder) {
	const indent = "                       "
	if name := strings.TrimSpace(string(h.ID) + " " + h.Ref); name != "" {
		fmt.Fprintf(text, "%s%s\n", indent, name)
	}
	for _, e := range h.Evidence {
		fmt.Fprintf(text, "%s%s: %s is %s", indent, e.Call, e.Field, orNothing(e.Value))
		if !e.At.IsZero() {
			fmt.Fprintf(text, " (%s)", e.At.UTC().Format(time.RFC3339))
		}
		text.WriteString("\n")
	}
}

func orNothing(value string) string {
	if value == "" {
		return "empty"
	}
	return value
}

// summary is a way in a few words.
func (w Way) summary() string {
	switch w.Verdict {
	case Pass:
		return "passes"
	case Block:
		hop, _ := w.Broken()
		return fmt.Sprintf("is blocked at %s", hop.Kind)
	}
	unknown := 0
	for _, hop := range w.Hops {
		if hop.Verdict == Unknown {
			unknown++
		}
	}
	if unknown == 1 {
		return "is not known: 1 hop could not be judged"
	}
	return fmt.Sprintf("is not known: %d hops could not be judged", unknown)
}

// Mermaid writes both ways as a flowchart.
func (t Trace) Mermaid(w io.Writer) error {
	var text strings.Builder
	text.WriteString("flowchart LR\n")
	for i, way := range []Way{t.Forward, t.Back} {
		name := [...]string{"there", "back"}[i]
		fmt.Fprintf(&text, "  subgraph %s[\"%s\"]\n", name, escape(way.From+" → "+way.To+": "+way.summary()))
		for n, hop := range way.Hops {
			fmt.Fprintf(&text, "    %s%d[\"%s %s<br/>%s\"]:::%s\n", name, n, hop.Verdict.Mark(), hop.Kind, escape(hop.Says), hop.Verdict)
			if n > 0 {
				fmt.Fprintf(&text, "    %s%d --> %s%d\n", name, n-1, name, n)
			}
		}
		text.WriteString("  end\n")
	}
	text.WriteString("  classDef pass stroke:#2a2\n  classDef block stroke:#c22,stroke-width:3px\n  classDef unknown stroke:#c80,stroke-dasharray:4\n")
	_, err := io.WriteString(w, text.String())
	return err
}

// escape keeps a sentence within the quotes of a Mermaid label.
func escape(text string) string {
	return strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;").Replace(text)
}
