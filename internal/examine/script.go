package examine

import (
	"fmt"
	"strings"

	"linkd/internal/desired"
)

// The headers of ICMP and IPv4: what ping's own size leaves out.
const headers = 28

// most is how many targets one command sends to: Azure shows the last 4,096
// bytes of what a command prints, and a target takes about 900.
const most = 4

// wellSize is the packet, in bytes, that every link must carry: what Microsoft
// tells to keep to on a VPN gateway.
const wellSize = 1400

// mark begins the part of the output that is about one target.
const mark = "linkd"

// Script is the shell script that sends to each target: a burst of echoes, and
// so many packets that may not be fragmented of each of the sizes. It has no loop
// and no variable, so that whatever runs commands understands it; it writes
// nothing, and ends well whatever ping says.
func Script(to []desired.Target, count int, sizes map[string][]int, each int) string {
	var b strings.Builder
	b.WriteString("export LC_ALL=C\n")
	for _, target := range to {
		if count > 0 {
			fmt.Fprintf(&b, "echo '%s echo %s'\nping -n -c %d -W 1 %s 2>&1\n", mark, target.Address, count, target.Address)
		}
		for _, size := range sizes[target.Name] {
			fmt.Fprintf(&b, "echo '%s size %s %d'\nping -n -c %d -W 1 -M do -s %d %s 2>&1\n", mark, target.Address, size, each, size-headers, target.Address)
		}
	}
	b.WriteString("exit 0\n")
	return b.String()
}
