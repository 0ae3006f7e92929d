package examine

import (
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/probe"
)

// outputs are what ping prints, in the dialects that a test machine may have.
var outputs = []struct {
	name, text                      string
	sent, received, duplicates, ttl int
	mean                            time.Duration
	refusals, told                  int
	fault                           bool
}{
	{
		name: "iputils", sent: 5, received: 4, ttl: 62, mean: 10 * time.Millisecond,
		text: "PING 172.20.0.10 (172.20.0.10) 56(84) bytes of data.\n64 bytes from 172.20.0.10: icmp_seq=1 ttl=62 time=10.0 ms\n64 bytes from 172.20.0.10: icmp_seq=2 ttl=62 time=9.00 ms\n" +
			"64 bytes from 172.20.0.10: icmp_seq=4 ttl=62 time=11.0 ms\n64 bytes from 172.20.0.10: icmp_seq=5 ttl=62 time=10.0 ms\n\n--- 172.20.0.10 ping statistics ---\n5 packets transmitted, 4 received, 20% packet loss, time 4006ms\nrtt min/avg/max/mdev = 9.000/10.000/11.000/0.707 ms\n",
	},
	{
		name: "iputils with duplicates", sent: 2, received: 2, duplicates: 1, ttl: 62, mean: 2 * time.Millisecond,
		text: "PING 10.1.0.4 (10.1.0.4) 56(84) bytes of data.\n64 bytes from 10.1.0.4: icmp_seq=1 ttl=62 time=2.0 ms\n64 bytes from 10.1.0.4: icmp_seq=1 ttl=62 time=5.0 ms (DUP!)\n64 bytes from 10.1.0.4: icmp_seq=2 ttl=62 time=2.0 ms\n\n" +
			"--- 10.1.0.4 ping statistics ---\n2 packets transmitted, 2 received, +1 duplicates, 0% packet loss, time 1001ms\n",
	},
	{
		name: "iputils in German", sent: 2, received: 2, ttl: 61, mean: 3 * time.Millisecond,
		text: "PING 10.1.0.4 (10.1.0.4) 56(84) Bytes an Daten.\n64 Bytes von 10.1.0.4: icmp_seq=1 ttl=61 Zeit=3,00 ms\n64 Bytes von 10.1.0.4: icmp_seq=2 ttl=61 Zeit=3,00 ms\n\n--- 10.1.0.4 ping-Statistiken ---\n2 Pakete übertragen, 2 empfangen, 0% Paketverlust, Zeit 1001ms\n",
	},
	{
		name: "busybox", sent: 3, received: 3, ttl: 63, mean: 4 * time.Millisecond,
		text: "PING 10.1.0.4 (10.1.0.4): 56 data bytes\n64 bytes from 10.1.0.4: seq=0 ttl=63 time=4.000 ms\n64 bytes from 10.1.0.4: seq=1 ttl=63 time=4.000 ms\n64 bytes from 10.1.0.4: seq=2 ttl=63 time=4.000 ms\n\n" +
			"--- 10.1.0.4 ping statistics ---\n3 packets transmitted, 3 packets received, 0% packet loss\nround-trip min/avg/max = 4.000/4.000/4.000 ms\n",
	},
	{
		name: "nothing comes back", sent: 5,
		text: "PING 10.1.0.4 (10.1.0.4) 56(84) bytes of data.\n\n--- 10.1.0.4 ping statistics ---\n5 packets transmitted, 0 received, 100% packet loss, time 4100ms\n",
	},
	{
		name: "a router refuses", sent: 2, refusals: 2,
		text: "PING 10.1.0.4 (10.1.0.4) 56(84) bytes of data.\nFrom 172.20.0.1 icmp_seq=1 Packet filtered\nFrom 172.20.0.1 icmp_seq=2 Packet filtered\n\n--- 10.1.0.4 ping statistics ---\n2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1000ms\n",
	},
	{
		name: "too big for the path", sent: 1, refusals: 1, told: 1400,
		text: "PING 10.1.0.4 (10.1.0.4) 1472(1500) bytes of data.\nFrom 10.1.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n\n--- 10.1.0.4 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n",
	},
	{
		name: "too big for the machine itself", sent: 1, told: 1500,
		text: "PING 10.1.0.4 (10.1.0.4) 8972(9000) bytes of data.\nping: local error: message too long, mtu=1500\n\n--- 10.1.0.4 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n",
	},
	{name: "the summary was cut", sent: 5, received: 2, ttl: 62, mean: time.Millisecond, text: "64 bytes from 10.1.0.4: icmp_seq=1 ttl=62 time=1.0 ms\n64 bytes from 10.1.0.4: icmp_seq=2 ttl=62 time=1.0 ms\n"},
	{name: "there is no ping", fault: true, text: "sh: 3: ping: not found\n"},
	{name: "ping may not", fault: true, text: "ping: socket: Operation not permitted\n"},
	{name: "it printed nothing", fault: true},
}

