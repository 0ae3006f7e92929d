// Package ground is what both simulated clouds stand on: a clock that can run
// faster than life, an agenda of what happens later, and the table of faults
// that tests and demos inject.
//
// Nothing under internal/sim imports a package of linkd outside internal/sim,
// nor a cloud SDK: code shared with what is tested would hide its own errors.
package ground
