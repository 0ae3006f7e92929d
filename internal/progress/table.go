package progress

import (
	"io"
	"strings"
	"sync"
	"time"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

const (
	repaint = 100 * time.Millisecond

	// What moves the painting on a terminal.
	up         = "\x1b[F"
	clearDown  = "\x1b[J"
	clearRight = "\x1b[K"
)

// table is painted over and over until the walk has ended.
type table struct {
	w     io.Writer
	style style

	mu    sync.Mutex
	board board
	notes []string

	painted int // lines of the last painting
	stop    chan struct{}
	ended   sync.WaitGroup
}

func startTable(w io.Writer, view View) *table {
	t := &table{w: w, style: newStyle(view.Colour), board: newBoard(view, time.Now()), stop: make(chan struct{})}
	t.ended.Go(t.run)
	return t
}

// Listen implements [Progress].
func (t *table) Listen(e reconcile.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.board.note(e)
}

// Note implements [Progress].
func (t *table) Note(sentence string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.notes = append(t.notes, sentence)
}

// Stop implements [Progress].
func (t *table) Stop() {
	close(t.stop)
	t.ended.Wait()
}

// run paints until it is stopped, and once more then.
func (t *table) run() {
	ticks := time.NewTicker(repaint)
	defer ticks.Stop()
	for {
		t.paint()
		select {
		case <-ticks.C:
		case <-t.stop:
			t.paint()
			return
		}
	}
}

// paint writes the notes that came, and the table over the last one.
func (t *table) paint() {
	width, height := t.board.view.Size()
	t.mu.Lock()
	frame := t.board.frame(time.Now(), width, height-1, t.style)
	notes := t.notes
	t.notes = nil
	t.mu.Unlock()

	var text strings.Builder
	text.WriteString(strings.Repeat(up, t.painted))
	if len(notes) > 0 {
		text.WriteString(clearDown + strings.Join(notes, "\n") + "\n")
	}
	for _, line := range frame {
		text.WriteString(line + clearRight + "\n")
	}
	text.WriteString(clearDown)
	t.painted = len(frame)
	t.write(text.String())
}

func (t *table) write(text string) { _, _ = io.WriteString(t.w, text) } // nobody can be told that the terminal is gone

// row is what is known of one resource.
type row struct {
	id   resource.ID
	last reconcile.Event
	// sent says that a write of ours went out.
	sent bool
}

// state says where in a table a row stands.
type state int

const (
	ended state = iota
	running
	waiting
	failed
)

func (r row) state() state {
	switch r.last.What {
	case reconcile.Settled, reconcile.HeldBy:
		return ended
	case reconcile.Broken, reconcile.Skipped:
		return failed
	case reconcile.Waiting, "":
		return waiting
	}
	return running
}
