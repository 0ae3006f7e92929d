package survey

import (
	"fmt"
	"sync"
)

// Together makes the calls of a look at once and returns when all are done.
// What one that panics has not told is unknown, and the others go on; the first
// of those is returned as a clause, "" when there is none.
func Together(calls ...func()) (defect string) {
	var group sync.WaitGroup
	var first sync.Once
	for _, call := range calls {
		group.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					first.Do(func() { defect = DefectOf(cause) })
				}
			}()
			call()
		})
	}
	group.Wait()
	return defect
}

// DefectOf is a panic as a clause.
func DefectOf(cause any) string { return fmt.Sprintf("this is a defect of linkd: %v", cause) }
