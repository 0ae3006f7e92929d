package examine

import (
	"cmp"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"linkd/internal/probe"
)

// A burst is what one ping has printed, in whatever language and dialect: that
// of iputils and of busybox, and translations of either.
type burst struct {
	sent, duplicates int
	summed           bool // it came to its end
	received         int  // by the summary
	seen             map[int]bool
	rtts             []time.Duration
	ttl              int
	refusals         map[string]int
	told             int    // the MTU that an ICMP error named, or the machine's own
	by               string // who named it
	fault            string // why nothing was sent
}

var (
	reply   = regexp.MustCompile(`seq[=:](\d+).*?\bttl[=:](\d+)(?:.*?[=<]\s*([\d.,]+)\s*ms)?`)
	refused = regexp.MustCompile(`^\S+ ([0-9a-fA-F.:]+)\S* icmp_seq[=:]\d+ (.+)$`)
	tooBig  = regexp.MustCompile(`(?i)mtu\s*=?\s*(\d+)`)
	summary = regexp.MustCompile(`^(\d+)\D+?(\d+)\D.*%`)
	faults  = regexp.MustCompile(`(?i)not found|no such file|permission denied|not permitted|unknown host|invalid|unrecognized|unreachable|bad |usage:|cannot|lacking privilege`)
)

// readBurst reads the output of one ping.
func readBurst(lines []string) burst {
	b := burst{seen: map[int]bool{}, refusals: map[string]int{}}
	for _, line := range lines {
		b.line(strings.TrimSpace(line))
	}
	return b
}

func (b *burst) line(line string) {
	if parts := reply.FindStringSubmatch(line); parts != nil {
		b.answer(parts)
		return
	}
	if parts := summary.FindStringSubmatch(line); parts != nil {
		b.sent, b.received, b.summed = number(parts[1]), number(parts[2]), true
		return
	}
	if parts := refused.FindStringSubmatch(line); parts != nil {
		by := strings.TrimSuffix(parts[1], ":")
		b.refusals[parts[2]+" (from "+by+")"]++
		if mtu := tooBig.FindStringSubmatch(parts[2]); mtu != nil {
			b.told, b.by = number(mtu[1]), by
		}
		return
	}
	if mtu := tooBig.FindStringSubmatch(line); mtu != nil && strings.Contains(strings.ToLower(line), "too long") {
		b.told, b.by = number(mtu[1]), "the machine itself"
		return
	}
	if b.fault == "" && !strings.HasPrefix(line, "PING ") && !strings.HasPrefix(line, "---") && faults.MatchString(line) {
		b.fault = line
	}
}

// answer counts a reply, and one that was there before as a duplicate.
func (b *burst) answer(parts []string) {
	sequence := number(parts[1])
	if b.seen[sequence] {
		b.duplicates++
		return
	}
	b.seen[sequence] = true
	b.ttl = number(parts[2])
	if ms, err := strconv.ParseFloat(strings.ReplaceAll(parts[3], ",", "."), 64); err == nil {
		b.rtts = append(b.rtts, time.Duration(ms*float64(time.Millisecond)))
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// ran tells whether ping came to anything.
func (b burst) ran() bool { return b.summed || len(b.seen) > 0 || len(b.refusals) > 0 || b.told > 0 }

// into fills in a result. Without a summary, what should have been sent counts
// as sent: ping was cut short, or its output was.
func (b burst) into(r *probe.Result, count int) {
	if !b.ran() {
		r.Err = "ping did not run: " + cmp.Or(b.fault, "it printed nothing that could be understood")
		return
	}
	r.Sent, r.Received, r.Duplicates, r.TTL = count, len(b.seen), b.duplicates, b.ttl
	if b.summed {
		r.Sent = b.sent
		if r.Received == 0 {
			r.Received = min(b.received, b.sent) // a dialect whose replies look otherwise
		}
	}
	if len(b.refusals) > 0 {
		r.Refusals = b.refusals
	}
	r.Received = min(r.Received, r.Sent)
	measure(r, b.rtts)
}

// measure fills in the round-trip times.
func measure(r *probe.Result, rtts []time.Duration) {
	if len(rtts) == 0 {
		return
	}
	var sum, squares, steps float64
	r.Min, r.Max = rtts[0], rtts[0]
	for i, rtt := range rtts {
		r.Min, r.Max = min(r.Min, rtt), max(r.Max, rtt)
		sum += float64(rtt)
		if i > 0 {
			steps += math.Abs(float64(rtt - rtts[i-1]))
		}
	}
	mean := sum / float64(len(rtts))
	for _, rtt := range rtts {
		squares += (float64(rtt) - mean) * (float64(rtt) - mean)
	}
	r.Mean, r.Deviation = time.Duration(mean), time.Duration(math.Sqrt(squares/float64(len(rtts))))
	if len(rtts) > 1 {
		r.Jitter = time.Duration(steps / float64(len(rtts)-1))
	}
}

// parts takes the output of a script apart: what was printed under each mark.
// The first part may be cut off by the cloud, and its mark with it.
func parts(output string) map[string][]string {
	all := map[string][]string{}
	at := ""
	for line := range strings.Lines(output) {
		if name, marked := strings.CutPrefix(strings.TrimSpace(line), mark+" "); marked {
			at = name
			all[at] = []string{}
			continue
		}
		if at != "" {
			all[at] = append(all[at], line)
		}
	}
	return all
}
