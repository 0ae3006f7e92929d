package azure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// longestPause is how long at most a question rests between two polls, in the
// clouds' time. Azure asks for ten seconds and was seen to answer sooner.
const longestPause = 5 * time.Second

// answersBy is how long at most such a question may take, in the clouds'
// time: the recorded ones took eleven seconds.
const answersBy = 5 * time.Minute

// answersLate is how long such a question may take at least, in our time: however
// fast simulated clouds are, the machine that they run on may be busy.
const answersLate = 10 * time.Second

// boundOf is how long a question may take, in our time.
func boundOf(scale float64) time.Duration { return max(scaled(answersBy, scale), answersLate) }

// outcome waits for the answer to a question that Azure answers by a
// long-running operation, such as the effective routes of a hub. accepted is
// the answer to the POST. It polls at once and then as often as Azure asks,
// but no more rarely than every [longestPause], and takes the answer from the
// last poll, where it is in full; the SDK would ask for it once more.
func (s *scope) outcome(ctx context.Context, accepted *http.Response, scale float64) (json.RawMessage, error) {
	return s.outcomeSince(ctx, accepted, scale, func([]byte) bool { return false })
}

// errUnchanged says that an answer is the one that was read before.
var errUnchanged = errors.New("the answer is as it was")

// outcomeSince is outcome for an answer that may be large and the same as
// before: known is shown the end of the last poll, which holds the answer to
// its last byte, and whether it knows it spares the decoding.
func (s *scope) outcomeSince(ctx context.Context, accepted *http.Response, scale float64, known func(answer []byte) bool) (json.RawMessage, error) {
	if accepted == nil {
		return nil, errors.New("no answer")
	}
	if accepted.StatusCode == http.StatusOK {
		return runtime.Payload(accepted)
	}
	ctx, stop := context.WithTimeoutCause(ctx, boundOf(scale), errors.New("the question has been under way for too long"))
	defer stop()
	return s.await(ctx, accepted, scale, known)
}

// outcomeWithin is outcome for what may last as long as the context.
func (s *scope) outcomeWithin(ctx context.Context, accepted *http.Response, scale float64) (json.RawMessage, error) {
	if accepted.StatusCode == http.StatusOK {
		return runtime.Payload(accepted)
	}
	return s.await(ctx, accepted, scale, func([]byte) bool { return false })
}

// await polls an accepted question until it is answered.
func (s *scope) await(ctx context.Context, accepted *http.Response, scale float64, known func(answer []byte) bool) (json.RawMessage, error) {
	location := accepted.Header.Get("Location")
	for {
		answer, err := s.get(ctx, accepted.Header.Get("Azure-AsyncOperation"))
		if err != nil {
			return nil, err
		}
		body, err := runtime.Payload(answer)
		if err != nil {
			return nil, err
		}
		if at := outputIn(body); at >= 0 && succeeded(body, at) && known(body[at:]) {
			return nil, errUnchanged
		}
		var poll struct {
			Status     string
			Properties struct{ Output json.RawMessage }
		}
		if json.Unmarshal(body, &poll) != nil || poll.Status == "" {
			return nil, nonsense{want: "status"}
		}
		switch poll.Status {
		case "Succeeded":
			if len(poll.Properties.Output) > 0 || location == "" {
				return poll.Properties.Output, nil
			}
			if answer, err = s.get(ctx, location); err != nil {
				return nil, err
			}
			if body, err = runtime.Payload(answer); err == nil && !json.Valid(body) {
				err = nonsense{want: "an answer"}
			}
			return body, err
		case "Failed", "Canceled":
			return nil, runtime.NewResponseError(answer)
		}
		if err := rest(ctx, min(orLongest(retryAfter(answer.Header)), scaled(longestPause, scale))); err != nil {
			return nil, err
		}
	}
}

// outputIn is where the answer begins in a poll, or -1.
func outputIn(body []byte) int { return bytes.Index(body, []byte(`"output"`)) }

// succeeded reports whether the status of a poll, which stands before its
// output or behind it, is one of success.
func succeeded(body []byte, output int) bool {
	status := []byte(`"Succeeded"`)
	return bytes.Contains(body[:output], status) || bytes.Contains(body[max(len(body)-64, output):], status)
}

// get asks for an absolute URL that Azure gave. Whoever calls it sees to it that
// the answer makes sense.
func (s *scope) get(ctx context.Context, url string) (*http.Response, error) {
	request, err := runtime.NewRequest(context.WithValue(ctx, unjudged{}, true), http.MethodGet, url)
	if err != nil {
		return nil, err
	}
	answer, err := s.arm.Pipeline().Do(request)
	if err != nil {
		return nil, err
	}
	if !runtime.HasStatusCode(answer, http.StatusOK) {
		return nil, runtime.NewResponseError(answer)
	}
	return answer, nil
}

func orLongest(span time.Duration) time.Duration {
	if span == 0 {
		return longestPause
	}
	return span
}

// rest waits, or stops with the context.
func rest(ctx context.Context, span time.Duration) error {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// isDenied reports whether the role lacks the permission for a call.
func isDenied(err error) bool {
	answer, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && answer.StatusCode == http.StatusForbidden
}
