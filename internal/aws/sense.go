package aws

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// beginning is how much of an answer is looked at for its root element.
const beginning = 512

// nonsense is the error of an answer to another question, or to none.
type nonsense struct{ action string }

func (n *nonsense) Error() string { return "the answer is not one to " + n.action }

// sensible lets an answer pass only if its root element is that of the action
// in the form. The SDK reads an empty body, or a page that a proxy made, as an
// answer without items: what stands would be taken for absent, and made a
// second time.
func sensible(response *http.Response, form string) (*http.Response, error) {
	values, _ := url.ParseQuery(form) // what is no form has no action
	if !values.Has("Action") {
		return response, nil // not a question of ours: the SDK's own, to a sign-in service
	}
	body := bufio.NewReaderSize(response.Body, beginning)
	start, err := body.Peek(beginning)
	if err != nil && !errors.Is(err, io.EOF) {
		_ = response.Body.Close() // what went wrong is already known
		return nil, err
	}
	if !strings.Contains(string(start), "<"+values.Get("Action")+"Response") {
		_ = response.Body.Close() // nobody will read it
		return nil, &nonsense{action: values.Get("Action")}
	}
	response.Body = readCloser{body, response.Body}
	return response, nil
}

// readCloser reads from one and closes the other.
type readCloser struct {
	io.Reader
	io.Closer
}
