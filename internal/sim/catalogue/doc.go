// Package catalogue is the table of what can go wrong with a built link: for
// each kind of drift the mutations that a person would cause, and what a
// program that keeps the link must make of them. It speaks of the link of the
// built-in scenario, and in plain words only: drift keys and ids are strings
// here, for the simulator knows nothing of the program that it tests.
package catalogue
