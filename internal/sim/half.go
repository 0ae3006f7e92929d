package sim

import (
	"net/http"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

// Half is what the simulator asks of each cloud's half. Everything is called
// under the simulator's lock, with the agenda settled and the fabric up to date.
// What the faults want of a request is in its context: [ground.InjectedInto].
type Half interface {
	http.Handler
	// Generation differs from what it was whenever the half's side may differ.
	Generation() uint64
	// Mutate changes the state behind the cloud's back; the error is a
	// sentence that says what does not exist or cannot be.
	Mutate(ground.Mutation) error
	// Dump is the whole state, ready for encoding/json, with every key
	// redacted.
	Dump() any
}

// AzureHalf is the Azure half.
type AzureHalf interface {
	Half
	Side() fabric.Azure
}

// AWSHalf is the AWS half.
type AWSHalf interface {
	Half
	Side() fabric.AWS
}
