package deployment

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const imageName = "localhost/linkd-test"

// engine is buildah and podman with a store of images of their own.
type engine struct {
	*testing.T
	environment []string
}

// image builds the image as `make image` does.
func image(t *testing.T) engine {
	t.Helper()
	need(t, "buildah", "podman", "runc", "make", "unshare")
	if os.Geteuid() != 0 {
		t.Skip("the store of images of a test is root's")
	}
	// A socket in it has a path of at most 108 bytes, and t.TempDir holds the
	// name of the test.
	store, err := os.MkdirTemp("", "linkd-") //nolint:usetesting // too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(store) })
	settings := write(t, store, "storage.conf", "[storage]\ndriver = \"vfs\"\ngraphroot = \""+store+"/images\"\nrunroot = \""+store+"/run\"\n")
	dependOnSources(t)
	e := engine{t, append(os.Environ(), "CONTAINERS_STORAGE_CONF="+settings)}
	t.Cleanup(func() { _, _ = e.try("podman", "system", "reset", "--force") })
	e.run("make", "-C", root, "image", "IMAGE="+imageName, "BIN="+t.TempDir(), "CONTEXT="+filepath.Join(store, "context"))
	return e
}

func (e engine) try(arguments ...string) (string, error) {
	command := exec.CommandContext(context.WithoutCancel(e.Context()), arguments[0], arguments[1:]...)
	command.Env = e.environment
	said, err := command.CombinedOutput()
	return strings.TrimSpace(string(said)), err
}

func (e engine) run(arguments ...string) string {
	e.Helper()
	said, err := e.try(arguments...)
	if err != nil {
		e.Fatalf("%s: %v\n%s", strings.Join(arguments, " "), err, said)
	}
	return said
}

// confinement is what docs/deploy.md gives a container, and no network. The
// runtime and the limits are what an engine inside a container can do.
const confinement = `--runtime runc --cgroup-manager cgroupfs --ulimit nofile=1024:1024 --ulimit nproc=1000:1000
--network none --read-only --cap-drop=all --cap-add NET_RAW --security-opt no-new-privileges`

// script runs a script with an engine in it. podman leaves processes behind and
// waits until somebody has buried them, which not every first process does:
// these get one that does, and with which all of them end.
func (e engine) script(text string) string {
	e.Helper()
	return e.run("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-euc", text+"\n:")
}

// TestTheImageKeepsALinkAsNobodyOnAReadOnlyRoot builds the image and runs it,
// with simulated clouds beside linkd in the container.
func TestTheImageKeepsALinkAsNobodyOnAReadOnlyRoot(t *testing.T) {
	e := image(t)

	var described []struct {
		User   string
		Config struct {
			ExposedPorts map[string]any
			Volumes      map[string]any
		}
	}
	if err := json.Unmarshal([]byte(e.run("podman", "image", "inspect", imageName)), &described); err != nil {
		t.Fatal(err)
	}
	got := described[0]
	if got.User != "65532:65532" || got.Config.ExposedPorts["9717/tcp"] == nil || got.Config.Volumes["/var/lib/linkd"] == nil {
		t.Errorf("the image says of itself %+v", got)
	}

	podman := "podman run --rm " + strings.ReplaceAll(confinement, "\n", " ") + " "
	if said := e.script(podman + imageName + " version"); !strings.HasPrefix(said, "linkd ") {
		t.Errorf("linkd version in the image says %q", said)
	}

	said := e.script(podman + `--detach --name kept --env LINKD_SIMULATOR=http://127.0.0.1:8787 --entrypoint /linksim \
  --volume ` + build(t, "./cmd/linksim") + `/linksim:/linksim:ro --volume ` + absolute(t, "deploy/examples/seed.yaml") + `:/etc/linkd/linkd.yaml:ro \
  ` + imageName + ` --instant
until podman logs kept 2>&1 | grep -q http://; do sleep 0.1; done
podman exec --detach kept /linkd run -f /etc/linkd/linkd.yaml --listen :9717
asked=0
until podman exec kept /linkd status >/dev/null 2>&1 || [ $asked -ge 100 ]; do asked=$((asked + 1)); sleep 0.2; done
podman exec kept /linkd status 2>&1
cat /proc/$(podman inspect --format '{{.State.Pid}}' kept)/status
podman rm --force --time 0 kept`)
	if !strings.Contains(said, "as desired") {
		t.Errorf("linkd in the image did not build the link:\n%s", said)
	}
	if !regexp.MustCompile(`CapEff:\s+0000000000002000\n`).MatchString(said) {
		t.Errorf("the container has other rights than CAP_NET_RAW:\n%s", said)
	}
}

// TestTheImageHoldsNothingButLinkd lists its files. Whose they are decides
// what a break-in could change.
func TestTheImageHoldsNothingButLinkd(t *testing.T) {
	e := image(t)
	e.run("podman", "create", "--name", "looked-at", imageName)
	archive := filepath.Join(t.TempDir(), "files.tar")
	e.run("podman", "export", "--output", archive, "looked-at")
	var files []string
	for line := range strings.Lines(e.run("tar", "--list", "--verbose", "--numeric-owner", "--file", archive)) {
		fields := strings.Fields(line)
		name := strings.Trim(fields[5], "/")
		if fields[1] == "0/0" && strings.HasPrefix(fields[0], "d") {
			continue // on the way to what is there
		}
		files = append(files, fields[1]+" "+name)
	}
	slices.Sort(files)
	want := []string{
		"0/0 etc/ssl/certs/ca-certificates.crt", "0/0 linkd", "0/0 usr/share/zoneinfo.zip", "65532/65532 var/lib/linkd",
	}
	if !slices.Equal(files, want) {
		t.Errorf("the image holds\n%s\nwant\n%s", strings.Join(files, "\n"), strings.Join(want, "\n"))
	}
}
