package machine

import (
	"net/netip"
	"testing"
	"time"

	"linkd/internal/sim/fabric"
)

var (
	here = netip.MustParseAddr("10.1.0.4")
	hop  = netip.MustParseAddr("192.168.0.12")
)

// scripted answers the nth packet with the nth fate, and the last one for
// ever.
func scripted(fates ...fabric.Fate) func(fabric.Packet) fabric.Fate {
	n := 0
	return func(fabric.Packet) fabric.Fate {
		n++
		return fates[min(n, len(fates))-1]
	}
}

func answered(trip time.Duration) fabric.Fate {
	return fabric.Fate{Answered: true, RoundTrip: trip, TTL: 61}
}

func TestWhatPingPrints(t *testing.T) {
	twice := answered(10300 * time.Microsecond)
	twice.Duplicates = []time.Duration{10400 * time.Microsecond}
	big := fabric.Fate{Error: &fabric.ICMPError{Kind: fabric.TooBig, MTU: 1400, By: hop, After: time.Millisecond}}
	refused := fabric.Fate{Error: &fabric.ICMPError{Kind: fabric.HostUnreachable, By: here, After: time.Millisecond}}
	for name, c := range map[string]struct {
		script      string
		temper      Temper
		fates       []fabric.Fate
		out, errOut string
		code        int
		took        time.Duration
	}{
		"answers, one of them twice": {
			script: "LC_ALL=C ping -n -c 2 -i 0.5 -W 1 -s 56 172.20.0.10", fates: []fabric.Fate{answered(9700 * time.Microsecond), twice},
			out: `PING 172.20.0.10 (172.20.0.10) 56(84) bytes of data.
64 bytes from 172.20.0.10: icmp_seq=1 ttl=61 time=9.70 ms
64 bytes from 172.20.0.10: icmp_seq=2 ttl=61 time=10.3 ms
64 bytes from 172.20.0.10: icmp_seq=2 ttl=61 time=10.4 ms (DUP!)

--- 172.20.0.10 ping statistics ---
2 packets transmitted, 2 received, +1 duplicates, 0% packet loss, time 510ms
rtt min/avg/max/mdev = 9.700/10.000/10.300/0.300 ms
`, took: 510300 * time.Microsecond,
		},
		"nothing comes back": {
			script: "ping -n -c 3 -i 0.2 -W 1 172.20.0.10", fates: []fabric.Fate{{}}, code: 1, took: 1400 * time.Millisecond,
			out: "PING 172.20.0.10 (172.20.0.10) 56(84) bytes of data.\n\n--- 172.20.0.10 ping statistics ---\n3 packets transmitted, 0 received, 100% packet loss, time 1400ms\n\n",
		},
		"one of three is lost": {
			script: "ping -q -n -c 3 -i 1 -W 1 172.20.0.10", fates: []fabric.Fate{{}, answered(time.Millisecond)}, took: 2001 * time.Millisecond,
			out: "PING 172.20.0.10 (172.20.0.10) 56(84) bytes of data.\n\n--- 172.20.0.10 ping statistics ---\n" +
				"3 packets transmitted, 2 received, 33.3333% packet loss, time 2001ms\nrtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms\n",
		},
		"too large, and remembered": {
			script: "ping -n -c 2 -i 1 -W 1 -s 1373 -M do 172.20.0.10 2>&1 || true", fates: []fabric.Fate{big}, took: time.Second,
			out: `PING 172.20.0.10 (172.20.0.10) 1373(1401) bytes of data.
From 192.168.0.12 icmp_seq=1 Frag needed and DF set (mtu = 1400)

--- 172.20.0.10 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1000ms

ping: local error: message too long, mtu=1400
`,
		},
		"unreachable": {
			script: "ping -c1 172.20.0.10", fates: []fabric.Fate{refused}, code: 1, took: time.Millisecond,
			out: "PING 172.20.0.10 (172.20.0.10) 56(84) bytes of data.\nFrom 10.1.0.4 icmp_seq=1 Destination Host Unreachable\n\n" +
				"--- 172.20.0.10 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 1ms\n\n",
		},
		"in German": {
			script: "ping -c 1 172.20.0.10", temper: Temper{Language: "de"}, fates: []fabric.Fate{answered(123 * time.Millisecond)}, took: 123 * time.Millisecond,
			out: "PING 172.20.0.10 (172.20.0.10) 56(84) Bytes an Daten.\n64 Bytes von 172.20.0.10: icmp_seq=1 ttl=61 Zeit=123 ms\n\n" +
				"--- 172.20.0.10 Ping-Statistiken ---\n1 Pakete übertragen, 1 empfangen, 0% Paketverlust, Zeit 123ms\nrtt min/avg/max/mdev = 123.000/123.000/123.000/0.000 ms\n",
		},
		"in Japanese, whatever the script asks for": {
			script: "export LC_ALL=C\nping -q -c 1 172.20.0.10", temper: Temper{Language: "ja!"}, fates: []fabric.Fate{answered(time.Millisecond)}, took: time.Millisecond,
			out: "PING 172.20.0.10 (172.20.0.10) 56(84) バイトのデータ\n\n--- 172.20.0.10 ping 統計 ---\n" +
				"送信パケット数 1, 受信パケット数 1, パケット損失 0%, 時間 1ミリ秒\nrtt 最小/平均/最大/mdev = 1.000/1.000/1.000/0.000ミリ秒\n",
		},
		"without ping": {
			script: "ping -c 1 172.20.0.10; echo \"ended $?\"", temper: Temper{NoPing: true}, fates: []fabric.Fate{{}},
			out: "ended 127\n", errOut: "script.sh: 1: ping: not found\n",
		},
		"what no ping takes": {
			script: "ping -c 0 172.20.0.10", fates: []fabric.Fate{{}}, errOut: "ping: invalid argument: '0'\n", code: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := Machine{Address: here, Temper: c.temper, Carry: scripted(c.fates...)}.Run(c.script)
			if outcome.Stdout != c.out || outcome.Stderr != c.errOut {
				t.Errorf("it prints\n%s%s\nwant\n%s%s", outcome.Stdout, outcome.Stderr, c.out, c.errOut)
			}
			if outcome.Code != c.code || outcome.Took != c.took {
				t.Errorf("it ends with %d after %v, want %d after %v", outcome.Code, outcome.Took, c.code, c.took)
			}
		})
	}
}

