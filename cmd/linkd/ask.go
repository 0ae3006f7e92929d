package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/control"
	"linkd/internal/desired"
)

// asking is how the commands that speak with a running linkd find it.
type asking struct{ state, socket string }

func (a *asking) flags(command *cobra.Command) {
	command.Flags().StringVar(&a.state, "state", "", "the state folder that linkd run was given (STATE_DIRECTORY, else ~/.local/state/linkd)")
	command.Flags().StringVar(&a.socket, "socket", "", "the unix socket that linkd run was given (else it is found by the state folder)")
}

// unitSocket is where the unit of deploy/systemd has its socket.
const unitSocket = "/run/linkd/linkd.sock"

// client finds the running linkd: by the socket that is named, else by that of
// the file's state folder, else by that of the systemd unit. A file that cannot
// be read must not keep a person from pausing the linkd that runs: when there is
// only one, it is that one.
func (p *program) client(ctx context.Context, a *asking) (*control.Client, error) {
	if a.socket != "" || p.getenv("RUNTIME_DIRECTORY") != "" {
		return control.AtSocket(p.socketPath(a.socket, "")), nil
	}
	path, err := p.socketOfFile(ctx, a)
	if _, statErr := os.Stat(path); err == nil && statErr == nil {
		return control.AtSocket(path), nil
	}
	if _, statErr := os.Stat(unitSocket); statErr == nil {
		return p.ofUnit(ctx, control.AtSocket(unitSocket))
	}
	if err == nil {
		return control.AtSocket(path), nil
	}
	if only := p.onlySocket(a); only != "" {
		return control.AtSocket(only), nil
	}
	return nil, err
}

// ofUnit is the linkd of the systemd unit, unless it keeps something else than
// the file that was named, as far as that can be read and the unit answers.
func (p *program) ofUnit(ctx context.Context, unit *control.Client) (*control.Client, error) {
	file, err := desired.Load(p.file)
	if err != nil {
		return unit, nil //nolint:nilerr // a file that cannot be read must not keep a person from pausing
	}
	status, err := unit.Status(ctx)
	if err != nil {
		return unit, nil //nolint:nilerr // what is asked next tells the same
	}
	if err := keepsAnother(file, p.file, status); err != nil {
		return nil, err
	}
	return unit, nil
}

// answering is the linkd that runs on the file, or nil when none answers.
func (p *program) answering(ctx context.Context, a *asking) *control.Client {
	client, err := p.client(ctx, a)
	if err != nil {
		return nil
	}
	if _, err := client.Status(ctx); err != nil {
		return nil
	}
	return client
}

// keepsAnother refuses a linkd that keeps the links of somebody else, or none of
// those that the file has.
func keepsAnother(file *desired.File, path string, status control.Status) error {
	common := slices.ContainsFunc(file.Links, func(link desired.Link) bool { return slices.Contains(status.Links, link.Name) })
	if status.Owner == file.Owner && common {
		return nil
	}
	return &verdict{
		code: exitUsage,
		err: fmt.Errorf("cannot ask the linkd that runs: it keeps %s of owner %s by %s, and %s is of owner %s with %s",
			strings.Join(status.Links, ", "), status.Owner, status.File, path, file.Owner, strings.Join(namesOf(file), ", ")),
		hint: "name the file that it runs on with --file, or its socket with --socket " + unitSocket,
	}
}

func namesOf(file *desired.File) []string {
	var names []string
	for _, link := range file.Links {
		names = append(names, link.Name)
	}
	return names
}

// onlySocket is the socket of the one linkd whose state is in the folder, or
// "" when there are none or several.
func (p *program) onlySocket(a *asking) string {
	base := a.state
	if base == "" {
		var err error
		if base, err = p.stateHome(); err != nil {
			return ""
		}
	}
	if found, err := filepath.Glob(filepath.Join(base, "*", "linkd.sock")); err == nil && len(found) == 1 {
		return found[0]
	}
	return ""
}

// socketOfFile is the socket of the linkd that runs on the file.
func (p *program) socketOfFile(ctx context.Context, a *asking) (string, error) {
	file, err := p.load()
	if err != nil {
		return "", err
	}
	clock, err := p.clock(ctx)
	if err != nil {
		return "", err
	}
	folder, err := p.stateFolder(a.state, file, clock)
	if err != nil {
		return "", err
	}
	return p.socketPath("", folder), nil
}

