package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestARunIsWellOnlyWhenEveryRequiredTestRan(t *testing.T) {
	const pass = `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n"
	const skip = `{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:1: no recordings here\n"}` + "\n" +
		`{"Action":"skip","Package":"p","Test":"TestB"}` + "\n"
	for name, c := range map[string]struct {
		log, allowed string
		well         bool
		says         string
	}{
		"all passed":                {log: pass, well: true, says: "1 passed, 0 failed, 0 skipped\n"},
		"none ran":                  {log: "", says: "0 passed, 0 failed, 0 skipped\n"},
		"one failed":                {log: pass + `{"Action":"output","Package":"p","Test":"TestC","Output":"c: broke\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestC"}`, says: "c: broke\n"},
		"a package did not build":   {log: pass + `{"Action":"build-fail","ImportPath":"q"}`, says: "did not build"},
		"a package panicked":        {log: pass + `{"Action":"fail","Package":"q"}`, says: "FAIL  q"},
		"a required one skipped":    {log: pass + skip, says: "although it is required: p TestB"},
		"an allowed one skipped":    {log: pass + skip, allowed: "no recordings", well: true, says: "1 passed, 0 failed, 1 skipped\n"},
		"a line that is not JSON":   {log: "go: downloading\n" + pass, well: true, says: "go: downloading\n"},
		"packages without any test": {log: `{"Action":"skip","Package":"q"}` + "\n" + pass, well: true, says: "1 passed, 0 failed, 0 skipped\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			tally, err := read(strings.NewReader(c.log), &out)
			if err != nil {
				t.Fatal(err)
			}
			var allowed []*regexp.Regexp
			if c.allowed != "" {
				allowed = append(allowed, regexp.MustCompile(c.allowed))
			}
			if well := tally.close(&out, allowed); well != c.well {
				t.Errorf("well = %v, want %v, after:\n%s", well, c.well, out.String())
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("it says:\n%s\nand not %q", out.String(), c.says)
			}
		})
	}
}
