package deployment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	unitFile      = "deploy/systemd/linkd.service"
	agentUnitFile = "deploy/systemd/linkd-agent.service"
	installedAs   = "/usr/local/bin/linkd" // where the units look for the binary
)

// mostExposed is the exposure that `systemd-analyze security` may count of each
// unit, in tenths: the network and an ICMP socket, and of linkd a path to the
// commands, cost 1.4. The units say so one by one.
var mostExposed = map[string]string{unitFile: "14", agentUnitFile: "14"}

// installable is a unit with the path of a binary that exists here.
func installable(t *testing.T, unitFile string) (path string) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := read(t, unitFile)
	if strings.Count(unit, installedAs) != 1 {
		t.Fatalf("%s should name %s once", unitFile, installedAs)
	}
	return write(t, t.TempDir(), filepath.Base(unitFile), strings.Replace(unit, installedAs, binary, 1))
}

// systemd-analyze verify exits with 0 for a word it does not know, and only
// tells.
func TestSystemdHasNothingToSayAboutTheUnits(t *testing.T) {
	need(t, "systemd-analyze")
	for unit := range mostExposed {
		if said, err := output(t.Context(), "systemd-analyze", "verify", installable(t, unit)); err != nil || said != "" {
			t.Errorf("systemd-analyze verify of %s: %v\n%s", unit, err, said)
		}
	}
}

func TestTheUnitsAreExposedByTheirPurposeAlone(t *testing.T) {
	need(t, "systemd-analyze")
	for unit, most := range mostExposed {
		said, err := output(t.Context(), "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold="+most, installable(t, unit))
		if err != nil {
			t.Errorf("systemd-analyze security of %s: %v\n%s", unit, err, said)
		}
		lines := strings.Split(said, "\n")
		t.Log(lines[len(lines)-1])
	}
}
