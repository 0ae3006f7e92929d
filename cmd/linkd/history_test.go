package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"linkd/internal/journal"
)

var evening = time.Date(2026, 11, 25, 10, 15, 2, 0, time.UTC)

// told is a night of a link: one entry of each sort that a person reads.
func told() []journal.Entry {
	site := journal.Entry{
		Event: journal.Appeared, Round: 41, Link: "tokyo", Resource: "azure/vpn-site/tokyo", Drift: "azure/vpn-site.address_space",
		Class: "differs", Decision: "repair", Want: []string{"172.20.0.0/16"},
	}
	all := []journal.Entry{
		{Event: journal.Started, Text: "linkd run: 2 links"},
		site, site, site, site,
		{Event: journal.Appeared, Link: "tokyo", Resource: "aws/tgw-routes/main", Drift: "aws/tgw-routes.routes.extra", Class: "extra", Decision: "report", Held: "policy", Have: []string{"10.9.0.0/16", "10.8.0.0/16"}, Text: "what nobody declared is removed only when a rule names it"},
		{Event: journal.Held, Link: "tokyo", Resource: "aws/vpn-connection/tokyo-0", Drift: "aws/vpn-connection.shared_key", Member: "tunnel-1", Class: "differs", Decision: "report", Held: "window", Text: "it interrupts one tunnel"},
		{Event: journal.Appeared, Resource: "azure/vpn-gateway/japaneast", Drift: "azure/vpn-gateway.scale_units", Class: "differs", Decision: "repair", Want: []string{"2"}, Have: []string{"1"}, Text: "scale_units is 1, should be 2"},
		{Event: journal.Appeared, Resource: "aws/vpn-connection/tokyo-1", Drift: "aws/vpn-connection.missing", Class: "missing", Decision: "repair", Text: "missing"},
		{Event: journal.Failed, Resource: "aws/vpn-connection/tokyo-1", Drift: "aws/vpn-connection.missing", Class: "missing", Text: "cannot create it:\nthe quota \x1b[31mis used up"},
		{Event: journal.Approved, By: "uid 1000 (alice)", Digest: "0123456789abcdef", Text: "change 4711"},
		{Event: journal.Paused, By: "uid 1000 (alice)", Text: "until 12:00: the carrier works"},
		{Event: journal.Unseen, Link: "tokyo", Text: "aws: access denied"},
		{Event: journal.Gap, Text: "12 entries are lost: the journal could not be written"},
	}
	all[2].Event, all[3].Event, all[4].Event = journal.Repairing, journal.Repaired, journal.Proved
	for i := range all {
		all[i].At = evening.Add(time.Duration(i) * time.Minute)
	}
	return all
}

const night = `
2026-11-25 10:15:02Z  started    linkd run: 2 links
2026-11-25 10:16:02Z  appeared   azure/vpn-site/tokyo  address_space  missing 172.20.0.0/16
2026-11-25 10:17:02Z  repairing  azure/vpn-site/tokyo  address_space  missing 172.20.0.0/16
2026-11-25 10:18:02Z  repaired   azure/vpn-site/tokyo  address_space  missing 172.20.0.0/16
2026-11-25 10:19:02Z  proved     azure/vpn-site/tokyo  address_space  missing 172.20.0.0/16
2026-11-25 10:20:02Z  appeared   aws/tgw-routes/main  routes.extra  extra 10.8.0.0/16, 10.9.0.0/16  (policy)
                      what nobody declared is removed only when a rule names it
2026-11-25 10:21:02Z  held       aws/vpn-connection/tokyo-0  shared_key of tunnel-1  differs  (window)
                      it interrupts one tunnel
2026-11-25 10:22:02Z  appeared   azure/vpn-gateway/japaneast  scale_units  is 1, should be 2
2026-11-25 10:23:02Z  appeared   aws/vpn-connection/tokyo-1  missing
2026-11-25 10:24:02Z  failed     aws/vpn-connection/tokyo-1  missing
                      cannot create it: the quota  [31mis used up
2026-11-25 10:25:02Z  approved   plan 0123456789abcdef by uid 1000 (alice)  change 4711
2026-11-25 10:26:02Z  paused     by uid 1000 (alice)  until 12:00: the carrier works
2026-11-25 10:27:02Z  unseen     tokyo  aws: access denied
2026-11-25 10:28:02Z  gap        12 entries are lost: the journal could not be written
`

func TestAnEntryReadsAsOneLineAndASentence(t *testing.T) {
	var text strings.Builder
	text.WriteString("\n")
	for _, e := range told() {
		text.WriteString(entryText(e))
	}
	if diff := cmp.Diff(night, text.String()); diff != "" {
		t.Error(diff)
	}
}

func TestATimeIsASpanADateOrAMoment(t *testing.T) {
	for text, want := range map[string]string{
		"24h": "2026-11-24T10:15:02Z", "90m": "2026-11-25T08:45:02Z", "2026-11-24": "2026-11-24T00:00:00Z",
		"2026-11-24T10:00Z": "2026-11-24T10:00:00Z", "2026-11-24T10:00": "2026-11-24T10:00:00Z",
		"2026-11-24T10:00:30+09:00": "2026-11-24T01:00:30Z", "2026-11-25 10:15:02Z": "2026-11-25T10:15:02Z",
		"yesterday": "", "-3h": "", "": "",
	} {
		at, ok := momentOf(text, evening)
		if got := at.UTC().Format(time.RFC3339); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %s (%v), want %q", text, got, ok, want)
		}
	}
}

// recorded FOLDER writes the entries of a night to the journal in a folder.
func recorded(ts *testscript.TestScript, _ bool, args []string) {
	j, err := journal.Open(ts.MkAbs(args[0]), journal.Options{})
	ts.Check(err)
	ts.Check(j.Append(told()...))
	ts.Check(j.Close())
}
