package desired

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What the file may ask of probes. The prober itself refuses more.
const (
	leastSize = 68 // bytes; any link of IPv4 carries it whole
	mostSize  = 9216
	mostBurst = 1000
	mostRate  = 10_000 // echoes a second of all vantages together
)

// MostOfAgent is how many targets one agent may be told: what one message of
// linkd to it holds.
const MostOfAgent = 2000

// checkProbes checks how much is sent, and from where linkd itself sends.
func checkProbes(c *checker) {
	p := c.Probes
	c.span("probes.interval", p.Interval, 100*time.Millisecond, time.Hour)
	c.span("probes.timeout", p.Timeout, 10*time.Millisecond, time.Minute)
	if p.MTUInterval != 0 {
		c.span("probes.mtu_interval", p.MTUInterval, time.Minute, 7*24*time.Hour)
	}
	for _, row := range []bounds{
		{"probes.burst", p.Burst, 1, mostBurst}, {"probes.size", p.Size, leastSize, mostSize}, {"probes.most_per_second", p.MostPerSecond, 1, mostRate},
	} {
		if row.n < row.from || row.n > row.to {
			c.problem(row.path, fmt.Sprintf("give %d to %d", row.from, row.to), "%s cannot be %d", last(row.path), row.n)
		}
	}
	if p.Local != LocalNone && p.Local != LocalOutside && c.TargetNamed(p.Local) == nil {
		words := []string{LocalNone, LocalOutside}
		for _, target := range p.Targets {
			words = append(words, target.Name)
		}
		c.problem("probes.local", didYouMean(p.Local, words), "local cannot be %q: it is %s, %s, or the name of a target", shorten(p.Local), LocalOutside, LocalNone)
	}
	c.noStorm()
}

// noStorm checks that all vantages together send no more than they may.
func (c *checker) noStorm() {
	p := c.Probes
	if p.Interval < Duration(100*time.Millisecond) || p.MostPerSecond < 1 {
		return // told already
	}
	pairs, vantages := 0, c.Vantages()
	for _, v := range vantages {
		pairs += len(v.Targets)
	}
	rate := float64(pairs) / time.Duration(p.Interval).Seconds()
	if rate <= float64(p.MostPerSecond) {
		return
	}
	least := time.Duration(float64(pairs) / float64(p.MostPerSecond) * float64(time.Second))
	least = (least + 100*time.Millisecond - 1).Truncate(100 * time.Millisecond)
	c.problem("probes.interval", fmt.Sprintf("lengthen the interval to %s, take out agents or targets, or raise most_per_second", least),
		"%d pairs from %d vantages with an echo every %s are %.0f a second, and most_per_second is %d", pairs, len(vantages), brief(time.Duration(p.Interval)), rate, p.MostPerSecond)
}

// checkAgents checks how linkd and its agents meet, and by which certificates.
func checkAgents(c *checker) {
	a := c.Probes.Agents
	for _, row := range []struct {
		path   string
		source Source
	}{{"probes.agents.certificate", a.Certificate}, {"probes.agents.key", a.Key}, {"probes.agents.authority", a.Authority}} {
		c.source(row.path, row.source)
		if row.source.Cloud() != "" {
			c.problem(row.path, sourcesHint, "this version reads no certificates from there")
		}
	}
	if a.Listen != "" {
		c.meeting("probes.agents.listen", a.Listen)
	}
	dialsIn, used := false, a.Listen != ""
	for path, target := range c.targets() {
		switch {
		case target.Agent == "":
			continue
		case target.Agent == AgentDialsIn:
			dialsIn = true
		case !strings.Contains(target.Agent, ":"):
			c.problem(path+".agent", didYouMean(target.Agent, []string{AgentDialsIn}), "agent is %s, or the address at which it listens, not %q", AgentDialsIn, shorten(target.Agent))
		default:
			c.meeting(path+".agent", target.Agent)
		}
		used = true
		if target.Name == c.Probes.Local {
			c.problem(path+".agent", "keep one of the two", "linkd itself stands on %s, so no agent is needed there", target.Name)
		}
	}
	if used {
		c.needs(required{"probes.agents.certificate", string(a.Certificate), agentsHint})
		c.needs(required{"probes.agents.key", string(a.Key), agentsHint})
		c.needs(required{"probes.agents.authority", string(a.Authority), agentsHint})
	}
	for _, v := range c.Vantages() {
		if v.Kind == AgentVantage && len(v.Targets) > MostOfAgent {
			c.problem("probes.targets", "take out agents, or targets of other networks than its own; linkd itself probes as many as it is given",
				"the agent on %s would have %d targets, and an agent takes %d at most", v.Name, len(v.Targets), MostOfAgent)
		}
	}
	if dialsIn && a.Listen == "" {
		c.problem("probes.agents.listen", "give an address at which the machines reach linkd, such as \":9718\"", "an agent dials in, and linkd listens nowhere")
	}
}

const agentsHint = "linkd agent certificate makes it: see docs/operations.md"

// meeting checks an address at which one listens or is dialled.
func (c *checker) meeting(path, address string) {
	if why := NoMeeting(address, !strings.HasSuffix(path, ".listen")); why != "" {
		c.problem(path, MeetingHint, "%s", why)
	}
}

// MeetingHint says how an address of [NoMeeting] is written.
const MeetingHint = "write host and port, such as 10.1.0.4:9718"

// NoMeeting says why an address is none at which two can meet, or "". One that
// is dialled names a host; one at which somebody listens need not.
func NoMeeting(address string, dialled bool) string {
	host, port, err := net.SplitHostPort(address)
	number, badPort := strconv.Atoi(port)
	switch {
	case err != nil || badPort != nil || number < 1 || number > 65535,
		slices.ContainsFunc([]rune(host), func(r rune) bool { return r <= ' ' || r == '/' }):
		return fmt.Sprintf("%q is not an address to meet at", shorten(address))
	case host == "" && dialled:
		return fmt.Sprintf("%q does not say on which machine", shorten(address))
	}
	return ""
}
