package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"linkd/internal/progress"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// onTerminal reports whether a stream is one.
func onTerminal(stream any) bool {
	file, isFile := stream.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}

// colour reports whether the story may be coloured.
func (p *program) colour() bool {
	no, _ := p.env("NO_COLOR")
	kind, _ := p.env("TERM")
	return onTerminal(p.err) && no == "" && kind != "dumb"
}

// ask puts a question and returns whether the answer is the one expected.
// Where nobody can be asked, the flag that answers beforehand is named.
func (p *program) ask(question, expected string) error {
	if !onTerminal(p.in) {
		return &verdict{code: exitUsage, err: errors.New("cannot ask whether to go on: this is not a terminal"), hint: "read the plan, then say so beforehand with --yes"}
	}
	fmt.Fprint(p.err, question)
	answer, err := bufio.NewReader(p.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return &verdict{code: exitUsage, err: fmt.Errorf("cannot read the answer: %w", err)}
	}
	if strings.TrimSpace(answer) != expected {
		return &verdict{code: exitUsage, err: errors.New("nothing was changed")}
	}
	return nil
}

// follow shows a walk on the story's stream.
func (p *program) follow(engine *reconcile.Engine, plan reconcile.Plan) progress.Progress {
	dumb, _ := p.env("TERM")
	shown := progress.New(p.err, progress.View{
		Terminal: onTerminal(p.err) && dumb != "dumb", Colour: p.colour(), Size: p.size,
		Steps: progress.Steps(plan), Takes: plan.Takes, Scale: engine.Scale,
		Settle: func(id resource.ID) time.Duration { return engine.Graph.Resource(id).Kind().Takes.Settle.Typical },
	})
	engine.Listen = shown.Listen
	return shown
}

// size is that of the story's terminal, or the usual one.
func (p *program) size() (width, height int) {
	if file, isFile := p.err.(*os.File); isFile {
		if width, height, err := term.GetSize(int(file.Fd())); err == nil && width > 0 && height > 0 {
			return width, height
		}
	}
	return 80, 24
}
