package endtoend

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTheRecordGoesOnByItself takes the journal's folder away while something
// happens, and gives it back when nothing does any more: what waited is
// written all the same, and the trouble is over.
func TestTheRecordGoesOnByItself(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		folder := filepath.Join(k.folder, "journal")
		must := func(err error) {
			t.Helper()
			if err != nil {
				l.Fatal(err)
			}
		}
		must(os.Rename(folder, folder+".away"))
		must(os.WriteFile(folder, nil, 0o600))
		l.mustMutate(vpcRoute)
		k.audited()
		if state := k.audited().Journal; state.OK || state.Backlog == 0 {
			l.Errorf("without its folder: %+v", state)
		}
		l.mustCross()
		must(os.Remove(folder))
		must(os.Rename(folder+".away", folder))
		time.Sleep(5 * time.Minute)
		if state := k.status().Journal; !state.OK || state.Backlog != 0 {
			l.Errorf("with its folder again: %+v", state)
		}
	})
}
