// Package netlab makes small networks of network namespaces, on Linux and as
// root: hosts, what joins them, and a router between two that delays, loses and
// limits sizes. It is for tests only.
package netlab
