package clouds

import (
	"context"
	"fmt"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/survey"
)

// Survey looks along the paths on both sides at once, and puts together what
// they tell. A side that panics is unknown: of each of its parts it tells
// nothing.
func Survey(ctx context.Context, both []reconcile.Cloud) survey.Survey {
	var calls sync.WaitGroup
	told := make([]survey.Survey, len(both))
	for i, cloud := range both {
		look, able := cloud.(survey.Look)
		if !able {
			continue
		}
		calls.Go(func() {
			defer func() { _ = recover() }() // what it did not tell is unknown
			told[i] = look.Survey(ctx)
		})
	}
	calls.Wait()
	var all survey.Survey
	for _, side := range told {
		all.Merge(side)
	}
	return all
}

// RunnerOf finds what runs a command on a target of file: the side of its VNet
// or of its VPC.
func RunnerOf(both []reconcile.Cloud, file *desired.File, name string) (survey.Runner, error) {
	side := ""
	for _, target := range file.Probes.Targets {
		switch {
		case target.Name != name:
		case target.VNet != "":
			side = "azure"
		default:
			side = "aws"
		}
	}
	if side == "" {
		return nil, fmt.Errorf("the file has no target %s", name)
	}
	for _, cloud := range both {
		if runner, able := cloud.(survey.Runner); able && cloud.Name() == side {
			return unbroken{runner}, nil
		}
	}
	return nil, fmt.Errorf("nothing can run a command on %s: %s is not open", name, side)
}

// unbroken runs commands, and makes of a panic an error.
type unbroken struct{ survey.Runner }

// Run implements [survey.Runner].
func (u unbroken) Run(ctx context.Context, name, script string, within time.Duration) (output string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			output, err = "", fmt.Errorf("running a command on %s broke: %v", name, cause)
		}
	}()
	return u.Runner.Run(ctx, name, script, within)
}
