package resource

import "sync"

// Together runs calls at once and returns when all are done. A panic in one of
// them is one of the caller, who can survive it; in a goroutine nobody could.
func Together(calls ...func()) {
	var group sync.WaitGroup
	var first sync.Once
	var cause any
	for _, call := range calls {
		group.Go(func() {
			defer func() {
				if got := recover(); got != nil {
					first.Do(func() { cause = got })
				}
			}()
			call()
		})
	}
	group.Wait()
	if cause != nil {
		panic(cause)
	}
}
