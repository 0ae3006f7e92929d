package catalogue

import (
	"slices"

	"linkd/internal/sim/ground"
)

// Entry is one thing that goes wrong, and what must be made of it.
type Entry struct {
	// Name says what happened, as a sentence; no two entries share one.
	Name string
	// Key is the drift that must be found, and On the resource that it must be
	// found on. On is "" for what has no place in the file.
	Key, On string
	// Beside are keys that may be found as well, because they follow from it.
	Beside []string
	// Do makes it happen. Each step sees the clouds as the step before left them.
	Do []Step
	// Cuts says whose echoes stop.
	Cuts Cut
	// Lasts says why no repair mends it, and is "" when one does.
	Lasts string
	// Tries says that it lasts, and that a repair writes all the same: it tries,
	// or it mends what is beside.
	Tries bool
	// Then is what the user does in the end, so that after one more repair all
	// is as it was before. It is empty where nothing is left to do, or where
	// Lasts and nobody can.
	Then []Step
	// File is the variant of the file under which it can be seen.
	File File
	// Anew says that a repair makes something again, so that its id and what the
	// clouds chose for it are others afterwards.
	Anew bool
}

// Step is one mutation of clouds in which ids have to be found first.
type Step func(Place) ground.Mutation

// Play takes steps one after the other. State gives the simulator's state in
// JSON, as its dump or /_sim/state does, and mutate changes it.
func Play(steps []Step, state func() ([]byte, error), mutate func(ground.Mutation) error) error {
	for _, step := range steps {
		text, err := state()
		if err != nil {
			return err
		}
		place, err := find(text)
		if err != nil {
			return err
		}
		if err := mutate(step(place)); err != nil {
			return err
		}
	}
	return nil
}

// Cut says which links lose echoes.
type Cut int

// Nothing is cut, or a link that has no other tunnel, or every link.
const (
	CutsNothing Cut = iota
	CutsSingle
	CutsAll
)

// File is a variant of the file of the built-in scenario.
type File int

// The file as it is; with no prefixes of VNets and VPCs, so that they are read
// live; with keys that the file names, so that AWS does not make them; with a
// link that learns its routes by BGP; and with maintenance of AWS's ends at hours that
// linkd chooses.
const (
	AsItIs File = iota
	LivePrefixes
	GivenKeys
	SpeaksBGP
	ChoosesHours
)

// Entries is the whole catalogue.
func Entries() []Entry {
	return slices.Concat(
		virtualWAN(), virtualHub(), vnet(), vnetConnection(), vpnGateway(), vpnSite(), azureConnection(), watchedInAzure(),
		transitGateway(), vpc(), attachment(), customerGateway(), awsConnection(), tunnels(), routes(), growth(), bgp(),
	)
}

// Keys lists the keys of all entries that a repair mends, and of what is found
// beside them, each once, for the rules of a policy.
func Keys() []string {
	var keys []string
	for _, entry := range Entries() {
		if entry.Lasts == "" {
			keys = append(append(keys, entry.Key), entry.Beside...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// fixed is a step that needs no id.
func fixed(m ground.Mutation) Step { return func(Place) ground.Mutation { return m } }

// azure is a change in Azure.
func azure(op, kind, name, field string, value any) Step {
	return fixed(ground.Mutation{Cloud: "azure", Op: op, Kind: kind, Name: name, Field: field, Value: value})
}

// aws is a change in AWS of what goes by a name or by a given id.
func aws(op, kind, name, field string, value any) Step {
	return fixed(ground.Mutation{Cloud: "aws", Op: op, Kind: kind, Name: name, Field: field, Value: value})
}

// withID is a step whose value is found in the clouds.
func withID(step Step, value func(Place) any) Step {
	return func(p Place) ground.Mutation {
		m := step(p)
		m.Value = value(p)
		return m
	}
}

// onID is a step on something that goes by an id.
func onID(step Step, name func(Place) string) Step {
	return func(p Place) ground.Mutation {
		m := step(p)
		m.Name = name(p)
		return m
	}
}
