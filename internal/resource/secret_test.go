package resource_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"linkd/internal/resource"
)

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	const key = "correct.horse.battery"
	secret := resource.NewSecret(key)
	live := resource.Live{Secrets: resource.Secrets{"key/1": secret}}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("seen", "secret", secret, "live", live)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("seen", "secret", secret, "live", live)
	asJSON, err := json.Marshal(live)
	if err != nil {
		t.Fatal(err)
	}
	asXML, err := xml.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	spec := resource.Spec{Secrets: live.Secrets}
	type hidden struct{ secret resource.Secret }
	type deeper struct{ in map[string]hidden }
	buried := deeper{map[string]hidden{"key": {secret}}}
	for name, output := range map[string]string{
		"unexported fields": fmt.Sprintf("%v %+v %#v", buried, buried, buried),
		"%v":                fmt.Sprintf("%v %v %v", secret, live, spec),
		"%+v":               fmt.Sprintf("%+v %+v %+v", secret, live, &spec),
		"%#v":               fmt.Sprintf("%#v %#v", secret, live),
		"%s":                fmt.Sprintf("%s %q", secret, secret),
		"%x":                fmt.Sprintf("%x %d", secret, secret),
		"json":              string(asJSON), "xml": string(asXML), "slog": log.String(),
	} {
		if strings.Contains(output, key) || strings.Contains(output, fmt.Sprintf("%x", key)) || strings.Contains(output, fmt.Sprint([]byte(key[:4]))[1:12]) {
			t.Errorf("%s shows the key: %s", name, output)
		}
	}
	if secret.Reveal() != key {
		t.Error("Reveal does not return the key")
	}
}
