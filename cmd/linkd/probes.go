package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/watch"
)

// probes say how the daemon probes: over this host's sockets, or through the
// network of a simulator.
func (p *program) probes() *watch.Options {
	options := &watch.Options{
		Open:  func(desired.Target) (probe.Wire, error) { return openWire() },
		Watch: probe.WatchRequests,
		Dial: func(ctx context.Context, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", address)
		},
		Listen: func(ctx context.Context, address string) (net.Listener, error) {
			return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		},
		Identity: p.daemonIdentity,
	}
	if p.simulator != "" {
		options.Open, options.Watch, options.NoOutside = p.simulatedWire, nil, true
	}
	return options
}

// daemonIdentity reads who this daemon is, from where the file says.
func (p *program) daemonIdentity(agents desired.Agents) (*identity.Identity, error) {
	certificate, err := agents.Certificate.ReadPublic(p.env)
	if err != nil {
		return nil, err
	}
	authority, err := agents.Authority.ReadPublic(p.env)
	if err != nil {
		return nil, err
	}
	key, err := agents.Key.ReadGuarded(p.env)
	if err != nil {
		return nil, err
	}
	return identity.Load(certificate, key, authority)
}

// simulatedWire carries echoes through the simulator's network, from the machine
// of a target.
func (p *program) simulatedWire(at desired.Target) (probe.Wire, error) {
	client := &http.Client{Timeout: 5 * time.Second}
	return probe.Carried(func(e probe.Echo) ([]probe.Delivery, error) {
		return askCarrier(client, p.simulator, at.Address, e)
	}), nil
}

// carried is what the simulator says became of an echo.
type carried struct {
	Answered   bool            `json:"answered"`
	RoundTrip  time.Duration   `json:"round_trip_ns"`
	TTL        int             `json:"ttl"`
	Duplicates []time.Duration `json:"duplicates_ns"`
	Error      *refused        `json:"icmp_error"`
}

// refused is an ICMP error that came back.
type refused struct {
	Kind  string        `json:"kind"`
	MTU   int           `json:"mtu"`
	By    netip.Addr    `json:"by"`
	Local bool          `json:"local"`
	After time.Duration `json:"after_ns"`
}

func askCarrier(client *http.Client, simulator string, from netip.Addr, e probe.Echo) ([]probe.Delivery, error) {
	body, err := json.Marshal([]map[string]any{{"from": from, "to": e.To, "size": e.Size, "dont_fragment": e.DontFragment, "ttl": e.TTL}})
	if err != nil {
		return nil, fmt.Errorf("cannot ask the simulator: %w", err)
	}
	response, err := client.Post(simulator+"/_sim/carry", "application/json", bytes.NewReader(body)) //nolint:noctx // the client has a limit
	if err != nil {
		return nil, fmt.Errorf("cannot ask the simulator: %w", err)
	}
	defer response.Body.Close()
	var fates []carried
	if err := json.NewDecoder(response.Body).Decode(&fates); err != nil || len(fates) != 1 {
		return nil, fmt.Errorf("the simulator does not carry echoes: %s", response.Status)
	}
	return fates[0].deliveries(e)
}

// deliveries are what comes back for the echo.
func (c carried) deliveries(e probe.Echo) ([]probe.Delivery, error) {
	switch {
	case c.Error != nil && c.Error.Local:
		return nil, &probe.TooBig{MTU: c.Error.MTU}
	case c.Error != nil:
		return []probe.Delivery{{After: c.Error.After, Arrival: probe.Arrival{
			From: c.Error.By, To: e.To, Refusal: &probe.Refusal{Text: c.Error.Kind, MTU: c.Error.MTU, TooBig: c.Error.Kind == "too-big"},
		}}}, nil
	case !c.Answered:
		return nil, nil
	}
	all := []probe.Delivery{{After: c.RoundTrip, Arrival: probe.Arrival{From: e.To, TTL: c.TTL}}}
	for _, after := range c.Duplicates {
		all = append(all, probe.Delivery{After: after, Arrival: probe.Arrival{From: e.To, TTL: c.TTL}})
	}
	return all, nil
}
