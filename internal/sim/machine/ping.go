package machine

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"linkd/internal/sim/fabric"
)

// pinger is a run of iputils' ping.
type pinger struct {
	machine Machine
	words   phrases

	to             netip.Addr
	count, size    int // size in bytes of what follows the ICMP header
	ttl            int
	interval, wait time.Duration
	deadline       time.Duration
	whole, quiet   bool

	out                         strings.Builder
	err                         strings.Builder
	sent, received, twice, errs int
	trips                       []time.Duration
	known                       int // path MTU that the host has learned; 0: none
}

// headers are those of IP and ICMP, in bytes.
const headers = 28

// run reads the arguments and pings.
func (p *pinger) run(arguments []string) (out, err string, code int, took time.Duration) {
	p.count, p.size, p.interval, p.wait = 0, 56, time.Second, 10*time.Second
	if why := p.read(arguments); why != "" {
		return "", "ping: " + why + "\n", 2, 0
	}
	fmt.Fprintf(&p.out, p.words.begin+"\n", p.to, p.to, p.size, p.size+headers)
	var passed time.Duration
	for p.sent < p.count && (p.deadline == 0 || passed < p.deadline) {
		p.sent++
		back := p.echo(p.sent)
		if passed += p.interval; p.sent == p.count {
			passed += back - p.interval
		}
	}
	p.summary(passed)
	if p.received == 0 {
		code = 1
	}
	return p.out.String(), p.err.String(), code, passed
}

// read takes the arguments; it says what is wrong with them.
func (p *pinger) read(arguments []string) string {
	for i := 0; i < len(arguments); i++ {
		flag := arguments[i]
		if !strings.HasPrefix(flag, "-") {
			address, err := netip.ParseAddr(flag)
			if err != nil {
				return flag + ": Name or service not known"
			}
			p.to = address
			continue
		}
		set, takes := pingFlags[flag[:min(2, len(flag))]]
		if !takes {
			for _, letter := range flag[1:] {
				if why := p.toggle(letter); why != "" {
					return why
				}
			}
			continue
		}
		value := flag[2:]
		if value == "" && i+1 < len(arguments) {
			i++
			value = arguments[i]
		}
		if !set(p, value) {
			return fmt.Sprintf("invalid argument: '%s'", value)
		}
	}
	switch {
	case !p.to.IsValid():
		return "usage error: Destination address required"
	case p.count == 0:
		p.count = math.MaxInt32
		if p.deadline == 0 {
			p.count = 1 << 10 // nobody is there to press Control-C
		}
	}
	return ""
}

func (p *pinger) toggle(letter rune) string {
	switch letter {
	case 'q':
		p.quiet = true
	case 'n', '4', 'v', 'O', 'D', 'U', 'A', 'd', 'r', 'a', 'B', 'L':
	default:
		return fmt.Sprintf("invalid option -- '%c'", letter)
	}
	return ""
}

// pingFlags are the flags with a value.
var pingFlags = map[string]func(p *pinger, value string) bool{
	"-c": func(p *pinger, v string) bool { return whole(&p.count, v, 1) },
	"-s": func(p *pinger, v string) bool { return whole(&p.size, v, 0) },
	"-t": func(p *pinger, v string) bool { return whole(&p.ttl, v, 1) },
	"-i": func(p *pinger, v string) bool { return seconds(&p.interval, v) },
	"-W": func(p *pinger, v string) bool { return seconds(&p.wait, v) },
	"-w": func(p *pinger, v string) bool { return seconds(&p.deadline, v) },
	"-M": func(p *pinger, v string) bool {
		p.whole = v == "do"
		return slices.Contains([]string{"do", "want", "dont", "probe"}, v)
	},
	"-I": func(*pinger, string) bool { return true },
	"-p": func(*pinger, string) bool { return true },
	"-Q": func(*pinger, string) bool { return true },
}

func whole(into *int, value string, least int) bool {
	n, err := strconv.Atoi(value)
	*into = n
	return err == nil && n >= least
}

