package survey

import (
	"context"
	"time"
)

// Look is one side's look along the paths. Both adapters implement it.
type Look interface {
	// Survey reads what lies along the paths between the targets of the file. It
	// only reads. What could not be read says why.
	Survey(context.Context) Survey
}

// Runner runs a command on a test machine by the cloud's own means, with
// nothing of linkd installed there: Azure VM Run Command, AWS Systems Manager.
type Runner interface {
	// Run runs a shell script on the target called name and returns its
	// standard output. Output may be cut by the cloud (Azure: the last 4,096
	// bytes; AWS: the first 24,000). An error means that nothing is known of what the
	// script did; its Reason tells a machine that is not there or not managed, a
	// permission that is missing, and a script that did not end within.
	Run(ctx context.Context, name, script string, within time.Duration) (string, error)
}
