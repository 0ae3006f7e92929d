// Package durable replaces small files so that a reader, also one after a
// crash or a power cut, finds the old content or the new one and never a part.
// It is a leaf: it knows nothing of what the files hold.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Replace writes content to path: to a file beside it first, which takes its
// place once it has reached the disk. Only the owner may read it.
func Replace(path string, content []byte) error {
	folder := filepath.Dir(path)
	fresh, err := os.CreateTemp(folder, filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(fresh.Name()) }()
	_, err = fresh.Write(content)
	if err = errors.Join(err, fresh.Sync(), fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err == nil {
		err = syncFolder(folder)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

// syncFolder makes sure that the folder itself has reached the disk: a rename
// is a change of it.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
