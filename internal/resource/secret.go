package resource

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret holds a key that must never be shown. Every way of printing,
// logging or encoding one yields "[redacted]"; [Secret.Reveal] is the only way
// out, and only the two adapters call it, to hand the key to an SDK. The zero
// Secret is no secret at all.
type Secret struct {
	// key is behind a pointer because fmt calls no methods on what it finds in
	// unexported fields of other structs: it prints a pointer there, not the key.
	key *string
}

// NewSecret keeps key. An empty key is no secret.
func NewSecret(key string) Secret {
	if key == "" {
		return Secret{}
	}
	return Secret{key: &key}
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.key == nil }

// Equal compares in constant time.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Reveal returns the key itself.
func (s Secret) Reveal() string {
	if s.key == nil {
		return ""
	}
	return *s.key
}

// String implements fmt.Stringer.
func (s Secret) String() string { return redacted }

// Format implements fmt.Formatter, so that no verb prints the key.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(redacted)) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler, for JSON, YAML and XML alike.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Secrets holds the secret attributes of one resource by name, beside its
// [Attrs]: a secret is never a [Value]. A row that has several, one a tunnel,
// names each "row/member": "shared_key/tokyo-0-1".
type Secrets map[string]Secret