// say gives a word to the running linkd and writes its answer.
func (p *program) say(ctx context.Context, a *asking, word string, request control.Request) error {
	client, err := p.client(ctx, a)
	if err != nil {
		return err
	}
	text, err := client.Say(ctx, word, request)
	if err != nil {
		return asked(err)
	}
	_, err = fmt.Fprintln(p.out, text)
	return err
}

// asked turns what came of asking into the exit code.
func asked(err error) error {
	if refusal, refused := errors.AsType[*control.Refusal](err); refused {
		return &verdict{code: exitUsage, err: err, hint: refusal.Hint}
	}
	if _, failed := errors.AsType[*control.Fault](err); failed {
		return &verdict{code: exitUnchecked, err: err, hint: "linkd runs and cannot do it: linkd status and its log say more"}
	}
	if errors.Is(err, fs.ErrPermission) {
		return &verdict{code: exitUnchecked, err: err, hint: "its socket is for its owner and the group of that: ask as one of them; linkd status --address reads by HTTP"}
	}
	return &verdict{code: exitUnchecked, err: err, hint: "is it running? start it with linkd run; its socket is in the state folder, or where --socket says"}
}

func (p *program) auditCommand() *cobra.Command {
	var wait bool
	command := p.wordCommand(&cobra.Command{
		Use: "audit", Short: "Have the running linkd look at everything now",
		Long:    "Have the running linkd look at everything in both clouds now, and not only at the next\ntime of its schedule.",
		Example: "  linkd audit --wait && linkd drift",
	}, func() (string, control.Request) { return "audit", control.Request{Wait: wait} })
	command.Flags().BoolVar(&wait, "wait", false, "come back when it has ended")
	return command
}

func (p *program) reloadCommand() *cobra.Command {
	var force bool
	command := p.wordCommand(&cobra.Command{
		Use: "reload", Short: "Have the running linkd read its file anew",
		Long: "Have the running linkd read its file anew. A bad file is refused with what is wrong,\nand the one before stays in force.",
	}, func() (string, control.Request) { return "reload", control.Request{Force: force} })
	command.Flags().BoolVar(&force, "force", false, "take also a file that lacks much of what the one before has; nothing of it is deleted")
	return command
}

func (p *program) pauseCommand() *cobra.Command {
	var span time.Duration
	var why string
	command := p.wordCommand(&cobra.Command{
		Use: "pause", Short: "Have the running linkd write nothing for a while",
		Long:    "Have the running linkd write nothing for a while: it goes on looking and telling. What\na cloud has accepted goes on. The pause survives a restart.",
		Example: "  linkd pause --for 2h --why \"the provider works on its router\"",
	}, func() (string, control.Request) { return "pause", control.Request{For: span, Why: why} })
	command.Flags().DurationVar(&span, "for", 0, "for how long: 30m, 2h, 72h; 720h at the most")
	command.Flags().StringVar(&why, "why", "", "the reason, for whoever looks at night")
	return command
}

func (p *program) resumeCommand() *cobra.Command {
	return p.wordCommand(&cobra.Command{
		Use: "resume", Short: "Have the running linkd repair again, before its pause ends",
		Long: "End the pause of the running linkd. It looks at everything at once, and mends what policy\nlets it mend.",
	}, func() (string, control.Request) {
		return "resume", control.Request{}
	})
}

func (p *program) approveCommand() *cobra.Command {
	var now bool
	var digest string
	command := p.wordCommand(&cobra.Command{
		Use: "approve DIGEST", Short: "Approve what waits for approval in the running linkd",
		Long: "Approve what waits for approval, by the digest that linkd drift and linkd status show. It\n" +
			"is bound to just those differences with just those values: when anything of it has changed\n" +
			"since, it is refused. What interrupts traffic still waits for a maintenance window, if the\n" +
			"file has any, unless --now is given.",
		Example: "  linkd approve 3f2a9c0d11e07b55",
	}, func() (string, control.Request) { return "approve", control.Request{Digest: digest, Now: now} })
	command.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return errors.New("approve takes the digest of what is pending: linkd drift shows it")
		}
		digest = args[0]
		return nil
	}
	command.Flags().BoolVar(&now, "now", false, "outside of the maintenance windows, too")
	return command
}

// wordCommand makes a command of a word to the running linkd.
func (p *program) wordCommand(command *cobra.Command, word func() (string, control.Request)) *cobra.Command {
	a := &asking{}
	a.flags(command)
	command.Args = cobra.NoArgs
	command.RunE = func(command *cobra.Command, _ []string) error {
		name, request := word()
		return p.say(command.Context(), a, name, request)
	}
	return command
}
