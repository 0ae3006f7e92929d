package machine

import (
	"strings"

	"linkd/internal/sim/fabric"
)

// phrases are what iputils prints.
type phrases struct {
	begin   string // address twice, size without and with headers
	answer  string // size, address, number, TTL
	time    string
	from    string // address, number
	errors  map[string]string
	local   string // path MTU
	title   string
	counts  string // sent, received
	twice   string
	errored string
	loss    string // percent, milliseconds
	rtt     string // four times
}

var english = phrases{
	begin: "PING %s (%s) %d(%d) bytes of data.", answer: "%d bytes from %s: icmp_seq=%d ttl=%d", time: " time=%s ms", from: "From %s icmp_seq=%d ",
	errors: map[string]string{
		fabric.TooBig: "Frag needed and DF set (mtu = %d)", fabric.TTLExceeded: "Time to live exceeded",
		fabric.HostUnreachable: "Destination Host Unreachable", fabric.NetUnreachable: "Destination Net Unreachable", fabric.Prohibited: "Packet filtered",
	},
	local: "ping: local error: message too long, mtu=%d", title: "--- %s ping statistics ---", counts: "%d packets transmitted, %d received",
	twice: ", +%d duplicates", errored: ", +%d errors", loss: ", %s%% packet loss, time %dms", rtt: "rtt min/avg/max/mdev = %s/%s/%s/%s ms",
}

// speeches are the languages, as far as Debian's and Ubuntu's iputils are
// translated; the rest stays English.
var speeches = map[string]func(phrases) phrases{
	"de": func(p phrases) phrases {
		p.begin, p.answer, p.time = "PING %s (%s) %d(%d) Bytes an Daten.", "%d Bytes von %s: icmp_seq=%d ttl=%d", " Zeit=%s ms"
		p.from, p.title = "Von %s icmp_seq=%d ", "--- %s Ping-Statistiken ---"
		p.counts, p.loss = "%d Pakete übertragen, %d empfangen", ", %s%% Paketverlust, Zeit %dms"
		p.twice, p.errored = ", +%d Duplikate", ", +%d Fehler"
		p.errors = translated(p.errors, fabric.HostUnreachable, "Zielhost nicht erreichbar")
		return p
	},
	"ja": func(p phrases) phrases {
		p.begin, p.answer, p.time = "PING %s (%s) %d(%d) バイトのデータ", "%d バイト応答 送信元 %s: icmp_seq=%d ttl=%d", " 時間=%sミリ秒"
		p.from, p.title = "送信元 %s icmp_seq=%d ", "--- %s ping 統計 ---"
		p.counts, p.loss = "送信パケット数 %d, 受信パケット数 %d", ", パケット損失 %s%%, 時間 %dミリ秒"
		p.twice, p.errored, p.rtt = ", 重複 %d", ", エラー %d", "rtt 最小/平均/最大/mdev = %s/%s/%s/%sミリ秒"
		p.errors = translated(p.errors, fabric.HostUnreachable, "宛先ホストに到達できません")
		return p
	},
}

func translated(errors map[string]string, kind, text string) map[string]string {
	all := map[string]string{kind: text}
	for name, other := range errors {
		if name != kind {
			all[name] = other
		}
	}
	return all
}

// speech is what ping says on a machine of a language, in an environment.
func speech(language string, env map[string]string) phrases {
	plain, stubborn := strings.CutSuffix(language, "!")
	chosen := env["LC_ALL"]
	if chosen == "" {
		chosen = env["LANG"]
	}
	if !stubborn && (chosen == "C" || strings.HasPrefix(chosen, "C.") || strings.HasPrefix(chosen, "en")) {
		return english
	}
	if translate, known := speeches[plain]; known {
		return translate(english)
	}
	return english
}
