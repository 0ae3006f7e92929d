package sim

import (
	"bytes"
	"maps"
	"net/http"
	"time"
)

// answer keeps what a half answers until it is sent: the lock is not held
// while it travels.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
	cut    bool // the body ends before its announced length
}

func newAnswer() *answer { return &answer{header: http.Header{}, status: http.StatusOK} }

// Header implements [http.ResponseWriter].
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements [http.ResponseWriter].
func (a *answer) Write(body []byte) (int, error) { return a.body.Write(body) }

// garble makes the body one that cannot be read.
func (a *answer) garble(how string) {
	switch how {
	case "cut":
		a.cut = true
	case "garbage":
		a.replace("<html><body>502 Bad Gateway</body></html>")
	case "empty":
		a.replace("")
	}
}

func (a *answer) replace(body string) {
	a.body.Reset()
	a.body.WriteString(body)
	a.header.Del("Content-Length")
}

// send writes the answer out. A cut one announces its whole length, and the
// connection is closed in the middle of it.
func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	body := a.body.Bytes()
	w.WriteHeader(a.status)
	if !a.cut {
		_, _ = w.Write(body) // whoever asked may be gone
		return
	}
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// rest waits for a span of real time; false when whoever asked has gone.
func rest(r *http.Request, span time.Duration) bool {
	if span <= 0 {
		return true
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
