package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Defaults is how the clouds behave when a scenario says nothing. The
// durations of operations are in [Durations].
func Defaults() Behaviour {
	return Behaviour{
		// EC2 describes are eventually consistent; by how much is a guess.
		Lag: 2 * time.Second,
		// While a connection is pending, recorded answers have empty tunnel
		// options, so its addresses are taken to be known only when it is available.
		TunnelsKnown: WhenAvailable,
		// IKE and a first child take a few round trips; that the retry timers of
		// two sides make it some seconds is a guess.
		Handshake: 5 * time.Second,
		// Both clouds are documented to show a tunnel's change minutes late; one
		// minute is the lower end.
		Telemetry: time.Minute,
		Seed:      1,
	}
}

// When the tunnels of an AWS VPN connection are known.
const (
	AtCreate      = "at-create"
	WhenAvailable = "when-available"
)

// Hastened is the behaviour with everything that takes time taken out, when
// Instant says so.
func (b Behaviour) Hastened() Behaviour {
	if b.Instant {
		b.Lag, b.Handshake, b.Telemetry, b.Latency = 0, 0, 0, 0
		b.TunnelsKnown = AtCreate
	}
	return b
}

// Problem is one thing wrong with a scenario file, and where it stands.
type Problem struct {
	File         string
	Line, Column int // 0: unknown
	Text         string
}

// Error is the problem as a compiler would print it.
func (p Problem) Error() string {
	place := p.File
	if p.Line > 0 {
		place += fmt.Sprintf(":%d", p.Line)
	}
	if p.Column > 0 {
		place += fmt.Sprintf(":%d", p.Column)
	}
	return place + ": " + p.Text
}

// Load reads a scenario file; the error names all its problems with their
// positions.
func Load(file string) (Scenario, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Scenario{}, fmt.Errorf("cannot read the scenario: %w", err)
	}
	return Parse(file, text)
}

// Parse reads a scenario; file is the name to be used in problems.
func Parse(file string, text []byte) (Scenario, error) {
	s := Scenario{Behaviour: Defaults()}
	if len(strings.TrimSpace(string(text))) == 0 {
		return s, nil
	}
	if err := yaml.Load(text, &s, yaml.WithKnownFields()); err != nil {
		return Scenario{}, syntaxProblems(file, err)
	}
	var document yaml.Node
	if err := yaml.Load(text, &document); err != nil {
		return Scenario{}, syntaxProblems(file, err)
	}
	var problems []Problem
	for _, finding := range s.check() {
		line, column := position(&document, finding.path)
		problems = append(problems, Problem{file, line, column, finding.text})
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	var all []error
	for _, problem := range problems {
		all = append(all, problem)
	}
	return s, errors.Join(all...)
}

// syntaxProblems turns what the reader of YAML found into problems.
func syntaxProblems(file string, err error) error {
	var several *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &several):
		var problems []error
		for _, each := range several.Errors {
			problems = append(problems, syntaxProblem(file, each))
		}
		return errors.Join(problems...)
	case errors.As(err, &one):
		return syntaxProblem(file, one)
	}
	return Problem{File: file, Text: err.Error()}
}

func syntaxProblem(file string, e *yaml.LoadError) error {
	text := e.Message
	if field, _, unknown := strings.Cut(text, " not found in type"); unknown {
		text = "unknown key: " + strings.TrimPrefix(field, "field ")
	}
	return Problem{file, e.Mark.Line, e.Mark.Column, text}
}

// position finds where a path such as "azure", "subscriptions", "0" stands in
// the document, or as much of it as stands there.
func position(node *yaml.Node, path []string) (line, column int) {
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		return position(node.Content[0], path)
	}
	if len(path) > 0 {
		if child := child(node, path[0]); child != nil {
			return position(child, path[1:])
		}
	}
	return node.Line, node.Column
}

func child(node *yaml.Node, key string) *yaml.Node {
	switch node.Kind {
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i < len(node.Content) {
			return node.Content[i]
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				return node.Content[i+1]
			}
		}
	}
	return nil
}
