package reconcile

import (
	"encoding/json"
	"io"
	"time"

	"linkd/internal/resource"
)

// The shape of a plan as JSON. It is stable: names are only ever added.
type planJSON struct {
	Digest       string        `json:"digest"`
	Steps        []stepJSON    `json:"steps"`
	Undeclared   []strayJSON   `json:"undeclared"`
	AsDesired    int           `json:"as_desired"`
	LongestPath  []resource.ID `json:"longest_path"`
	TakesSeconds float64       `json:"takes_seconds"`
	Refused      string        `json:"refused,omitempty"`
	// Effect lists the pairs of networks that start or stop working, of Pairs.
	Effect []Reach `json:"effect,omitempty"`
	Pairs  int     `json:"pairs,omitempty"`
	// Meanwhile lists what some networks are without for a while.
	Meanwhile []Meanwhile `json:"meanwhile,omitempty"`
}

type stepJSON struct {
	ID           resource.ID     `json:"id"`
	Verb         Verb            `json:"verb"`
	After        string          `json:"after,omitempty"`
	Fault        string          `json:"fault,omitempty"`
	Hint         string          `json:"hint,omitempty"`
	TakesSeconds float64         `json:"takes_seconds"`
	Interrupts   resource.Effect `json:"interrupts,omitempty"`
	// Later is what is interrupted by what waits for its turn.
	Later  resource.Effect `json:"interrupts_later,omitempty"`
	Drifts []driftJSON     `json:"drifts"`
}

type driftJSON struct {
	Key    string         `json:"key"`
	Class  resource.Class `json:"class"`
	Member string         `json:"member,omitempty"`
	Want   []string       `json:"want,omitempty"`
	Have   []string       `json:"have,omitempty"`
	Action string         `json:"action"`
	Reason string         `json:"reason,omitempty"`
	// Then is the action once its turn has come, where others go first.
	Then   string `json:"then,omitempty"`
	Breaks string `json:"breaks,omitempty"`
	Why    string `json:"why,omitempty"`
}

type strayJSON struct {
	Kind  string         `json:"kind"`
	Ref   string         `json:"ref"`
	Class resource.Class `json:"class"`
	ID    resource.ID    `json:"id,omitempty"`
}

// JSON writes the plan for programs.
func (p Plan) JSON(w io.Writer) error {
	out := planJSON{
		Digest: p.Digest(), Steps: []stepJSON{}, Undeclared: []strayJSON{}, AsDesired: p.AsDesired,
		LongestPath: p.Path, TakesSeconds: p.Takes.Seconds(), Refused: p.Refused, Effect: p.Reach, Pairs: p.Pairs, Meanwhile: p.Meanwhile,
	}
	for _, step := range p.All() {
		s := stepJSON{ID: step.ID, Verb: step.Verb, After: step.After, Fault: step.Fault, Hint: step.Hint, TakesSeconds: step.Takes.Seconds(), Interrupts: step.Effect, Later: step.Later, Drifts: []driftJSON{}}
		for _, d := range step.Drifts {
			s.Drifts = append(s.Drifts, driftJSON{
				Key: d.Key(), Class: d.Class, Member: d.Member, Want: d.Want, Have: d.Have,
				Action: string(d.Action), Reason: d.Because, Then: string(d.Then), Breaks: d.Breaks, Why: d.Why,
			})
		}
		out.Steps = append(out.Steps, s)
	}
	for _, stray := range p.Strays {
		out.Undeclared = append(out.Undeclared, strayJSON{Kind: stray.Kind, Ref: stray.Ref, Class: stray.Class, ID: stray.ID})
	}
	return writeJSON(w, out)
}

// JSON writes what became of a plan for programs.
func (r Report) JSON(w io.Writer) error {
	type outcomeJSON struct {
		ID     resource.ID `json:"id"`
		Result What        `json:"result"`
		Text   string      `json:"text,omitempty"`
		Writes int         `json:"writes"`
	}
	out := struct {
		TookSeconds float64       `json:"took_seconds"`
		Resources   []outcomeJSON `json:"resources"`
	}{TookSeconds: r.Took.Round(time.Millisecond).Seconds(), Resources: []outcomeJSON{}}
	for _, o := range r.Outcomes {
		out.Resources = append(out.Resources, outcomeJSON{ID: o.ID, Result: o.What, Text: o.Text, Writes: o.Wrote})
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
