package main

import (
	"testing"
	"time"

	"linkd/deploy/examples"
	"linkd/internal/clouds"
	"linkd/internal/desired"
)

func TestTheStateFolderIsOneForEachLinkAndSimulator(t *testing.T) {
	file, err := desired.Parse("seed.yaml", examples.Seed())
	if err != nil {
		t.Fatal(err)
	}
	const link = "/seed_123456789012_11111111-2222-3333-4444-555555555555"
	started := time.Unix(0, 36*36)
	tests := []struct {
		name  string
		given string
		env   map[string]string
		clock *clouds.Clock
		want  string // "" is a refusal
	}{
		{name: "as the flag says", given: "/flag", env: map[string]string{"STATE_DIRECTORY": "/systemd"}, want: "/flag" + link},
		{name: "the first that systemd gives", env: map[string]string{"STATE_DIRECTORY": "/systemd:/second", "HOME": "/users/a"}, want: "/systemd" + link},
		{name: "where a desktop keeps state", env: map[string]string{"XDG_STATE_HOME": "/state", "HOME": "/users/a"}, want: "/state/linkd" + link},
		{name: "a relative one is no folder", env: map[string]string{"XDG_STATE_HOME": "state", "HOME": "/users/a"}, want: "/users/a/.local/state/linkd" + link},
		{name: "nowhere", env: map[string]string{}},
		{name: "of a simulator", given: "/flag", clock: &clouds.Clock{Started: started, Scale: 1}, want: "/flag/simulator-100_" + link[1:]},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := &program{env: func(name string) (string, bool) { value, found := test.env[name]; return value, found }}
			got, err := p.stateFolder(test.given, file, test.clock)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("the state folder is %q (%v), want %q", got, err, test.want)
			}
		})
	}
}

func TestALockGoesWithItsHolder(t *testing.T) {
	folder := t.TempDir()
	release, err := lockFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(folder); err == nil {
		t.Error("a second holder was let in")
	}
	release()
	release, err = lockFolder(folder)
	if err != nil {
		t.Errorf("after the first has gone: %v", err)
	} else {
		release()
	}
}
