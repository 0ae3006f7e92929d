package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// end is where a packet comes from or goes to: a test machine, or a whole
// network, for which the first host of one of its prefixes stands.
type end struct {
	name    string
	address netip.Addr
	network network
	target  *desired.Target // nil: a network
	machine survey.Machine  // of a target
}

// walk takes one packet along its way.
type walk struct {
	*Model
	from, to *end
	answer   bool // of a flow that filters with a memory have let pass
	quiet    bool // only the verdict is asked for
	// routed are the verdicts from routers on, of quiet walks to the same end.
	routed map[router]Verdict

	hops     []Hop
	verdict  Verdict
	routers  int      // that it has passed
	branch   bool     // it came into the hub from a tunnel
	crossed  []string // the links and attachments that it took
	learned  []string // the links over which BGP has told where it goes
	strays   []stray  // routes that led it elsewhere than the file means
	brokenAt Kind
}

// mostRouters is how many hubs and transit gateways a packet may pass before
// it is taken to run in a circle.
const mostRouters = 16

// place is where a hop is.
type place struct {
	kind Kind
	id   resource.ID
	ref  string
}

// pass notes a hop that lets the packet pass, and is true: the walk goes on.
func (w *walk) pass(at place, facts []Evidence, format string, args ...any) bool {
	w.note(at, Pass, "", facts, format, args...)
	return true
}

// unknown notes a hop of which is not known what it does, and is true: the
// walk goes on with what the file declares.
func (w *walk) unknown(at place, facts []Evidence, format string, args ...any) bool {
	w.note(at, Unknown, "", facts, format, args...)
	return true
}

// block notes the hop at which the packet is lost, and is false.
func (w *walk) block(at place, code failure.Code, facts []Evidence, format string, args ...any) bool {
	w.note(at, Block, code, facts, format, args...)
	w.brokenAt = at.kind
	return false
}

// cause is why a packet is lost where it is: the failure, what is to be
// mended when that is another place ("": it is not), and a clause that says so.
type cause struct {
	code failure.Code
	root resource.ID
	says string
}

// blockBy notes the hop at which the packet is lost by a cause, and is false.
func (w *walk) blockBy(why cause, at place, facts []Evidence, format string, args ...any) bool {
	w.block(at, why.code, facts, format+"%s", append(args, why.says)...)
	if !w.quiet && why.root != at.id {
		w.hops[len(w.hops)-1].Root = why.root
	}
	return false
}

func (w *walk) note(at place, verdict Verdict, code failure.Code, facts []Evidence, format string, args ...any) {
	w.verdict = worse(w.verdict, verdict)
	if w.quiet {
		return
	}
	w.hops = append(w.hops, Hop{
		Kind: at.kind, ID: at.id, Ref: at.ref, Verdict: verdict, Code: code, Says: fmt.Sprintf(format, args...), Evidence: facts,
	})
}

// router is a hub, or a route table of a transit gateway, that a packet enters.
type router struct {
	name, table string
	branch      bool
}

// onward walks on from a router, unless an earlier walk to the same end has.
func (w *walk) onward(from router, walk func()) {
	if w.routed == nil {
		walk()
		return
	}
	onward, known := w.routed[from]
	if !known {
		before := w.verdict
		w.verdict = Pass
		walk()
		onward, w.verdict = w.verdict, before
		w.routed[from] = onward
	}
	w.verdict = worse(w.verdict, onward)
}

// Trace walks from one target of the file to another, and back. It returns an
// error that names the targets there are when one of the two is none.
func (m *Model) Trace(from, to string) (Trace, error) {
	source, err := m.target(from)
	if err != nil {
		return Trace{}, err
	}
	far, err := m.target(to)
	if err != nil {
		return Trace{}, err
	}
	return m.trace(source, far), nil
}

// trace walks from one end to another, and back. At what the file does not mean to
// be reached nothing is amiss: where the packet is lost is no failure.
func (m *Model) trace(source, far *end) Trace {
	forward := &walk{Model: m, from: source, to: far, verdict: Pass}
	back := &walk{Model: m, from: far, to: source, verdict: Pass, answer: true}
	t := Trace{Forward: forward.way(), Back: back.way(), Asymmetric: asymmetry(forward, back)}
	if why := m.file.Unjoined(source.network.name, far.network.name); t.Verdict() == Block && why != "" {
		t.Unmeant = fmt.Sprintf("the file does not join %s and %s: %s", source.network.name, far.network.name, why)
		for _, hops := range [][]Hop{t.Forward.Hops, t.Back.Hops} {
			for i := range hops {
				hops[i].Code, hops[i].Root = "", ""
			}
		}
	}
	return t
}

// Ways walks from one network of the file to another, a VNet or a VPC, without
// any machine, and back: once for each pair of their prefixes.
func (m *Model) Ways(from, to string) ([]Trace, error) {
	var traces []Trace
	sources, err := m.ends(from)
	if err != nil {
		return nil, err
	}
	fars, err := m.ends(to)
	if err != nil {
		return nil, err
	}
	for _, source := range sources {
		for _, far := range fars {
			traces = append(traces, m.trace(source, far))
		}
	}
	return traces, nil
}

// way walks, and tells what was met.
func (w *walk) way() Way {
	w.send()
	return Way{From: w.from.name, To: w.to.name, Verdict: w.verdict, Hops: w.hops}
}

// send lets the end that the packet comes from send it.
func (w *walk) send() {
	if w.from.network.vnet {
		w.sendFromVNet()
		return
	}
	w.sendFromVPC()
}

// target is the end that a target of the file is.
func (m *Model) target(name string) (*end, error) {
	targets := m.file.Probes.Targets
	i := slices.IndexFunc(targets, func(t desired.Target) bool { return t.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("the file has no target called %q", name)
	}
	t := targets[i]
	return &end{
		name: t.Name, address: t.Address, network: m.networks[cmp.Or(t.VNet, t.VPC)], target: &targets[i], machine: m.survey.Machines[t.Name],
	}, nil
}

// ends are the prefixes of a network, each as an end.
func (m *Model) ends(name string) ([]*end, error) {
	n, found := m.networks[name]
	if !found {
		return nil, fmt.Errorf("the file has no VNet and no VPC called %q", name)
	}
	var ends []*end
	for _, prefix := range n.prefixes {
		called := name
		if len(n.prefixes) > 1 {
			called = name + " " + prefix.String()
		}
		ends = append(ends, &end{name: called, address: prefix.Addr().Next(), network: n})
	}
	return ends, nil
}

// asymmetry says in what the answer goes another way than the packet. Of ways
// of which one ends early nothing is said.
func asymmetry(forward, back *walk) string {
	if forward.verdict == Block || back.verdict == Block {
		return ""
	}
	there, again := slices.Clone(forward.crossed), slices.Clone(back.crossed)
	slices.Reverse(again)
	if slices.Equal(there, again) {
		return ""
	}
	return fmt.Sprintf("the packet goes by %s and its answer by %s", listed(there), listed(again))
}
