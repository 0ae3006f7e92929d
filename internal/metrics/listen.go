package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
)

// graceful is how long requests under way may take when the server stops.
const graceful = 5 * time.Second

// Listen opens a TCP address, "127.0.0.1:9717".
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var sockets net.ListenConfig
	listener, err := sockets.Listen(ctx, "tcp", address)
	if failure, is := errors.AsType[*net.OpError](err); is {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, failure.Err) // which does not say the address again
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	return listener, nil
}

// CheckWebConfig says what is wrong with a web configuration, "" for none.
func CheckWebConfig(path string) error {
	if err := web.Validate(path); err != nil {
		return fmt.Errorf("cannot use the web configuration %s: %w", path, err)
	}
	return nil
}

// Serve serves the handler on a listener, until the context ends, which is no
// error, and closes it. WebConfigFile is the path of a web configuration as all
// exporters have it, for TLS and basic authentication, or "" for plain HTTP.
// Its certificate, key and users are read again with every connection; the file
// itself must be right at the start.
func Serve(ctx context.Context, listener net.Listener, webConfigFile string, handler http.Handler, log *slog.Logger) error {
	defer listener.Close()
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceful)
		defer cancel()
		if server.Shutdown(limited) != nil {
			_ = server.Close()
		}
	})
	systemd := false
	err := web.Serve(listener, server, &web.FlagConfig{WebConfigFile: &webConfigFile, WebSystemdSocket: &systemd}, log)
	if stop() {
		return fmt.Errorf("cannot serve on %s: %w", listener.Addr(), err)
	}
	<-stopped
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot serve on %s: %w", listener.Addr(), err)
	}
	return nil
}
