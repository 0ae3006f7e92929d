package survey

import (
	"context"
	"strings"
	"time"
)

// Look is one side's look along the paths. Both adapters implement it.
type Look interface {
	// Survey reads what lies along the paths between the targets of the file. It
	// only reads. What could not be read says why.
	Survey(context.Context) Survey
}

// Counter counts what an account has, whoever made it. The adapter of a cloud
// implements it whose limits a link can meet.
type Counter interface {
	// Usage counts by reading alone. What could not be counted says why.
	Usage(context.Context) []Usage
}

// Usage is how many of a kind stand in one place that has a limit of them.
type Usage struct {
	Seen
	Kind  string // the resource's kind: "aws/customer-gateway"; "aws/vpc-routes" are routes of any target
	Place string // the cloud's own name of it: a region, "vpc-0abc…", "rtb-0abc…"
	Count int
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

// Keyholder knows where the keys of links are taken from. The adapter that
// reads them implements it.
type Keyholder interface {
	// KeySources lists the links whose keys stand elsewhere. It asks nobody: what
	// it tells of a secret store is what the last look at the clouds has found.
	KeySources() []KeySource
}

// KeySource is where the keys of a link are taken from. Of the keys themselves
// it says nothing.
type KeySource struct {
	Link, Source string // "tokyo", "env:TOKYO_KEY"
	Why, Hint    string // why they are not to be had, and what to do; "" when they are
}

// Says tells of keys that are not to be had whose they are, where they should be and
// why they are not.
func (k KeySource) Says() string {
	why := strings.TrimSuffix(k.Why, ".")
	if !strings.Contains(why, k.Source) {
		why = k.Source + ": " + why
	}
	return "the keys of link " + k.Link + " are not to be had: " + why
}
