package drill

import (
	"time"

	"linkd/internal/desired"
)

// probeEvery is how often a pair is probed during a drill.
const probeEvery = 100 * time.Millisecond

// Probing is a file as the vantages that can send follow it during a drill: they
// send single echoes, ten a second for each pair where the file's limit lets them, and
// search no path MTU. It also lists the pairs that are measured, those of both clouds and
// those from outside of all machines; none: nothing can be.
func Probing(file *desired.File, vantages []desired.Vantage) (*desired.File, []Pair) {
	var pairs []Pair
	sending := 0
	for _, v := range vantages {
		from := file.TargetNamed(v.Name)
		for _, target := range v.Targets {
			sending++
			if from != nil && (from.VPC != "") == (target.VPC != "") {
				continue // it crosses no link
			}
			pairs = append(pairs, Pair{From: v.Name, To: target.Name, Vantage: string(v.Kind)})
		}
	}
	fast := *file
	every := time.Duration(sending) * time.Second / time.Duration(max(file.Probes.MostPerSecond, 1))
	fast.Probes.Interval, fast.Probes.Burst, fast.Probes.MTUInterval = desired.Duration(max(every, probeEvery)), 1, 0
	return &fast, pairs
}
