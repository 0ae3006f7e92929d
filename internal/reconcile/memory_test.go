package reconcile

import (
	"sync"
	"time"

	"linkd/internal/resource"
)

// memory keeps intents as a disk would: it outlives an engine in a test.
type memory struct {
	mu    sync.Mutex
	since time.Time
	open  map[resource.ID]time.Time

	recent Recent
}

func newMemory(since time.Time) *memory {
	return &memory{since: since, open: map[resource.ID]time.Time{}}
}

func (m *memory) Sent(id resource.ID) (time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, open := m.open[id]; open {
		return at, true
	}
	return m.since, false
}

func (m *memory) Open(id resource.ID, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open[id] = at
	return nil
}

func (m *memory) Close(id resource.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.open, id)
	return nil
}

func (m *memory) Recent() Recent {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent
}

func (m *memory) KeepRecent(recent Recent) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recent = recent
	return nil
}
