package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"linkd/deploy/examples"
	"linkd/internal/sim"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

var update = flag.Bool("update", false, "write the golden texts of the stories anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"linkd": main})
}

// TestStories plays each story of testdata/script: the program as a process
// of its own, against both simulated clouds over TCP.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Setenv("RUNTIME_DIRECTORY", env.WorkDir+"/run")
			env.Values[stageKey{}] = &stage{}
			return os.WriteFile(env.WorkDir+"/linkd.yaml", examples.Seed(), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"simulate": simulate, "mutate": mutate, "fault": fault, "heal": heal, "crosses": crosses,
			"exits": exits, "killed": killed, "calls": calls, "keyseen": keySeen,
			"append": appendFile, "replace": replaceIn, "waitcalls": waitCalls, "recorded": recorded,
			"verdict": verdictOf, "waitrecorded": waitRecorded,
		},
	})
}

type stageKey struct{}

// stage is what one story plays on.
type stage struct {
	sim  *sim.Simulator
	turn sync.Mutex

	mu     sync.Mutex
	deadly string // the operation whose answer linkd does not live to see
	kill   func()
	keys   map[string]bool
	said   strings.Builder // all that linkd has printed
}

func stageOf(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

// key finds the pre-shared keys in what passes over the wire.
var key = regexp.MustCompile(`(?i)(?:pre_?shared_?key>|pre_?shared_?key&gt;|"sharedKey":\s*")([A-Za-z0-9._]{8,64})`)

// ServeHTTP hands a request on, and remembers the keys of the answer.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := s.answer(r)
	if answer == nil {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that who asked is gone
		<-r.Context().Done()
		return
	}
	s.mu.Lock()
	for _, found := range key.FindAllStringSubmatch(answer.Body.String(), -1) {
		s.keys[found[1]] = true
	}
	s.mu.Unlock()
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// answer lets the clouds carry out a request, one at a time so that none gets
// in after the deadly one. There is no answer for who is as good as dead.
func (s *stage) answer(r *http.Request) *httptest.ResponseRecorder {
	s.turn.Lock()
	defer s.turn.Unlock()
	answer := httptest.NewRecorder()
	if s.dead() {
		return nil
	}
	s.sim.ServeHTTP(answer, r)
	if s.dead() {
		return nil
	}
	return answer
}

func (s *stage) dead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kill != nil && s.deadly == ""
}

// simulate [SCALE [scenario change…]] starts clouds in which the networks of
// the seed exist, for linkd to find; operations take no time in them, unless
// "lasting" is among the changes.
func simulate(ts *testscript.TestScript, _ bool, args []string) {
	given, err := scenario.Seed()
	ts.Check(err)
	given.Behaviour.Instant = true
	scale := 200.0
	for _, arg := range args {
		switch {
		case arg == "lasting":
			given.Behaviour.Instant = false
		case arg == "another-account":
			given.AWS.Account = "999999999999"
		case arg == "without-a-vnet":
			given.Azure.Subscriptions[0].ResourceGroups[0].VNets = given.Azure.Subscriptions[0].ResourceGroups[0].VNets[:1]
			given.Azure.Subscriptions[0].ResourceGroups[0].VMs = given.Azure.Subscriptions[0].ResourceGroups[0].VMs[:1]
		default:
			scale, err = strconv.ParseFloat(arg, 64)
			ts.Check(err)
		}
	}
	s := stageOf(ts)
	s.keys = map[string]bool{}
	s.sim, err = sim.New(given, sim.Options{Scale: scale, Answered: s.answered})
	ts.Check(err)
	server := httptest.NewServer(s)
	ts.Defer(server.Close)
	ts.Setenv("LINKD_SIMULATOR", server.URL)
}

// mutate CLOUD KIND NAME OP [FIELD [JSON]] changes a cloud behind linkd's back.
func mutate(ts *testscript.TestScript, _ bool, args []string) {
	args = append(args, make([]string, 6)...)[:6]
	m := ground.Mutation{Cloud: args[0], Kind: args[1], Name: args[2], Op: args[3], Field: args[4]}
	if args[5] != "" {
		ts.Check(json.Unmarshal([]byte(args[5]), &m.Value))
	}
	ts.Check(stageOf(ts).sim.Mutate(m))
}

