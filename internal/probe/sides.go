package probe

import "fmt"

// Sides are what both ends of a pair have seen, over one span of time, of the
// echoes from one to the other. An echo alone does not tell whether its request
// was lost or its answer: the far end does, by the requests that came in there.
type Sides struct {
	Sent     int `json:"sent"`
	Received int `json:"received"`

	// Arrived counts the requests that the far end saw, when it Watches. The
	// counts of both ends may be apart by Slack, for they are taken at different
	// moments.
	Watches bool `json:"watches"`
	Arrived int  `json:"arrived"`
	Slack   int  `json:"slack"`

	// The far end's own echoes to this one, when it sends any: both ways of those
	// lead over the same two ways as the echoes of this one.
	BackSent     int `json:"back_sent"`
	BackReceived int `json:"back_received"`
}

// Split says on which way echoes were lost.
type Split struct {
	Told    bool    `json:"told"`    // it is known, and Request and Reply count
	Request float64 `json:"request"` // part of the echoes that was lost on the way there, 0 to 1
	Reply   float64 `json:"reply"`   // part that was lost on the way back
	Text    string  `json:"text"`    // the same in words; "" when nothing was lost
}

// Split tells the loss of requests from that of replies, where it can be told:
//
//   - The far end counts what comes in. What it did not see was lost on the way
//     there; what it saw and was not answered here, on the way back.
//   - It does not, but its own echoes to this end are answered while none of this
//     end's is: then packets pass both ways, and something drops echo requests
//     towards it alone, a filter that lets only the far end begin, or the far
//     host's own firewall.
//   - Otherwise it cannot be told: when echoes of both ends are lost, either way
//     may be broken.
func (s Sides) Split() Split {
	lost := s.Sent - s.Received
	switch {
	case s.Sent <= 0 || lost <= 0:
		return Split{Told: s.Sent > 0}
	case s.Watches && lost <= s.Slack:
		return Split{Text: fmt.Sprintf("%d of %d were lost, too few to tell on which way", lost, s.Sent)}
	case s.Watches:
		return s.counted(lost)
	case s.Received == 0 && s.BackSent > 0 && s.BackReceived == s.BackSent:
		return Split{Told: true, Request: 1, Text: "packets pass both ways, and echo requests are dropped on this one: a filter, or the far host's own firewall"}
	case s.BackSent > 0 && s.BackReceived < s.BackSent:
		return Split{Text: "echoes of both ends are lost, and the far end counts no requests: either way may lose them"}
	}
	return Split{Text: "the far end counts no requests: either way may lose them"}
}

// counted splits by what the far end saw.
func (s Sides) counted(lost int) Split {
	there := min(max(s.Sent-s.Arrived, 0), lost)
	switch {
	case there <= s.Slack:
		there = 0
	case lost-there <= s.Slack:
		there = lost
	}
	split := Split{Told: true, Request: float64(there) / float64(s.Sent), Reply: float64(lost-there) / float64(s.Sent)}
	switch {
	case there == lost:
		split.Text = fmt.Sprintf("lost on the way there: of %d requests %d arrived", s.Sent, s.Arrived)
	case there == 0:
		split.Text = fmt.Sprintf("lost on the way back: all requests arrived, and %d of %d answers came", s.Received, s.Sent)
	default:
		split.Text = fmt.Sprintf("lost on both ways: of %d requests %d arrived, and %d answers came", s.Sent, s.Arrived, s.Received)
	}
	return split
}
