package daemon

import (
	"fmt"
	"time"

	"linkd/internal/journal"
)

// graceful is how long what was ended may take to end.
const graceful = 10 * time.Second

// stop ends everything and waits for it.
func (d *Daemon) stop() error {
	d.told(d.Notify.Stopping())
	d.current.cancel(errStopped)
	ended := make(chan struct{})
	go func() {
		d.running.Wait()
		close(ended)
	}()
	limit := time.NewTimer(graceful)
	defer limit.Stop()
	for {
		select {
		case do := <-d.posted:
			do()
		case <-ended:
			d.record(journal.Entry{Event: journal.Stopped, Text: "stopped; the clouds go on with what they accepted"})
			return nil
		case <-limit.C:
			d.record(journal.Entry{Event: journal.Stopped, Text: fmt.Sprintf("stopped, though something still ran after %s", graceful)})
			return nil
		}
	}
}
