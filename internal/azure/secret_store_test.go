package azure

import "testing"

// TestTheNameOfASecretIsInNoOperation names reads of Key Vault for metrics:
// neither the secret nor its version is a part of it.
func TestTheNameOfASecretIsInNoOperation(t *testing.T) {
	for _, path := range []string{"/secrets/tokyo", "/secrets/tokyo/0123456789abcdef"} {
		if operation := operationOf("GET", path); operation != "secrets.get" {
			t.Errorf("%s is called %s", path, operation)
		}
	}
}
