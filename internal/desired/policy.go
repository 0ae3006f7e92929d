package desired

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/resource"
)

// Decide says what is done about a drift of a link ("" when it is of none),
// and why. The first rule that matches and has not ended decides, and Default
// when none does. Then the drift itself sets a limit that policy cannot pass:
//
//	drift                             is at the most       and a rule may ignore it
//	unowned, duplicate                reported             no
//	unseen, busy, blocked             reported             no
//	mended by hand only               reported             yes
//	orphan, extra, no rule names it   reported             yes
//	a replace that no rule names      repaired on approval yes
//	anything else                     repaired             yes
//
// A rule names a drift when the last part of its pattern is written out:
// "aws/tgw-routes.routes.extra" and "*.extra" name extra members, while
// "aws/tgw-routes.*" and "*" do not.
func (p Policy) Decide(drift resource.Drift, link string, now time.Time) (action Action, why string) {
	action, why = p.Default, "policy says "+string(p.Default)+" by default"
	rule := p.ruleFor(drift, link, now)
	if rule != nil {
		action, why = rule.Do, fmt.Sprintf("the rule %q says %s", rule.Drift, rule.Do)
		if rule.Why != "" {
			why = rule.Why
		}
	}
	limit := limitOf(drift, rule != nil && names(rule.Drift, drift.Key()))
	if limit.forbids(action) {
		return limit.most, limit.why
	}
	return action, why
}

// MayCutLast reports whether the rule that decides about a drift lets its
// repair interrupt the last live tunnel of a link, without a person's approval.
func (p Policy) MayCutLast(drift resource.Drift, link string, now time.Time) bool {
	rule := p.ruleFor(drift, link, now)
	return rule != nil && rule.Do == Repair && rule.MayCutLastTunnel
}

// ruleFor returns the first rule that matches a drift and has not ended.
func (p Policy) ruleFor(drift resource.Drift, link string, now time.Time) *Rule {
	i := slices.IndexFunc(p.Rules, func(rule Rule) bool {
		ended := !rule.Until.IsZero() && !now.Before(rule.Until)
		return !ended && (rule.Link == "" || rule.Link == link) && matches(rule.Drift, drift.Key())
	})
	if i < 0 {
		return nil
	}
	return &p.Rules[i]
}

// limit is the most that may be done about a drift, and why no more.
type limit struct {
	most Action
	loud bool // it is never ignored
	why  string
}

// forbids reports whether the limit is passed by an action.
func (l limit) forbids(action Action) bool {
	switch action {
	case Repair:
		return l.most != Repair
	case Approve:
		return l.most == Report
	case Ignore:
		return l.loud
	}
	return false
}

// limitOf is the table of [Policy.Decide]. Named says that a rule names the
// drift.
func limitOf(drift resource.Drift, named bool) limit {
	switch drift.Class {
	case resource.Unowned:
		return limit{Report, true, "it is not ours"}
	case resource.Duplicate:
		return limit{Report, true, "two carry the same tags, and either may be the one in use"}
	case resource.Unseen:
		return limit{Report, true, "what cannot be seen cannot be judged"}
	case resource.BusyNow, resource.Blocked:
		return limit{Report, true, "it cannot be changed now"}
	}
	switch {
	case drift.Fix == resource.ByHand:
		return limit{Report, false, "linkd cannot mend it"}
	case drift.Class == resource.Orphan && !named:
		return limit{Report, false, "nothing is deleted unless a rule names it: " + drift.Key()}
	case drift.Class == resource.Extra && !named:
		return limit{Report, false, "what nobody declared is removed only when a rule names it: " + drift.Key()}
	case drift.Fix == resource.Replace && !named:
		return limit{Approve, false, "a replace waits for approval unless a rule names it: " + drift.Key()}
	}
	return limit{most: Repair}
}

// names reports whether a pattern that matches a key writes out its last part.
func names(pattern, key string) bool {
	return pattern[strings.LastIndexByte(pattern, '.')+1:] == key[strings.LastIndexByte(key, '.')+1:]
}

// matches reports whether a drift key fits a pattern, in which * stands for
// any run of characters, dots and slashes among them, and ? for one.
func matches(pattern, key string) bool {
	star, mark := -1, 0
	p, k := 0, 0
	for k < len(key) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, k
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == key[k]):
			p, k = p+1, k+1
		case star >= 0:
			mark++
			p, k = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
