package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"linkd/internal/identity"
	"linkd/internal/resource"
)

// What to do about a connection that did not come to be, or ended.
const (
	hintStrange = "see that linkd is at the other end, of a version that fits, and nothing between that ends TLS: an agent dials what probes.agents.listen says"
	hintGone    = "see whether its machine runs and reaches this one, and its log: systemctl status linkd-agent, or linkd"
	hintFilter  = "see that its machine runs, and that routes, security groups and firewalls on the way let TCP through to that port"
	hintNobody  = "its machine says that nobody listens there: start linkd on it, or correct the address or port"
	hintRoute   = "this machine has no route there: see ip route, or correct the address"
	hintName    = "correct the name, or see to the name server of this machine"
)

var (
	errSilent = resource.WithHint(errors.New("the other end did not greet in time"), hintStrange)
	// errGone says that the other end has not been heard of for too long.
	errGone   = resource.WithHint(fmt.Errorf("nothing was heard of the other end for %s: it, or the way to it, is gone", silence), hintGone)
	errClosed = resource.WithHint(errors.New("the other end closed the connection"), hintGone)
	errBroken = resource.WithHint(errors.New("the connection broke off"), hintGone)
	errNobody = resource.WithHint(fmt.Errorf("nobody answers within %s", greeting), hintFilter)
)

// alerted says that the other end has ended TLS with an alert.
type alerted struct {
	text        string
	certificate bool // it is about the certificate of this end
}

// Error implements error.
func (a *alerted) Error() string { return "its alert: " + a.text }

// aboutCertificates are the alerts of TLS that reject a certificate.
var aboutCertificates = []string{
	"bad certificate", "certificate required", "unknown certificate authority", "unknown certificate", "expired certificate",
	"revoked certificate", "unsupported certificate", "access denied",
}

// explain says in words what an error of a connection means to a person. A text
// holds nothing that changes from one try to the next, such as a port.
func explain(err error) error {
	if err == nil {
		return nil
	}
	foreign, strange := errors.AsType[tls.RecordHeaderError](err)
	operation, network := errors.AsType[*net.OpError](err)
	_, unfit := errors.AsType[*identity.Unfit](err)
	switch {
	case unfit:
		return err
	case network && operation.Op == "remote error":
		text, about := strings.TrimPrefix(operation.Err.Error(), "tls: "), false
		for _, one := range aboutCertificates {
			about = about || one == text
		}
		return resource.WithHint(&alerted{text, about}, hintStrange)
	case strange:
		return resource.WithHint(fmt.Errorf("the other end does not speak TLS: %w", foreign), hintStrange)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errGone
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errClosed
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return errBroken
	case errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return errors.New("the connection is closed")
	case strings.HasPrefix(err.Error(), "tls: "):
		return resource.WithHint(fmt.Errorf("the other end does not speak TLS as linkd does: %w", err), hintStrange)
	}
	return err
}

// explainDial is explain for what cannot be reached at all. The context is the
// one that limits the dialling.
func explainDial(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if unknown, is := errors.AsType[*net.DNSError](err); is {
		why := "the name server does not answer"
		if unknown.IsNotFound {
			why = "no name server knows it"
		}
		return resource.WithHint(fmt.Errorf("the name %s has no address: %s", unknown.Name, why), hintName)
	}
	for _, row := range []struct {
		errno syscall.Errno
		hint  string
	}{
		{syscall.ECONNREFUSED, hintNobody}, {syscall.ETIMEDOUT, hintFilter}, {syscall.EHOSTUNREACH, hintRoute}, {syscall.ENETUNREACH, hintRoute},
	} {
		if errors.Is(err, row.errno) {
			return resource.WithHint(err, row.hint)
		}
	}
	return err
}

// HintOf is what to do about an error of a connection, or "".
func HintOf(err error) string {
	if refused, is := errors.AsType[*Refused](err); is {
		return refused.Hint
	}
	if unfit, is := errors.AsType[*identity.Unfit](err); is {
		return unfit.Hint
	}
	return resource.HintOf(err)
}

// Why are the attributes of a log line that say why, and what to do where that
// is known.
func Why(err error) []any {
	why := []any{"why", err.Error()}
	if hint := HintOf(err); hint != "" {
		why = append(why, "hint", hint)
	}
	return why
}

// told marks an error that a log has told already.
type told struct{ error }

// Unwrap returns the error itself.
func (t *told) Unwrap() error { return t.error }

// Told marks the end of a session that the log has told already: [Keep] and
// [Accept] do not tell it again.
func Told(err error) error { return &told{err} }

func isTold(err error) bool {
	_, is := errors.AsType[*told](err)
	return is
}

// unmet is why one who has proved its name was not met.
type unmet struct {
	error
	name string
}

// Unwrap returns the error itself.
func (u *unmet) Unwrap() error { return u.error }

// Unmet is the name of the agent with which an error of [Meet] has to do, or ""
// when it has proved none.
func Unmet(err error) string {
	if u, is := errors.AsType[*unmet](err); is {
		return u.name
	}
	return ""
}
