package desired

import (
	"regexp"
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
		if path == "schedule.survey" {
			hint = "such as \"*/15 * * * *\", \"@every 5m\" or \"off\""
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
	for path, rule := range each("policy.rules", c.Policy.Rules) {
		switch {
		case rule.Drift == "":
			c.problem(path+".drift", "\"*\" is every drift, \"aws/vpn-connection.*\" every drift of a kind", "this rule has no drift")
		case !globShape.MatchString(rule.Drift):
			c.problem(path+".drift", "drift keys are small letters, such as azure/vpn-site.address_space; * stands for any of them", "%q is not a pattern of drift keys", shorten(rule.Drift))
		case !strings.HasPrefix(rule.Drift, "*") && !strings.HasPrefix(rule.Drift, "azure/") && !strings.HasPrefix(rule.Drift, "aws/"):
			c.problem(path+".drift", "did you mean */"+rule.Drift+"?", "%q matches nothing: drift keys begin with azure/ or aws/", shorten(rule.Drift))
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
