package agent

import (
	"net"
	"sync"
	"time"
)

// reasons are what was told of late of those who connect, so that one who comes
// again and again for one reason fills no log.
type reasons struct {
	mu   sync.Mutex
	told map[string]map[string]time.Time // by host and reason
}

const (
	toldAgain   = time.Hour // after which a reason is told anew
	mostHosts   = 1000
	mostReasons = 16 // of a host
)

// news reports whether a reason is to be told of a host, and notes that it is.
func (r *reasons) news(host string, err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, text := time.Now(), err.Error()
	if when, known := r.told[host][text]; known && now.Sub(when) < toldAgain {
		return false
	}
	if r.told == nil || len(r.told) >= mostHosts {
		r.told = map[string]map[string]time.Time{}
	}
	if r.told[host] == nil || len(r.told[host]) >= mostReasons {
		r.told[host] = map[string]time.Time{}
	}
	r.told[host][text] = now
	return true
}

// forget lets all be told anew of a host, which has been served.
func (r *reasons) forget(host string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.told, host)
}

// hostOf is an address without its port, which differs each time.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}
