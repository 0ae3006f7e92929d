// Package deployment tests what the folder deploy holds, with the programs that
// will read it: systemd, a container engine. It has no code of its own.
package deployment
