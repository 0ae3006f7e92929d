package agent

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// link is one connection as both ends use it: lines of JSON, each with a limit
// of length and of time.
type link struct {
	connection *tls.Conn
	lines      *bufio.Reader

	writing sync.Mutex
}

func newLink(connection *tls.Conn) *link {
	return &link{connection: connection, lines: bufio.NewReaderSize(connection, 64<<10)}
}

// send writes one message.
func (l *link) send(m message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("cannot write a message: %w", err)
	}
	if len(line) >= longestLine {
		return fmt.Errorf("cannot send a message of %d bytes: %d is the limit", len(line), longestLine)
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.connection.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return explain(err)
	}
	_, err = l.connection.Write(append(line, '\n'))
	return explain(err)
}

// receive reads one message, and waits for it no longer than so long.
func (l *link) receive(within time.Duration) (message, error) {
	if err := l.connection.SetReadDeadline(time.Now().Add(within)); err != nil {
		return message{}, explain(err)
	}
	var line []byte
	for {
		part, err := l.lines.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > longestLine {
			return message{}, fmt.Errorf("the other end sent a message of more than %d bytes", longestLine)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return message{}, explain(err)
		}
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return message{}, fmt.Errorf("the other end sent what is no message: %w", err)
	}
	return m, nil
}

// close ends the connection.
func (l *link) close() { _ = l.connection.Close() }

// errGone says that the other end has not been heard of for too long.
var errGone = fmt.Errorf("nothing was heard of the other end for %s: it, or the way to it, is gone", silence)

// explain says in words what an error of a connection means to a person.
func explain(err error) error {
	if err == nil {
		return nil
	}
	alert, told := errors.AsType[tls.AlertError](err)
	foreign, strange := errors.AsType[tls.RecordHeaderError](err)
	_, network := errors.AsType[*net.OpError](err)
	switch {
	case told && network:
		return fmt.Errorf("the other end does not accept this end's certificate (%w): is it of the same authority, and of the right role?", alert)
	case strange:
		return fmt.Errorf("the other end does not speak TLS: %w", foreign)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errGone
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the other end closed the connection")
	case errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return errors.New("the connection is closed")
	}
	return err
}

// closeWith closes the connection when the context ends. Stop it when done.
func (l *link) closeWith(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, l.close)
}
