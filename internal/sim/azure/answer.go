package azure

import (
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"
)

// answer is an answer before it is written.
type answer struct {
	status     int
	header     http.Header
	body       any           // nil: no body
	retryAfter time.Duration // simulated; 0: the header is left out
}

func ok(body any) (answer, *failure) {
	return answer{status: http.StatusOK, body: body}, nil
}

// refuse turns a failure into an answer.
func (c *Cloud) refuse(f *failure) answer {
	a := answer{status: f.status, body: f.body(), retryAfter: f.retryAfter, header: http.Header{}}
	if f.gateway {
		a.header.Set("x-ms-failure-cause", "gateway")
	}
	if f.challenge {
		a.header.Set("WWW-Authenticate", `Bearer authorization_uri="https://login.windows.net/common", error="invalid_token", error_description="The authentication scheme of Bearer is not supported or the token is missing."`)
	}
	return a
}

// send writes an answer with the headers that all have. A span is told in
// whole seconds, never 0, and on a fast clock in milliseconds too, which
// clients of Azure prefer where they understand it.
func (c *Cloud) send(w http.ResponseWriter, q *request, a answer) {
	header := w.Header()
	maps.Copy(header, a.header)
	header.Set("Cache-Control", "no-cache")
	header.Set("x-ms-request-id", c.newGUID())
	for _, left := range q.left {
		header.Set(left.header, strconv.Itoa(left.count))
	}
	if a.retryAfter > 0 {
		wait := c.ground.Clock.Real(a.retryAfter)
		header.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
		if c.ground.Clock.Scale() > 1 {
			header.Set("retry-after-ms", strconv.Itoa(max(1, int(wait.Milliseconds()))))
		}
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	raw, err := json.Marshal(a.body)
	if err != nil {
		http.Error(w, "the simulator cannot encode its own answer", http.StatusInternalServerError)
		return
	}
	header.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(raw) // the client has gone: nobody is left to tell
}
