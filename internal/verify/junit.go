package verify

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The elements of a JUnit report, as continuous integration reads them.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Name    string       `xml:"name,attr"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Skipped *junitProblem `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes a suite for each group and a case for each check. What is
// below the bar passes; what could not be seen is an error when it is strict, or
// when it is for want of an answer of a cloud.
func (r Report) JUnit(w io.Writer, bar Bar) error {
	all := junitSuites{Name: "linkd verify"}
	for _, o := range r.Outcomes {
		last := len(all.Suites) - 1
		if last < 0 || all.Suites[last].Name != string(o.Group) {
			all.Suites = append(all.Suites, junitSuite{Name: string(o.Group), Timestamp: r.At.UTC().Format("2006-01-02T15:04:05")})
			last++
		}
		suite := &all.Suites[last]
		suite.add(o, bar)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(o Outcome, bar Bar) {
	var text strings.Builder
	o.text(&text)
	c := junitCase{Class: "linkd." + strings.ReplaceAll(string(o.Group), " ", "-"), Name: o.Check}
	problem := &junitProblem{Message: o.Says, Text: text.String()}
	if len(o.Findings) > 0 {
		problem.Type, problem.Message = string(o.Findings[0].Code), o.Findings[0].Line()
	}
	s.Tests++
	switch {
	case bar.fails(o):
		c.Failure = problem
		s.Failures++
	case o.Mark == Unknown && (bar.Strict || !o.unasked()):
		if problem.Type == "" {
			problem.Type = "unknown"
		}
		c.Error = problem
		s.Errors++
	case o.Mark == Skipped, o.Mark == Unknown:
		c.Skipped = &junitProblem{Message: fmt.Sprintf("%s: %s", o.Mark, o.Says)}
		s.Skipped++
	case len(o.Findings) > 0:
		c.Output = text.String()
	}
	s.Cases = append(s.Cases, c)
}

// unasked tells whether what is not known is so only because nobody could ask.
func (o Outcome) unasked() bool {
	for _, gap := range o.Gaps {
		if !gap.Unasked {
			return false
		}
	}
	return len(o.Findings) == 0
}
