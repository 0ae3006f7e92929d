package netlab

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

// Direction is one direction of a Way: a link of its router, which the test
// delays and breaks.
type Direction struct {
	router Namespace
	name   string
	tun    *os.File

	mu     sync.Mutex
	now    Conditions
	number map[byte]int // of the next echo of each kind
	seen   Traffic
}

// due is a packet on its way.
type due struct {
	at     time.Time
	packet []byte
}

func newDirection(t testing.TB, router Namespace, name string) *Direction {
	t.Helper()
	d := &Direction{router: router, name: name, number: map[byte]int{}}
	if err := router.Do(func() (err error) { d.tun, err = OpenTUN(name); return err }); err != nil {
		t.Fatal(err)
	}
	queue := make(chan due, 1<<16)
	var pumped sync.WaitGroup
	pumped.Go(func() { d.take(queue) })
	pumped.Go(func() { d.give(queue) })
	t.Cleanup(func() { _ = d.tun.Close(); pumped.Wait() })
	return d
}

// Set brings other conditions into force. Packets that are under way keep to the
// former.
func (d *Direction) Set(t testing.TB, c Conditions) {
	t.Helper()
	if c.MTU == 0 {
		c.MTU = standardMTU
	}
	d.router.IP(t, "link", "set", d.name, "mtu", fmt.Sprint(c.MTU))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now, d.number = c, map[byte]int{}
}

// Traffic tells what has happened to echoes so far.
func (d *Direction) Traffic() Traffic {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen
}

// take reads what the router sends over the link until that is closed, and
// decides what becomes of it.
func (d *Direction) take(queue chan<- due) {
	defer close(queue)
	buffer := make([]byte, 1<<16)
	for {
		length, err := d.tun.Read(buffer)
		if err != nil {
			return
		}
		if after, passes := d.decide(buffer[:length]); passes {
			queue <- due{time.Now().Add(after), slices.Clone(buffer[:length])}
		}
	}
}

// give hands packets back to the router, each when it is due, in the order in
// which they came.
func (d *Direction) give(queue <-chan due) {
	for next := range queue {
		time.Sleep(time.Until(next.at))
		_, _ = d.tun.Write(next.packet)
	}
}

func (d *Direction) decide(packet []byte) (after time.Duration, passes bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if packet[0]>>4 != 4 || d.now.Silent > 0 && len(packet) > d.now.Silent {
		return 0, false // IPv6 is a host's own talk of its links
	}
	kind, is := echoOf(packet)
	if !is {
		return d.now.Delay, true
	}
	pattern, counts := d.now.Requests, &d.seen.Requests
	if kind == echoReply {
		pattern, counts = d.now.Replies, &d.seen.Replies
	}
	number := d.number[kind]
	d.number[kind]++
	if pattern != nil && pattern(number) {
		counts.Lost++
		return 0, false
	}
	counts.Passed++
	return d.now.Delay, true
}
