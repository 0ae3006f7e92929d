package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/user"
	"strconv"
	"syscall"
	"time"
)

// Daemon is what a running linkd does at a word. Each answers in a sentence
// for the person. An error that is a [Refusal] is one of understanding; any
// other is a fault.
type Daemon interface {
	Status(context.Context) (Status, error)
	// Audit has an audit made now; wait: it answers when that has ended.
	Audit(ctx context.Context, by string, wait bool) (string, error)
	// Reload reads the file anew; force: also one that has lost much.
	Reload(ctx context.Context, by string, force bool) (string, error)
	Pause(ctx context.Context, by string, span time.Duration, why string) (string, error)
	Resume(ctx context.Context, by string) (string, error)
	// Approve takes the digest of what is pending; now: also outside of the
	// maintenance windows.
	Approve(ctx context.Context, by, digest string, now bool) (string, error)
	// RotateKeys begins to give new keys, and tells whose turn is to come.
	RotateKeys(ctx context.Context, by string, request RotateRequest) ([]Turn, error)
	// Drill begins a drill, and tells what it comes to.
	Drill(ctx context.Context, by string, request DrillRequest) (Drill, error)
}

// Refusal is a word that linkd does not follow, with what to do instead.
type Refusal struct{ Text, Hint string }

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// Request is what a person asks, as the body of a POST.
type Request struct {
	For    time.Duration `json:"for,omitempty"`
	Why    string        `json:"why,omitempty"`
	Digest string        `json:"digest,omitempty"`
	Now    bool          `json:"now,omitempty"`
	Force  bool          `json:"force,omitempty"`
	Wait   bool          `json:"wait,omitempty"`
}

// Answer is what linkd says.
type Answer struct {
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`

	Turns []Turn `json:"turns,omitempty"` // of an order of new keys
	Drill *Drill `json:"drill,omitempty"` // that was ordered
}

// Reading serves what only tells: GET /api/v1/status.
func Reading(d Daemon) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/status", func(w http.ResponseWriter, r *http.Request) {
		status, err := d.Status(r.Context())
		if err != nil {
			say(w, http.StatusServiceUnavailable, Answer{Text: err.Error()})
			return
		}
		say(w, http.StatusOK, status)
	})
	return mux
}

// words are the commands that change something, by their path.
var words = map[string]func(ctx context.Context, d Daemon, by string, r Request) (string, error){
	"audit": func(ctx context.Context, d Daemon, by string, r Request) (string, error) {
		return d.Audit(ctx, by, r.Wait)
	},
	"reload": func(ctx context.Context, d Daemon, by string, r Request) (string, error) {
		return d.Reload(ctx, by, r.Force)
	},
	"resume": func(ctx context.Context, d Daemon, by string, _ Request) (string, error) { return d.Resume(ctx, by) },
	"pause": func(ctx context.Context, d Daemon, by string, r Request) (string, error) {
		return d.Pause(ctx, by, r.For, r.Why)
	},
	"approve": func(ctx context.Context, d Daemon, by string, r Request) (string, error) {
		return d.Approve(ctx, by, r.Digest, r.Now)
	},
}

// Commanding serves all of it: what tells, and POST /v1/<word>. It is for a
// unix socket only, since it takes everybody at their word.
func Commanding(d Daemon) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", Reading(d))
	for word, do := range words {
		mux.HandleFunc("POST /v1/"+word, taken(func(ctx context.Context, by string, r Request) (Answer, error) {
			text, err := do(ctx, d, by, r)
			return Answer{Text: text}, err
		}))
	}
	mux.HandleFunc("POST /v1/rotate-keys", taken(func(ctx context.Context, by string, r RotateRequest) (Answer, error) {
		turns, err := d.RotateKeys(ctx, by, r)
		return Answer{Turns: turns}, err
	}))
	mux.HandleFunc("POST /v1/drill", taken(func(ctx context.Context, by string, r DrillRequest) (Answer, error) {
		told, err := d.Drill(ctx, by, r)
		return Answer{Drill: &told}, err
	}))
	return mux
}

// taken has a command carried out, whose body is a request, and answers.
func taken[R any](do func(ctx context.Context, by string, request R) (Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request R
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&request); err != nil {
			say(w, http.StatusBadRequest, Answer{Text: "cannot read the request: " + err.Error()})
			return
		}
		answer, err := do(r.Context(), whoAsks(r.Context()), request)
		refusal, refused := errors.AsType[*Refusal](err)
		switch {
		case refused:
			say(w, http.StatusConflict, Answer{Text: refusal.Text, Hint: refusal.Hint})
		case err != nil:
			say(w, http.StatusServiceUnavailable, Answer{Text: err.Error()})
		default:
			say(w, http.StatusOK, answer)
		}
	}
}

func say(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value) // who asked is gone, then
}

type whoKey struct{}

// WithPeer notes in the context of a connection who is at its other end. It is
// for http.Server.ConnContext.
func WithPeer(ctx context.Context, connection net.Conn) context.Context {
	return context.WithValue(ctx, whoKey{}, peer(connection))
}

func whoAsks(ctx context.Context) string {
	if who, known := ctx.Value(whoKey{}).(string); known {
		return who
	}
	return "somebody"
}

// peer names the user at the other end of a unix socket, as the kernel
// knows it: "uid 1000 (alice)".
func peer(connection net.Conn) string {
	socket, is := connection.(*net.UnixConn)
	if !is {
		return "somebody"
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return "somebody"
	}
	var credentials *syscall.Ucred
	if controlErr := raw.Control(func(fd uintptr) {
		credentials, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); controlErr != nil || err != nil {
		return "somebody"
	}
	return named(int(credentials.Uid))
}

// Whoami names the user of this process, as the peer of a socket is named.
func Whoami() string { return named(os.Getuid()) }

// named is a user by number and name: "uid 1000 (alice)".
func named(uid int) string {
	who := fmt.Sprintf("uid %d", uid)
	if account, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		who += " (" + account.Username + ")"
	}
	return who
}
