package reconcile

import (
	"fmt"
	"strings"
)

// Reach is two networks of the file, or a prefix of each, and whether an echo
// between them comes back: "pass", "block", or "unknown", now and once the plan
// is carried out.
type Reach struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// mostReach is how many pairs are named one by one.
const mostReach = 8

// reachText says which pairs of networks start or stop working. What is not
// known on either side is counted.
func (p Plan) reachText() string {
	var text strings.Builder
	rows := []struct{ before, after, one, many, all string }{
		{"block", "pass", "starts to work", "start to work", "all %d pairs of networks start to work"},
		{"pass", "block", "stops working", "stop working", "all %d pairs of networks stop working"},
	}
	counted := 0
	for _, row := range rows {
		var pairs []string
		for _, r := range p.Reach {
			if r.Before == row.before && r.After == row.after {
				pairs = append(pairs, r.From+" ↔ "+r.To)
			}
		}
		counted += len(pairs)
		switch {
		case len(pairs) == 0:
		case len(pairs) == p.Pairs && p.Pairs > 1:
			fmt.Fprintf(&text, "effect: "+row.all+"\n", p.Pairs)
		case len(pairs) <= mostReach:
			for _, pair := range pairs {
				fmt.Fprintf(&text, "effect: %s %s\n", pair, row.one)
			}
		default:
			fmt.Fprintf(&text, "effect: %d of %d pairs of networks %s: %s and %d more\n",
				len(pairs), p.Pairs, row.many, strings.Join(pairs[:mostReach], ", "), len(pairs)-mostReach)
		}
	}
	if unsure := len(p.Reach) - counted; unsure > 0 {
		fmt.Fprintf(&text, "effect: of %d of %d pairs of networks it is not known whether they work, before or after\n", unsure, p.Pairs)
	}
	return text.String()
}