func seconds(into *time.Duration, value string) bool {
	s, err := strconv.ParseFloat(value, 64)
	*into = time.Duration(s * float64(time.Second))
	return err == nil && s >= 0
}

// echo sends one echo, prints what comes of it, and says how long that took.
func (p *pinger) echo(number int) time.Duration {
	size := p.size + headers
	if p.whole && p.known > 0 && size > p.known {
		fmt.Fprintf(&p.err, p.words.local+"\n", p.known)
		p.errs++
		return 0
	}
	fate := p.machine.Carry(fabric.Packet{From: p.machine.Address, To: p.to, Size: size, DontFragment: p.whole, TTL: p.ttl})
	switch {
	case fate.Error != nil:
		return p.refused(number, *fate.Error)
	case !fate.Answered || fate.RoundTrip > p.wait:
		return p.wait
	}
	p.received++
	p.trips = append(p.trips, fate.RoundTrip)
	line := fmt.Sprintf(p.words.answer, p.size+8, p.to, number, fate.TTL)
	p.say("%s%s\n", line, fmt.Sprintf(p.words.time, milliseconds(fate.RoundTrip)))
	for _, again := range fate.Duplicates {
		p.twice++
		p.say("%s%s (DUP!)\n", line, fmt.Sprintf(p.words.time, milliseconds(again)))
	}
	return fate.RoundTrip
}

func (p *pinger) say(format string, arguments ...any) {
	if !p.quiet {
		fmt.Fprintf(&p.out, format, arguments...)
	}
}

// refused prints an ICMP error. The host remembers a path MTU.
func (p *pinger) refused(number int, e fabric.ICMPError) time.Duration {
	p.errs++
	if e.Kind == fabric.TooBig {
		p.known = e.MTU
	}
	if e.Local {
		fmt.Fprintf(&p.err, p.words.local+"\n", e.MTU)
		return 0
	}
	text := p.words.errors[e.Kind]
	if e.Kind == fabric.TooBig {
		text = fmt.Sprintf(text, e.MTU)
	}
	p.say(p.words.from+"%s\n", e.By, number, text)
	return e.After
}

// summary prints what ping prints in the end.
func (p *pinger) summary(passed time.Duration) {
	fmt.Fprintf(&p.out, "\n"+p.words.title+"\n", p.to)
	fmt.Fprintf(&p.out, p.words.counts, p.sent, p.received)
	if p.twice > 0 {
		fmt.Fprintf(&p.out, p.words.twice, p.twice)
	}
	if p.errs > 0 {
		fmt.Fprintf(&p.out, p.words.errored, p.errs)
	}
	lost := strconv.FormatFloat(float64(float32(p.sent-p.received)*100/float32(max(p.sent, 1))), 'g', 6, 64)
	fmt.Fprintf(&p.out, p.words.loss+"\n", lost, passed.Milliseconds())
	if len(p.trips) > 0 {
		var sum, squares float64
		for _, trip := range p.trips {
			sum += float64(trip)
			squares += float64(trip) * float64(trip)
		}
		n := float64(len(p.trips))
		deviation := math.Sqrt(max(0, squares/n-sum/n*sum/n))
		fmt.Fprintf(&p.out, p.words.rtt, exact(slices.Min(p.trips)), exact(time.Duration(sum/n)), exact(slices.Max(p.trips)), exact(time.Duration(deviation)))
	}
	p.out.WriteString("\n")
}

// exact is a time in milliseconds with three places.
func exact(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d.Microseconds())/1000) }

// milliseconds is a time as iputils shortens it.
func milliseconds(d time.Duration) string {
	places := 3
	switch us := d.Microseconds(); {
	case us >= 100_000:
		places = 0
	case us >= 10_000:
		places = 1
	case us >= 1_000:
		places = 2
	}
	unit := math.Pow10(3 - places)
	return strconv.FormatFloat(math.Floor(float64(d.Microseconds())/unit)*unit/1000, 'f', places, 64)
}
