package agent

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"linkd/internal/resource"
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
func (l *link) send(m message) error { return l.write(m, patience) }

func (l *link) write(m message, within time.Duration) error {
	line, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("cannot write a message: %w", err)
	}
	if len(line) >= longestLine {
		return fmt.Errorf("cannot send a message of %d bytes: %d is the limit", len(line), longestLine)
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.connection.SetWriteDeadline(time.Now().Add(within)); err != nil {
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
			return message{}, resource.WithHint(fmt.Errorf("the other end sent a message of more than %d bytes", longestLine), hintStrange)
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
		return message{}, resource.WithHint(fmt.Errorf("the other end sent what is no message: %w", err), hintStrange)
	}
	return m, nil
}

// close ends the connection.
func (l *link) close() { _ = l.connection.Close() }

// closeWith closes the connection when the context ends. A context that ends by
// a [Farewell] tells it to the other end before. Stop it when done.
func (l *link) closeWith(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		if farewell, is := errors.AsType[*Farewell](context.Cause(ctx)); is {
			_ = l.connection.SetWriteDeadline(time.Now().Add(parting)) // whoever writes now ends too
			_ = l.write(message{Refusal: &refusal{Text: farewell.Text, Hint: farewell.Hint}}, parting)
		}
		l.close()
	})
}
