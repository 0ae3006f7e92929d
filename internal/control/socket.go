package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// socketMode lets the owner and the group of the socket's folder speak.
const socketMode = 0o660

// Listen makes the unix socket. One that a killed linkd left behind is taken
// over; one that somebody serves is not.
func Listen(ctx context.Context, path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the folder of the control socket: %w", err)
	}
	name, release, err := reachable(path)
	if err != nil {
		return nil, fmt.Errorf("cannot serve the control socket: %w", err)
	}
	listener, err := listen(ctx, path, name)
	if err != nil {
		release()
		return nil, err
	}
	return &through{Listener: listener, release: release}, nil
}

// listen makes the socket of a path by the name that the kernel takes.
func listen(ctx context.Context, path, name string) (net.Listener, error) {
	if connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", name); err == nil {
		_ = connection.Close()
		return nil, fmt.Errorf("cannot serve the control socket %s: another linkd serves it", path)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("cannot take over the control socket: %w", err)
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", name)
	if err != nil {
		return nil, fmt.Errorf("cannot serve the control socket %w", byPath(path, err))
	}
	if err := os.Chmod(path, socketMode); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("cannot guard the control socket: %w", err)
	}
	return listener, nil
}

// Serve serves commands on a unix socket until the context ends.
func Serve(ctx context.Context, listener net.Listener, d Daemon) error {
	server := &http.Server{
		Handler: Commanding(d), ConnContext: WithPeer,
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot go on serving the control socket: %w", err)
	}
	return nil
}
