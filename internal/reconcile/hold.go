package reconcile

// HoldReason names, in one word of a closed list, why a drift is not mended now. It
// labels metrics and is stable; Because says the same to a person.
type HoldReason string

// The reasons for which a drift is held, in the order in which they are asked.
const (
	NotHeld      HoldReason = ""
	HeldPolicy   HoldReason = "policy"    // a rule or the default says report
	HeldByHand   HoldReason = "by-hand"   // linkd cannot mend it
	HeldUnowned  HoldReason = "unowned"   // not ours, a duplicate, or built on what is not ours
	HeldUnknown  HoldReason = "unknown"   // unseen, busy or blocked: it cannot be judged now
	HeldKeys     HoldReason = "keys"      // the keys that it needs are not to be had where the file says
	HeldAudit    HoldReason = "audit"     // this linkd only looks
	HeldPaused   HoldReason = "paused"    // a person paused repairs
	HeldAside    HoldReason = "aside"     // only something else was asked for: new keys
	HeldLimits   HoldReason = "limits"    // the whole plan is over the limits
	HeldRival    HoldReason = "rival"     // it was mended again and again, and changed back
	HeldBackoff  HoldReason = "backoff"   // the last repair failed a short while ago
	HeldApproval HoldReason = "approval"  // it waits for a person's approval
	HeldLastPair HoldReason = "last-pair" // it would interrupt the last live tunnel
	HeldWindow   HoldReason = "window"    // it interrupts, and no maintenance window is open
	HeldInFlight HoldReason = "in-flight" // a repair of it, or beside it, is under way
	HeldOrder    HoldReason = "order"     // something else goes first, or it would interrupt more than it must
)

// HoldReasons lists the reasons, for documents and metrics.
func HoldReasons() []HoldReason {
	return []HoldReason{
		HeldPolicy, HeldByHand, HeldUnowned, HeldUnknown, HeldKeys, HeldAudit, HeldPaused, HeldAside, HeldLimits, HeldRival,
		HeldBackoff, HeldApproval, HeldLastPair, HeldWindow, HeldInFlight, HeldOrder,
	}
}
