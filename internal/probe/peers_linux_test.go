package probe

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	probing "github.com/prometheus-community/pro-bing"
	"golang.org/x/sys/unix"

	"linkd/internal/netlab"
)

// roleVariable makes the test's own program play one part of the benchmark, in a
// process and a network namespace of its own.
const roleVariable = "LINKD_PROBE_ROLE"

// roles are those parts. Each gets the number of targets and the seconds.
var roles = map[string]func(targets, seconds int) any{
	"far":      playFar,
	"capture":  playCapture,
	"linkd":    playOurs,
	"pro-bing": playLibrary,
}

func TestMain(m *testing.M) {
	if play := roles[os.Getenv(roleVariable)]; play != nil {
		targets, _ := strconv.Atoi(os.Getenv("TARGETS"))
		seconds, _ := strconv.Atoi(os.Getenv("SECONDS"))
		_ = json.NewEncoder(os.Stdout).Encode(play(targets, seconds))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// peer is what a prober says of itself.
type peer struct {
	CPU      time.Duration // user and system
	Mean     time.Duration // of the round-trip times it measured
	Received int
	Memory   int // most resident, in kB
}

// playFar answers after 10 ms, until standard input ends.
func playFar(int, int) any {
	tun, err := netlab.OpenTUN(farTUN)
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	answerAll(tun, func(int, int) reply { return reply{copies: 1, after: delay} })
	return nil
}

// playOurs lets a Prober probe.
func playOurs(targets, seconds int) any {
	wire, _, err := Open(Options{})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(seconds+3)*time.Second)
	defer cancel()
	var sum time.Duration
	var result peer
	ended := 0
	p := NewProber(wire, "", Events{
		Seen: func(_ string, rtt time.Duration) { result.Received++; sum += rtt },
		Ended: func(Result) {
			if ended++; ended == targets {
				cancel()
			}
		},
	})
	for i := range targets {
		target := Target{Name: fmt.Sprint(i), Address: farAddress(i), Count: seconds}
		if err := p.Add(target); err != nil {
			panic(err)
		}
	}
	before := used()
	if err := p.Run(ctx); err != nil {
		panic(err)
	}
	result.CPU, result.Memory = used()-before, resident("self")
	result.Mean = sum / time.Duration(max(1, result.Received))
	return result
}

// playLibrary lets pro-bing probe, a Pinger a target, as its users do.
func playLibrary(targets, seconds int) any {
	var mu sync.Mutex
	var sum time.Duration
	var result peer
	var running sync.WaitGroup
	before := used()
	for i := range targets {
		running.Go(func() {
			time.Sleep(time.Second * time.Duration(i) / time.Duration(targets))
			p := probing.New(farAddress(i).String())
			p.Count, p.Timeout = seconds, time.Duration(seconds)*time.Second
			p.RecordRtts, p.RecordTTLs = false, false
			p.SetLogger(probing.NoopLogger{})
			p.OnRecv = func(packet *probing.Packet) {
				mu.Lock()
				defer mu.Unlock()
				result.Received++
				sum += packet.Rtt
			}
			_ = p.Run() // judged by what the capture has seen
		})
	}
	running.Wait()
	result.CPU, result.Memory = used()-before, resident("self")
	result.Mean = sum / time.Duration(max(1, result.Received))
	return result
}

// used is the CPU time of this process so far.
func used() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// resident is the most memory that a process has held, in kB.
func resident(process string) int {
	text, _ := os.ReadFile("/proc/" + process + "/status")
	for line := range bytes.Lines(text) {
		if rest, found := bytes.CutPrefix(line, []byte("VmHWM:")); found {
			size, _ := strconv.Atoi(string(bytes.Fields(rest)[0]))
			return size
		}
	}
	return 0
}

// truth is what was seen on the prober's interface.
type truth struct {
	Sent      int
	Answered  int
	Mean      time.Duration // between request and answer, by the kernel's stamps
	Deviation time.Duration // 99th percentile, of the time between two sends to a target from a second
}

// playCapture looks at the interface "near" until standard input ends.
func playCapture(int, int) any {
	link, err := net.InterfaceByName("near")
	if err != nil {
		panic(err)
	}
	const allTypes = 0x0300 // ETH_P_ALL in the network's byte order: others do not show what is sent
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, allTypes)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: allTypes, Ifindex: link.Index})
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20)
	}
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	ended := make(chan struct{})
	go func() { _, _ = bufio.NewReader(os.Stdin).ReadByte(); close(ended) }()
	seen := sightings{sent: map[[8]byte]time.Duration{}, last: map[[4]byte]time.Duration{}}
	for {
		select {
		case <-ended:
			seen.read(fd)
			return seen.truth()
		case <-time.After(20 * time.Millisecond): // seldom, so that it takes no CPU from whom it watches
			seen.read(fd)
		}
	}
}

type sightings struct {
	sent       map[[8]byte]time.Duration // by address, identifier and sequence
	last       map[[4]byte]time.Duration // by address
	sum        time.Duration
	count      int
	answers    int
	deviations []time.Duration
}

func (s *sightings) read(fd int) {
	var data, control [128]byte
	for {
		n, controlled, _, _, err := unix.Recvmsg(fd, data[:], control[:], 0)
		if err != nil {
			return
		}
		at := ipv4.read(control[:controlled]).stamp
		if n < 28 || data[0] != 0x45 || data[9] != unix.IPPROTO_ICMP {
			continue
		}
		var key [8]byte
		copy(key[4:], data[24:28])
		switch data[20] {
		case echoRequest4:
			copy(key[:], data[16:20])
			s.sent[key] = at
			s.count++
			if last, known := s.last[[4]byte(key[:4])]; known {
				s.deviations = append(s.deviations, (at - last - time.Second).Abs())
			}
			s.last[[4]byte(key[:4])] = at
		case echoReply4:
			copy(key[:], data[12:16])
			if sent, known := s.sent[key]; known {
				s.sum += at - sent
				s.answers++
				delete(s.sent, key)
			}
		}
	}
}

func (s *sightings) truth() truth {
	t := truth{Sent: s.count, Answered: s.answers, Mean: s.sum / time.Duration(max(1, s.answers))}
	if slices.Sort(s.deviations); len(s.deviations) > 0 {
		t.Deviation = s.deviations[len(s.deviations)*99/100]
	}
	return t
}

// farAddress is the address of a target by its number.
func farAddress(number int) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], 10<<24|77<<16|uint32(number)+256)
	return netip.AddrFrom4(b)
}
