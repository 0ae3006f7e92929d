package survey

import "sync"

// Together makes the calls of a look at once and returns when all are done.
// What one that panics has not told is unknown, and the others go on.
func Together(calls ...func()) {
	var group sync.WaitGroup
	for _, call := range calls {
		group.Go(func() {
			defer func() { _ = recover() }() // what it did not tell is unknown
			call()
		})
	}
	group.Wait()
}
