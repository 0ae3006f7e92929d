package reconcile

import (
	"testing"
	"testing/synctest"

	"linkd/internal/resource"
)

// TestWhoFollowsIsNotWaitedForByWhatItFollows: a resource that others went
// ahead of waits for them in its turn, when one of them uses what would go.
func TestWhoFollowsIsNotWaitedForByWhatItFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(resource.World{}, nil, map[resource.ID]Outcome{})
		needs := []resource.Need{{On: "toy/gateway", At: resource.Ready}}
		b.follow("toy/gateway")
		if ahead, _ := b.ahead(needs); !ahead {
			t.Fatal("it is not ahead of what it follows")
		}
		caught := make(chan error, 1)
		go func() { caught <- b.caughtUp(t.Context(), needs) }()
		synctest.Wait()
		select {
		case err := <-caught:
			t.Fatalf("it did not wait for what it follows: %v", err)
		default:
		}
		if under := b.pass("toy/gateway", []resource.ID{"toy/connection"}); len(under) != 1 {
			t.Errorf("%v are waited for, want the connection", under)
		}
		synctest.Wait()
		select {
		case err := <-caught:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("each waits for the other")
			b.end(Outcome{ID: "toy/gateway"})
		}
	})
}
