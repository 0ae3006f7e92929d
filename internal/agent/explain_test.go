package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"linkd/internal/agent/agenttest"
	"linkd/internal/identity"
)

// TestWhoseCertificateIsNotTakenHearsOfItOverTCP has the end that listens find
// the other's certificate unfit, after that has greeted already.
func TestWhoseCertificateIsNotTakenHearsOfItOverTCP(t *testing.T) {
	o, foreign := newOffice(t), newOffice(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	agent := newAgent(o.Issue("ec2-a", identity.Agent, year), &agenttest.Log{})
	go func() { _ = agent.Listen(t.Context(), listener) }()
	stranger := foreign.Trusting(o.Office, "linkd", identity.Daemon)
	for try := range 50 {
		connection, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = end{identity: stranger, dialled: true}.greet(t.Context(), connection)
		if err == nil || !strings.Contains(err.Error(), "the other end does not take the certificate of daemon linkd, which is this end's (its alert: bad certificate)") || HintOf(err) == "" {
			t.Fatalf("try %d: it says %v, and what to do: %q", try, err, HintOf(err))
		}
	}
}

func TestWhatAConnectionEndsByIsExplainedWithWhatToDo(t *testing.T) {
	on := func(operation string, err error) error {
		return &net.OpError{Op: operation, Net: "tcp", Source: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 40786}, Err: err}
	}
	system := func(errno syscall.Errno) error { return on("read", os.NewSyscallError("read", errno)) }
	for name, c := range map[string]struct {
		err        error
		want, hint string
	}{
		"reset":             {system(syscall.ECONNRESET), "the connection broke off", hintGone},
		"a broken pipe":     {system(syscall.EPIPE), "the connection broke off", hintGone},
		"the end":           {io.EOF, "the other end closed the connection", hintGone},
		"silence":           {os.ErrDeadlineExceeded, errGone.Error(), hintGone},
		"no certificate":    {errors.New("tls: client didn't provide a certificate"), "the other end does not speak TLS as linkd does: tls: client didn't provide a certificate", hintStrange},
		"an older TLS":      {on("remote error", errors.New("tls: protocol version not supported")), "its alert: protocol version not supported", hintStrange},
		"nothing to change": {errors.New("the file has no such agent any more"), "the file has no such agent any more", ""},
	} {
		if got := explain(c.err); got.Error() != c.want || HintOf(got) != c.hint {
			t.Errorf("%s: it says %q, %q", name, got, HintOf(got))
		}
	}
	late, cancel := context.WithTimeoutCause(t.Context(), 0, errNobody)
	defer cancel()
	for name, c := range map[string]struct {
		ctx        context.Context
		err        error
		want, hint string
	}{
		"nobody listens":      {t.Context(), on("dial", os.NewSyscallError("connect", syscall.ECONNREFUSED)), "connection refused", hintNobody},
		"no route":            {t.Context(), on("dial", os.NewSyscallError("connect", syscall.ENETUNREACH)), "network is unreachable", hintRoute},
		"no such name":        {t.Context(), on("dial", &net.DNSError{Err: "no such host", Name: "linkd.example", IsNotFound: true}), "the name linkd.example has no address: no name server knows it", hintName},
		"no name server":      {t.Context(), on("dial", &net.DNSError{Err: "read udp 10.0.0.5:41234->10.0.0.2:53: i/o timeout", Name: "linkd.example", IsTimeout: true}), "the name linkd.example has no address: the name server does not answer", hintName},
		"nobody answers":      {late, on("dial", os.ErrDeadlineExceeded), "nobody answers within 10s", hintFilter},
		"it never answered":   {t.Context(), on("dial", os.NewSyscallError("connect", syscall.ETIMEDOUT)), "connection timed out", hintFilter},
		"what nobody foresaw": {t.Context(), errors.New("no more files"), "no more files", ""},
	} {
		if got := explainDial(c.ctx, c.err); !strings.HasSuffix(got.Error(), c.want) || HintOf(got) != c.hint {
			t.Errorf("%s: it says %q, %q", name, got, HintOf(got))
		}
	}
}

// TestALogHasNoEmptyHint writes reasons with and without one.
func TestALogHasNoEmptyHint(t *testing.T) {
	said := &agenttest.Log{}
	log := slog.New(slog.NewTextHandler(said, nil))
	log.Warn("one", Why(errors.New("a reason"))...)
	log.Warn("two", Why(fmt.Errorf("cannot connect: %w", &Refused{By: thisEnd, Text: "a reason"}))...)
	log.Warn("three", Why(fmt.Errorf("cannot connect: %w", &identity.Unfit{Text: "a reason", Hint: "do this"}))...)
	if text := said.String(); strings.Contains(text, `hint=""`) || strings.Count(text, "hint=") != 1 || strings.Count(text, "a reason") != 3 {
		t.Errorf("it says\n%s", text)
	}
}
