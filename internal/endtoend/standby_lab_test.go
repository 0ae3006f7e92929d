package endtoend

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/sim/fabric"
)

// full is a lab whose link has two connections, of which one stands by.
type full struct {
	*lab
	outside     map[desired.Tunnel]string // addresses in AWS
	attachments [2]string
}

// fullFile is the example of two connections.
func fullFile(t testing.TB) string {
	t.Helper()
	content, err := os.ReadFile("../../deploy/examples/redundant-full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// newFull builds the example's link with one apply, in clouds whose operations
// are quick and whose telemetry lags by a minute. It must run inside a bubble.
func newFull(t testing.TB) *full {
	t.Helper()
	l := newLab(t, quick)
	file, err := desired.Parse("linkd.yaml", []byte(fullFile(t)))
	if err != nil {
		t.Fatal(err)
	}
	l.file = file
	l.mustBuild()
	return l.full()
}

// full is the lab once its link stands.
func (l *lab) full() *full {
	l.Helper()
	f := &full{lab: l, outside: map[desired.Tunnel]string{}}
	world := l.world()
	for _, t := range l.file.Links[0].Tunnels() {
		connection := world[desired.AWSConnectionID(t.Link, t.Instance)]
		f.outside[t] = connection.Attrs[desired.FactOutsideAddress(t.Number)].One()
		f.attachments[t.Instance] = connection.Attrs[desired.FactAttachment].One()
	}
	return f
}

// keptFull runs a test on a daemon that keeps the link of two connections, by
// the example with something more at its end.
func keptFull(t *testing.T, more string, do func(*full, *keeper)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFull(t)
		time.Sleep(time.Hour)
		k := f.keepOf(fullFile(t)+more, nil)
		k.until(control.AsDesired, time.Hour)
		time.Sleep(time.Minute)
		do(f, k)
		k.stop()
	})
}

// of are the tunnels to one instance.
func (f *full) of(instance int) []desired.Tunnel {
	return slices.DeleteFunc(f.file.Links[0].Tunnels(), func(t desired.Tunnel) bool { return t.Instance != instance })
}

// cut lets no IKE through on some tunnels, and through on all others.
func (f *full) cut(tunnels ...desired.Tunnel) {
	f.Helper()
	var conditions []fabric.Condition
	for _, t := range tunnels {
		conditions = append(conditions, fabric.Condition{Kind: "tunnel", ID: f.outside[t], Cut: true})
	}
	if err := f.sim.SetConditions(conditions...); err != nil {
		f.Fatal(err)
	}
}

// leads is the instance to whose connection the transit gateway sends what is
// for Azure, or -1.
func (f *full) leads() int {
	for _, hop := range f.sim.Echo(f.file.Probes.Targets[2].Address, f.file.Probes.Targets[0].Address).Forward {
		for instance, id := range f.attachments {
			if hop.Kind == "attachment" && hop.ID == id {
				return instance
			}
		}
	}
	return -1
}

// untilLeads waits until the routes lead to an instance, and says how long.
func (f *full) untilLeads(instance int, within time.Duration) time.Duration {
	f.Helper()
	began := time.Now()
	for ; time.Since(began) < within; time.Sleep(time.Second) {
		if f.leads() == instance {
			return time.Since(began)
		}
	}
	f.Fatalf("after %s the routes lead to %d, want %d", within, f.leads(), instance)
	return 0
}

// rate is how many echoes a second are sent to see what is lost.
const rate = 10

// losses counts the echoes that did not come back, of those that Azure sent and
// those that AWS did.
type losses struct{ fromAzure, fromAWS int }

// seconds is how long nothing came back, of the two the longer.
func (l losses) seconds() float64 { return float64(max(l.fromAzure, l.fromAWS)) / rate }

// watchLosses sends echoes each way, until it is asked how many were lost.
func (l *lab) watchLosses() func() losses { return l.watchLossesEvery(time.Second / rate) }

// watchLossesEvery is watchLosses with another span between two echoes.
func (l *lab) watchLossesEvery(span time.Duration) func() losses {
	azure, aws := l.file.Probes.Targets[0].Address, l.file.Probes.Targets[2].Address
	stop, done := make(chan struct{}), make(chan struct{})
	var lost losses
	go func() {
		defer close(done)
		tick := time.NewTicker(span)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if !l.crosses(azure, aws) {
					lost.fromAzure++
				}
				if !l.crosses(aws, azure) {
					lost.fromAWS++
				}
			case <-stop:
				return
			}
		}
	}()
	return func() losses {
		close(stop)
		<-done
		return lost
	}
}

// told lists what was recorded of the routes of the transit gateway, as events
// in order.
func (k *keeper) told() []journal.Event {
	k.lab.Helper()
	var events []journal.Event
	err := journal.Read(filepath.Join(k.folder, "journal"), journal.Filter{}, func(e journal.Entry) bool {
		if e.Drift == "aws/tgw-routes.routes" {
			events = append(events, e.Event)
		}
		return true
	})
	if err != nil {
		k.lab.Fatal(err)
	}
	return events
}
