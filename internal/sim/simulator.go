package sim

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"linkd/internal/sim/aws"
	"linkd/internal/sim/azure"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// Options say how a simulator runs.
type Options struct {
	Scale    float64        // simulated seconds in a real one; 0 is 1
	Faults   []ground.Fault // from the beginning
	Answered func(Call)     // is told each request that was answered; may be nil
}

// Simulator is both clouds. It is an http.Handler; see [Simulator.Serve] and
// [Simulator.Client] for its two listeners.
type Simulator struct {
	answered func(Call)
	admin    http.Handler
	latency  time.Duration // simulated, of every answer

	mu     sync.Mutex
	clock  *ground.Clock
	agenda *ground.Agenda
	faults *ground.Faults
	fabric *fabric.Fabric
	azure  AzureHalf
	aws    AWSHalf
	joined [2]uint64 // the generations of both sides that the fabric has seen
	calls  record
}

// New makes a simulator of what a scenario says exists beforehand.
func New(given scenario.Scenario, options Options) (*Simulator, error) {
	given.Behaviour = given.Behaviour.Hastened()
	behaviour := given.Behaviour
	if options.Scale == 0 {
		options.Scale = 1
	}
	s := &Simulator{
		answered: options.Answered,
		latency:  behaviour.Latency,
		clock:    ground.NewClock(options.Scale),
		agenda:   &ground.Agenda{},
		faults:   ground.NewFaults(behaviour.Seed, options.Faults...),
		fabric:   fabric.New(behaviour.Handshake),
		calls:    record{counts: map[string]int{}},
	}
	s.admin = s.adminEndpoint()
	s.fabric.Seed(behaviour.Seed)
	s.fabric.SetConditions(given.Conditions...)
	config := ground.Config{
		Clock: s.clock, Agenda: s.agenda, Scenario: given, Fabric: s.fabric, Faults: s.faults,
		Buckets: ground.NewBuckets(behaviour.Throttle),
		Random:  rand.New(rand.NewPCG(behaviour.Seed, behaviour.Seed)),
	}
	azureHalf, err := azure.New(config)
	if err != nil {
		return nil, err
	}
	awsHalf, err := aws.New(config)
	if err != nil {
		return nil, err
	}
	s.azure, s.aws = azureHalf, awsHalf
	s.fabric.Update(s.clock.Now(), s.azure.Side(), s.aws.Side())
	s.joined = [2]uint64{s.azure.Generation(), s.aws.Generation()}
	return s, nil
}

// cloudOf says which cloud a request is for, and what it asks for.
func cloudOf(r *http.Request) (cloud, operation string) {
	path := strings.ToLower(r.URL.Path)
	switch {
	case path == "/" || path == "":
		return "aws", aws.Operation(r)
	case strings.HasPrefix(path, "/subscriptions"), strings.HasPrefix(path, "/providers"), strings.HasPrefix(path, "/secrets/"):
		return "azure", azure.Operation(r)
	}
	return "", r.Method + " " + r.URL.Path
}

// largestBody is more than any request of either cloud has.
const largestBody = 4 << 20

// ServeHTTP answers a request of either cloud, or of the admin endpoint.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.admin.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	if err != nil {
		http.Error(w, fmt.Sprintf("cannot read the request: %v", err), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if r.Header.Get("X-Forwarded-Proto") == "https" {
		r.TLS = &tls.ConnectionState{} // so that the addresses in answers are https too
	}
	answer, wait, err := s.do(r)
	if err != nil || !rest(r, wait) {
		panic(http.ErrAbortHandler) // closes the connection without a word
	}
	answer.send(w)
}

// errCut is why there is no answer: a fault closes the connection.
var errCut = errors.New("the connection is cut")

// do lets one request happen, all alone, and returns its answer and how long
// to hold it back.
func (s *Simulator) do(r *http.Request) (*answer, time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	cloud, operation := cloudOf(r)
	s.joinUnlessRoute(s.clock.Now(), operation)
	injected := s.faults.Match(cloud, operation, r.URL.Path)
	call := Call{At: s.clock.Now(), Cloud: cloud, Method: r.Method, Operation: operation}
	answer := newAnswer()
	answer.header.Set("Date", s.clock.Now().UTC().Format(http.TimeFormat)) // by which clients tell the age of things
	if !injected.Drop {
		s.half(cloud).ServeHTTP(answer, r.WithContext(ground.WithInjected(r.Context(), injected)))
		s.joinUnlessRoute(s.clock.Now(), operation)
		call.Status = answer.status
	}
	if injected.Drop || injected.Die {
		call.Status = 0
		s.note(call)
		return nil, 0, errCut
	}
	s.note(call)
	answer.garble(injected.Nonsense)
	return answer, s.clock.Real(s.latency + injected.Stall), nil
}
