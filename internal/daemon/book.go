package daemon

import (
	"fmt"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// The bounds of a book's patience.
const (
	rivalTimes  = 3         // mended and changed back so often …
	rivalWithin = time.Hour // … within this: somebody else wants it otherwise
	firstPause  = time.Minute
	longestWait = time.Hour
)

// book remembers each difference from when it appeared until it is long gone:
// what was tried about it, whether the repair was proved, whether it came back.
// It is pure; what it notes comes back as entries for the journal.
type book struct {
	pages map[reconcile.Difference]*page
	// unseen holds the clouds of which a part could not be read.
	unseen map[string]bool
	strays map[stray]bool
}

// page is one difference.
type page struct {
	first, last time.Time // when it was seen first, in this appearance, and last
	decided     reconcile.Decided
	present     bool
	repairing   bool        // a repair of it is under way
	proving     bool        // a repair of it has ended well, and nobody has looked since
	proved      []time.Time // of repairs, not long ago
	turned      turned
	failures    int       // in a row
	notBefore   time.Time // the next try
	rival       bool      // it has been told that there is one
}

// turned is the last repair of a difference by which linkd followed a change of
// its own mind.
type turned struct {
	to resource.Value
	at time.Time
}

func newBook() *book {
	return &book{pages: map[reconcile.Difference]*page{}, unseen: map[string]bool{}, strays: map[stray]bool{}}
}

// note writes down what an audit saw, and returns what is new about it.
func (b *book) note(file *desired.File, plan reconcile.Plan, now time.Time, inFlight map[resource.ID]bool) []journal.Entry {
	for _, p := range b.pages {
		p.rival = p.rival && len(recent(p.proved, now)) >= rivalTimes
	}
	var entries []journal.Entry
	standing, hidden := map[reconcile.Difference]bool{}, newMasked()
	entries = append(entries, b.noteUnseen(plan)...)
	for _, step := range plan.Steps {
		for _, d := range step.Drifts {
			difference := reconcile.DifferenceOf(d.Drift)
			standing[difference] = true
			hidden.add(d)
			if wholeUnseen(d) {
				continue // it is told once, of the cloud
			}
			if inFlight[d.ID] {
				continue // what a repair passes through is no news
			}
			entries = append(entries, b.stands(file, d, now)...)
		}
	}
	for _, difference := range b.sorted() {
		if standing[difference] || hidden.hides(b.pages[difference].decided) || inFlight[difference.ID] {
			continue
		}
		entries = append(entries, b.gone(file, difference, now)...)
	}
	return entries
}

// stands notes a difference that an audit found.
func (b *book) stands(file *desired.File, d reconcile.Decided, now time.Time) []journal.Entry {
	difference := reconcile.DifferenceOf(d.Drift)
	p := b.pages[difference]
	if p == nil {
		p = &page{}
		b.pages[difference] = p
	}
	before, was := p.decided, p.present
	if !p.present {
		p.first = now
	}
	p.present, p.last, p.decided = true, now, d
	switch {
	case p.proving && d.Class != resource.Unseen:
		p.proving = false
		p.fail(now)
		return []journal.Entry{EntryOf(file, journal.Persists, d, "the repair was accepted, and a look afterwards finds the difference all the same")}
	case !was && len(recent(p.proved, now)) > 0:
		return append([]journal.Entry{EntryOf(file, journal.Returned, d, "it was mended, and has come back")}, b.rivalry(file, p, now)...)
	case !was:
		return append([]journal.Entry{EntryOf(file, journal.Appeared, d, "")}, held(file, d)...)
	case !sameDecision(before, d):
		return append([]journal.Entry{EntryOf(file, journal.Changed, d, "")}, held(file, d)...)
	}
	return nil
}

// held tells why a difference is left, where somebody could want it otherwise.
func held(file *desired.File, d reconcile.Decided) []journal.Entry {
	switch d.Held {
	case reconcile.NotHeld, reconcile.HeldByHand, reconcile.HeldUnknown, reconcile.HeldBackoff, reconcile.HeldInFlight:
		return nil
	}
	return []journal.Entry{EntryOf(file, journal.Held, d, d.Reason())}
}

// rivalry notes that a difference has come back too often.
func (b *book) rivalry(file *desired.File, p *page, now time.Time) []journal.Entry {
	if p.rival || len(recent(p.proved, now)) < rivalTimes {
		return nil
	}
	p.rival = true
	return []journal.Entry{EntryOf(file, journal.Rival, p.decided, rivalText)}
}

var rivalText = fmt.Sprintf("it was mended %d times within %s and changed back each time: somebody or something else wants it otherwise", rivalTimes, rivalWithin)

// keep has no repair proved of what the file in force no longer names: nobody
// looks at it any more.
func (b *book) keep(graph *reconcile.Graph) {
	for difference, p := range b.pages {
		p.proving = p.proving && graph.Resource(difference.ID) != nil
	}
}

// stillStands reports whether a difference stood in the last look, or is under
// repair.
func (b *book) stillStands(difference reconcile.Difference) bool {
	p := b.pages[difference]
	return p != nil && (p.present || p.repairing)
}

// gone notes that a difference is no longer there.
func (b *book) gone(file *desired.File, difference reconcile.Difference, now time.Time) []journal.Entry {
	p := b.pages[difference]
	p.proved = recent(p.proved, now)
	if !p.present {
		if len(p.proved) == 0 && !p.repairing && now.Sub(p.turned.at) >= rivalWithin {
			delete(b.pages, difference)
		}
		return nil
	}
	event, text := journal.Gone, "it is no longer so"
	if p.proving {
		event, text = journal.Proved, ""
		p.prove(now)
	}
	p.present, p.proving, p.failures, p.notBefore = false, false, 0, time.Time{}
	return []journal.Entry{EntryOf(file, event, p.decided, text)}
}

// prove notes that a repair was proved. One by which linkd followed a change of
// its own mind does not count against anybody, unless the one before it was to the
// same end: then somebody had turned it back.
func (p *page) prove(now time.Time) {
	own := p.decided.Turn && !(now.Sub(p.turned.at) < rivalWithin && p.turned.to.Equal(p.decided.Want))
	if !own {
		p.proved = append(p.proved, now)
	}
	if p.decided.Turn {
		p.turned = turned{p.decided.Want, now}
	}
}

// begin notes that a repair of the differences starts.
func (b *book) begin(file *desired.File, drifts []reconcile.Decided) []journal.Entry {
	var entries []journal.Entry
	for _, d := range drifts {
		if p := b.pages[reconcile.DifferenceOf(d.Drift)]; p != nil {
			p.repairing = true
		}
		entries = append(entries, EntryOf(file, journal.Repairing, d, ""))
	}
	return entries
}

// ended is how the repair of a resource ended.
type ended int

// The ends of a repair.
const (
	endedWell ended = iota
	endedBadly
	endedShort // it was stopped, and is tried again at once
)

// end notes how the repair of some differences of one resource ended.
func (b *book) end(file *desired.File, drifts []reconcile.Decided, how ended, text string, now time.Time) []journal.Entry {
	var entries []journal.Entry
	for _, d := range drifts {
		p := b.pages[reconcile.DifferenceOf(d.Drift)]
		if p == nil {
			p = &page{first: now, last: now, decided: d, present: true}
			b.pages[reconcile.DifferenceOf(d.Drift)] = p
		}
		p.repairing = false
		event := journal.Repaired
		switch how {
		case endedWell:
			p.proving = true
		case endedBadly:
			event = journal.Failed
			p.fail(now)
		case endedShort:
			event = journal.Unfinished
		}
		entries = append(entries, EntryOf(file, event, d, text))
	}
	return entries
}

// fail notes a failed repair: the next waits longer.
func (p *page) fail(now time.Time) {
	p.failures++
	p.notBefore = now.Add(patience(p.failures))
}

// obstacles are what keeps differences from being mended now.
func (b *book) obstacles(now time.Time) map[reconcile.Difference]reconcile.Obstacle {
	obstacles := map[reconcile.Difference]reconcile.Obstacle{}
	for difference, p := range b.pages {
		switch {
		case len(recent(p.proved, now)) >= rivalTimes:
			obstacles[difference] = reconcile.Obstacle{Held: reconcile.HeldRival, Text: rivalText}
		case now.Before(p.notBefore):
			obstacles[difference] = reconcile.Obstacle{
				Held: reconcile.HeldBackoff,
				Text: fmt.Sprintf("its repair failed %d times in a row, and is tried again at %s", p.failures, p.notBefore.UTC().Format(time.RFC3339)),
			}
		}
	}
	return obstacles
}

// wake is when the next difference may be tried again, or zero.
func (b *book) wake(now time.Time) time.Time {
	var next time.Time
	for _, p := range b.pages {
		if p.present && p.notBefore.After(now) && (next.IsZero() || p.notBefore.Before(next)) {
			next = p.notBefore
		}
	}
	return next
}

// since is when a difference appeared.
func (b *book) since(difference reconcile.Difference) time.Time {
	if p := b.pages[difference]; p != nil {
		return p.first
	}
	return time.Time{}
}

// sorted lists the differences in one order.
func (b *book) sorted() []reconcile.Difference {
	all := make([]reconcile.Difference, 0, len(b.pages))
	for difference := range b.pages {
		all = append(all, difference)
	}
	slices.SortFunc(all, compareDifferences)
	return all
}

// recent are the times that are not long ago.
func recent(times []time.Time, now time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(times), func(at time.Time) bool { return now.Sub(at) >= rivalWithin })
}

// sameDecision reports whether nothing new is to be told. That a repair waits
// for a moment, because it failed or because another runs, is told elsewhere.
func sameDecision(a, b reconcile.Decided) bool {
	return intent(a) == intent(b) && a.Class == b.Class && a.Want.Equal(b.Want) && a.Have.Equal(b.Have)
}

// intent is what is to become of a difference, whatever it waits for.
func intent(d reconcile.Decided) string {
	if d.Held == reconcile.HeldBackoff || d.Held == reconcile.HeldInFlight {
		return string(desired.Repair) + " "
	}
	return string(d.Action) + " " + string(d.Held)
}
