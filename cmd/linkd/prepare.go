package main

import (
	"context"

	"linkd/internal/clouds"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
)

// grounds are what a command that writes stands on.
type grounds struct {
	file    *desired.File
	clock   *clouds.Clock // of simulated clouds; nil of real ones
	folder  string        // of state, locked for this process
	intents *reconcile.IntentFile
	release func()
}

// prepare loads the file and locks its state folder below state, or below the
// usual one when that is empty.
func (p *program) prepare(ctx context.Context, state string) (g grounds, err error) {
	if g.file, err = p.load(); err != nil {
		return g, err
	}
	if g.clock, err = p.clock(ctx); err != nil {
		return g, err
	}
	if g.folder, err = p.stateFolder(state, g.file, g.clock); err != nil {
		return g, err
	}
	g.intents, g.release, err = openState(g.folder, g.clock)
	return g, err
}
