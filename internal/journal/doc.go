// Package journal keeps the record of what a linkd saw and did: one JSON object
// a line, appended and never changed, in files that are rotated. Each line
// carries a hash over itself and the line before, so that one that was changed,
// taken out, put in or moved is found by [Verify] and by hand.
//
// The record serves the work and never stops it. What cannot be written waits
// in memory and is tried again; what does not fit there is counted, and told by
// an entry of its own. All of it shows in [Journal.Trouble].
//
// One process writes to a folder at a time: the lock on the state folder sees
// to that. Any number may read meanwhile.
//
// No entry may hold a key, a token or a credential. There is no field for one;
// who fills in Want, Have and Text leaves them empty for a secret, as
// resource.Drift does. The package knows of no link and no cloud: names,
// classes and decisions are words to it.
package journal
