// Command testlog reads what `go test -json` prints and tells it as a person
// wants it: the output of failed tests, one line a package, and a last line
// with the count. It fails when a test failed, when none ran, and when one was
// skipped for a reason that no -may-skip pattern names: a required test that
// skips itself in silence is the one nobody misses.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

func main() {
	var allowed []*regexp.Regexp
	flag.Func("may-skip", "a `pattern` of test names or reasons that may be skipped; repeatable", func(text string) error {
		pattern, err := regexp.Compile(text)
		allowed = append(allowed, pattern)
		return err
	})
	flag.Parse()
	tally, err := read(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testlog: cannot read the test log:", err)
		os.Exit(2)
	}
	if !tally.close(os.Stdout, allowed) {
		os.Exit(1)
	}
}

// event is one line of `go test -json`.
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string // of a build that failed
	Elapsed                       float64
}

// tally is what a run came to. Skips hold the reason by the test's name.
type tally struct {
	passed, failed int
	skipped        map[string]string
	broken         bool // a package failed outside any of its tests
}

// read tells the log to out, line by line as it comes.
func read(log io.Reader, out io.Writer) (tally, error) {
	result := tally{skipped: map[string]string{}}
	said := map[string]string{} // what each test printed so far
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(out, lines.Text())
			continue
		}
		result.take(e, said, out)
	}
	return result, lines.Err()
}

func (t *tally) take(e event, said map[string]string, out io.Writer) {
	name := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		said[name] += e.Output
		return
	case "build-output":
		fmt.Fprint(out, e.Output)
		return
	case "build-fail":
		t.broken = true
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	defer delete(said, name)
	switch {
	case e.Test == "" && e.Action == "skip": // no test files
	case e.Test == "" && e.Action == "pass":
		fmt.Fprintf(out, "ok    %s  %.1fs\n", e.Package, e.Elapsed)
	case e.Test == "":
		t.broken = true
		fmt.Fprintf(out, "%sFAIL  %s  %.1fs\n", said[name], e.Package, e.Elapsed)
	case e.Action == "pass":
		t.passed++
	case e.Action == "skip":
		t.skipped[name] = strings.TrimSpace(said[name])
	default:
		t.failed++
		fmt.Fprint(out, said[name])
	}
}

// close tells the skips and the count, and reports whether all is well.
func (t *tally) close(out io.Writer, allowed []*regexp.Regexp) bool {
	well := t.failed == 0 && !t.broken && t.passed > 0
	for name, reason := range t.skipped {
		verdict := "SKIP, allowed:"
		if !matchesAny(allowed, name+" "+reason) {
			verdict, well = "SKIP, although it is required:", false
		}
		fmt.Fprintf(out, "%s %s\n      %s\n", verdict, name, strings.ReplaceAll(reason, "\n", "\n      "))
	}
	if t.broken {
		fmt.Fprintln(out, "A package failed outside its tests, or did not build.")
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skipped))
	return well
}

func matchesAny(patterns []*regexp.Regexp, text string) bool {
	for _, pattern := range patterns {
		if pattern.MatchString(text) {
			return true
		}
	}
	return false
}
