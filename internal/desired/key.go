package desired

import (
	"crypto/rand"
	"fmt"
	"regexp"

	"linkd/internal/resource"
)

const (
	// keyAlphabet are the 64 characters that AWS takes; Azure takes more.
	keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"
	// keyLength of a key that linkd makes, of the 8 to 64 characters that AWS
	// takes: 6 bits each, 288 in all, more than any algorithm of a link has.
	keyLength = 48
)

// NewKey makes a pre-shared key that both clouds take, from the system's
// source of random bytes.
func NewKey() resource.Secret {
	for {
		key := make([]byte, keyLength)
		_, _ = rand.Read(key) // it never fails: the program would end
		for i := range key {
			key[i] = keyAlphabet[key[i]%byte(len(keyAlphabet))] // 64 divides 256: none is likelier
		}
		if wrongKey(string(key)) == "" { // it may begin with 0
			return resource.NewSecret(string(key))
		}
	}
}

// keyShape is what AWS takes as a pre-shared key. Azure takes more.
var keyShape = regexp.MustCompile(`^[A-Za-z0-9._]+$`)

// wrongKey says what is wrong with a pre-shared key, without showing it, or "".
func wrongKey(key string) string {
	switch {
	case len(key) < 8 || len(key) > 64:
		return fmt.Sprintf("it has %d characters, and AWS takes 8 to 64", len(key))
	case !keyShape.MatchString(key):
		return "AWS takes letters, digits, '.' and '_' only"
	case key[0] == '0':
		return "AWS takes no key that begins with 0"
	}
	return ""
}
