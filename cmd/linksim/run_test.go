package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestItServesUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	var story bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"--listen", "127.0.0.1:0", "--scale", "1000", "--throttle", "--fault", "effect=drop,operation=DescribeVpcs"}, write, &story)
	}()
	endpoint, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(strings.TrimSpace(endpoint) + "/_sim/clock")
	if err != nil {
		t.Fatal(err)
	}
	clock, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if !strings.Contains(string(clock), `"scale": 1000`) {
		t.Errorf("clock %s", clock)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d: %s", code, story.String())
	}
	if !strings.Contains(story.String(), "aws --endpoint-url "+strings.TrimSpace(endpoint)) {
		t.Errorf("it does not say how to use it: %s", story.String())
	}
}

func TestMistakesAreRefusedInASentence(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("azure:\n  subs: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"all addresses":         {[]string{"--listen", ":8787"}, 3, "not a loopback address"},
		"another machine's":     {[]string{"--listen", "192.0.2.1:8787"}, 3, "not a loopback address"},
		"no port":               {[]string{"--listen", "127.0.0.1"}, 3, "missing port"},
		"a port that cannot be": {[]string{"--listen", "127.0.0.1:99999"}, 2, "cannot listen on 127.0.0.1:99999"},
		"too fast":              {[]string{"--scale", "20000"}, 3, "--scale goes from 1 to 10000"},
		"too slow":              {[]string{"--scale", "0"}, 3, "--scale goes from 1 to 10000"},
		"no number":             {[]string{"--scale", "NaN"}, 3, "--scale goes from 1 to 10000"},
		"an unknown flag":       {[]string{"--speed", "2"}, 3, "unknown flag: --speed"},
		"an argument":           {[]string{"serve"}, 3, `unknown command "serve"`},
		"a fault without sense": {[]string{"--fault", "effect=explode"}, 3, `no effect "explode"`},
		"no such file":          {[]string{"--scenario", "nowhere.yaml"}, 3, "nowhere.yaml"},
		"a file with mistakes":  {[]string{"--scenario", bad}, 3, "bad.yaml:2:3: unknown key: subs"},
	} {
		t.Run(name, func(t *testing.T) {
			var story bytes.Buffer
			ctx, stop := context.WithCancel(t.Context())
			stop() // were it to serve after all, it would end at once
			if code := Run(ctx, c.args, io.Discard, &story); code != c.code || !strings.Contains(story.String(), c.says) {
				t.Errorf("exit code %d, want %d; %s, want %q", code, c.code, story.String(), c.says)
			}
		})
	}
}
