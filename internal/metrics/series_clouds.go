package metrics

import "linkd/internal/reconcile"

// driftRows tell what differs from the file.
var driftRows = []row{
	{
		name: "linkd_drifts", kind: gauge, labels: []string{"key", "link", "decision", "held"}, unit: "differences",
		help:   "Differences that stand now, by drift key, link, what policy decides and why they are held. The link is empty for what several links share, held is empty for what is mended.",
		sample: `{key="azure/vpn-site.address_space",link="tokyo",decision="repair",held=""} 1`,
		read: func(s Snapshot, emit emit) {
			for _, d := range s.Drifts {
				emit(float64(d.Count), d.Key, d.Link, d.Decision, d.Held)
			}
		},
	},
	{
		name: "linkd_drifts_held", kind: gauge, labels: []string{"reason"}, unit: "differences",
		help:   "Differences that stand now and are not mended, by reason. Every reason is there, at 0 when nothing is held for it.",
		sample: `{reason="approval"} 1`,
		read: func(s Snapshot, emit emit) {
			if !s.Judged {
				return
			}
			held := map[string]int{}
			for _, d := range s.Drifts {
				held[d.Held] += d.Count
			}
			for _, reason := range reconcile.HoldReasons() {
				emit(float64(held[string(reason)]), string(reason))
			}
		},
	},
	{
		name: "linkd_finding", kind: gauge, labels: []string{"code", "severity", "link", "direction"}, unit: "failures",
		help:   "Failures that stand now, by the code of docs/failures.md: root causes alone, once they were seen for as long as their page says. The direction is empty for both ways. A series goes with its failure.",
		sample: `{code="AWS_TGW_ROUTE_MISSING",severity="error",link="tokyo",direction="aws-to-azure"} 1`,
		read: func(s Snapshot, emit emit) {
			for _, f := range s.Findings {
				emit(float64(f.Count), f.Code, f.Severity, f.Link, f.Direction)
			}
		},
	},
	{
		name: "linkd_strays", kind: gauge, labels: []string{"kind", "class"}, unit: "resources",
		help:   "Resources that the file does not account for: orphans and duplicates that carry our tags, and extra ones where only ours should stand.",
		sample: `{kind="aws/vpn-connection",class="duplicate"} 1`,
		read: func(s Snapshot, emit emit) {
			for _, stray := range s.Strays {
				emit(float64(stray.Count), stray.Kind, stray.Class)
			}
		},
	},
	{
		name: "linkd_resources", kind: gauge, labels: []string{"cloud", "kind", "phase"}, unit: "resources",
		help:   "Resources of the file by phase. What could not be read is unknown, which is never well. Every phase is there for each kind of the file.",
		sample: `{cloud="azure",kind="azure/vpn-site",phase="ready"} 1`,
		read: func(s Snapshot, emit emit) {
			for _, r := range s.Resources {
				emit(float64(r.Count), r.Cloud, r.Kind, r.Phase)
			}
		},
	},
	{
		name: "linkd_resources_as_desired", kind: gauge, unit: "resources",
		help:   "Resources that agree with the file.",
		sample: ` 22`,
		read: func(s Snapshot, emit emit) {
			if s.Judged {
				emit(float64(s.AsDesired))
			}
		},
	},
	{
		name: "linkd_plan_refused", kind: gauge, unit: "0 or 1",
		help:   "1 while the plan as a whole is over the limits of the file, so that nothing of it is done.",
		sample: ` 0`,
		read: func(s Snapshot, emit emit) {
			if s.Judged {
				emit(oneIf(s.Refused))
			}
		},
	},
	{
		name: "linkd_observation_timestamp_seconds", kind: gauge, labels: []string{"cloud", "kind"}, unit: "seconds since 1970",
		help:   "When the resources of a kind were observed, the oldest of them. Absent while none of them could be read.",
		sample: `{cloud="aws",kind="aws/tgw-routes"} 1.764086400e+09`,
		read: func(s Snapshot, emit emit) {
			for _, o := range s.Observed {
				if !o.Oldest.IsZero() {
					emit(seconds(o.Oldest), o.Cloud, o.Kind)
				}
			}
		},
	},
}

// linkRows tell how links and tunnels stand.
var linkRows = []row{
	{
		name: "linkd_tunnel_status", kind: gauge, labels: []string{"link", "tunnel", "cloud", "status"}, unit: "0 or 1",
		help:   "What each cloud says of each expected pair: up, down or unknown. The one that holds is 1, the others are 0.",
		sample: `{link="tokyo",tunnel="tokyo-0-1",cloud="aws",status="up"} 1`,
		read: func(s Snapshot, emit emit) {
			for _, t := range s.Tunnels {
				for _, side := range [][2]string{{"azure", t.Azure}, {"aws", t.AWS}} {
					for _, status := range statuses {
						emit(oneIf(status == side[1]), t.Link, t.Name, side[0], status)
					}
				}
			}
		},
	},
	{
		name: "linkd_link_pairs_expected", kind: gauge, labels: []string{"link"}, unit: "pairs",
		help:   "Pairs of an Azure gateway instance and an AWS tunnel that the file expects to be up.",
		sample: `{link="tokyo"} 2`,
		read: func(s Snapshot, emit emit) {
			for _, l := range s.Links {
				emit(float64(l.Expected), l.Name)
			}
		},
	},
	{
		name: "linkd_link_pairs_live", kind: gauge, labels: []string{"link"}, unit: "pairs",
		help:   "Expected pairs that both clouds say are up. What one of them does not tell is not live.",
		sample: `{link="tokyo"} 1`,
		read: func(s Snapshot, emit emit) {
			for _, l := range s.Links {
				emit(float64(l.Live), l.Name)
			}
		},
	},
}

// The names that a tunnel's status has.
const (
	up      = "up"
	down    = "down"
	unknown = "unknown"
)

var statuses = []string{up, down, unknown}

// routeRows tell how the route tables stand. Tables are named after what they
// belong to: a hub, a transit gateway or a VPC, whose tables are summed.
var routeRows = []row{
	routeRow("linkd_routes_desired", "Routes that the file wants in a table.", " 4", func(r Routes) float64 { return float64(r.Desired) }),
	routeRow("linkd_routes_seen", "Routes seen in a table.", " 4", func(r Routes) float64 { return float64(r.Seen) }),
	routeRow("linkd_routes_missing", "Routes that the file wants and the table lacks.", " 0", func(r Routes) float64 { return float64(r.Missing) }),
	routeRow("linkd_routes_undeclared", "Routes that the table has and nobody declared.", " 0", func(r Routes) float64 { return float64(r.Undeclared) }),
	routeRow("linkd_routes_known", "1 when the tables were read, and what they should hold can be told. While it is 0 the counts hold only what is known.", " 1", func(r Routes) float64 { return oneIf(r.Known) }),
}

func routeRow(name, help, sample string, value func(Routes) float64) row {
	unit := "routes"
	if name == "linkd_routes_known" {
		unit = "0 or 1"
	}
	return row{
		name: name, kind: gauge, labels: []string{"kind", "table"}, unit: unit, help: help,
		sample: `{kind="aws/tgw-routes",table="tgw-tokyo"}` + sample,
		read: func(s Snapshot, emit emit) {
			for _, r := range s.Routes {
				emit(value(r), r.Kind, r.Table)
			}
		},
	}
}
