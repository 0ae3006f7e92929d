package desired

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// globShape is what a rule's pattern may be made of: drift keys, and * and ?.
var globShape = regexp.MustCompile(`^[a-z0-9/._*?-]+$`)

// checkSchedule checks the zone and the expressions of the schedule.
func checkSchedule(c *checker) {
	zone, err := c.Schedule.Zone()
	if err != nil {
		c.problem("schedule.time_zone", "use an IANA name such as Asia/Tokyo, or UTC", "%q is not a time zone", shorten(c.Schedule.TimeZone))
		zone = time.UTC
	}
	c.times("schedule.audit", c.Schedule.Audit, zone)
	c.times("schedule.tunnels", c.Schedule.Tunnels, zone)
	if c.Schedule.Survey != Off {
		c.times("schedule.survey", c.Schedule.Survey, zone)
	}
	for path, window := range each("policy.windows", c.Policy.Windows) {
		if strings.HasPrefix(window.Start, "@every") {
			c.problem(path+".start", "name the time, such as \"0 2 * * 6\"", "a window begins at a time of day, not every so often")
			continue
		}
		c.times(path+".start", window.Start, zone)
		c.span(path+".duration", window.Duration, time.Minute, 7*24*time.Hour)
	}
}

func (c *checker) times(path, expression string, zone *time.Location) {
	if _, err := ParseTimes(expression, zone); err != nil {
		hint := "such as \"*/15 * * * *\" or \"@every 5m\""
		switch {
		case path == "schedule.survey":
			hint = "such as \"*/15 * * * *\", \"@every 5m\" or \"off\""
		case last(path) == "start":
			hint = "such as \"0 2 * * 6\", two o'clock on Saturdays"
		}
		if strings.Contains(strings.ToUpper(expression), "TZ=") {
			hint = "name the zone once, as schedule.time_zone"
		}
		c.problem(path, hint, "%s: %s", last(path), err)
	}
}

// checkPolicy checks the rules. That a rule has ended is no problem.
func checkPolicy(c *checker) {
	actions := []string{string(Repair), string(Report), string(Approve), string(Ignore)}
	c.oneOf("policy.default", string(c.Policy.Default), actions...)
	if c.Policy.Default == Ignore || c.Policy.Default == "" {
		c.problem("policy.default", "use report, and ignore in a rule that says why", "policy cannot ignore everything")
	}
	var links []string
	for _, link := range c.links() {
		links = append(links, link.Name)
	}
	keys := driftKeys()
	for path, rule := range each("policy.rules", c.Policy.Rules) {
		switch {
		case rule.Drift == "":
			c.problem(path+".drift", "\"*\" is every drift, \"aws/vpn-connection.*\" every drift of a kind", "this rule has no drift")
		case !globShape.MatchString(rule.Drift):
			c.problem(path+".drift", "drift keys are small letters, such as azure/vpn-site.address_space; * stands for any of them", "%q is not a pattern of drift keys", shorten(rule.Drift))
		case !strings.HasPrefix(rule.Drift, "*") && !strings.HasPrefix(rule.Drift, "azure/") && !strings.HasPrefix(rule.Drift, "aws/"):
			c.problem(path+".drift", "did you mean */"+rule.Drift+"?", "%q matches nothing: drift keys begin with azure/ or aws/", shorten(rule.Drift))
		case !slices.ContainsFunc(keys, func(key string) bool { return matches(rule.Drift, key) }):
			c.problem(path+".drift", keyNear(rule.Drift, keys), "%q matches nothing that linkd compares, so the rule does nothing", shorten(rule.Drift))
		}
		if rule.Do == "" {
			c.problem(path+".do", "it is one of "+strings.Join(actions, ", "), "this rule has no do")
		}
		c.oneOf(path+".do", string(rule.Do), actions...)
		if (rule.Do == Ignore || rule.Do == Report) && strings.TrimSpace(rule.Why) == "" {
			c.problem(path+".why", "say why, for whoever reads the report at night", "a rule that does not repair says why")
		}
		if rule.Link != "" && c.LinkNamed(rule.Link) == nil {
			c.problem(path+".link", didYouMean(rule.Link, links), "there is no link %q", shorten(rule.Link))
		}
	}
}

// driftKeys lists every key that a difference may have.
func driftKeys() []string {
	var keys []string
	for kind, rows := range driftRows() {
		for _, row := range slices.Concat(rows, driftClasses()) {
			keys = append(keys, kind+"."+row)
		}
	}
	slices.Sort(keys)
	return keys
}

// keyNear is the hint for a pattern that matches no key.
func keyNear(pattern string, keys []string) string {
	if near := nearest(strings.ReplaceAll(pattern, "*", ""), keys); near != "" {
		return "did you mean " + near + "? docs/drift.md lists all keys, and linkd plan shows those of the differences there are"
	}
	return "docs/drift.md lists all keys, and linkd plan shows those of the differences there are"
}
