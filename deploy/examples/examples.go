// Package examples holds the example files, so that programs and tests have
// them at hand wherever they run.
package examples

import _ "embed" // for the files

//go:embed seed.yaml
var seed []byte

// Seed is seed.yaml: two Azure regions and two VPCs as one network. It goes
// with the simulator's built-in scenario.
func Seed() []byte { return seed }
