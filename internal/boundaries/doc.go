// Package boundaries tests the shape of the repository: who may import whom
// and why not, how long a file may grow, where a secret may be revealed, what
// every dependency is for. It holds tests only and reads the sources as text,
// so that a rule holds for code that does not compile yet.
package boundaries
