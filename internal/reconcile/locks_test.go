package reconcile

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLongestPathGetsTheLockFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLocks()
		first, err := l.acquire(t.Context(), []string{"hub"}, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan time.Duration, 3)
		for _, priority := range []time.Duration{time.Minute, time.Hour, time.Second} {
			go func() {
				release, err := l.acquire(t.Context(), []string{"hub"}, priority)
				if err != nil {
					t.Error(err)
					return
				}
				got <- priority
				release()
			}()
			synctest.Wait()
		}
		first()
		for _, want := range []time.Duration{time.Hour, time.Minute, time.Second} {
			if priority := <-got; priority != want {
				t.Errorf("got %s, want %s", priority, want)
			}
		}
	})
}

func TestOneWhoGivesUpWaitingBlocksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLocks()
		held, _ := l.acquire(t.Context(), []string{"a"}, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.acquire(ctx, []string{"a", "b"}, time.Hour); err == nil {
			t.Fatal("a held lock was given twice")
		}
		held()
		held() // a second release is nothing
		both, err := l.acquire(t.Context(), []string{"a", "b"}, 0)
		if err != nil {
			t.Fatalf("after the others let go: %v", err)
		}
		both()
	})
}
