package reconcile

import (
	"fmt"
	"io"
	"strings"

	"linkd/internal/resource"
)

// Mermaid writes the graph of needs with the state of each resource, as a
// Mermaid flow chart.
func (g *Graph) Mermaid(w io.Writer, plan Plan) error {
	var text strings.Builder
	text.WriteString("flowchart LR\n")
	names := g.names()
	for _, cloud := range []string{"azure", "aws"} {
		fmt.Fprintf(&text, "  subgraph %s\n", cloud)
		for _, id := range g.order {
			if strings.HasPrefix(string(id), cloud+"/") {
				fmt.Fprintf(&text, "    %s[\"%s<br/>%s\"]:::%s\n", names[id], id, plan.state(id), className(plan.verb(id)))
			}
		}
		text.WriteString("  end\n")
	}
	for _, id := range g.order {
		for _, need := range g.resources[id].Needs() {
			fmt.Fprintf(&text, "  %s --%s--> %s\n", names[need.On], need.At, names[id])
		}
	}
	for _, class := range colours {
		fmt.Fprintf(&text, "  classDef %s fill:%s,stroke:#333\n", class.name, class.colour)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// DOT writes the same for Graphviz.
func (g *Graph) DOT(w io.Writer, plan Plan) error {
	var text strings.Builder
	text.WriteString("digraph linkd {\n  rankdir=LR;\n  node [shape=box style=filled];\n")
	for _, id := range g.order {
		fill := "#d8f0d8"
		for _, class := range colours {
			if class.name == className(plan.verb(id)) {
				fill = class.colour
			}
		}
		fmt.Fprintf(&text, "  %q [label=%q fillcolor=%q];\n", id, string(id)+"\n"+plan.state(id), fill)
	}
	for _, id := range g.order {
		for _, need := range g.resources[id].Needs() {
			fmt.Fprintf(&text, "  %q -> %q [label=%q];\n", need.On, id, need.At)
		}
	}
	text.WriteString("}\n")
	_, err := io.WriteString(w, text.String())
	return err
}

// colours are the fills of the states.
var colours = []struct{ name, colour string }{
	{"asdesired", "#d8f0d8"}, {"write", "#fff2cc"}, {"held", "#f8d7da"}, {"wait", "#dbe9f9"},
}

func className(verb Verb) string {
	switch {
	case verb == "":
		return "asdesired"
	case verb.Writes():
		return "write"
	case verb == Await:
		return "wait"
	}
	return "held"
}

// names are short ids that both languages take.
func (g *Graph) names() map[resource.ID]string {
	names := make(map[resource.ID]string, len(g.order))
	for i, id := range g.order {
		names[id] = fmt.Sprintf("n%d", i)
	}
	return names
}

// verb is what the plan does about a resource, or "" when nothing.
func (p Plan) verb(id resource.ID) Verb {
	for _, step := range p.Steps {
		if step.ID == id {
			return step.Verb
		}
	}
	return ""
}

// state says in a word or two how a resource stands.
func (p Plan) state(id resource.ID) string {
	for _, step := range p.Steps {
		if step.ID == id {
			return string(step.Verb) + ": " + step.Drifts[0].Key()[strings.LastIndex(step.Drifts[0].Key(), ".")+1:]
		}
	}
	return "as desired"
}
