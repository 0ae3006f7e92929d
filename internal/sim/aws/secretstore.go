package aws

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"linkd/internal/sim/ground"
)

// storedSecret is a secret of Secrets Manager, with its current version.
type storedSecret struct {
	text, binary string
	version      string
	changed      time.Time
	deleted      bool // marked for deletion: it can be restored, and not be read
}

// keepSecrets answers a request of Secrets Manager, whose protocol is JSON.
func (k *call) keepSecrets(w http.ResponseWriter, r *http.Request, request string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = nil
	}
	answer, err := k.secretValue(body, ground.InjectedInto(r.Context()))
	status := http.StatusOK
	if err != nil {
		f := asFault(err)
		status, answer = f.status, map[string]string{"__type": f.code, "Message": f.message}
	}
	sendJSON(w, status, request, answer)
}

// secretValue is GetSecretValue, the one call that is simulated. The texts and
// codes are those of its reference.
func (k *call) secretValue(body []byte, injected ground.Injected) (any, error) {
	var asked struct{ SecretID, VersionID, VersionStage string }
	switch {
	case k.action != "GetSecretValue":
		return nil, refuse("UnknownOperationException", "The operation %s is not simulated.", k.action)
	case json.Unmarshal(body, &asked) != nil || asked.SecretID == "":
		return nil, refuse("InvalidParameterException", "You must provide a value for the SecretId parameter.")
	case injected.Deny:
		return nil, refuse("AccessDeniedException", "User: %s is not authorized to perform: secretsmanager:GetSecretValue on resource: %s because no identity-based policy allows the secretsmanager:GetSecretValue action", k.user(), asked.SecretID)
	}
	if err := k.injected(injected); err != nil {
		return nil, err
	}
	arn, secret, there := k.secretOf(asked.SecretID)
	switch {
	case !there || asked.VersionStage != "" && asked.VersionStage != "AWSCURRENT" || asked.VersionID != "" && asked.VersionID != secret.version:
		return nil, refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	case secret.deleted:
		return nil, refuse("InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.")
	}
	answer := map[string]any{
		"ARN": arn, "Name": nameOfSecret(arn), "VersionId": secret.version, "VersionStages": []string{"AWSCURRENT"},
		"CreatedDate": float64(secret.changed.UnixMilli()) / 1000,
	}
	if secret.binary != "" {
		answer["SecretBinary"] = secret.binary
	} else {
		answer["SecretString"] = secret.text
	}
	return answer, nil
}

// secretOf finds a secret of the region by its name or its ARN, also one that
// lacks the six characters that were put behind the name.
func (k *call) secretOf(id string) (string, storedSecret, bool) {
	for arn, secret := range k.secrets {
		if parts := strings.Split(arn, ":"); len(parts) < 7 || parts[3] != k.region.name {
			continue
		}
		if id == arn || id == nameOfSecret(arn) || len(arn) > 7 && id == arn[:len(arn)-7] {
			return arn, secret, true
		}
	}
	return "", storedSecret{}, false
}

// nameOfSecret is the name in an ARN: "linkd/tokyo" of
// "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:linkd/tokyo-a1b2c3".
func nameOfSecret(arn string) string {
	name := arn[strings.LastIndex(arn, ":")+1:]
	if len(name) > 7 {
		name = name[:len(name)-7]
	}
	return name
}

// keepSecret changes a secret behind the API's back. Name is its ARN, with op
// set the field SecretString or SecretBinary, and with op delete it is marked for
// deletion.
func (c *Cloud) keepSecret(m ground.Mutation) error {
	secret := c.secrets[m.Name]
	text, isText := m.Value.(string)
	switch {
	case len(strings.Split(m.Name, ":")) != 7:
		return fmt.Errorf("a secret goes by its ARN")
	case m.Op == "delete" && m.Field == "":
		secret.deleted = true
	case m.Op != "set" || !isText:
		return fmt.Errorf("SecretString and SecretBinary are set to a text")
	case m.Field == "SecretString":
		secret = storedSecret{text: text}
	case m.Field == "SecretBinary":
		secret = storedSecret{binary: text}
	default:
		return fmt.Errorf("a secret has no field %s", m.Field)
	}
	secret.changed = c.Now()
	secret.version = uuid(c.derive("secret-version", m.Name, secret.changed.String(), fmt.Sprint(len(secret.text))))
	c.secrets[m.Name] = secret
	return nil
}
