package examine

import (
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
		if mtu := results[i].MTU; mtu != nil && mtu.Passes == 0 {
			results[i].MTU = r.search(ctx, from, target, ask)
		}
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
	printed, err := r.run(ctx, from, Script(to, ask.Count, sizes), ask)
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

// search finds the largest packet that passes to a target, by several sizes a
// command: four commands for any size. The band above it in which nothing is
// said is known as far as it was tried.
func (r RunCommand) search(ctx context.Context, from, target desired.Target, ask Ask) *probe.MTU {
	found := probe.MTU{SilentFrom: wellSize, SilentTo: wellSize}
	for low, high := smallest-1, wellSize; high-low > 1; {
		sizes := between(low, high)
		printed, err := r.run(ctx, from, Script([]desired.Target{target}, 0, map[string][]int{target.Name: sizes}), ask)
		if err != nil {
			return nil
		}
		some := sized(printed, target, sizes)
		if some == nil {
			return nil
		}
		if some.Told > 0 {
			found.Told, found.By = some.Told, some.By
		}
		low = max(low, some.Passes)
		next := slices.IndexFunc(sizes, func(size int) bool { return size > low })
		if next >= 0 {
			high = min(high, sizes[next])
		}
		found.Passes = low
	}
	if found.Passes < smallest {
		found.Passes = 0
	}
	if found.SilentFrom = found.Passes + 1; found.Told > 0 {
		found.SilentFrom, found.SilentTo = 0, 0
	}
	return &found
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
