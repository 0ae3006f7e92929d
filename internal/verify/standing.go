package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// signIn tells whether both clouds let linkd in.
func signIn(e *Evidence) answer {
	a := answer{subjects: len(e.Access), of: "clouds"}
	for _, access := range e.Access {
		if access.Problem == "" {
			continue
		}
		f := e.found(failure.ObservationGap, "", "cannot work with "+access.Cloud+": "+access.Problem)
		f.Ref = access.Cloud
		for _, id := range slices.Sorted(maps.Keys(e.World)) {
			if id.Cloud() == access.Cloud {
				f.about = tokens(union(f.about, e.about(id)))
			}
		}
		if access.Hint != "" {
			f.Hint = access.Hint
		}
		a.findings = append(a.findings, f)
	}
	return a
}

// shut tells whether a cloud does not let linkd in. Then nothing in it can be
// seen, and that is all there is to say of it.
func (e *Evidence) shut(cloud string) bool {
	return slices.ContainsFunc(e.Access, func(a Access) bool { return a.Cloud == cloud && a.Problem != "" })
}

// behind says how much was not seen behind closed doors; "" when nothing was.
func behind(shut int, of string) string {
	if shut == 0 {
		return ""
	}
	return "but for " + counted(shut, of) + " of a cloud that does not let linkd in"
}

// seenAll tells what an audit could not read. Resources that share a reason
// are one finding.
func seenAll(e *Evidence) answer {
	a := answer{subjects: len(e.World), of: "resources"}
	byWhy, shut := map[string]int{}, map[resource.ID]bool{}
	for _, d := range e.Drifts {
		if d.Class != resource.Unseen {
			continue
		}
		if e.shut(d.ID.Cloud()) {
			shut[d.ID] = true
			a.told = behind(len(shut), a.of)
			continue
		}
		what, field := "it", "all of it"
		if d.Attr != "" {
			what, field = strings.ReplaceAll(d.Attr, "_", " "), d.Attr
		}
		if at, told := byWhy[d.Why]; told {
			f := &a.findings[at]
			f.about = append(f.about, e.about(d.ID)...)
			f.Evidence = append(f.Evidence, e.found(failure.ObservationGap, d.ID, "").seen(e, field, "unknown").Evidence...)
			continue
		}
		byWhy[d.Why] = len(a.findings)
		a.findings = append(a.findings, e.found(failure.ObservationGap, d.ID, what+" could not be read: "+d.Why).seen(e, field, "unknown"))
	}
	return a
}

// owned tells what stands in our place without our tags.
func owned(e *Evidence) answer {
	a := answer{of: "resources"}
	for id := range e.World {
		if e.stands(id) {
			a.subjects++
		}
	}
	for _, d := range e.Drifts {
		if d.Class == resource.Unowned && !e.byParent(d.ID) {
			a.findings = append(a.findings, e.found(failure.NotOwned, d.ID, "it stands under our name, and "+d.Why).seen(e, desired.OwnerTag, cmp.Or(e.World[d.ID].Owner, "none")))
		}
	}
	return a
}

// tagless are the kinds that carry no tags: what they stand on counts, and is
// told.
var tagless = map[string]string{"azure/vnet-connection/": "azure/virtual-hub/", "azure/vpn-connection/": "azure/vpn-gateway/", "aws/tgw-routes/": "aws/transit-gateway/"}

// byParent tells whether a resource is not ours only because what it stands on
// is not.
func (e *Evidence) byParent(id resource.ID) bool {
	for kind, parent := range tagless {
		if !strings.HasPrefix(string(id), kind) {
			continue
		}
		return slices.ContainsFunc(e.Drifts, func(d resource.Drift) bool {
			return d.Class == resource.Unowned && strings.HasPrefix(string(d.ID), parent) && slices.Contains(e.Needs[id], d.ID)
		})
	}
	return false
}

// elsewhere are the drifts of a resource that joins something else than the
// file's: the file's own is not there.
var elsewhere = map[string]bool{"aws/vpc-attachment.transit_gateway": true, "aws/vpc-attachment.vpc": true, "aws/vpn-connection.transit_gateway": true}

