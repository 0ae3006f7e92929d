package control

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// longest is how many bytes the kernel takes as the path of a unix socket.
const longest = 107

// reachable names a socket so that the kernel takes it. A path that is too
// long leads through its folder, which stays open until the release. The state
// folder of one file's linkd has a name so long that a home folder is enough
// to get there.
func reachable(path string) (name string, release func(), err error) {
	if len(path) <= longest {
		return path, func() {}, nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, fmt.Errorf("cannot open the folder of the control socket: %w", err)
	}
	name = filepath.Join("/proc/self/fd", strconv.Itoa(int(folder.Fd())), filepath.Base(path))
	if len(name) > longest {
		_ = folder.Close()
		return "", nil, fmt.Errorf("the name %s is too long for a unix socket", filepath.Base(path))
	}
	return name, func() { _ = folder.Close() }, nil
}

// byPath tells of a failure by the path that a person knows.
func byPath(path string, err error) error {
	if operation, is := errors.AsType[*net.OpError](err); is {
		return fmt.Errorf("%s: %w", path, operation.Err)
	}
	return err
}

// through is a listener whose folder is held open, since the socket is taken
// away by the same name when it closes.
type through struct {
	net.Listener
	release func()
}

// Close implements [net.Listener].
func (t *through) Close() error {
	defer t.release()
	return t.Listener.Close()
}
