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
		Rotations: []control.Rotation{
			{Link: "tokyo", Running: true, Since: now.Add(-time.Minute), Tunnel: "tokyo-0-1", Doing: "Azure gets the key that AWS has"},
			{Link: "osaka", Due: true, Held: "window", Tunnel: "osaka-0-1", Because: "it interrupts"},
			{Link: "kyoto", Unfinished: true, Problem: "no answer", Again: now.Add(time.Minute)},
			{Link: "nara", Unfinished: true}, {Link: "kobe", Next: now.Add(time.Hour)},
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
		"  new keys for tokyo, for 1m0s: tokyo-0-1: Azure gets the key that AWS has",
		"  new keys for osaka are due and held (window): osaka-0-1: it interrupts",
		"  new keys for kyoto failed, and are tried again at 2026-11-27T12:01:00Z: no answer",
		"  new keys for nara were begun and not ended: linkd rotate-keys goes on with them",
		"  error: ICMP_BLOCKED at nsg-a (aws → azure), for 1h0m0s: it denies",
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
