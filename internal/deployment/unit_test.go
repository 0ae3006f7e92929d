package deployment

import (
	"os"
	"strings"
	"testing"
)

const (
	unitFile    = "deploy/systemd/linkd.service"
	installedAs = "/usr/local/bin/linkd" // where the unit looks for the binary
)

// mostExposed is the exposure that `systemd-analyze security` may count, in
// tenths: the network, an ICMP socket and a path to the commands cost 1.4. The
// unit says so one by one.
const mostExposed = "14"

// installable is the unit with the path of a binary that exists here.
func installable(t *testing.T) (path string) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := read(t, unitFile)
	if strings.Count(unit, installedAs) != 1 {
		t.Fatalf("%s should name %s once", unitFile, installedAs)
	}
	return write(t, t.TempDir(), "linkd.service", strings.Replace(unit, installedAs, binary, 1))
}

// systemd-analyze verify exits with 0 for a word it does not know, and only
// tells.
func TestSystemdHasNothingToSayAboutTheUnit(t *testing.T) {
	need(t, "systemd-analyze")
	if said, err := output(t.Context(), "systemd-analyze", "verify", installable(t)); err != nil || said != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
}

func TestTheUnitIsExposedByItsPurposeAlone(t *testing.T) {
	need(t, "systemd-analyze")
	said, err := output(t.Context(), "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold="+mostExposed, installable(t))
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, said)
	}
	lines := strings.Split(said, "\n")
	t.Log(lines[len(lines)-1])
}
