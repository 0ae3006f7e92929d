package endtoend

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/path"
	"linkd/internal/sim/catalogue"
	"linkd/internal/survey"
)

// TestTheModelIsTheFabricForEveryMutation plays every entry of the catalogue,
// and compares what the path model says of every ordered pair of targets, by an
// audit and a survey, with what becomes of an echo: whether it crosses, and at
// which hop it is lost if not.
func TestTheModelIsTheFabricForEveryMutation(t *testing.T) {
	t.Parallel()
	for i, entry := range catalogue.Entries() {
		for _, redundancy := range []desired.Redundancy{desired.Single, desired.Tunnels} {
			if testing.Short() && i%8 != 1 {
				continue
			}
			t.Run(entry.Name+", "+string(redundancy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLab(t, instant)
					l.file.Links[0].Redundancy = redundancy
					l.vary(entry.File)
					l.mustBuild()
					time.Sleep(time.Hour)
					l.tracesMustAgree("after the build")
					l.do(entry.Do)
					time.Sleep(10 * time.Minute)
					l.tracesMustAgree(entry.Name)
				})
			})
		}
	}
}

// TestTheModelIsTheFabricForManyMutationsAtOnce lets several mutations happen
// one after the other, chosen by a seed that is printed.
func TestTheModelIsTheFabricForManyMutationsAtOnce(t *testing.T) {
	t.Parallel()
	entries := slices.DeleteFunc(catalogue.Entries(), func(e catalogue.Entry) bool { return e.File != catalogue.AsItIs })
	for seed := range uint64(40) {
		if testing.Short() && seed >= 5 {
			break
		}
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 4))
				l := newLab(t, instant)
				l.file.Links[0].Redundancy = []desired.Redundancy{desired.Single, desired.Tunnels}[random.IntN(2)]
				l.mustBuild()
				time.Sleep(time.Hour)
				var names []string
				for range 2 + random.IntN(4) {
					entry := entries[random.IntN(len(entries))]
					if l.tryTo(entry.Do) {
						names = append(names, entry.Name)
					}
				}
				time.Sleep(10 * time.Minute)
				l.tracesMustAgree(strings.Join(names, "; "))
			})
		})
	}
}

// tracesMustAgree compares all ordered pairs of targets, and returns the codes
// that the model names.
func (l *lab) tracesMustAgree(when string) (codes []string) {
	l.Helper()
	world := l.world()
	model := path.New(l.file, world, l.survey(), time.Now())
	for _, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets {
			if from.Name == to.Name {
				continue
			}
			trace, err := model.Trace(from.Name, to.Name)
			if err != nil {
				l.Fatal(err)
			}
			echo := l.sim.Echo(from.Address, to.Address)
			if strings.Contains(echo.Why, "own firewall") {
				continue // no cloud can see it
			}
			hop, broken := trace.Broken()
			if broken {
				codes = append(codes, string(hop.Code))
			}
			kind, _, _ := strings.Cut(echo.DroppedAt, " ")
			switch {
			case trace.Verdict() == path.Unknown, (trace.Verdict() == path.Pass) != echo.Crossed:
				l.Errorf("%s: %s → %s: the model says %s, the fabric %s\n%s", when, from.Name, to.Name, trace.Verdict(), fate(echo.Crossed, echo.DroppedAt, echo.Why), hopsOf(trace))
			case broken && !slices.Contains(sameHop[kind], hop.Kind) && !strings.Contains(hop.Says, "ends at"): // what another transit gateway does is not read
				l.Errorf("%s: %s → %s: the model says it is lost at %s, the fabric %s\n%s", when, from.Name, to.Name, hop.Kind, fate(false, echo.DroppedAt, echo.Why), hopsOf(trace))
			}
		}
	}
	slices.Sort(codes)
	return codes
}

// sameHop are the model's kinds of hops by the fabric's.
var sameHop = map[string][]path.Kind{
	"machine":         {path.Machine},
	"nsg":             {path.NSG},
	"nic-routes":      {path.NICRoutes, path.VNetConnection},
	"hub":             {path.Hub},
	"vnet":            {path.VNetConnection, path.NICRoutes},
	"gateway":         {path.Gateway, path.Site, path.Tunnel},
	"transit-gateway": {path.TGWRoutes},
	"attachment":      {path.Association, path.Attachment, path.Zone, path.Tunnel},
	"subnet-routes":   {path.SubnetRoutes, path.Attachment},
	"vpc":             {path.Attachment, path.SubnetRoutes},
	"acl":             {path.NetworkACL},
	"security-group":  {path.SecurityGroup},
}

// tryTo makes it happen, unless an earlier mutation has taken away what it is
// about.
func (l *lab) tryTo(steps []catalogue.Step) bool {
	state := func() ([]byte, error) { return json.Marshal(l.sim.Dump()) }
	return catalogue.Play(steps, state, l.sim.Mutate) == nil
}

// survey looks along the ways on both sides.
func (l *lab) survey() survey.Survey {
	l.Helper()
	return *examine.Survey(l.Context(), l.open(l.Context()))
}