func TestTheShell(t *testing.T) {
	for script, want := range map[string]Outcome{
		"echo a; echo 'b $?' \"c $?\"":                 {Stdout: "a\nb $? c 0\n"},
		"false || echo x && echo y":                    {Stdout: "x\ny\n"},
		"false && echo x; echo $?":                     {Stdout: "1\n"},
		"# nothing\nset -eu\nA=1\necho ${A}$A":         {Stdout: "11\n"},
		"echo a >&2; exit 3; echo b":                   {Stderr: "a\n", Code: 3},
		"sleep 2 & sleep 3 & wait; echo done":          {Stdout: "done\n", Took: 3 * time.Second},
		"nonsense 2>/dev/null":                         {Code: 127},
		"command -v ping >/dev/null && echo there":     {Stdout: "there\n"},
		"echo one \\\ntwo":                             {Stdout: "one two\n"},
		"env LC_ALL=C ping -c x 1.2.3.4":               {Stderr: "ping: invalid argument: 'x'\n", Code: 2},
		"ping -c 1 nobody.example; echo \"status=$?\"": {Stdout: "status=2\n", Stderr: "ping: nobody.example: Name or service not known\n"},
	} {
		if have := (Machine{Address: here, Carry: scripted(fabric.Fate{})}).Run(script); have != want {
			t.Errorf("%q: %+v, want %+v", script, have, want)
		}
	}
	if !(Machine{Temper: Temper{Hangs: true}}).Run("echo a").Hung {
		t.Error("a machine that hangs ends")
	}
}
