package agent

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// Limits are what an agent does at most, whatever it is told: whoever takes
// over a daemon gets no flooder.
type Limits struct {
	Targets   int     // at once
	PerTarget float64 // echoes a second to one address
	Total     float64 // echoes a second to all
	Size      int     // bytes of an echo; searches of a path MTU are larger, and rare
	Allow     []netip.Prefix
}

// DefaultLimits are an agent's when nothing else is said.
func DefaultLimits() Limits {
	return Limits{Targets: 500, PerTarget: 10, Total: 500, Size: 1500, Allow: Private()}
}

// Check refuses limits that would let nothing be sent, or more than a prober
// sends or a message holds.
func (l Limits) Check() error {
	for _, row := range []struct {
		name        string
		value, most float64
	}{
		{"most-targets", float64(l.Targets), mostTasks}, {"most-per-target", l.PerTarget, probe.MaxRate}, {"most-per-second", l.Total, probe.MaxRate},
	} {
		if !(row.value > 0 && row.value <= row.most) { // so that what is no number is refused too
			return fmt.Errorf("--%s cannot be %g: it is more than 0, and at most %g", row.name, row.value, row.most)
		}
	}
	return nil
}

// Private are the prefixes that no public network has: RFC 1918, the shared
// addresses of RFC 6598, and RFC 4193.
func Private() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// leastSearch is the least time between two searches of one path MTU.
const leastSearch = time.Minute

// Judge parts tasks into those that are taken, in their order, and those that
// are refused, by name and reason.
func (l Limits) Judge(all []vantage.Task) (taken []vantage.Task, refused map[string]string) {
	refused = map[string]string{}
	total, each, names := 0.0, map[netip.Addr]float64{}, map[string]bool{}
	for _, task := range all {
		if names[task.Name] {
			refused[task.Name] = "its name is given twice"
			continue
		}
		names[task.Name] = true
		address := task.Address.Unmap()
		rate := 0.0
		if task.Interval > 0 {
			rate = 1 / task.Interval.Seconds()
		}
		if why := l.wrong(task, address, rate, each[address], total, len(taken)); why != "" {
			refused[task.Name] = why
			continue
		}
		total, each[address] = total+rate, each[address]+rate
		taken = append(taken, task)
	}
	return taken, refused
}

func (l Limits) wrong(task vantage.Task, address netip.Addr, rate, before, total float64, count int) string {
	const slack = 1e-9 // of adding up fractions
	switch {
	case task.Name == "" || len(task.Name) > 100:
		return "it has no name, or one too long"
	case !slices.ContainsFunc(l.Allow, func(p netip.Prefix) bool { return p.Contains(address) }):
		return fmt.Sprintf("%s is not among the addresses that this agent may send to", address)
	case task.Interval <= 0:
		return "it does not say how often"
	case count >= l.Targets:
		return fmt.Sprintf("this agent takes no more targets than %d", l.Targets)
	case before+rate > l.PerTarget+slack:
		return fmt.Sprintf("%s would get %.3g echoes a second, and this agent sends one address %.3g", address, before+rate, l.PerTarget)
	case total+rate > l.Total+slack:
		return fmt.Sprintf("all targets together would get %.4g echoes a second, and this agent sends %.4g", total+rate, l.Total)
	case task.Size > l.Size:
		return fmt.Sprintf("its echoes would have %d bytes, and those of this agent have %d", task.Size, l.Size)
	case task.MTUEvery < 0 || task.MTUEvery > 0 && task.MTUEvery < leastSearch:
		return fmt.Sprintf("its path MTU would be searched every %s, and this agent waits %s between two searches", task.MTUEvery, leastSearch)
	}
	return ""
}
