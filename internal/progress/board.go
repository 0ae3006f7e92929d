package progress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// board is what a table shows. It is data: the same events and the same time
// paint the same lines.
type board struct {
	view  View
	began time.Time
	rows  []*row // in the order of the plan, then as they turned up
	byID  map[resource.ID]*row
}

func newBoard(view View, began time.Time) board {
	b := board{view: view, began: began, byID: map[resource.ID]*row{}}
	for _, id := range view.Steps {
		b.row(id)
	}
	return b
}

func (b *board) row(id resource.ID) *row {
	if b.byID[id] == nil {
		b.byID[id] = &row{id: id}
		b.rows = append(b.rows, b.byID[id])
	}
	return b.byID[id]
}

// note takes an event in.
func (b *board) note(e reconcile.Event) {
	r := b.row(e.ID)
	r.last = e
	r.sent = r.sent || e.What == reconcile.Sending
}

// frame is the table at a moment, at most height lines of at most width.
func (b *board) frame(now time.Time, width, height int, s style) []string {
	counts := map[state]int{}
	for _, r := range b.rows {
		counts[r.state()]++
	}
	shown := b.fitting(height - 2)
	lines := []string{b.headline(counts, now, width, s)}
	longest := 0
	for _, r := range shown {
		longest = max(longest, len(r.id))
	}
	for _, r := range shown {
		lines = append(lines, s.cut(b.line(r, longest, now, s), width))
	}
	if hidden := len(b.rows) - len(shown); hidden > 0 {
		lines = append(lines, s.faint(fmt.Sprintf("  and %d more", hidden)))
	}
	return lines
}

// fitting are the rows that there is room for, in order. What runs and what
// failed stays longest, then what was done last, then what waits.
func (b *board) fitting(room int) []*row {
	room = max(room, 1)
	if len(b.rows) <= room {
		return b.rows
	}
	byWeight := slices.Clone(b.rows)
	weight := map[state]int{failed: 0, running: 1, ended: 2, waiting: 3}
	slices.SortStableFunc(byWeight, func(x, y *row) int {
		return cmp.Or(cmp.Compare(weight[x.state()], weight[y.state()]), latestEndFirst(x, y))
	})
	chosen := map[*row]bool{}
	for _, r := range byWeight[:room] {
		chosen[r] = true
	}
	return slices.DeleteFunc(slices.Clone(b.rows), func(r *row) bool { return !chosen[r] })
}

func latestEndFirst(x, y *row) int {
	if x.state() != ended || y.state() != ended {
		return 0
	}
	return y.last.At.Compare(x.last.At)
}

// headline counts, and says how long it has taken of how long it usually takes.
func (b *board) headline(counts map[state]int, now time.Time, width int, s style) string {
	left := fmt.Sprintf("%d of %d done, %d running, %d waiting", counts[ended], len(b.rows), counts[running], counts[waiting])
	if counts[failed] > 0 {
		left += fmt.Sprintf(", %d failed or skipped", counts[failed])
	}
	right := clock(b.scaled(now.Sub(b.began)))
	if b.view.Takes > 0 {
		right += " of about " + clock(b.view.Takes)
	}
	gap := max(width-len(left)-len(right), 2)
	return s.bold(s.cut(left+strings.Repeat(" ", gap)+right, width))
}

// line is one row of the table.
func (b *board) line(r *row, longest int, now time.Time, s style) string {
	name := fmt.Sprintf("%-*s", longest, r.id)
	e, tense := r.last, tenses[r.last.Verb]
	text := oneLine(e.Text)
	switch e.What {
	case reconcile.Settled:
		if r.sent {
			return s.good("✓ "+name) + "  " + tense.ended + " in " + brief(e.Took)
		}
		return s.good("✓ "+name) + "  as desired"
	case reconcile.HeldBy:
		return s.warn("= "+name) + "  held: " + text
	case reconcile.Broken:
		return s.bad("✗ "+name) + "  " + text
	case reconcile.Skipped:
		return s.bad("✗ "+name) + "  skipped: " + text
	case reconcile.Waiting, "":
		return s.faint("· " + name + "  waits " + cmp.Or(text, "for its turn"))
	case reconcile.Retried:
		return s.warn("↻ "+name) + "  will try again: " + text
	}
	usual := b.view.usual(e)
	took := e.Took + b.scaled(now.Sub(e.At))
	line := s.busy("▸ "+name) + "  " + fmt.Sprintf("%-9s", tense.running) + "  " + bar(took, usual) + "  " + brief(took)
	if usual > 0 {
		line += " of " + brief(usual)
	}
	if text != "" {
		line += "  " + s.faint(text)
	}
	return line
}

// bar fills up as an operation nears its usual length, stays full while it is
// late, and empty when nobody knows how long it takes.
func bar(took, usual time.Duration) string {
	const cells = 16
	full := 0
	if usual > 0 {
		full = min(int(cells*took/usual), cells)
	}
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full)
}

// scaled converts a span of ours to the clouds'.
func (b *board) scaled(span time.Duration) time.Duration {
	return time.Duration(float64(span) * b.view.Scale)
}
