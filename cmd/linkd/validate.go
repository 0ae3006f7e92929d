package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"linkd/internal/desired"
)

func (p *program) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "validate [FILE…]", Short: "Check desired-state files, without any cloud",
		Long: "Check desired-state files and name every problem with its place.\n" +
			"Nothing is asked of a cloud. Without a FILE the one of --file is checked.",
		Example: "  linkd validate deploy/examples/seed.yaml deploy/examples/minimal.yaml",
		RunE: func(_ *cobra.Command, files []string) error {
			if len(files) == 0 {
				files = []string{p.file}
			}
			return p.validate(files)
		},
	}
}

// validate checks each file and says of each how it is.
func (p *program) validate(files []string) error {
	var bad bool
	var said strings.Builder
	for _, name := range files {
		file, err := desired.Load(name)
		problems, many := errors.AsType[desired.Problems](err)
		switch {
		case many:
			fmt.Fprintln(&said, problems)
			bad = true
		case err != nil:
			p.tell(&verdict{err: err, hint: "name the files to check, or none and that of --file"})
			bad = true
		default:
			for _, problem := range file.Advice() {
				fmt.Fprintln(&said, problem)
			}
			fmt.Fprintf(&said, "%s: well\n", name)
		}
	}
	if _, err := io.WriteString(p.out, said.String()); err != nil {
		return err
	}
	if bad {
		return &verdict{code: exitUsage}
	}
	return nil
}

// load reads the file that --file names.
func (p *program) load() (*desired.File, error) {
	file, err := desired.Load(p.file)
	if err == nil {
		return file, nil
	}
	v := &verdict{code: exitUsage, err: err}
	if _, many := errors.AsType[desired.Problems](err); !many {
		v.hint = "name the file with --file; deploy/examples has some to begin with"
	}
	return nil, v
}
