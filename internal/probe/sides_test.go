package probe

import (
	"math"
	"strings"
	"testing"
)

func TestTheLossOfRequestsIsToldFromThatOfReplies(t *testing.T) {
	for name, c := range map[string]struct {
		sides          Sides
		told           bool
		request, reply float64
		text           string
	}{
		"nothing sent":                       {Sides{}, false, 0, 0, ""},
		"nothing lost":                       {Sides{Sent: 60, Received: 60, Watches: true, Arrived: 61, Slack: 2}, true, 0, 0, ""},
		"all requests":                       {Sides{Sent: 60, Watches: true, Slack: 2}, true, 1, 0, "lost on the way there: of 60 requests 0 arrived"},
		"all requests, one counted late":     {Sides{Sent: 60, Watches: true, Arrived: 2, Slack: 2}, true, 1, 0, "lost on the way there"},
		"all replies":                        {Sides{Sent: 60, Watches: true, Arrived: 60, Slack: 2}, true, 0, 1, "lost on the way back: all requests arrived, and 0 of 60 answers came"},
		"all replies, one counted late":      {Sides{Sent: 60, Watches: true, Arrived: 58, Slack: 2}, true, 0, 1, "lost on the way back"},
		"some of both":                       {Sides{Sent: 100, Received: 72, Watches: true, Arrived: 90, Slack: 2}, true, 0.1, 0.18, "lost on both ways: of 100 requests 90 arrived, and 72 answers came"},
		"some requests":                      {Sides{Sent: 100, Received: 80, Watches: true, Arrived: 81, Slack: 2}, true, 0.2, 0, "lost on the way there"},
		"too few":                            {Sides{Sent: 60, Received: 58, Watches: true, Arrived: 60, Slack: 2}, false, 0, 0, "too few to tell"},
		"more arrived than were sent":        {Sides{Sent: 60, Received: 30, Watches: true, Arrived: 90, Slack: 2}, true, 0, 0.5, "lost on the way back"},
		"the far end may begin, this not":    {Sides{Sent: 60, BackSent: 60, BackReceived: 60}, true, 1, 0, "echo requests are dropped on this one"},
		"both ends lose, nobody counts":      {Sides{Sent: 60, BackSent: 60}, false, 0, 0, "echoes of both ends are lost"},
		"only this end sends, nobody counts": {Sides{Sent: 60}, false, 0, 0, "the far end counts no requests"},
		"some of this end, nobody counts":    {Sides{Sent: 60, Received: 30, BackSent: 60, BackReceived: 60}, false, 0, 0, "the far end counts no requests"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.sides.Split()
			near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
			if got.Told != c.told || !near(got.Request, c.request) || !near(got.Reply, c.reply) || !strings.Contains(got.Text, c.text) || (c.text == "") != (got.Text == "") {
				t.Errorf("it says %+v", got)
			}
		})
	}
}
