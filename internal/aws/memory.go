package aws

import (
	"sync"
	"time"

	"linkd/internal/resource"
)

// describesLag is how long a describe may miss what was just made: EC2 is
// eventually consistent, and providers repeat a lookup for five minutes.
const describesLag = 5 * time.Minute

// memory holds for some minutes what EC2 does not say yet: what this process
// made, when it first saw something stand, and what it learned of prefixes.
// Losing it costs a wait, never a duplicate.
type memory struct {
	scale float64

	mu       sync.Mutex
	made     map[resource.ID]made
	first    map[string]time.Time
	prefixes map[resource.ID]resource.Value
	skew     time.Duration // of the cloud's clock against ours
}

type made struct {
	ref string
	at  time.Time
}

func newMemory(scale float64) *memory {
	return &memory{scale: scale, made: map[resource.ID]made{}, first: map[string]time.Time{}, prefixes: map[resource.ID]resource.Value{}}
}

// create notes that this process made ref under an id.
func (m *memory) create(id resource.ID, ref string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made[id] = made{ref: ref, at: time.Now()}
}

// remove forgets what was made under an id, because it was deleted.
func (m *memory) remove(id resource.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.made, id)
}

// young tells whether this process made anything so recently that an id may
// still be unknown to EC2.
func (m *memory) young() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, made := range m.made {
		if m.since(made.at) < describesLag {
			return true
		}
	}
	return false
}

// settle turns an absence into patience when this process made the thing a
// short while ago.
func (m *memory) settle(id resource.ID, owner string, live resource.Live) resource.Live {
	m.mu.Lock()
	defer m.mu.Unlock()
	made, known := m.made[id]
	if live.Phase != resource.Absent || !known {
		return live
	}
	if m.since(made.at) >= describesLag {
		delete(m.made, id)
		return live
	}
	live.Phase, live.Ref, live.Owner = resource.Pending, made.ref, owner
	live.Why = "EC2 does not list it yet"
	return live
}

// stoodFor is how long something has stood, by its creation time and the
// cloud's clock, or as far as this process has seen it itself.
func (m *memory) stoodFor(ref string, created *time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, known := m.first[ref]
	if !known {
		first = time.Now()
		m.first[ref] = first
	}
	stood := m.since(first)
	if created != nil {
		stood = max(stood, time.Now().Add(m.skew).Sub(*created))
	}
	return stood
}

// tick learns the cloud's clock from an answer.
func (m *memory) tick(server time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.skew = time.Until(server)
}

// learn keeps the prefixes of networks that the file does not give, so that a
// sweep, which sees one cloud only, can judge routes towards the other's.
func (m *memory) learn(id resource.ID, prefixes resource.Value) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prefixes[id] = prefixes
}

func (m *memory) learned(id resource.ID) resource.Value {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.prefixes[id]
}

// since is how much of the cloud's time has passed since at.
func (m *memory) since(at time.Time) time.Duration {
	return time.Duration(float64(time.Since(at)) * m.scale)
}
