// Package metrics is a stub.
package metrics

import ("context"; "log/slog"; "net/http"; "time")

type Build struct{ Version, Revision, GoVersion string }
type Snapshot struct{}
type Call struct{ Cloud, Operation string; Status int; Throttled bool; Took time.Duration }
type Metrics struct{}
func New(b Build, source func() Snapshot) *Metrics { return &Metrics{} }
func (m *Metrics) Handler() http.Handler { return http.NotFoundHandler() }
func (m *Metrics) Called(Call) {}
func (m *Metrics) Looked(string, time.Duration, string) {}
func (m *Metrics) Missed(string) {}
func (m *Metrics) Step(a, b, c, d string) {}
func (m *Metrics) Repaired(string) {}
func (m *Metrics) Reloaded(bool) {}
func (m *Metrics) Journal(string) {}

func Listen(ctx context.Context, address, web string, h http.Handler, log *slog.Logger) error { <-ctx.Done(); return nil }
