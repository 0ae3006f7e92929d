package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// AuthorityName is how the authority's own files are called in its folder.
const AuthorityName = "authority"

// Taken says that a file is there already and was left as it is.
type Taken struct{ Path string }

// Error implements error.
func (t *Taken) Error() string { return t.Path + " is there already, and was left as it is" }

// Store writes a pair into a folder as NAME.crt and NAME.key, the key so that
// only its owner may read it. Nothing that is there is overwritten unless forced
// ([Taken]). The folder is made when it is not there.
func Store(folder, name string, pair Pair, force bool) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("cannot make the folder of the certificates: %w", err)
	}
	certificate, key := paths(folder, name)
	if !force {
		for _, path := range []string{key, certificate} {
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				return &Taken{path}
			}
		}
	}
	if err := place(key, pair.Key, 0o600, force); err != nil {
		return err
	}
	return place(certificate, pair.Certificate, 0o644, force)
}

// place writes a file beside its place and moves it there whole. Unforced it
// loses against whoever was faster.
func place(path string, content []byte, mode fs.FileMode, force bool) error {
	fresh, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(fresh.Name()) }()
	_, err = fresh.Write(content)
	if err = errors.Join(err, fresh.Chmod(mode), fresh.Sync(), fresh.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	put := os.Link
	if force {
		put = os.Rename
	}
	if err := put(fresh.Name(), path); errors.Is(err, fs.ErrExist) {
		return &Taken{path}
	} else if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

// Fetch reads a pair from a folder. A key that others than its owner can read
// is refused.
func Fetch(folder, name string) (Pair, error) {
	certificate, key := paths(folder, name)
	pair := Pair{}
	var err error
	if pair.Certificate, err = os.ReadFile(certificate); err != nil {
		return Pair{}, fmt.Errorf("cannot read the certificate: %w", err)
	}
	info, err := os.Stat(key)
	if err != nil {
		return Pair{}, fmt.Errorf("cannot read the key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return Pair{}, fmt.Errorf("others than its owner can read %s (mode %04o); run chmod 600 %s", key, mode, key)
	}
	if pair.Key, err = os.ReadFile(key); err != nil {
		return Pair{}, fmt.Errorf("cannot read the key: %w", err)
	}
	return pair, nil
}

func paths(folder, name string) (certificate, key string) {
	return filepath.Join(folder, name+".crt"), filepath.Join(folder, name+".key")
}
