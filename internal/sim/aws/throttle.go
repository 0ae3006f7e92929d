package aws

import (
	"net/http"
	"strings"

	"linkd/internal/sim/ground"
)

// reading tells whether an action only reads.
func reading(action string) bool {
	for _, verb := range []string{"Describe", "Get", "Search", "List"} {
		if strings.HasPrefix(action, verb) {
			return true
		}
	}
	return false
}

// costly are the reads that EC2 meters harder when they come without a filter,
// an id or a page size.
const costly = "DescribeInstances DescribeInstanceStatus DescribeNetworkInterfaces DescribeSecurityGroups DescribeVolumes DescribeSnapshots"

// class is the quota of the call: token buckets per account, region and
// action, as EC2's documentation on request throttling has them.
func (k *call) class() ground.Class {
	switch {
	case k.action == "CreateTags" || k.action == "DeleteTags":
		return ground.EC2Tags
	case !reading(k.action):
		return ground.EC2Writes
	case strings.Contains(" "+costly+" ", " "+k.action+" ") && !k.qualified():
		return ground.EC2UnfilteredReads
	}
	return ground.EC2Reads
}

// qualified tells whether a read names ids, filters or a page size.
func (k *call) qualified() bool {
	for name := range k.values {
		switch top, _, _ := strings.Cut(name, "."); top {
		case "Action", "Version", "DryRun", "IncludeAllInstances", "NextToken":
		default:
			return true
		}
	}
	return false
}

func (k *call) throttle() error {
	ok, _, _ := k.Buckets.Take(k.now, k.class(), k.account+"/"+k.region.name+"/"+k.action)
	if !ok {
		return &fault{http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded."}
	}
	return nil
}
