package azure

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"linkd/internal/sim/ground"
)

// TestAVaultAnswersAsKeyVaultDoes reads a secret by its name and by its
// versions, in two vaults, and all for which a read is refused.
func TestAVaultAnswersAsKeyVaultDoes(t *testing.T) {
	c := &Cloud{vault: map[string]*vaultSecret{
		"house.vault.azure.net/tokyo": {versions: []vaultVersion{{name: "a1", text: "one"}, {name: "b2", text: "two"}}},
		"house.vault.azure.net/off":   {versions: []vaultVersion{{name: "c3", text: "three", disabled: true}}},
		"house.vault.azure.net/gone":  {versions: []vaultVersion{{name: "d4", text: "four"}}, deleted: true},
	}}
	for _, test := range []struct {
		address, token, value, code, inner string
		status                             int
	}{
		{"https://house.vault.azure.net/secrets/tokyo?api-version=7.4", "Bearer x", "two", "", "", http.StatusOK},
		{"https://house.vault.azure.net/secrets/tokyo/a1?api-version=7.4", "Bearer x", "one", "", "", http.StatusOK},
		{"https://house.vault.azure.net/secrets/tokyo/zz?api-version=7.4", "Bearer x", "", "SecretNotFound", "", http.StatusNotFound},
		{"https://other.vault.azure.net/secrets/tokyo?api-version=7.4", "Bearer x", "", "SecretNotFound", "", http.StatusNotFound},
		{"https://house.vault.azure.net/secrets/gone?api-version=7.4", "Bearer x", "", "SecretNotFound", "", http.StatusNotFound},
		{"https://house.vault.azure.net/secrets/off?api-version=7.4", "Bearer x", "", "Forbidden", "SecretDisabled", http.StatusForbidden},
		{"https://house.vault.azure.net/secrets/tokyo?api-version=7.4", "", "", "Unauthorized", "", http.StatusUnauthorized},
		{"https://house.vault.azure.net/secrets/tokyo", "Bearer x", "", "BadParameter", "", http.StatusBadRequest},
	} {
		request := httptest.NewRequest(http.MethodGet, test.address, nil)
		if test.token != "" {
			request.Header.Set("Authorization", test.token)
		}
		recorded := httptest.NewRecorder()
		c.serveVault(recorded, request)
		var answer struct {
			Value string
			Error struct {
				Code       string
				InnerError struct{ Code string }
			}
		}
		if err := json.Unmarshal(recorded.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if recorded.Code != test.status || answer.Value != test.value || answer.Error.Code != test.code || answer.Error.InnerError.Code != test.inner {
			t.Errorf("%s: %d %s", test.address, recorded.Code, recorded.Body)
		}
	}
	if err := c.keepVault(ground.Mutation{Op: "set", Name: "house.vault.azure.net/new", Field: "enabled", Value: true}); err == nil {
		t.Error("a secret without a version was enabled")
	}
}
