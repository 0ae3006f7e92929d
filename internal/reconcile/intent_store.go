package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"linkd/internal/durable"
	"linkd/internal/resource"
)

// IntentFile keeps intents in one small file of a folder that outlives the
// process. It holds ids and times, nothing of the clouds.
type IntentFile struct {
	mu   sync.Mutex
	path string
	note intentNote
}

type intentNote struct {
	// Since is when the file was begun: what was sent before, by a process
	// without it, is not known.
	Since time.Time                 `json:"since"`
	Open  map[resource.ID]time.Time `json:"open"`
	// Recent is what the next process must know of this one.
	Recent Recent `json:"recent,omitzero"`
}

// OpenIntentFile reads the file "intents.json" in folder, or begins it.
func OpenIntentFile(folder string, now time.Time) (*IntentFile, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the state folder: %w", err)
	}
	f := &IntentFile{path: filepath.Join(folder, "intents.json")}
	text, err := os.ReadFile(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.note = intentNote{Since: now, Open: map[resource.ID]time.Time{}}
		return f, f.write()
	case err != nil:
		return nil, fmt.Errorf("cannot read the state file: %w", err)
	}
	if err := json.Unmarshal(text, &f.note); err != nil {
		// A file that cannot be read says nothing of the past, no more than none.
		f.note = intentNote{Since: now}
	}
	if f.note.Open == nil {
		f.note.Open = map[resource.ID]time.Time{}
	}
	return f, nil
}

// Sent implements Intents.
func (f *IntentFile) Sent(id resource.ID) (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at, open := f.note.Open[id]; open {
		return at, true
	}
	return f.note.Since, false
}

// Open implements Intents.
func (f *IntentFile) Open(id resource.ID, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note.Open[id] = at
	return f.write()
}

// Close implements Intents.
func (f *IntentFile) Close(id resource.ID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, open := f.note.Open[id]; !open {
		return nil
	}
	delete(f.note.Open, id)
	return f.write()
}

// Recent implements Intents.
func (f *IntentFile) Recent() Recent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.note.Recent
}

// KeepRecent implements Intents.
func (f *IntentFile) KeepRecent(recent Recent) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note.Recent = recent
	return f.write()
}

// write replaces the file.
func (f *IntentFile) write() error {
	text, err := json.MarshalIndent(f.note, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write the state file: %w", err)
	}
	if err := durable.Replace(f.path, text); err != nil {
		return fmt.Errorf("cannot keep the notes of what was sent: %w", err)
	}
	return nil
}
