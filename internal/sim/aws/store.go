package aws

import (
	"slices"
	"time"
)

// store keeps every version of the objects of one kind in one region, in the
// order in which the objects were made.
type store[T any] struct {
	records []*record[T]
	index   map[string]*record[T]
	history *history
}

// history is what all stores of a cloud share: how far back a read may look,
// and the count of changes.
type history struct {
	keep       time.Duration
	generation uint64
}

type record[T any] struct {
	id       string
	versions []version[T]
}

type version[T any] struct {
	at    time.Time
	value T
	gone  bool
}

func newStore[T any](h *history) *store[T] {
	return &store[T]{index: map[string]*record[T]{}, history: h}
}

// put makes value the truth about id from now on.
func (s *store[T]) put(now time.Time, id string, value T) {
	s.add(now, id, version[T]{at: now, value: value})
}

// drop makes id unknown from now on. Dropping what is unknown does nothing.
func (s *store[T]) drop(now time.Time, id string) {
	if _, known := s.get(id); known {
		s.add(now, id, version[T]{at: now, gone: true})
	}
}

func (s *store[T]) add(now time.Time, id string, next version[T]) {
	s.history.generation++
	r, known := s.index[id]
	if !known {
		s.forget(now)
		r = &record[T]{id: id}
		s.records, s.index[id] = append(s.records, r), r
	}
	if n := len(r.versions); n > 0 && next.at.Before(r.versions[n-1].at) {
		next.at = r.versions[n-1].at // an agenda entry played late keeps its place in line
	}
	r.versions = append(r.versions, next)
	r.trim(now.Add(-s.history.keep))
}

// trim drops the versions that no read can reach any more.
func (r *record[T]) trim(since time.Time) {
	first := 0
	for first+1 < len(r.versions) && !r.versions[first+1].at.After(since) {
		first++
	}
	r.versions = slices.Delete(r.versions, 0, first)
}

// forget drops the records that have been gone for longer than a read can
// look back, so that a long run does not grow.
func (s *store[T]) forget(now time.Time) {
	if len(s.records)%64 != 0 {
		return
	}
	since := now.Add(-s.history.keep)
	s.records = slices.DeleteFunc(s.records, func(r *record[T]) bool {
		last := r.versions[len(r.versions)-1]
		over := last.gone && !last.at.After(since)
		if over {
			delete(s.index, r.id)
		}
		return over
	})
}

// get is the truth about id.
func (s *store[T]) get(id string) (T, bool) {
	var none T
	r, known := s.index[id]
	if !known {
		return none, false
	}
	last := r.versions[len(r.versions)-1]
	return last.value, !last.gone
}

// size is how many objects there are.
func (s *store[T]) size() int {
	count := 0
	for _, r := range s.records {
		if !r.versions[len(r.versions)-1].gone {
			count++
		}
	}
	return count
}

// all is the truth about every object.
func (s *store[T]) all() []T {
	values := make([]T, 0, len(s.records))
	for _, r := range s.records {
		if last := r.versions[len(r.versions)-1]; !last.gone {
			values = append(values, last.value)
		}
	}
	return values
}

// getAt is what was true about id at a time.
func (s *store[T]) getAt(at time.Time, id string) (T, bool) {
	var none T
	r, known := s.index[id]
	if !known {
		return none, false
	}
	return r.at(at)
}

// allAt is what was true about every object at a time.
func (s *store[T]) allAt(at time.Time) []T {
	values := make([]T, 0, len(s.records))
	for _, r := range s.records {
		if value, there := r.at(at); there {
			values = append(values, value)
		}
	}
	return values
}

func (r *record[T]) at(at time.Time) (T, bool) {
	var none T
	for _, v := range slices.Backward(r.versions) {
		if !v.at.After(at) {
			return v.value, !v.gone
		}
	}
	return none, false
}
