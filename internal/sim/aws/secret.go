package aws

import "fmt"

// secret is a pre-shared key. It prints as a placeholder, however it is
// formatted.
type secret struct{ value string }

// Format writes the placeholder.
func (s secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("(key)")) }

// MarshalJSON writes the placeholder.
func (s secret) MarshalJSON() ([]byte, error) { return []byte(`"(key)"`), nil }
