package aws

import (
	"context"
	"fmt"
	"os"
	"sync"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// givenKeys are the keys that the file gives for the two tunnels of a
// connection; zero: AWS makes it.
type givenKeys struct {
	keys [2]resource.Secret
	err  error // why those that the file names are not to be had
}

// keysOf tells the keys that the file gives for the two tunnels of a connection.
// A tunnel that the link does not use keeps the key AWS makes. What stands on
// this machine is read once; what is in a secret store, with each sweep.
func (c *Cloud) keysOf(link desired.Link, instance int) func() givenKeys {
	source := desired.Source(link.Keys.From)
	switch {
	case !link.Keys.Given():
		return func() givenKeys { return givenKeys{} }
	case source.Cloud() == "":
		env := c.options.Env
		if env == nil {
			env = os.LookupEnv
		}
		read, err := source.Keys(env, len(link.Tunnels()))
		given := sorted(read, err, link, instance)
		return func() givenKeys { return given }
	}
	return func() givenKeys {
		text, err := c.stored.of(source)
		if err != nil {
			return givenKeys{err: err}
		}
		read, err := source.KeysIn(text.Reveal(), len(link.Tunnels()))
		return sorted(read, err, link, instance)
	}
}

// sorted gives each tunnel of a connection its key.
func sorted(read []resource.Secret, err error, link desired.Link, instance int) givenKeys {
	given := givenKeys{err: err}
	for i, t := range link.Tunnels() {
		if err == nil && t.Instance == instance {
			given.keys[t.Number-1] = read[i]
		}
	}
	return given
}

// stored are the secrets that links take their keys from, as the secret stores
// of both clouds told them last.
type stored struct {
	mu   sync.Mutex
	last map[desired.Source]storedSecret
}

type storedSecret struct {
	text resource.Secret
	err  error
}

func (s *stored) of(source desired.Source) (resource.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	read, known := s.last[source]
	if !known {
		return resource.Secret{}, fmt.Errorf("cannot take keys from %s: it was not read yet", source)
	}
	return read.text, read.err
}

// readStored reads each secret that links of the file take their keys from.
func (c *Cloud) readStored(ctx context.Context) {
	for _, link := range c.file.Links {
		source := desired.Source(link.Keys.From)
		if !link.Keys.Given() || source.Cloud() == "" {
			continue
		}
		read := c.secretAt
		if source.Cloud() != c.Name() {
			read = c.options.Secret
		}
		text, err := read(ctx, source.Place())
		if err != nil {
			err = fmt.Errorf("cannot take the keys of %s from %s: %w", link.Name, source, err)
		}
		c.stored.mu.Lock()
		c.stored.last[source] = storedSecret{text, err}
		c.stored.mu.Unlock()
	}
}
