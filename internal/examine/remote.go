package examine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"linkd/internal/desired"
	"linkd/internal/probe"
)

// Ping implements Vantage. A command sends to several targets at once; where a
// packet of the usual size is lost, a few more find the largest that passes.
func (r RunCommand) Ping(ctx context.Context, from desired.Target, to []desired.Target, ask Ask) []probe.Result {
	var results []probe.Result
	for some := range slices.Chunk(to, most) {
		results = append(results, r.burst(ctx, from, some, ask)...)
	}
	if !ask.MTU {
		return results
	}
	for i, target := range to {
		if mtu := results[i].MTU; mtu == nil || mtu.Passes > 0 {
			continue
		}
		if more := r.sizes(ctx, from, target, []int{wellSize}, insist, ask); more != nil && more.Passes > 0 {
			results[i].MTU = more
			continue
		}
		results[i].MTU = r.search(ctx, from, target, ask)
	}
	return results
}

// run has a script run on a machine, and takes apart what it printed.
func (r RunCommand) run(ctx context.Context, from desired.Target, script string, ask Ask) (map[string][]string, error) {
	output, err := r.runner(from).Run(ctx, from.Name, script, ask.Within)
	if err != nil {
		return nil, fmt.Errorf("cannot run a command on %s: %w", from.Name, err)
	}
	return parts(output), nil
}

// burst sends to some targets by one command.
func (r RunCommand) burst(ctx context.Context, from desired.Target, to []desired.Target, ask Ask) []probe.Result {
	sizes := map[string][]int{}
	if ask.MTU {
		for _, target := range to {
			sizes[target.Name] = []int{wellSize}
		}
	}
	printed, err := r.run(ctx, from, Script(to, ask.Count, sizes, 1), ask)
	results := make([]probe.Result, len(to))
	for i, target := range to {
		results[i] = probe.Result{From: from.Name, To: target.Name, At: time.Now()}
		lines, shown := printed["echo "+target.Address.String()]
		switch {
		case err != nil:
			results[i].Err = withHint(err)
		case !shown:
			results[i].Err = "what the command printed was cut before this target"
		default:
			readBurst(lines).into(&results[i], ask.Count)
		}
		if results[i].Received > 0 {
			results[i].MTU = sized(printed, target, []int{wellSize})
		}
	}
	return results
}

// sized is what packets of some sizes have shown, nil when none could be
// sent. Sizes are tried from small to large.
func sized(printed map[string][]string, target desired.Target, sizes []int) *probe.MTU {
	var mtu probe.MTU
	tried := false
	for _, size := range sizes {
		lines, shown := printed["size "+target.Address.String()+" "+strconv.Itoa(size)]
		b := readBurst(lines)
		if !shown || !b.ran() {
			continue
		}
		tried = true
		switch {
		case len(b.seen) > 0 || b.received > 0:
			mtu = probe.MTU{Passes: size}
		case b.told > 0:
			if mtu.Told == 0 {
				mtu.Told, mtu.By = b.told, b.by
			}
		default:
			if mtu.SilentFrom == 0 {
				mtu.SilentFrom = size
			}
			mtu.SilentTo = size
		}
	}
	if !tried {
		return nil
	}
	return &mtu
}

// The lower bound of a search: every host takes 576 bytes, and no path of the
// Internet less.
const (
	smallest = 576
	steps    = 8 // sizes of one command: about 2 kB of output
)

// insist is how often a packet is sent before its loss is laid to its size: one
// that is lost alone may be lost as any other is.
const insist = 4

// sizes sends so many packets of each size to a target, and tells what they
// have shown; nil when that is nothing.
func (r RunCommand) sizes(ctx context.Context, from, target desired.Target, sizes []int, each int, ask Ask) *probe.MTU {
	printed, err := r.run(ctx, from, Script([]desired.Target{target}, 0, map[string][]int{target.Name: sizes}, each), ask)
	if err != nil {
		return nil
	}
	return sized(printed, target, sizes)
}

// search finds the largest packet that passes to a target, by several sizes a
// command: four commands for any size, and one that insists on the next byte.
// Where that one passes, it was chance, and the search goes on above it. Where
// nothing is said of it, a band is silent: up to the size that is told, else as
// far as it was tried.
func (r RunCommand) search(ctx context.Context, from, target desired.Target, ask Ask) *probe.MTU {
	found, low := probe.MTU{}, smallest-1
	for range insist {
		var known bool
		if low, known = r.below(ctx, from, target, low, &found, ask); !known {
			return nil
		}
		if low == wellSize || found.Told > 0 && low >= found.Told {
			break
		}
		next := r.sizes(ctx, from, target, []int{low + 1}, insist, ask)
		if next == nil {
			return nil
		}
		if next.Passes == 0 {
			if next.Told == 0 {
				found.SilentFrom, found.SilentTo = low+1, cmp.Or(found.Told, wellSize)
			}
			break
		}
		low++
	}
	if low >= smallest {
		found.Passes = low
	}
	return &found
}

// below finds the largest packet that passes, above one that does and below the
// usual size, and notes what the way tells of its size. It is false when that
// cannot be found out.
func (r RunCommand) below(ctx context.Context, from, target desired.Target, low int, found *probe.MTU, ask Ask) (int, bool) {
	for high := wellSize; high-low > 1; {
		sizes := between(low, high)
		some := r.sizes(ctx, from, target, sizes, 1, ask)
		if some == nil {
			return low, false
		}
		if some.Told > 0 {
			found.Told, found.By = some.Told, some.By
		}
		low = max(low, some.Passes)
		if next := slices.IndexFunc(sizes, func(size int) bool { return size > low }); next >= 0 {
			high = min(high, sizes[next])
		}
	}
	return low, true
}

// between are sizes spread between two, without them: all of them when there
// are few.
func between(low, high int) []int {
	var sizes []int
	for i := 1; i <= steps; i++ {
		if size := low + (high-low)*i/(steps+1); size > low && size < high && !slices.Contains(sizes, size) {
			sizes = append(sizes, size)
		}
	}
	if len(sizes) == 0 {
		sizes = []int{low + 1}
	}
	return sizes
}
