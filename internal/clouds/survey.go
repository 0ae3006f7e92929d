package clouds

import (
	"context"
	"fmt"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/survey"
)

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
