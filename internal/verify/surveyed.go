package verify

import (
	"cmp"
	"fmt"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// surveyedAll tells what lies along the paths and could not be read.
func surveyedAll(e *Evidence) answer {
	a := answer{of: "parts"}
	shut := 0
	gap := func(about, cloud string, id resource.ID, seen survey.Seen) {
		a.subjects++
		if e.shut(cloud) && !seen.Known() {
			shut++
			a.told = behind(shut, a.of)
			return
		}
		if seen.Known() || seen.Why == "" && seen.At.IsZero() && id == "" {
			return
		}
		why := seen.Why
		if why == "" {
			why = "nobody has read it"
		}
		f := e.found(failure.ObservationGap, id, about+" could not be read: "+why)
		f.subject, f.Hint = about, cmp.Or(seen.Do, f.Hint)
		a.findings = append(a.findings, f)
	}
	if e.Survey.Defect != "" {
		gap("a part of what lies along the paths", "", "", survey.Seen{Why: e.Survey.Defect})
	}
	for _, name := range sortedKeys(e.Survey.Machines) {
		machine, cloud := e.Survey.Machines[name], e.cloudOf(name)
		gap("the machine "+name, cloud, "", machine.Seen)
		if !machine.Known() {
			continue
		}
		gap("whether "+name+" runs", cloud, "", part(machine.Seen, machine.PowerWhy))
		if machine.Power == survey.Stopped {
			continue // its routes, filters and checks can be asked for only while it runs
		}
		if !e.isAzure(name) { // Azure makes no checks
			gap("the checks of "+name, cloud, "", part(machine.Seen, machine.HealthWhy))
		}
		gap("the routes of "+name, cloud, "", machine.Routes.Seen)
		for _, filter := range machine.Filters {
			about := "the filters of " + name
			if filter.ID != "" {
				about = "the filter " + filter.ID + " of " + name
			}
			gap(about, cloud, "", filter.Seen)
		}
	}
	for _, name := range sortedKeys(e.Survey.Hubs) {
		hub := e.Survey.Hubs[name]
		if e.stands(desired.HubID(name)) {
			gap("what hub "+name+" knows", "azure", desired.HubID(name), hub.Seen)
		}
	}
	for _, name := range sortedKeys(e.Survey.TransitGateways) {
		gateway := e.Survey.TransitGateways[name]
		if e.stands(desired.TransitGatewayID(name)) {
			gap("what transit gateway "+name+" knows", "aws", desired.TransitGatewayID(name), gateway.Seen)
		}
		if gateway.Known() {
			gap("the attachments of "+name, "aws", "", part(gateway.Seen, gateway.AttachmentsWhy))
			for _, attachment := range gateway.Attachments {
				gap("the zones of "+attachment.ID, "aws", "", part(gateway.Seen, attachment.ZonesWhy))
			}
		}
		for _, table := range sortedKeys(gateway.Tables) {
			gap("the route table "+table, "aws", desired.TransitGatewayID(name), gateway.Tables[table].Seen)
		}
	}
	for _, name := range sortedKeys(e.Survey.Tunnels) {
		tunnel := e.Survey.Tunnels[name]
		gap("the maintenance of "+name, "aws", "", part(tunnel.Seen, tunnel.MaintenanceWhy))
	}
	return a
}

// part is a part of what was seen: read with the whole, unless something says why
// it was not.
func part(whole survey.Seen, why string) survey.Seen {
	if why != "" {
		whole.Why = why
	}
	return whole
}

// nicRoutes and filters have no finding of their own beside those of the model:
// they say how much it has looked at. What lies behind the hop at which a way
// ends was not met.
func nicRoutes(e *Evidence) answer {
	a := answer{of: "machines", told: e.endedBefore(path.NICRoutes)}
	for _, name := range sortedKeys(e.Survey.Machines) {
		if e.isAzure(name) && e.Survey.Machines[name].Routes.Known() {
			a.subjects++
		}
	}
	return a
}

// endedBefore says how many ways of the model end at another hop than some, so
// that not all of those were met; "" when none does.
func (e *Evidence) endedBefore(kinds ...path.Kind) string {
	ways, ended := 0, 0
	for _, trace := range e.Traces {
		for _, way := range []path.Way{trace.Forward, trace.Back} {
			ways++
			if hop, broken := way.Broken(); broken && !slices.Contains(kinds, hop.Kind) {
				ended++
			}
		}
	}
	if ended == 0 {
		return ""
	}
	return fmt.Sprintf("not known, for %d of %d ways end at another hop", ended, ways)
}

func filters(e *Evidence) answer {
	a := answer{of: "filters", told: e.endedBefore(path.NSG, path.NetworkACL, path.SecurityGroup)}
	for _, name := range sortedKeys(e.Survey.Machines) {
		for _, filter := range e.Survey.Machines[name].Filters {
			if filter.Known() {
				a.subjects++
			}
		}
	}
	return a
}

// standingCalls are the reads by which each cloud tells how a machine stands.
var standingCalls = map[string]string{"azure": "virtualMachines/instanceView/read", "aws": "ec2:DescribeInstanceStatus"}

func machines(e *Evidence) answer {
	a := answer{of: "machines"}
	for _, target := range e.File.Probes.Targets {
		machine, known := e.Survey.Machines[target.Name]
		if !known || !machine.Known() {
			continue
		}
		a.subjects++
		says, field, value := "", "power", string(machine.Power)
		switch {
		case machine.Power == survey.Stopped:
			says = target.Name + " does not run"
		case machine.Health == survey.Impaired:
			says, field, value = target.Name+" is impaired by its cloud's own checks", "status checks", string(machine.Health)
		default:
			continue
		}
		f := e.found(failure.TargetDown, "", says).on(failure.Machine, target.Name).on(failure.Same, "machine/"+target.Name)
		f.Ref, f.Hop, f.subject, f.machine, f.plain = machine.Ref, path.Machine, target.Name, target.Name, true
		f.Evidence = []path.Evidence{{Call: standingCalls[e.cloudOf(target.Name)], Field: field, Value: value, At: machine.At}}
		a.findings = append(a.findings, f)
	}
	return a
}
