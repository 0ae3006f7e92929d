package reconcile

import (
	"fmt"

	"linkd/internal/desired"
)

// refusal says why a plan is over the limits, or "".
func refusal(plan Plan, limits desired.Limits, resources int) string {
	counts := map[Verb]int{}
	changes := 0
	for _, step := range plan.Writes() {
		counts[step.Verb]++
		if step.Verb != Create {
			changes++
		}
	}
	table := []struct {
		what        string
		have, limit int
	}{
		{"changes", changes, limits.Changes},
		{"replaces", counts[Renew], limits.Replaces},
		{"deletes", counts[Remove], limits.Deletes},
		{"percent of all resources", 100 * changes / max(resources, 1), limits.Percent},
	}
	for _, row := range table {
		if row.limit > 0 && row.have > row.limit {
			return fmt.Sprintf("it would make %d %s, and the file's limit is %d", row.have, row.what, row.limit)
		}
	}
	return ""
}
