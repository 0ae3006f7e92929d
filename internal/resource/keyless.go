package resource

// Keyless is the error of a Want of what cannot be without keys that are not to be
// had where the file says that they are. What goes with them is neither made nor
// changed, and everything else goes on.
type Keyless struct{ Why string }

// Error implements error.
func (k Keyless) Error() string { return k.Why }
