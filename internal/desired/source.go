package desired

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"linkd/internal/resource"
)

// keysFromAWS lets AWS make the pre-shared keys.
const keysFromAWS = "aws"

// Given reports whether the file says where the keys are, so that linkd makes
// none.
func (k Keys) Given() bool { return k.From != "" && k.From != keysFromAWS }

// Environment looks up an environment variable, as [os.LookupEnv] does.
type Environment func(name string) (value string, found bool)

// sourceKind is one way to name where a secret is.
type sourceKind struct {
	prefix string
	shape  *regexp.Regexp
	hint   string
	// locate returns the file that holds the secret, or its text.
	locate func(rest string, env Environment) (file, text string, err error)
	// cloud is whose secret store it is, "aws" or "azure"; "" of the others.
	cloud string
	// guarded says that the file's permissions are linkd's to judge.
	guarded bool
}

// sourceKinds are the ways that are known. Those without locate are in the secret
// store of a cloud.
var sourceKinds = []sourceKind{
	{
		prefix: "file:", shape: regexp.MustCompile(`^/.+`), hint: "write the whole path, such as file:/etc/linkd/key", guarded: true,
		locate: func(rest string, _ Environment) (string, string, error) { return rest, "", nil },
	},
	{
		prefix: "env:", shape: regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`), hint: "write the name of an environment variable, such as env:LINKD_KEY",
		locate: func(rest string, env Environment) (string, string, error) {
			text, found := env(rest)
			if !found || text == "" {
				return "", "", fmt.Errorf("the environment variable %s is not set", rest)
			}
			return "", text, nil
		},
	},
	{
		prefix: "credential:", shape: regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`), hint: "write the name of a systemd credential, such as credential:tokyo-key",
		locate: func(rest string, env Environment) (string, string, error) {
			folder, found := env("CREDENTIALS_DIRECTORY")
			if !found || folder == "" {
				return "", "", errors.New("there are no systemd credentials here: CREDENTIALS_DIRECTORY is not set")
			}
			return filepath.Join(folder, rest), "", nil
		},
	},
	{prefix: "awssm:", cloud: "aws", shape: regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+`), hint: "write the ARN of the secret, awssm:arn:aws:secretsmanager:…"},
	{prefix: "azkv:", cloud: "azure", shape: regexp.MustCompile(`^https://[A-Za-z0-9-]+\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net)/secrets/[A-Za-z0-9-]+(/[0-9a-f]+)?$`), hint: "write the address of the secret, azkv:https://<vault>.vault.azure.net/secrets/<name>"},
}

const sourcesHint = "a secret comes from file:/path, env:NAME or credential:NAME"

// kind finds the kind of the source and what follows its prefix.
func (s Source) kind() (kind sourceKind, rest string, known bool) {
	for _, kind := range sourceKinds {
		if rest, ok := strings.CutPrefix(string(s), kind.prefix); ok {
			return kind, rest, true
		}
	}
	return sourceKind{}, "", false
}

// wrong says what is wrong with how the source is written, or "". What cannot
// be understood is not repeated: it may be a key pasted in the wrong place.
func (s Source) wrong() (text, hint string) {
	kind, rest, known := s.kind()
	switch {
	case !known:
		return "does not name a source of secrets", sourcesHint
	case !kind.shape.MatchString(rest):
		return "does not say where after " + kind.prefix, kind.hint
	}
	return "", ""
}

// Cloud is "aws" or "azure" when the source is a secret of that cloud's own
// store, which its adapter reads, or "".
func (s Source) Cloud() string {
	kind, _, _ := s.kind()
	return kind.cloud
}

// Place is what follows the kind of the source: an ARN, an address, a path.
func (s Source) Place() string {
	_, rest, _ := s.kind()
	return rest
}

// Read returns the secret, without the line end that editors add. Its errors
// never show it.
func (s Source) Read(env Environment) (resource.Secret, error) {
	text, err := s.read(env)
	return resource.NewSecret(text), err
}

// ReadPublic returns what is no secret, such as a certificate: from a file that
// others may read too.
func (s Source) ReadPublic(env Environment) ([]byte, error) {
	text, err := s.readAs(env, false)
	return []byte(text), err
}

// ReadGuarded returns a secret of several lines, such as the key of a
// certificate, for what takes it as bytes. Its errors never show it.
func (s Source) ReadGuarded(env Environment) ([]byte, error) {
	text, err := s.read(env)
	return []byte(text), err
}

// Keys returns a pre-shared key for each of so many tunnels: the source's one
// line for all of them, or a line a tunnel. Its errors never show a key.
func (s Source) Keys(env Environment, tunnels int) ([]resource.Secret, error) {
	text, err := s.read(env)
	if err != nil {
		return nil, err
	}
	return s.KeysIn(text, tunnels)
}

// KeysIn is [Source.Keys] of the text of a source that was read already.
func (s Source) KeysIn(text string, tunnels int) ([]resource.Secret, error) {
	text = strings.TrimRight(text, "\r\n")
	lines := strings.Split(text, "\n")
	if len(lines) != 1 && len(lines) != tunnels {
		return nil, fmt.Errorf("cannot take keys from %s: it has %d lines for %d tunnels, and must have one, or one a tunnel", s, len(lines), tunnels)
	}
	keys := make([]resource.Secret, tunnels)
	for i := range keys {
		line := strings.TrimSuffix(lines[min(i, len(lines)-1)], "\r")
		if wrong := wrongKey(line); wrong != "" {
			return nil, fmt.Errorf("cannot take the key in line %d of %s: %s", min(i, len(lines)-1)+1, s, wrong)
		}
		keys[i] = resource.NewSecret(line)
	}
	return keys, nil
}

func (s Source) read(env Environment) (string, error) { return s.readAs(env, true) }

func (s Source) readAs(env Environment, secret bool) (string, error) {
	kind, rest, known := s.kind()
	if !known {
		return "", fmt.Errorf("cannot read a secret: %s", sourcesHint)
	}
	if kind.locate == nil {
		return "", fmt.Errorf("cannot read %s: nothing but keys of links, and the client secret of Azure from AWS, comes from there; %s", s, sourcesHint)
	}
	file, text, err := kind.locate(rest, env)
	if err == nil && file != "" {
		text, err = readSecretFile(file, kind.guarded && secret)
	}
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", s, err)
	}
	text = strings.TrimRight(text, "\r\n")
	if text == "" {
		return "", fmt.Errorf("cannot read %s: it is empty", s)
	}
	return text, nil
}

// readSecretFile reads a file that others must not be able to read.
func readSecretFile(path string, guarded bool) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if mode := info.Mode().Perm(); guarded && mode&0o077 != 0 {
		return "", fmt.Errorf("others than its owner can read or change it (mode %04o); run chmod 600 %s", mode, path)
	}
	const most = 64 << 10
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && len(data) > most {
		err = errors.New("it is too large for a secret")
	}
	return string(data), err
}
