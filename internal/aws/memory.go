package aws

import (
	"cmp"
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
	refs     map[resource.ID]string // of what was found last
	skew     time.Duration          // of the cloud's clock against ours
	drills   map[drilledTunnel]string
}

// made is what the answer to a create said, and when.
type made struct {
	live resource.Live
	at   time.Time
}

func newMemory(scale float64) *memory {
	return &memory{
		scale: scale, made: map[resource.ID]made{}, first: map[string]time.Time{},
		prefixes: map[resource.ID]resource.Value{}, refs: map[resource.ID]string{}, drills: map[drilledTunnel]string{},
	}
}

// create notes what this process made under an id, as its create's answer
// shows it.
func (m *memory) create(id resource.ID, live resource.Live) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made[id] = made{live: live, at: time.Now()}
}

// makes tells whether this process made something under an id that describes
// may not show yet.
func (m *memory) makes(id resource.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	made, known := m.made[id]
	return known && m.since(made.at) < describesLag
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
// short while ago, and keeps the facts that the create's answer gave as long
// as describes do not show them.
func (m *memory) settle(id resource.ID, live resource.Live) resource.Live {
	m.mu.Lock()
	defer m.mu.Unlock()
	if live.Ref != "" {
		m.refs[id] = live.Ref
	}
	made, known := m.made[id]
	switch {
	case !known:
		return live
	case m.since(made.at) >= describesLag:
		delete(m.made, id)
		return live
	case live.Phase == resource.Absent, live.Phase == resource.Pending && made.live.Phase == resource.Created && live.Ref == made.live.Ref:
		settled := made.live
		settled.AsOf = live.AsOf
		return settled
	case live.NotOurs != "" && live.Ref == made.live.Ref: // its tags are not shown yet
		live.Owner, live.NotOurs = made.live.Owner, ""
	}
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

// ago is how long something is past that the cloud gives the time of, by its own
// clock.
func (m *memory) ago(at time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Add(m.skew).Sub(at)
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

// lastRef is what the last look found under an id, or "" before there was one.
func (m *memory) lastRef(id resource.ID) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refs[id]
}

// since is how much of the cloud's time has passed since at.
func (m *memory) since(at time.Time) time.Duration {
	return time.Duration(float64(time.Since(at)) * m.scale)
}

// drilledTunnel is a tunnel of a connection, by its number.
type drilledTunnel struct {
	connection resource.ID
	number     int
}

// drill notes that a drill has taken a tunnel down.
func (m *memory) drill(connection resource.ID, number int, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drills[drilledTunnel{connection, number}] = name
}

// drilled is the drill that took a tunnel down last.
func (m *memory) drilled(connection resource.ID, number int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return cmp.Or(m.drills[drilledTunnel{connection, number}], noDrill)
}
