package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

// adminEndpoint is what stands under /_sim/, all of it JSON:
//
//	GET    /_sim/state     both halves, with the keys redacted
//	GET    /_sim/tunnels   every pair of instance and tunnel, and why it is not up
//	GET    /_sim/echo      ?from=ADDRESS&to=ADDRESS; without them, all pairs of machines
//	GET    /_sim/calls     how many requests of each operation, and the last ones
//	DELETE /_sim/calls     begin counting anew
//	GET    /_sim/clock     when it started, the simulated time and its scale
//	GET    /_sim/faults    what is injected
//	POST   /_sim/faults    one [ground.Fault] or a list of them
//	DELETE /_sim/faults    nothing is injected any more
//	POST   /_sim/mutate    one [ground.Mutation]: changes a cloud behind its back
//	POST   /_sim/carry     a list of [fabric.Packet]: a [fabric.Fate] for each
//	GET    /_sim/conditions  how the places on the way treat packets
//	PUT    /_sim/conditions  a list of [fabric.Condition], in the place of those
//	DELETE /_sim/conditions  every place is as it is by itself
func (s *Simulator) adminEndpoint() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sim/state", func(w http.ResponseWriter, _ *http.Request) { tell(w, s.Dump()) })
	mux.HandleFunc("GET /_sim/tunnels", func(w http.ResponseWriter, _ *http.Request) { tell(w, s.Tunnels()) })
	mux.HandleFunc("GET /_sim/echo", s.tellEcho)
	mux.HandleFunc("GET /_sim/calls", func(w http.ResponseWriter, _ *http.Request) {
		tell(w, struct {
			Counts map[string]int `json:"counts"`
			Recent []Call         `json:"recent"`
		}{s.Calls(), s.Recent()})
	})
	mux.HandleFunc("DELETE /_sim/calls", func(w http.ResponseWriter, _ *http.Request) {
		s.ForgetCalls()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_sim/clock", func(w http.ResponseWriter, _ *http.Request) {
		tell(w, struct {
			Started time.Time `json:"started"`
			Now     time.Time `json:"now"`
			Scale   float64   `json:"scale"`
		}{s.clock.Started(), s.Now(), s.clock.Scale()})
	})
	mux.HandleFunc("GET /_sim/faults", func(w http.ResponseWriter, _ *http.Request) { tell(w, s.Faults()) })
	mux.HandleFunc("POST /_sim/faults", s.takeFaults)
	mux.HandleFunc("DELETE /_sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.Heal()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /_sim/mutate", s.takeMutation)
	mux.HandleFunc("POST /_sim/carry", s.takePackets)
	mux.HandleFunc("GET /_sim/conditions", func(w http.ResponseWriter, _ *http.Request) { tell(w, s.Conditions()) })
	mux.HandleFunc("PUT /_sim/conditions", s.takeConditions)
	mux.HandleFunc("DELETE /_sim/conditions", func(w http.ResponseWriter, _ *http.Request) {
		_ = s.SetConditions() // none cannot be wrong
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// Crossing is an echo between two machines.
type Crossing struct {
	From netip.Addr `json:"from"`
	To   netip.Addr `json:"to"`
	fabric.Echo
}

func (s *Simulator) tellEcho(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("from") == "" && query.Get("to") == "" {
		tell(w, s.Echoes())
		return
	}
	from, err := netip.ParseAddr(query.Get("from"))
	if err != nil {
		refuse(w, fmt.Errorf("from is no address: %w", err))
		return
	}
	to, err := netip.ParseAddr(query.Get("to"))
	if err != nil {
		refuse(w, fmt.Errorf("to is no address: %w", err))
		return
	}
	tell(w, Crossing{from, to, s.Echo(from, to)})
}

// takeFaults reads one fault or a list.
func (s *Simulator) takeFaults(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	if err := read(w, r, &raw); err != nil {
		refuse(w, err)
		return
	}
	var faults []ground.Fault
	if err := ground.DecodeFaults(raw, &faults); err != nil {
		refuse(w, err)
		return
	}
	s.Inject(faults...)
	tell(w, s.Faults())
}

func (s *Simulator) takeMutation(w http.ResponseWriter, r *http.Request) {
	var mutation ground.Mutation
	err := read(w, r, &mutation)
	if err == nil {
		err = s.Mutate(mutation)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Simulator) takePackets(w http.ResponseWriter, r *http.Request) {
	var packets []fabric.Packet
	if err := read(w, r, &packets); err != nil {
		refuse(w, err)
		return
	}
	tell(w, s.Carry(packets...))
}

func (s *Simulator) takeConditions(w http.ResponseWriter, r *http.Request) {
	var conditions []fabric.Condition
	err := read(w, r, &conditions)
	if err == nil {
		err = s.SetConditions(conditions...)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	tell(w, s.Conditions())
}

// read decodes a body strictly.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("cannot read the body: %w", err)
	}
	return nil
}

func tell(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(what) // whoever asked may be gone
}

func refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}
