package endtoend

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
)

// everyKey are the keys of all pairs of the file, as both clouds have them: a key
// that they do not agree about is none.
func (l *lab) everyKey() map[desired.Tunnel]resource.Secret {
	l.Helper()
	keys, world := map[desired.Tunnel]resource.Secret{}, l.world()
	for _, t := range l.file.Tunnels() {
		aws := world[desired.AWSConnectionID(t.Link, t.Instance)].Secrets[desired.FactKey(t.Number)]
		if azure := world[desired.AzureConnectionID(t.Link)].Secrets["shared_key/"+t.Name()]; azure.Equal(aws) {
			keys[t] = aws
		}
	}
	return keys
}

// fewestUp looks every second at how many pairs are up, until it is asked for the
// fewest at once.
func (l *lab) fewestUp() (ended func() int) {
	stop, done := make(chan struct{}), make(chan struct{})
	fewest := len(l.file.Tunnels())
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				up := 0
				for _, pair := range l.sim.Tunnels() {
					if pair.Up {
						up++
					}
				}
				fewest = min(fewest, up)
			case <-stop:
				return
			}
		}
	}()
	return func() int {
		close(stop)
		<-done
		return fewest
	}
}

// TestNewKeysForAFullLinkLoseNothing rotates the keys of all four pairs, with static
// routes, where AWS sends by one connection alone, and with BGP, also killed in the
// middle and begun again on another machine. Nobody consents to anything.
func TestNewKeysForAFullLinkLoseNothing(t *testing.T) {
	t.Parallel()
	for _, routing := range []desired.Routing{desired.Static, desired.BGP} {
		for name, kill := range map[string]bool{"": false, ", killed": true} {
			if testing.Short() && (!kill || routing == desired.Static) {
				continue
			}
			t.Run(string(routing)+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLab(t, nil)
					l.file.Links[0].Redundancy, l.file.Links[0].Routing = desired.Full, routing
					l.mustBuild()
					time.Sleep(time.Hour)
					before, lost, fewest, began := l.everyKey(), l.echoes(), l.fewestUp(), time.Now()
					if kill {
						ctx, stop := context.WithTimeout(t.Context(), 9*time.Minute)
						_ = l.rotator(ctx, reconcile.Consent{}).Run(ctx, rotate.Order{})
						stop()
						l.disk = &disk{since: time.Now().Add(-time.Hour), open: map[resource.ID]time.Time{}}
					}
					if err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{}); err != nil {
						t.Error(err)
					}
					took, gone, least := time.Since(began), lost(), fewest()
					t.Logf("%d of %d echoes lost in %s; %d pairs were up at the fewest", gone.lost, gone.sent, took.Round(time.Second), least)
					if gone.lost != 0 || least < 3 {
						t.Errorf("%d of %d echoes were lost, and %d pairs were up at the fewest", gone.lost, gone.sent, least)
					}
					time.Sleep(time.Minute)
					now := l.everyKey()
					for pair, key := range before {
						if now[pair].IsZero() || now[pair].Equal(key) {
							t.Errorf("%s has the key of before, or the clouds have two", pair.Name())
						}
					}
					l.mustBeClean()
					l.mustCross()
				})
			})
		}
	}
}

// TestTheLastTunnelOfTheConnectionThatCarriesKeepsItsKey has one tunnel of the connection
// down to which the static routes of AWS lead: the two that stand by do not carry in the
// place of the other.
func TestTheLastTunnelOfTheConnectionThatCarriesKeepsItsKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := builtFull(t, desired.Static)
		l.cutTunnels([]desired.Tunnel{{Link: "tokyo", Instance: desired.Preferred, Number: 2}})
		time.Sleep(10 * time.Minute)
		writes, lost := l.wire.sent(), l.watchLossesEvery(time.Second)
		err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{Tunnels: []int{1}})
		if err == nil || !strings.Contains(err.Error(), "nothing that AWS sends is known to go by tokyo-1-1, tokyo-1-2") {
			t.Errorf("it ends with %v", err)
		}
		if sent := l.wire.sent() - writes; sent != 0 {
			t.Errorf("%d writes were sent", sent)
		}
		if gone := lost(); gone != (losses{}) {
			t.Errorf("%+v were lost", gone)
		}
	})
}
