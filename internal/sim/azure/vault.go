package azure

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"linkd/internal/sim/ground"
)

// vaultSecret is a secret of Key Vault and its versions, the last one current.
type vaultSecret struct {
	versions []vaultVersion
	deleted  bool // softly: it can be recovered, and not be read
}

type vaultVersion struct {
	name, text string
	made       int64 // seconds since 1970
	disabled   bool
}

// isVault reports whether a request is for the data of Key Vault: its paths
// begin with the collection, and its host names the vault.
func isVault(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/secrets/") }

// serveVault answers "GET /secrets/{name}[/{version}]", the one call that is
// simulated. The codes and texts are those of the service's reference.
func (c *Cloud) serveVault(w http.ResponseWriter, r *http.Request) {
	status, answer := c.vaultAnswer(r, ground.InjectedInto(r.Context()))
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.microsoftonline.com/common", resource="https://vault.azure.net"`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a client that has gone is no matter of ours
}

func (c *Cloud) vaultAnswer(r *http.Request, injected ground.Injected) (int, object) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/secrets/"), "/")
	name, version := parts[0], ""
	if len(parts) > 1 {
		version = parts[1]
	}
	switch {
	case !strings.HasPrefix(strings.ToLower(r.Header.Get("Authorization")), "bearer "):
		return vaultRefusal(http.StatusUnauthorized, "Unauthorized", "", "AKV10000: Request is missing a Bearer or PoP token.")
	case r.Method != http.MethodGet:
		return vaultRefusal(http.StatusMethodNotAllowed, "MethodNotAllowed", "", "The method is not allowed.")
	case r.URL.Query().Get("api-version") == "":
		return vaultRefusal(http.StatusBadRequest, "BadParameter", "", "api-version must be specified")
	case injected.Deny:
		return vaultRefusal(http.StatusForbidden, "Forbidden", "ForbiddenByRbac", "Caller is not authorized to perform action on resource.")
	case injected.Status != 0:
		return vaultRefusal(injected.Status, injected.Code, "", injected.Message)
	}
	secret := c.vault[strings.ToLower(r.Host+"/"+name)]
	if secret == nil || secret.deleted {
		return vaultRefusal(http.StatusNotFound, "SecretNotFound", "",
			fmt.Sprintf("A secret with (name/id) %s was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command.", strings.Join(parts, "/")))
	}
	for _, kept := range slices.Backward(secret.versions) {
		switch {
		case version != "" && version != kept.name:
			continue
		case kept.disabled:
			return vaultRefusal(http.StatusForbidden, "Forbidden", "SecretDisabled", "Operation get is not allowed on a disabled secret.")
		}
		return http.StatusOK, object{
			"value": kept.text, "id": "https://" + r.Host + "/secrets/" + name + "/" + kept.name,
			"attributes": object{"enabled": true, "created": kept.made, "updated": kept.made, "recoveryLevel": "Recoverable+Purgeable", "recoverableDays": 90},
		}
	}
	return vaultRefusal(http.StatusNotFound, "SecretNotFound", "", "A secret with (name/id) "+strings.Join(parts, "/")+" was not found in this key vault.")
}

func vaultRefusal(status int, code, inner, message string) (int, object) {
	refusal := object{"code": code, "message": message}
	if inner != "" {
		refusal["innererror"] = object{"code": inner}
	}
	return status, object{"error": refusal}
}

// keepVault changes a secret of Key Vault behind the API's back. Name is the
// vault's host and the secret's name, "house.vault.azure.net/tokyo"; op set of
// the field value makes a new version, op set of enabled (true, false) changes
// the current one, and op delete deletes it softly.
func (c *Cloud) keepVault(m ground.Mutation) error {
	key := strings.ToLower(m.Name)
	secret := c.vault[key]
	if secret == nil {
		secret = &vaultSecret{}
	}
	text, isText := m.Value.(string)
	enabled, isTruth := m.Value.(bool)
	switch {
	case m.Op == "delete" && m.Field == "":
		secret.deleted = true
	case m.Op == "set" && m.Field == "value" && isText:
		name := strings.ReplaceAll(c.newGUID(), "-", "")
		secret.versions = append(secret.versions, vaultVersion{name: name, text: text, made: c.ground.Now().Unix()})
	case m.Op == "set" && m.Field == "enabled" && isTruth && len(secret.versions) > 0:
		secret.versions[len(secret.versions)-1].disabled = !enabled
	default:
		return fmt.Errorf("of a secret a value (text) or enabled (true, false) is set, or it is deleted")
	}
	c.vault[key] = secret
	return nil
}
