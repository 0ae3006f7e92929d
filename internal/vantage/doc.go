// Package vantage is one place that probes: it keeps to its tasks over one wire,
// searches path MTUs beside that, and tells what it finds. A daemon's own
// vantage and an agent are the same thing to it. It knows neither the file nor
// who listens.
package vantage