// fault JSON injects a fault.
func fault(ts *testscript.TestScript, _ bool, args []string) {
	var row ground.Fault
	ts.Check(json.Unmarshal([]byte(args[0]), &row))
	stageOf(ts).sim.Inject(row)
}

func heal(ts *testscript.TestScript, _ bool, _ []string) { stageOf(ts).sim.Heal() }

// crosses sends an echo between every two machines: all must cross, or with
// ! at least one must not.
func crosses(ts *testscript.TestScript, neg bool, _ []string) {
	var lost []string
	echoes := stageOf(ts).sim.Echoes()
	for _, echo := range echoes {
		if !echo.Crossed {
			lost = append(lost, fmt.Sprintf("%s → %s: dropped at %s: %s", echo.From, echo.To, echo.DroppedAt, echo.Why))
		}
	}
	if len(echoes) != 12 || (len(lost) > 0) != neg {
		ts.Fatalf("%d echoes, of which %d are lost: %s", len(echoes), len(lost), strings.Join(lost, "\n"))
	}
}

// calls OPERATION COUNT counts the requests of an operation so far.
func calls(ts *testscript.TestScript, _ bool, args []string) {
	total := 0
	for operation, count := range stageOf(ts).sim.Calls() {
		if ground.Glob(args[0], operation) {
			total += count
		}
	}
	if strconv.Itoa(total) != args[1] {
		ts.Fatalf("%d calls of %s, want %s: %v", total, args[0], args[1], stageOf(ts).sim.Calls())
	}
}

// exits CODE COMMAND… runs a command, which must end with the exit code and
// must not have printed a key.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if failed, ended := errors.AsType[*exec.ExitError](err); ended {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	s := stageOf(ts)
	s.said.WriteString(ts.ReadFile("stdout") + ts.ReadFile("stderr"))
	s.mustHideKeys(ts)
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func (s *stage) mustHideKeys(ts *testscript.TestScript) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.keys {
		if strings.Contains(s.said.String(), key) {
			ts.Fatalf("linkd printed a pre-shared key")
		}
	}
}

// keyseen makes sure that keys have passed over the wire, so that there was
// something to hide.
func keySeen(ts *testscript.TestScript, _ bool, _ []string) {
	s := stageOf(ts)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) == 0 {
		ts.Fatalf("no key was seen on the wire")
	}
}

// answered kills linkd once the deadly operation has been carried out.
func (s *stage) answered(call sim.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deadly != "" && call.Operation == s.deadly {
		s.deadly = ""
		s.kill()
	}
}

// killed OPERATION COMMAND… runs a command and kills it, as kill -9 does, when
// a cloud has carried out that operation and not yet answered.
func killed(ts *testscript.TestScript, _ bool, args []string) {
	s := stageOf(ts)
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	command := exec.CommandContext(ctx, args[1], args[2:]...) // which kills with SIGKILL
	command.Dir = ts.MkAbs(".")
	command.Env = append(os.Environ(), "LINKD_SIMULATOR="+ts.Getenv("LINKD_SIMULATOR"), "XDG_STATE_HOME="+ts.Getenv("XDG_STATE_HOME"))
	s.mu.Lock()
	s.deadly, s.kill = args[0], kill
	s.mu.Unlock()
	output, err := command.CombinedOutput()
	s.mu.Lock()
	s.deadly, s.kill = "", nil
	s.mu.Unlock()
	s.said.Write(output)
	s.mustHideKeys(ts)
	if ctx.Err() == nil {
		ts.Fatalf("it ended (%v) before it was killed:\n%s", err, output)
	}
}

// append TO FROM adds a file to another.
func appendFile(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[0])+ts.ReadFile(args[1])), 0o600))
}

// replace FILE OLD NEW changes a text that stands in a file once.
func replaceIn(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if strings.Count(text, args[1]) != 1 {
		ts.Fatalf("%q does not stand in %s once", args[1], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o600))
}

// waitcalls OPERATION waits until the clouds have answered one.
func waitCalls(ts *testscript.TestScript, _ bool, args []string) {
	for stageOf(ts).sim.Calls()[args[0]] == 0 {
		runtime.Gosched()
	}
}
