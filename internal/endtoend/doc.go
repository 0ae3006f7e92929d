// Package endtoend tests the whole: the engine with the genuine cloud SDKs
// against both simulated clouds, over HTTP and in virtual time. It has no
// code of its own.
package endtoend