// built tells what is not there. A tunnel's own status is judged further down.
func built(e *Evidence) answer {
	a := answer{of: "resources"}
	for id, live := range e.World {
		if live.Phase != resource.Unknown {
			a.subjects++
		}
		if live.Phase == resource.Deleting {
			a.findings = append(a.findings, e.found(failure.NotBuilt, id, "it is being deleted").seen(e, "phase", "deleting"))
		}
	}
	for _, d := range e.Drifts {
		switch {
		case d.Key() == "azure/vnet-connection.missing": // it has a name of its own
		case d.Class == resource.Missing && d.Attr == "":
			says := "there is none"
			if e.World[d.ID].Why != "" {
				says += ": " + e.World[d.ID].Why
			}
			a.findings = append(a.findings, e.found(failure.NotBuilt, d.ID, says).seen(e, "phase", "absent"))
		case d.Key() == "aws/vpn-connection.routing" && d.Class == resource.Differs:
			a.findings = append(a.findings, e.yetToMove(d)...)
		case elsewhere[d.Key()] && d.Class == resource.Differs:
			says := fmt.Sprintf("its %s is %s, and not that of the file, %s", strings.ReplaceAll(d.Attr, "_", " "), d.Have, d.Want)
			a.findings = append(a.findings, e.found(failure.NotBuilt, d.ID, says).seen(e, d.Attr, d.Have.String()))
		case d.Key() == "azure/vpn-connection.links":
			for _, name := range d.Want.Without(d.Have) {
				f := e.found(failure.NotBuilt, d.ID, "it has no link connection for "+name).seen(e, "vpnLinkConnections[].name", e.World[d.ID].Attrs["links"].String())
				a.findings = append(a.findings, f.on(failure.Tunnel, name))
			}
		case d.Class == resource.BusyNow && e.World[d.ID].Phase == resource.Pending && strings.HasPrefix(string(d.ID), "aws/peering-attachment/"):
			a.findings = append(a.findings, e.found(failure.NotBuilt, d.ID, "it is being made, and carries nothing yet: "+d.Why).seen(e, "phase", "pending"))
		case d.Class == resource.BusyNow && e.World[d.ID].Phase != resource.Deleting && !strings.HasPrefix(string(d.ID), "azure/virtual-hub/"):
			a.gaps = append(a.gaps, e.gap(d.ID, "an operation runs on it: "+d.Why))
		}
	}
	return a
}

// whole tells what has failed. What keeps a hub failed is named with it, and
// not beside it.
func whole(e *Evidence) answer {
	a := answer{of: "resources"}
	blockers := map[resource.ID]bool{}
	for _, hub := range e.File.Azure.Hubs {
		if e.live(desired.HubID(hub.Name)).Phase == resource.Failed {
			a.findings = append(a.findings, e.failedHub(hub, blockers))
		}
	}
	for id, live := range e.World {
		if live.Phase > resource.Unknown {
			a.subjects++
		}
		if hub := strings.HasPrefix(string(id), "azure/virtual-hub/"); live.Phase != resource.Failed || hub || blockers[id] {
			continue
		}
		says := "an operation on it failed"
		if live.Why != "" {
			says += ": " + live.Why
		}
		a.findings = append(a.findings, e.found(failure.ResourceFailed, id, says).seen(e, "state", "failed"))
	}
	slices.SortFunc(a.findings, func(x, y Finding) int { return strings.Compare(string(x.ID), string(y.ID)) })
	return a
}

// failedHub is about a hub that failed: its own operation, or its router. The
// connections that keep it so are named.
func (e *Evidence) failedHub(hub desired.Hub, blockers map[resource.ID]bool) Finding {
	id := desired.HubID(hub.Name)
	f := e.found(failure.ResourceFailed, id, "its provisioning state is Failed").seen(e, "properties.provisioningState", "Failed")
	if e.live(id).Attrs["routing_state"].One() == "failed" {
		f = e.found(failure.ResourceFailed, id, "its routing state is Failed").seen(e, "properties.routingState", "Failed")
		for _, link := range e.File.LinksOfHub(hub.Name) {
			f = f.on(failure.Link, link.Name)
		}
	}
	for _, vnet := range hub.VNets {
		connectionID := desired.VNetConnectionID(vnet.Name)
		connection, gone := e.live(connectionID), e.live(desired.VNetID(vnet.Name)).Phase == resource.Absent
		joins := connection.Attrs["remote_vnet"].One()
		switch {
		case gone && connection.Phase > resource.Absent:
			f.Says += "; " + string(connectionID) + " keeps it so: its VNet is gone"
		case connection.Phase == resource.Failed && joins != "" && !strings.EqualFold(joins, vnet.ID):
			f.Says += fmt.Sprintf("; %s keeps it so: it joins %s, and not the VNet of the file", connectionID, lastPart(joins))
		case connection.Phase == resource.Failed:
			f.Says += "; " + string(connectionID) + " failed with it"
		default:
			continue
		}
		blockers[connectionID] = true
		f = f.on(failure.Network, vnet.Name).on(failure.Same, string(connectionID))
	}
	return f
}

// hubsRoute tells which hubs' routers do not work.
func hubsRoute(e *Evidence) answer {
	a := answer{of: "hubs"}
	for _, hub := range e.File.Azure.Hubs {
		id := desired.HubID(hub.Name)
		live := e.live(id)
		if live.Phase < resource.Failed {
			continue
		}
		a.subjects++
		state, known := live.Attrs["routing_state"]
		switch {
		case !known:
			a.gaps = append(a.gaps, e.gap(id, "Azure does not tell its routing state"))
		case state.One() == "provisioned", live.Phase == resource.Failed:
		default:
			says := fmt.Sprintf("its routing state is %s", state.One())
			f := e.found(failure.HubRouterNotReady, id, says).seen(e, "properties.routingState", state.One())
			for _, vnet := range hub.VNets {
				f = f.on(failure.Network, vnet.Name)
			}
			for _, link := range e.File.LinksOfHub(hub.Name) {
				f = f.on(failure.Link, link.Name)
			}
			a.findings = append(a.findings, f)
		}
	}
	return a
}
