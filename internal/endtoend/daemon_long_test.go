package endtoend

import (
	"runtime"
	"testing"
	"time"
)

// TestALongLifeLeavesNothingBehind keeps a link over many rounds while one
// difference stands held: neither memory, goroutines nor the journal grow. It
// is shorter under -short, and runs alone, for what it counts is the process's.
func TestALongLifeLeavesNothingBehind(t *testing.T) {
	rounds := time.Duration(2000)
	if testing.Short() {
		rounds = 100
	}
	rarely := []string{windowed[0], windowed[1] + "schedule: {tunnels: \"@every 1h\"}\n"}
	keptAlone(t, rarely, func(l *lab, k *keeper) {
		l.startup("0", "add")
		k.audited()
		live := func() (heap uint64, goroutines, entries int) {
			runtime.GC()
			runtime.GC()
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			return stats.HeapAlloc, runtime.NumGoroutine(), len(k.journal())
		}
		const round = 15 * time.Minute // of the schedule
		time.Sleep(200 * round)
		heap, goroutines, entries := live()
		time.Sleep(rounds * round)
		after, then, told := live()
		l.Logf("after 200 rounds %d KiB, %d goroutines, %d entries; after %d more %d KiB, %d, %d", heap>>10, goroutines, entries, rounds, after>>10, then, told)
		if after > heap+heap/10+4<<20 || then > goroutines+5 || told > entries {
			l.Error("it grows")
		}
	})
}