func TestPingIsUnderstoodInEveryDialect(t *testing.T) {
	for _, o := range outputs {
		var r probe.Result
		b := readBurst(splitLines(o.text))
		b.into(&r, 5)
		if o.fault {
			if r.Err == "" || r.Sent != 0 {
				t.Errorf("%s: %+v, want a fault", o.name, r)
			}
			continue
		}
		refusals := 0
		for _, count := range r.Refusals {
			refusals += count
		}
		if r.Err != "" || r.Sent != o.sent || r.Received != o.received || r.Duplicates != o.duplicates || r.TTL != o.ttl || r.Mean != o.mean || refusals != o.refusals || b.told != o.told {
			t.Errorf("%s: %+v, told %d", o.name, r, b.told)
		}
	}
}

func splitLines(text string) []string {
	var lines []string
	start := 0
	for i, c := range text {
		if c == '\n' {
			lines = append(lines, text[start:i+1])
			start = i + 1
		}
	}
	return lines
}

func FuzzPingOutputNeverCountsMoreThanWasSent(f *testing.F) {
	for _, o := range outputs {
		f.Add(o.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r probe.Result
		readBurst(splitLines(text)).into(&r, 5)
		if r.Sent < 0 || r.Received < 0 || r.Loss() > 1 {
			t.Errorf("%q: %+v", text, r)
		}
	})
}

func TestAnOutputThatWasCutAtItsBeginningLosesOnlyItsFirstTarget(t *testing.T) {
	printed := parts("…bytes from 10.1.0.4: icmp_seq=4 ttl=62 time=1.0 ms\nlinkd echo 10.2.0.4\nPING 10.2.0.4\nlinkd size 10.2.0.4 1400\nx\n")
	if _, shown := printed["echo 10.1.0.4"]; shown || len(printed) != 2 || len(printed["echo 10.2.0.4"]) != 1 {
		t.Errorf("%v", printed)
	}
}

func TestASearchEndsAtTheByte(t *testing.T) {
	for passes := smallest; passes < wellSize; passes += 97 {
		low, high, commands := smallest-1, wellSize, 0
		for high-low > 1 {
			commands++
			for _, size := range between(low, high) {
				if size <= passes {
					low = max(low, size)
				} else {
					high = min(high, size)
				}
			}
		}
		if low != passes || commands > 4 {
			t.Errorf("%d is found as %d, by %d commands", passes, low, commands)
		}
	}
}

func TestAScriptHasNoLoopAndNoVariable(t *testing.T) {
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const want = "export LC_ALL=C\necho 'linkd echo 10.1.0.4'\nping -n -c 5 -W 1 10.1.0.4 2>&1\necho 'linkd size 10.1.0.4 1400'\nping -n -c 1 -W 1 -M do -s 1372 10.1.0.4 2>&1\nexit 0\n"
	if script := Script(file.Probes.Targets[:1], 5, map[string][]int{"vm-jpe": {1400}}, 1); script != want {
		t.Errorf("the script is\n%s", script)
	}
}
