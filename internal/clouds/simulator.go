package clouds

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Clock is what a simulator says of its time.
type Clock struct {
	// Started is when it began, by our own time: it has no past before.
	Started time.Time
	// Scale is how many times faster than life it runs.
	Scale float64
}

// AskClock asks the simulator at an address for its clock.
func AskClock(ctx context.Context, address string) (Clock, error) {
	if err := onLoopback(address); err != nil {
		return Clock{}, fmt.Errorf("cannot use the simulator: %w", err)
	}
	bounded, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(bounded, http.MethodGet, strings.TrimSuffix(address, "/")+"/_sim/clock", nil)
	if err != nil {
		return Clock{}, fmt.Errorf("cannot use the simulator: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Clock{}, fmt.Errorf("cannot reach the simulator: %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		Started time.Time `json:"started"`
		Scale   float64   `json:"scale"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Scale <= 0 || answer.Started.IsZero() {
		return Clock{}, fmt.Errorf("cannot use %s: it does not answer as linksim does (%s)", address, response.Status)
	}
	return Clock{Started: answer.Started, Scale: answer.Scale}, nil
}

// onLoopback refuses what is not on this machine: whatever is sent to a
// simulator, pre-shared keys too, is sent unencrypted.
func onLoopback(address string) error {
	parsed, err := url.Parse(address)
	if err != nil {
		return err
	}
	host := parsed.Hostname()
	loopback := host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
	if !loopback || parsed.Scheme != "http" {
		return fmt.Errorf("%s is not an http address of this machine", address)
	}
	return nil
}
