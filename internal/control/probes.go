package control

import "time"

// Probes tell what linkd's vantages see. Times are in seconds.
type Probes struct {
	Local            string  `json:"local,omitempty"` // linkd's own vantage
	LocalProblem     string  `json:"local_problem,omitempty"`
	Listening        string  `json:"listening,omitempty"` // where agents dial in
	ListeningProblem string  `json:"listening_problem,omitempty"`
	Pairs            []Probe `json:"pairs"`
	Agents           []Agent `json:"agents"`
}

// Probe is one pair: its last result, and what both ends saw lately.
type Probe struct {
	From    string    `json:"from"`
	To      string    `json:"to"`
	Vantage string    `json:"vantage"` // local or agent
	State   string    `json:"state"`   // answers, lost or unknown
	Why     string    `json:"why,omitempty"`
	Since   time.Time `json:"since,omitzero"`

	At       time.Time `json:"at,omitzero"` // of the last result; zero: there is none
	Sent     int       `json:"sent"`
	Received int       `json:"received"`
	Loss     float64   `json:"loss"` // 0 to 1
	Min      float64   `json:"min_seconds"`
	Mean     float64   `json:"mean_seconds"`
	Max      float64   `json:"max_seconds"`
	Jitter   float64   `json:"jitter_seconds"`
	Refusals []string  `json:"refusals,omitempty"` // ICMP errors, and other hosts that answered

	MTU    *MTU      `json:"mtu,omitempty"`
	MTUAt  time.Time `json:"mtu_at,omitzero"`
	Lately Sides     `json:"lately"`
}

// Sides are the last two minutes of a pair as both ends saw them, and which way
// lost what.
type Sides struct {
	Sent         int     `json:"sent"`
	Received     int     `json:"received"`
	Arrived      int     `json:"arrived"` // requests that the far end saw, when it watches
	Watches      bool    `json:"watches"`
	BackSent     int     `json:"back_sent"`
	BackReceived int     `json:"back_received"`
	Told         bool    `json:"told"` // it is known which way lost
	LostThere    float64 `json:"lost_there"`
	LostBack     float64 `json:"lost_back"`
	Text         string  `json:"text,omitempty"`
}

// MTU is the largest packet that passes a way, in bytes.
type MTU struct {
	Passes     int    `json:"passes"`
	SilentFrom int    `json:"silent_from,omitempty"`
	SilentTo   int    `json:"silent_to,omitempty"`
	Told       int    `json:"told,omitempty"`
	By         string `json:"by,omitempty"`
}

// Agent is one agent of the file.
type Agent struct {
	Name             string    `json:"name"`
	Connected        bool      `json:"connected"`
	Since            time.Time `json:"since,omitzero"`
	Why              string    `json:"why,omitempty"` // it is not connected
	Hint             string    `json:"hint,omitempty"`
	Trouble          string    `json:"trouble,omitempty"` // it cannot send
	Version          string    `json:"version,omitempty"`
	ClockAhead       float64   `json:"clock_ahead_seconds"`
	CertificateUntil time.Time `json:"certificate_until,omitzero"`
	Watches          bool      `json:"watches"` // it counts the requests that come in
}
