package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"linkd/internal/identity"
	"linkd/internal/resource"
)

// Refused says that one end would not speak with the other.
type Refused struct {
	By   string // whose word it is: "this end", or the other's name
	Text string
	Hint string
}

// Error implements error.
func (r *Refused) Error() string { return r.By + " refuses: " + r.Text }

// thisEnd is who refuses when it is not the other.
const thisEnd = "this end"

// Peer is the other end after the greeting.
type Peer struct {
	identity.Who
	Software string        // version of its linkd
	Version  int           // of the protocol
	Offset   time.Duration // its clock is so much ahead of this one
}

// end is one end of a connection before the greeting.
type end struct {
	identity *identity.Identity
	software string
	dialled  bool
	// admit refuses a peer whose certificate is well, for a reason of this end's
	// own; nil: nobody.
	admit func(Peer) *Refused
}

// greet makes both ends known to each other: TLS with both certificates, then a
// hello of each, then a word of each whether it is well. Who has dialled begins.
// A certificate's dates are judged after the hellos, when it is known how far
// the clocks are apart. The connection is closed when it fails.
func (e end) greet(ctx context.Context, connection net.Conn) (*link, Peer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, greeting, errSilent)
	defer cancel()
	secure := tls.Server(connection, e.identity.Config())
	if e.dialled {
		secure = tls.Client(connection, e.identity.Config())
	}
	l := newLink(secure)
	defer l.closeWith(ctx)()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = connection.Close()
		return nil, Peer{}, because(ctx, e.rejected(explain(err)))
	}
	peer, err := e.introduce(l)
	if err != nil {
		l.close()
		return nil, peer, because(ctx, e.rejected(err))
	}
	return l, peer, nil
}

// rejected says of an other end that takes no certificate of this one which
// certificate that is.
func (e end) rejected(err error) error {
	alert, is := errors.AsType[*alerted](err)
	if !is || !alert.certificate {
		return err
	}
	return resource.WithHint(fmt.Errorf("the other end does not take the certificate of %s, which is this end's (%w)", e.identity.Describe(), err),
		"its log says why; mostly it has another authority.crt: give both ends that of one authority, and certificates that it has signed")
}

// because prefers the reason that a context gives.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func (e end) introduce(l *link) (Peer, error) {
	who, err := e.identity.Peer(l.connection)
	if err != nil {
		return Peer{}, err
	}
	theirs, offset, err := e.hellos(l)
	if err != nil {
		return Peer{Who: who}, err
	}
	peer := Peer{Who: who, Software: theirs.Software, Version: min(newest, theirs.Newest), Offset: offset}
	refused := e.judge(peer, theirs)
	if e.dialled {
		if err := e.answer(l, peer, refused); err != nil {
			return peer, err
		}
		return peer, hear(l, peer)
	}
	if err := hear(l, peer); err != nil {
		return peer, err
	}
	return peer, e.answer(l, peer, refused)
}

// hellos exchanges the hellos, and reckons how far the other clock is ahead. Who
// has dialled knows when its hello left and takes the middle; who answers takes
// the other's hello as it comes, which is right to one way's time.
func (e end) hellos(l *link) (theirs hello, offset time.Duration, err error) {
	began := time.Now()
	own := func() error {
		return l.send(message{Hello: &hello{Newest: newest, Oldest: oldest, Software: e.software, Clock: time.Now()}})
	}
	if e.dialled {
		if err := own(); err != nil {
			return hello{}, 0, err
		}
	}
	m, err := l.receive(greeting)
	if err != nil {
		return hello{}, 0, err
	}
	if m.Hello == nil {
		return hello{}, 0, resource.WithHint(errors.New("the other end does not begin with a hello"), hintStrange)
	}
	now := time.Now()
	if e.dialled {
		now = began.Add(now.Sub(began) / 2)
	} else if err := own(); err != nil {
		return hello{}, 0, err
	}
	return *m.Hello, m.Hello.Clock.Sub(now), nil
}

// judge says why the other end is refused, or nil. The other end hears it too, so
// that both ends are called by their names.
func (e end) judge(peer Peer, theirs hello) *Refused {
	own := e.identity.Who
	switch {
	case theirs.Newest < oldest:
		return &Refused{By: thisEnd, Text: fmt.Sprintf("%s runs linkd %s, whose protocol %d is too old: %s runs linkd %s and needs %d",
			peer.Describe(), oneLine(theirs.Software), theirs.Newest, own.Describe(), e.software, oldest), Hint: "update linkd on " + peer.Machine()}
	case theirs.Oldest > newest:
		return &Refused{By: thisEnd, Text: fmt.Sprintf("%s runs linkd %s and needs protocol %d: %s runs linkd %s, which knows %d",
			peer.Describe(), oneLine(theirs.Software), theirs.Oldest, own.Describe(), e.software, newest), Hint: "update linkd on " + own.Machine()}
	}
	for _, who := range []identity.Who{peer.Who, own} {
		if wrong := who.Wrong(time.Now(), own.Name, identity.Clock{Of: peer.Name, Ahead: peer.Offset}); wrong != nil {
			return &Refused{By: thisEnd, Text: wrong.Text, Hint: wrong.Hint}
		}
	}
	if e.admit != nil {
		return e.admit(peer)
	}
	return nil
}

// answer tells the other end whether it is welcome.
func (e end) answer(l *link, peer Peer, refused *Refused) error {
	if refused != nil {
		_ = l.send(message{Refusal: &refusal{Text: refused.Text, Hint: refused.Hint}}) // it is told here too
		return refused
	}
	return l.send(message{Welcome: &welcome{Version: peer.Version}})
}

// hear takes the other end's word whether this one is welcome.
func hear(l *link, peer Peer) error {
	m, err := l.receive(greeting)
	switch {
	case err != nil:
		return err
	case m.Refusal != nil:
		return &Refused{By: peer.Name, Text: oneLine(m.Refusal.Text), Hint: oneLine(m.Refusal.Hint)}
	case m.Welcome == nil:
		return resource.WithHint(errors.New("the other end neither welcomes nor refuses"), hintStrange)
	}
	return nil
}

// oneLine keeps what another host has said from breaking a log.
func oneLine(text string) string {
	if len(text) > 1000 {
		text = text[:1000] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}
