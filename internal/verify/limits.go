package verify

import (
	"fmt"
	"strconv"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// limit is how many of a kind may stand in one place. An account may have a
// higher one: no call of EC2 tells the quotas of these.
type limit struct {
	kind string
	most int
	of   string // what is counted, and where
}

// limits are the defaults that AWS publishes.
//
//   - VPN connections and customer gateways, 50 a region each: Site-to-Site VPN
//     user guide, "Site-to-Site VPN quotas".
//   - Transit gateways, 5 an account and region, and 5 on a VPC: Transit Gateway
//     guide, "Transit gateway quotas".
//   - Routes of a VPC's route table, 500, and 50 before 2025: VPC user guide,
//     "Amazon VPC quotas". Routes that are propagated have a limit of their own.
//
// What no link comes near has no row: 5,000 attachments and 10,000 routes of a
// transit gateway. Of Azure, 4 links of a VPN connection is what the layout of
// tunnels keeps to by itself.
var limits = []limit{
	{"aws/transit-gateway", 5, "transit gateways of the region"},
	{"aws/vpn-connection", 50, "VPN connections of the region"},
	{"aws/customer-gateway", 50, "customer gateways of the region"},
	{"aws/vpc-attachment", 5, "transit gateways on the VPC"},
	{"aws/vpc-routes", 500, "routes of the route table"},
}

// addition is how many of a kind the file wants in a place beside what stands.
type addition struct {
	kind, place string
	count       int
	ids         []resource.ID // that stand for it in the file
}

// room tells where the limits of a cloud leave no room for what is to be built.
func room(e *Evidence) answer {
	a := answer{of: "limits"}
	wanted, unknown := e.additions()
	if e.shut("aws") {
		return answer{told: "not counted, for AWS does not let linkd in"}
	}
	for _, id := range unknown {
		a.gaps = append(a.gaps, e.gap(id, "it is not known whether it is still to be built: "+e.live(id).Why))
	}
	for _, more := range wanted {
		usage, counted := e.usageOf(more)
		if !counted.Known() {
			a.gaps = append(a.gaps, Gap{About: more.place, Why: "what stands of " + more.kind + " could not be counted: " + counted.Why})
			continue
		}
		for _, row := range limits {
			if row.kind != more.kind {
				continue
			}
			a.subjects++
			if usage+more.count > row.most {
				a.findings = append(a.findings, e.crowded(row, more, usage, counted))
			}
		}
	}
	return a
}

// crowded is the finding that a limit leaves no room.
func (e *Evidence) crowded(row limit, more addition, usage int, counted survey.Seen) Finding {
	says := fmt.Sprintf("%s: there are %d, the file wants %d more, and AWS allows %d by default", row.of, usage, more.count, row.most)
	f := e.found(failure.LimitReached, "", says)
	f.Ref, f.subject = more.place, more.kind
	f.Evidence = append(f.Evidence, path.Evidence{Call: callOf(more.ids[0]), Field: "how many stand", Value: strconv.Itoa(usage), At: counted.At})
	for _, id := range more.ids {
		f.about = union(f.about, e.about(id))
	}
	return f
}

// usageOf is how many stand in the place of an addition, and whether that is
// known.
func (e *Evidence) usageOf(more addition) (int, survey.Seen) {
	for _, usage := range e.Usage {
		if usage.Kind == more.kind && usage.Place == more.place {
			return usage.Count, usage.Seen
		}
	}
	return 0, survey.Seen{Why: "nobody has counted"}
}

// Adds tells whether the file wants anything more of what has a limit, so that it
// is worth counting what stands.
func (e *Evidence) Adds() bool {
	wanted, _ := e.additions()
	return len(wanted) > 0
}

// additions lists what the file wants of each kind that has a limit and that is
// not there, by place, in file order; and the resources of which that is not known.
func (e *Evidence) additions() (all []addition, unknown []resource.ID) {
	add := func(kind, place string, count int, id resource.ID) {
		if count <= 0 {
			return
		}
		for i := range all {
			if all[i].kind == kind && all[i].place == place {
				all[i].count, all[i].ids = all[i].count+count, append(all[i].ids, id)
				return
			}
		}
		all = append(all, addition{kind, place, count, []resource.ID{id}})
	}
	missing := func(kind, place string, id resource.ID) {
		switch e.live(id).Phase {
		case resource.Absent:
			add(kind, place, 1, id)
		case resource.Unknown:
			unknown = append(unknown, id)
		}
	}
	for _, region := range e.File.AWS.Regions {
		for _, gateway := range region.TransitGateways {
			place := e.File.PlaceOf(gateway)
			missing("aws/transit-gateway", place, desired.TransitGatewayID(gateway.Name))
			for _, link := range e.File.LinksOfTransitGateway(gateway.Name) {
				for _, instance := range link.Instances() {
					missing("aws/customer-gateway", place, desired.CustomerGatewayID(link.Name, instance))
					missing("aws/vpn-connection", place, desired.AWSConnectionID(link.Name, instance))
				}
			}
			for _, vpc := range gateway.VPCs {
				missing("aws/vpc-attachment", vpc.ID, desired.VPCAttachmentID(vpc.Name))
				for _, table := range vpc.RouteTables {
					id := desired.VPCRoutesID(table)
					if e.live(id).Phase == resource.Unknown {
						unknown = append(unknown, id)
						continue
					}
					add("aws/vpc-routes", table, e.beyond(gateway, vpc.Name)-len(e.live(id).Attrs["routes"]), id)
				}
			}
		}
	}
	return all, unknown
}

// beyond is how many prefixes a VPC reaches through its transit gateway.
func (e *Evidence) beyond(gateway desired.TransitGateway, vpc string) int {
	count, linked := 0, len(e.File.LinksOfTransitGateway(gateway.Name)) > 0
	for _, n := range e.networks() {
		if n.azure && linked || !n.azure && n.on == gateway.Name && n.name != vpc {
			count += len(n.prefixes())
		}
	}
	return count
}
