package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"linkd/internal/control"
)

func TestTheStatusHasNoLooseEnds(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	status := control.Status{
		Verdict: control.AsDesired, File: "link.yaml", Journal: control.Journal{OK: true},
		Config: control.Config{Loaded: now.Add(-time.Minute), Problem: "link.yaml:9:1: unknown key \"x\"\n  hint: known here: aws\nlink.yaml:12:3: there is no VPC \"y\""},
		Probes: &control.Probes{Pairs: []control.Probe{
			{From: "vm-jpe", To: "ec2-b", State: "lost", Since: now.Add(-5 * time.Second)},
			{From: "vm-jpe", To: "ec2-a", State: "unknown", Why: "nothing was sent yet"},
		}},
		Pairs: []control.Pair{
			{Tunnel: "tokyo-0-1", Azure: "up", AWS: "up", KeySet: now.Add(-12*24*time.Hour - time.Hour), KeyDue: now.Add(47*time.Hour + time.Minute)},
			{Tunnel: "tokyo-0-2", Azure: "up", AWS: "up", KeySet: now.Add(-95 * 24 * time.Hour), KeyDue: now.Add(-5 * 24 * time.Hour)},
			{Tunnel: "osaka-0-1", Azure: "up", AWS: "up", KeySet: now.Add(-3 * time.Second)},
			{Tunnel: "osaka-0-2", Azure: "up", AWS: "down"},
		},
		Ordered: &control.Ordered{By: "uid 0 (root)", Turns: []control.Turn{{State: control.TurnDone}, {State: control.TurnRunning}}},
		Rotations: []control.Rotation{
			{Link: "tokyo", Running: true, Since: now.Add(-time.Minute), Tunnel: "tokyo-0-1", Doing: "Azure gets the key that AWS has"},
			{Link: "osaka", Due: true, Held: "window", Tunnel: "osaka-0-1", Because: "it interrupts"},
			{Link: "kyoto", Unfinished: true, Problem: "no answer", Again: now.Add(time.Minute)},
			{Link: "nara", Unfinished: true},
			{Link: "uji", Unfinished: true, Scheduled: true, Apart: []string{"uji-0-1"}},
			{Link: "kobe", Next: now.Add(time.Hour)},
		},
		Drills: []control.Drill{
			{Link: "tokyo", Tunnel: "tokyo-0-1", By: "uid 0 (root)", State: control.DrillRunning, Began: now.Add(-2 * time.Minute), Steps: []string{"measuring", "tokyo-0-1 goes down"}},
			{Link: "osaka", Tunnel: "osaka-0-2", State: control.DrillDone, Began: now.Add(-72 * time.Hour), Ended: now, OutSeconds: 370, Pairs: []control.DrillPair{{Sent: 4402}, {Sent: 4402, Lost: 5, SilenceSeconds: 1.204}}},
			{Link: "kyoto", Tunnel: "kyoto-0-1", State: control.DrillDone, Began: now.Add(-5 * time.Hour), Ended: now, OutSeconds: 61, Pairs: []control.DrillPair{{Sent: 7}, {Why: "nothing was sent"}}},
			{Link: "nara", Tunnel: "nara-0-1", State: control.DrillDone, Began: now.Add(-5 * time.Hour), Ended: now, OutSeconds: 61},
			{Link: "kobe", Tunnel: "kobe-0-1", State: control.DrillFailed, Began: now.Add(-5 * time.Minute), Ended: now, Problem: "cannot see kobe-0-1 up"},
		},
		Findings: []control.Finding{
			{Code: "ICMP_BLOCKED", Severity: "error", Ref: "/subscriptions/1/networkSecurityGroups/nsg-a", Direction: "aws-to-azure", Since: now.Add(-time.Hour), Text: "it denies"},
			{Code: "NOT_BUILT", Severity: "error", Resource: "aws/vpc/vpc-a", Ref: "vpc-0a", Since: now.Add(-time.Hour), Text: "there is none"},
		},
	}
	var text strings.Builder
	statusText(&text, status, now)
	for line := range strings.Lines(text.String()) {
		if line = strings.TrimSuffix(line, "\n"); strings.TrimRight(line, " ") != line {
			t.Errorf("%q ends with spaces", line)
		}
	}
	for _, want := range []string{
		`is refused: link.yaml:9:1: unknown key "x"; hint: known here: aws; link.yaml:12:3: there is no VPC "y"`,
		"  tunnel tokyo-0-1      azure up  aws up  key of 12 days, new in 47h",
		"  tunnel tokyo-0-2      azure up  aws up  key of 95 days, due for 5 days",
		"  tunnel osaka-0-1      azure up  aws up  key of 3s",
		"  tunnel osaka-0-2      azure up  aws down",
		"  new keys were ordered by uid 0 (root): 1 of 2 tunnels are done",
		"  new keys for tokyo, for 1m0s: tokyo-0-1: Azure gets the key that AWS has",
		"  new keys for osaka are due and held (window): osaka-0-1: it interrupts",
		"  new keys for kyoto failed, and are tried again at 2026-11-27T12:01:00Z: no answer",
		"  new keys for nara were begun and not ended: linkd rotate-keys goes on with them",
		"  uji-0-1 is down until new keys for uji go on: only AWS has its new one",
		"  new keys for uji were begun and not ended: linkd goes on with them by itself",
		"  error: ICMP_BLOCKED at nsg-a (aws → azure), for 1h0m0s: it denies",
		"  a drill of tokyo-0-1 by uid 0 (root), for 2m0s: tokyo-0-1 goes down",
		"  last drill of osaka, 3 days ago: osaka-0-2 was out of use for 6m10s; it lost 5 of 8804 echoes, and nothing came back for 1.2s at most",
		"  last drill of kyoto, 5h ago: kyoto-0-1 was out of use for 1m1s; it lost none of 7 echoes",
		"  last drill of nara, 5h ago: nara-0-1 was out of use for 1m1s; what was lost was not measured",
		"  last drill of kobe, 5m0s ago: kobe-0-1: failed: cannot see kobe-0-1 up",
		"  error: NOT_BUILT at aws/vpc/vpc-a, for 1h0m0s: there is none",
	} {
		if !strings.Contains(text.String(), want+"\n") {
			t.Errorf("%s\nlacks %s", text.String(), want)
		}
	}
}

// TestWhoMayNotAskIsNotToldToStartIt: a linkd whose socket is for others runs.
func TestWhoMayNotAskIsNotToldToStartIt(t *testing.T) {
	for errno, says := range map[syscall.Errno]string{
		syscall.EACCES:       "for its owner",
		syscall.ECONNREFUSED: "is it running",
		syscall.ENOENT:       "is it running",
	} {
		told, ok := errors.AsType[*verdict](asked(&control.Absent{Err: fmt.Errorf("linkd.sock: connect: %w", errno)}))
		if !ok || told.code != exitUnchecked || !strings.Contains(told.hint, says) {
			t.Errorf("%s: %+v, want a hint %q", errno, told, says)
		}
	}
}
