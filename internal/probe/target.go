package probe

import (
	"fmt"
	"net/netip"
	"time"
)

// Limits that no configuration can pass. A probe is a question, never a load.
const (
	// MinInterval is the least time between two echoes to one target: 50 a second
	// are 34 kbit/s, which no tunnel notices and no host's limit on ICMP reaches.
	MinInterval = 20 * time.Millisecond

	// MaxRate is the most echoes a second of one Prober, over all targets: twice
	// 5,000 targets at one a second, and about a fifth of one core. A Prober that
	// has fallen behind does not catch up any faster.
	MaxRate = 10_000

	// MaxTimeout is the longest that an echo is waited for. With MaxRate it
	// bounds the memory under total loss.
	MaxTimeout = 10 * time.Second

	// MinSize is the smallest packet, in bytes: any link of IPv4 carries it whole,
	// and it holds the marks by which an answer is known.
	MinSize = 68

	// MaxSize is the largest packet, in bytes: the jumbo frames of both clouds
	// are smaller.
	MaxSize = 9216

	// MaxCount is the most echoes of one burst.
	MaxCount = 100_000
)

// What a Target has when it says nothing.
const (
	DefaultCount    = 10
	DefaultInterval = time.Second
	DefaultTimeout  = time.Second
	DefaultSize     = 84 // what ping sends over IPv4
)

// Target is whom to send echoes, and how. What is zero has its default.
type Target struct {
	Name    string // of the target; Result.To
	Address netip.Addr

	Count    int           // echoes of one burst: each burst gives one Result
	Interval time.Duration // between two echoes
	Timeout  time.Duration // an answer that takes longer is late, and its echo lost

	// Every is the time from the start of a burst to the start of the next, for
	// a Prober. 0: one follows the other without a pause.
	Every time.Duration

	Size         int  // bytes of the whole IP packet
	DontFragment bool // no router on the way may cut it
	TTL          int  // time to live, or hop limit; 0: the host's default
}

// complete fills in the defaults, and refuses what is outside the limits.
func (t Target) complete() (Target, error) {
	t.Address = t.Address.Unmap()
	t.Count = defaulted(t.Count, DefaultCount)
	t.Interval = defaulted(t.Interval, DefaultInterval)
	t.Timeout = defaulted(t.Timeout, DefaultTimeout)
	t.Size = defaulted(t.Size, DefaultSize)
	length := time.Duration(t.Count) * t.Interval
	t.Every = defaulted(t.Every, length)
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{!t.Address.IsValid(), "it has no address"},
		{t.Address.IsMulticast() || t.Address.IsUnspecified() || t.Address == broadcast, fmt.Sprintf("%s is not the address of one host", t.Address)},
		{t.Count < 1 || t.Count > MaxCount, fmt.Sprintf("a burst has 1 to %d echoes, not %d", MaxCount, t.Count)},
		{t.Interval < MinInterval, fmt.Sprintf("an echo every %v is a storm: the interval must be at least %v", t.Interval, MinInterval)},
		{t.Timeout <= 0 || t.Timeout > MaxTimeout, fmt.Sprintf("the timeout must be above 0 and at most %v, not %v", MaxTimeout, t.Timeout)},
		{t.Every < length, fmt.Sprintf("a burst of %d echoes, one every %v, cannot start every %v", t.Count, t.Interval, t.Every)},
		{t.Size < MinSize || t.Size > MaxSize, fmt.Sprintf("the size must be %d to %d bytes, not %d", MinSize, MaxSize, t.Size)},
		{t.TTL < 0 || t.TTL > 255, fmt.Sprintf("the time to live must be 1 to 255, not %d", t.TTL)},
	} {
		if rule.broken {
			return Target{}, fmt.Errorf("cannot probe %q: %s", t.Name, rule.text)
		}
	}
	return t, nil
}

// rate is the most echoes a second to the target.
func (t Target) rate() float64 { return 1 / t.Interval.Seconds() }

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

func defaulted[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
