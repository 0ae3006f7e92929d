package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client speaks with a running linkd: by its socket, or by the address of its
// read-only side.
type Client struct {
	base string
	http *http.Client
}

// How long linkd may take to answer, and to make an audit.
const (
	answerWithin = 30 * time.Second
	auditWithin  = time.Hour
)

// AtSocket speaks over a unix socket.
func AtSocket(path string) *Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		name, release, err := reachable(path)
		if err != nil {
			return nil, err
		}
		defer release()
		connection, err := (&net.Dialer{}).DialContext(ctx, "unix", name)
		if err != nil {
			return nil, byPath(path, err)
		}
		return connection, nil
	}}
	return &Client{base: "http://linkd", http: &http.Client{Transport: transport}}
}

// AtAddress speaks with the read-only side, "http://127.0.0.1:9717". Without a
// scheme it is HTTP.
func AtAddress(address string) *Client {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	address = strings.TrimRight(address, "/")
	return &Client{base: address, http: &http.Client{}}
}

// Absent says that no linkd could be asked.
type Absent struct{ Err error }

// Error implements error.
func (a *Absent) Error() string { return "cannot ask linkd: " + a.Err.Error() }

// Unwrap returns the error itself.
func (a *Absent) Unwrap() error { return a.Err }

// Status asks how it stands.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var status Status
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := c.ask(ctx, http.MethodGet, "/api/v1/status", nil, &status)
	return status, err
}

// Say gives a word: audit, reload, pause, resume, approve. A word that linkd
// does not follow is a [Refusal].
func (c *Client) Say(ctx context.Context, word string, request Request) (string, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return "", fmt.Errorf("cannot write the request: %w", err)
	}
	within := answerWithin
	if request.Wait {
		within = auditWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var answer Answer
	err = c.ask(ctx, http.MethodPost, "/v1/"+word, body, &answer)
	return answer.Text, err
}

func (c *Client) ask(ctx context.Context, method, path string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return &Absent{err}
	}
	response, err := c.http.Do(request)
	if failure, is := errors.AsType[*url.Error](err); is {
		return &Absent{failure.Err} // what was asked, and by which method, is no news to a person
	}
	if err != nil {
		return &Absent{err}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return &Absent{err}
	}
	if response.StatusCode != http.StatusOK {
		var answer Answer
		if json.Unmarshal(text, &answer) != nil || answer.Text == "" {
			return &Absent{errors.New(response.Status)}
		}
		return &Refusal{Text: answer.Text, Hint: answer.Hint}
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &Absent{fmt.Errorf("it does not answer as linkd does: %w", err)}
	}
	return nil
}
