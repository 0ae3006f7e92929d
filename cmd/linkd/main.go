// Command linkd builds, audits and repairs a site-to-site VPN link between an
// Azure Virtual WAN and an AWS Transit Gateway from one desired-state file.
// Standard output is the result, standard error is the story.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func main() {
	os.Exit(Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.LookupEnv))
}

// Run is the whole program. It returns the exit code.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env desired.Environment) int {
	p := &program{in: stdin, out: stdout, err: stderr, env: env}
	root := p.root()                          //nolint:contextcheck // cobra carries it to each command
	root.SetArgs(append([]string{}, args...)) // never nil, which would mean those of the process
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return p.tell(root.ExecuteContext(ctx))
}

// program is one run: what it speaks to, and what all commands share.
type program struct {
	in       io.Reader
	out, err io.Writer
	env      desired.Environment

	file      string
	simulator string
}

// The exit codes. They are stable; the help of linkd explains them.
const (
	exitWell      = 0
	exitFinding   = 1
	exitUnchecked = 2
	exitUsage     = 3
)

// verdict is an error that carries an exit code. One without an error says
// nothing more than was said.
type verdict struct {
	code int
	err  error
	hint string
}

// Error implements error.
func (v *verdict) Error() string {
	if v.err == nil {
		return ""
	}
	return v.err.Error()
}

// Unwrap returns the error itself.
func (v *verdict) Unwrap() error { return v.err }

// tell says what went wrong, and what to do next, and returns the exit code.
func (p *program) tell(err error) int {
	if err == nil {
		return exitWell
	}
	v, ours := errors.AsType[*verdict](err)
	if writing, failed := errors.AsType[*fs.PathError](err); !ours && failed {
		v, ours = &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the result: %w", writing)}, true
	}
	if !ours { // cobra's own, about arguments
		v = &verdict{code: exitUsage, err: err, hint: "linkd --help lists the commands, and linkd <command> --help explains one"}
	}
	problems, many := errors.AsType[desired.Problems](err)
	switch {
	case v.err == nil:
		return v.code
	case many:
		fmt.Fprintln(p.err, problems)
	default:
		fmt.Fprintf(p.err, "linkd: %v\n", v.err)
	}
	hint := v.hint
	if hint == "" {
		hint = resource.HintOf(err)
	}
	if hint != "" {
		fmt.Fprintf(p.err, "hint: %s\n", hint)
	}
	return v.code
}

const about = `linkd joins an Azure Virtual WAN and an AWS Transit Gateway by site-to-site VPN:
one file says what the link should be, and linkd makes it so in both clouds.

Exit codes:
  0  well; for plan: nothing differs
  1  a finding; plan: something differs; apply and destroy: something failed, is held, or was stopped
  2  could not check: nobody could sign in, a cloud could not be reached, or a part is unknown
  3  the arguments or the file are wrong, or an answer was needed`

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use: "linkd", Short: "Build, audit and repair an Azure Virtual WAN to AWS Transit Gateway link", Long: about,
		Example:       "  linkd demo                         watch a link being built, broken and repaired\n  linkd validate linkd.yaml          check a file\n  linkd plan                         show what differs\n  linkd verify                       check the link, and name what is wrong\n  linkd apply                        build or repair it",
		SilenceErrors: true, SilenceUsage: true,
	}
	simulator, _ := p.env("LINKD_SIMULATOR")
	flags := root.PersistentFlags()
	flags.StringVarP(&p.file, "file", "f", "linkd.yaml", "the desired-state file")
	flags.StringVar(&p.simulator, "simulator", simulator, "address of a linksim to work with in place of the clouds (LINKD_SIMULATOR)")
	root.PersistentPreRunE = func(command *cobra.Command, _ []string) error {
		if simulator != "" && p.simulator == "" {
			return &verdict{
				code: exitUsage, err: fmt.Errorf("--simulator is empty, and LINKD_SIMULATOR is %s", simulator),
				hint: "unset LINKD_SIMULATOR to work with the clouds, or leave the flag out to work with that simulator",
			}
		}
		return nil
	}
	root.AddCommand(
		p.validateCommand(), p.schemaCommand(), p.planCommand(), p.verifyCommand(), p.traceCommand(), p.applyCommand(), p.rotateCommand(), p.drillCommand(), p.destroyCommand(),
		p.runCommand(), p.agentCommand(), p.statusCommand(), p.driftCommand(), p.historyCommand(), p.auditCommand(), p.reloadCommand(),
		p.pauseCommand(), p.resumeCommand(), p.approveCommand(), p.graphCommand(), p.demoCommand(), p.versionCommand(),
	)
	return root
}

// oneOf is a flag that takes one of a few words.
type oneOf struct {
	value string
	words []string
}

// String implements the flag's value.
func (o *oneOf) String() string { return o.value }

// Type names what it takes, in the help.
func (o *oneOf) Type() string { return strings.Join(o.words, "|") }

// Set takes a word.
func (o *oneOf) Set(word string) error {
	if !slices.Contains(o.words, word) {
		return fmt.Errorf("it is one of %s", o.Type())
	}
	o.value = word
	return nil
}

// someOf is a flag that takes some of a few words: apart by commas, or given
// several times.
type someOf struct{ values, words []string }

// String implements the flag's value.
func (s *someOf) String() string { return strings.Join(s.values, ",") }

// Type names what it takes, in the help.
func (s *someOf) Type() string { return strings.Join(s.words, "|") }

// Set takes words.
func (s *someOf) Set(text string) error {
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); !slices.Contains(s.words, word) {
			return fmt.Errorf("there is no %q: it is some of %s", word, strings.Join(s.words, ", "))
		}
		s.values = append(s.values, word)
	}
	return nil
}

// outputFlag adds -o to a command; the first word is what it is when not given.
func outputFlag(command *cobra.Command, words ...string) *oneOf {
	output := &oneOf{value: words[0], words: words}
	command.Flags().VarP(output, "output", "o", "the form of the result")
	return output
}
