package reconcile

import (
	"testing"
	"time"

	"linkd/internal/resource"
)

func TestAnOperationsEndIsLearnedWithinAPercentAndWithFewLooks(t *testing.T) {
	for name, test := range map[string]struct {
		span  resource.Span
		looks int
	}{
		"virtual WAN":    {resource.Span{Typical: 11 * time.Second}, 20},
		"hub":            {resource.Span{Least: 215 * time.Second, Typical: 300 * time.Second}, 200},
		"VPN gateway":    {resource.Span{Least: 1190 * time.Second, Typical: 1390 * time.Second}, 300},
		"VPN connection": {resource.Span{Least: 180 * time.Second, Typical: 390 * time.Second}, 300},
	} {
		t.Run(name, func(t *testing.T) {
			for end := test.span.Least; end < test.span.Typical*13/10; end += time.Second / 2 {
				var elapsed time.Duration
				looks := 0
				for elapsed < end {
					elapsed += pause(test.span, elapsed)
					looks++
				}
				if late := elapsed - end; late > max(end/100, shortest) {
					t.Fatalf("an end after %s is learned %s late", end, late)
				}
				if looks > test.looks {
					t.Fatalf("an end after %s takes %d looks, want at most %d", end, looks, test.looks)
				}
			}
		})
	}
}

func TestBackoffGrowsToABoundAndObeysTheCloud(t *testing.T) {
	if got := backoff(1, 12*time.Second); got != 12*time.Second {
		t.Errorf("asked for 12s, waits %s", got)
	}
	var last time.Duration
	for try := 1; try < 100; try++ {
		got := backoff(try, 0)
		if got < last || got > longestBusy {
			t.Fatalf("try %d waits %s after %s", try, got, last)
		}
		last = got
	}
}
