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
		b.follow("toy/gateway", 1)
		was, _ := b.leadOf(needs)
		if !was.ahead {
			t.Fatal("it is not ahead of what it follows")
		}
		caught := make(chan error, 1)
		go func() { caught <- b.outrun(t.Context(), needs, was) }()
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

// TestWhoFollowsLooksAgainAfterEachWrite: a resource that is followed before it
// was written at all, because it must wait, is followed again once it was.
func TestWhoFollowsLooksAgainAfterEachWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(resource.World{}, nil, map[resource.ID]Outcome{})
		needs := []resource.Need{{On: "toy/gateway", At: resource.Ready}}
		b.follow("toy/gateway", 0)
		was, _ := b.leadOf(needs)
		again := make(chan error, 1)
		go func() { again <- b.outrun(t.Context(), needs, was) }()
		b.follow("toy/gateway", 0)
		synctest.Wait()
		select {
		case err := <-again:
			t.Errorf("it looks again though nothing was written: %v", err)
		default:
		}
		b.follow("toy/gateway", 1)
		synctest.Wait()
		select {
		case err := <-again:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("it does not look again after a write")
			b.end(Outcome{ID: "toy/gateway"})
		}
	})
}

// TestWhatNeedsAFollowerLooksAgainAfterIt: routes that need a tunnel, which followed
// its connection and looks again, do so after the tunnel and not beside it.
func TestWhatNeedsAFollowerLooksAgainAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(resource.World{}, nil, map[resource.ID]Outcome{})
		needs := []resource.Need{{On: "toy/connection", At: resource.Ready}, {On: "toy/tunnel", At: resource.Ready}}
		b.follow("toy/connection", 1)
		b.trail("toy/tunnel")
		was, _ := b.leadOf(needs)
		b.end(Outcome{ID: "toy/connection"}) // one look more, for what the connection brought
		is, _ := b.leadOf(needs)
		if is == was || !is.ahead {
			t.Fatalf("the routes came to their end while the tunnel looks again: %+v, then %+v", was, is)
		}
		again := make(chan error, 1)
		go func() { again <- b.outrun(t.Context(), needs, is) }()
		synctest.Wait()
		select {
		case err := <-again:
			t.Fatalf("the routes do not wait for the tunnel: %v", err)
		default:
		}
		b.end(Outcome{ID: "toy/tunnel"})
		synctest.Wait()
		if err := <-again; err != nil {
			t.Error(err)
		}
		if last, _ := b.leadOf(needs); last.ahead {
			t.Error("nothing is left to wait for, and they wait")
		}
	})
}
