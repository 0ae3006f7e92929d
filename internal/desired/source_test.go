package desired

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goodKey = "Abcdefgh.1234_5678"

// environment makes an Environment of pairs.
func environment(pairs map[string]string) Environment {
	return func(name string) (string, bool) {
		value, found := pairs[name]
		return value, found
	}
}

func write(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKeysComeFromEachSource(t *testing.T) {
	file := write(t, "key", goodKey+"\n", 0o600)
	credential := write(t, "tokyo-key", goodKey+"\r\n", 0o440)
	env := environment(map[string]string{"LINKD_KEY": goodKey, "CREDENTIALS_DIRECTORY": filepath.Dir(credential)})
	for _, source := range []Source{Source("file:" + file), "env:LINKD_KEY", "credential:tokyo-key"} {
		keys, err := source.Keys(env, 2)
		if err != nil || len(keys) != 2 || keys[0].Reveal() != goodKey || keys[1].Reveal() != goodKey {
			t.Errorf("%s gives %d keys, %v", source, len(keys), err)
		}
	}
}

func TestASourceMayHoldALineATunnel(t *testing.T) {
	env := environment(map[string]string{"K": goodKey + "\nOther.key_1\n"})
	keys, err := Source("env:K").Keys(env, 2)
	if err != nil || keys[0].Reveal() != goodKey || keys[1].Reveal() != "Other.key_1" {
		t.Errorf("the keys are not the lines, %v", err)
	}
	if _, err := Source("env:K").Keys(env, 4); err == nil {
		t.Error("two lines serve four tunnels")
	}
}

func TestKeysThatCannotBeAreRefusedUnseen(t *testing.T) {
	open := write(t, "open", goodKey, 0o644)
	tests := []struct {
		name   string
		source Source
		value  string
		want   string
	}{
		{"a short key", "env:K", "Short.1", "it has 7 characters"},
		{"a long key", "env:K", strings.Repeat("Long", 17), "it has 68 characters"},
		{"a key with a plus", "env:K", "Plus+plus+plus", "letters, digits, '.' and '_' only"},
		{"a key that begins with 0", "env:K", "0Leading.zero", "begins with 0"},
		{"a second key that is wrong", "env:K", goodKey + "\nBad key with spaces", "the key in line 2"},
		{"an empty variable", "env:K", "", "the environment variable K is not set"},
		{"a file that is not there", "file:/nowhere/key", "Unused.key", "no such file"},
		{"a file that others can read", Source("file:" + open), "Unused.key", "run chmod 600"},
		{"a credential without systemd", "credential:k", "Unused.key", "CREDENTIALS_DIRECTORY is not set"},
		{"a source for later", "awssm:arn:aws:secretsmanager:us-east-1:123456789012:secret:k", "Unused.key", "nothing but keys of links, and the client secret of Azure from AWS, comes from there"},
		{"no source at all", "Sup3rSecretKey", "Unused.key", "a secret comes from file:/path"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.source.Keys(environment(map[string]string{"K": test.value}), 2)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("the error is %v, and lacks %q", err, test.want)
			}
			for _, key := range append(strings.Split(test.value, "\n"), goodKey, "Sup3rSecretKey") {
				if key != "" && strings.Contains(err.Error(), key) {
					t.Errorf("the error shows a key: %v", err)
				}
			}
		})
	}
}

func TestASecretIsNotHeldToTheRulesOfKeys(t *testing.T) {
	secret, err := Source("env:S").Read(environment(map[string]string{"S": "a+b/c==\n"}))
	if err != nil || secret.Reveal() != "a+b/c==" {
		t.Errorf("the secret is changed, or %v", err)
	}
}
