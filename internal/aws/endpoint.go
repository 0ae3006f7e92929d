package aws

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// AWS's end of a tunnel is a machine that AWS replaces now and then; addresses and
// keys stay, and the tunnel is down for minutes. Of a tunnel with lifecycle control
// AWS tells beforehand, and lets the user choose the hour until a last day
// (Site-to-Site VPN user guide, "Tunnel endpoint lifecycle control").

// The values of the rows of an end.
const (
	endCurrent = "current"
	endPending = "maintenance pending"
	controlOn  = "on"
	controlOff = "off"
	noDrill    = "none"
)

func controlAttr(number int) string { return "tunnel_" + strconv.Itoa(number) + "_lifecycle" }
func endAttr(number int) string     { return "tunnel_" + strconv.Itoa(number) + "_endpoint" }

// endRows are the rows of AWS's end of one tunnel.
func endRows(number int) []resource.Attr {
	of := "of tunnel " + strconv.Itoa(number) + ": "
	return []resource.Attr{
		{Name: controlAttr(number), Means: of + "whether AWS tells of maintenance of its end beforehand; compared where linkd is to choose the hour", Fix: resource.InPlace, Breaks: "AWS takes the tunnel down for maintenance at an hour of its own"},
		{Name: endAttr(number), Means: of + "AWS's end, current or with maintenance pending; compared where linkd is to choose the hour", Fix: resource.InPlace, Effect: resource.OneTunnel, Breaks: "AWS takes the tunnel down by itself before long, at an hour of its own"},
		{Name: desired.FactDrill(number), Means: of + "the drill that took it down last; wanted by linkd drill alone", Fix: resource.InPlace, Effect: resource.OneTunnel, Breaks: "nothing: the drill was not made yet"},
	}
}

// maintains tells whether linkd is to choose when ends are replaced.
func (c *Cloud) maintains() bool {
	return c.file.AWS.EndpointMaintenance == desired.MaintainedByLinkd
}

// wantEnds adds what is wanted of the ends of both tunnels.
func (r *vpnConnection) wantEnds(want resource.Attrs) {
	for n := range r.inside {
		if r.cloud.maintains() {
			want[controlAttr(n+1)], want[endAttr(n+1)] = resource.Of(controlOn), resource.Of(endCurrent)
		}
	}
}

// askEnds reads what maintenance AWS has for the ends of a connection's tunnels:
// one call a tunnel, and none unless linkd is to choose the hour.
func (r *vpnConnection) askEnds(ctx context.Context, s *seen, connection types.VpnConnection) {
	if !r.cloud.maintains() || reduceConnection(connection).phase != resource.Ready {
		return
	}
	for _, t := range pair(connection, r.inside) {
		if t.outside != "" {
			s.ends.put(t.outside, s.readMaintenance(ctx, awssdk.ToString(connection.VpnConnectionId), t.outside))
		}
	}
}

// readMaintenance reads what maintenance AWS has in mind for one end.
func (s *seen) readMaintenance(ctx context.Context, connection, outside string) part[types.MaintenanceDetails] {
	return pages(ctx, s.cloud, func(*string) ([]types.MaintenanceDetails, *string, error) {
		out, err := s.region.ec2.GetVpnTunnelReplacementStatus(ctx, &ec2.GetVpnTunnelReplacementStatusInput{
			VpnConnectionId: awssdk.String(connection), VpnTunnelOutsideIpAddress: awssdk.String(outside),
		})
		if err != nil || out.MaintenanceDetails == nil {
			return nil, nil, err
		}
		return []types.MaintenanceDetails{*out.MaintenanceDetails}, nil, nil
	})
}

// askAllEnds reads those of all connections of the region that were seen.
func (c *Cloud) askAllEnds(ctx context.Context, s *seen) {
	items, err := s.connections.list()
	if err != nil || !c.maintains() {
		return
	}
	var calls []func()
	for _, n := range c.nodesOf(s.region) {
		r, is := n.(*vpnConnection)
		if !is {
			continue
		}
		if connection, _, found := choose(items, r.id, c.file.Owner, reduceConnection, r.aloneLike()); found {
			calls = append(calls, func() { r.askEnds(ctx, s, connection) })
		}
	}
	resource.Together(calls...)
}

// doneLately is for how long after AWS has applied maintenance it is not believed
// that more is pending: the answer may be older.
const doneLately = time.Hour

// showEnds fills in how the ends stand. What AWS did not tell is not shown, so
// that the drift is unseen.
func (r *vpnConnection) showEnds(s *seen, tunnels [2]tunnel, live *resource.Live) {
	for n, t := range tunnels {
		live.Attrs[desired.FactDrill(n+1)] = resource.Of(r.cloud.memory.drilled(r.id, n+1))
		if t.options != nil {
			control := controlOff
			if awssdk.ToBool(t.options.EnableTunnelLifecycleControl) {
				control = controlOn
			}
			live.Attrs[controlAttr(n+1)] = resource.Of(control)
		}
		details, err := s.ends.get(t.outside).list()
		if err != nil {
			continue
		}
		live.Attrs[endAttr(n+1)] = resource.Of(endCurrent)
		for _, d := range details {
			lately := d.LastMaintenanceApplied != nil && r.cloud.memory.ago(*d.LastMaintenanceApplied) < doneLately
			if pendingOf(awssdk.ToString(d.PendingMaintenance)) != "" && !lately {
				live.Attrs[endAttr(n+1)] = resource.Of(endPending)
			}
		}
	}
}

// pendingOf is what AWS says of maintenance to come, as a clause, "" for none.
// It says true and false, or in words what is pending.
func pendingOf(said string) string {
	switch strings.ToLower(said) {
	case "", "false", "none":
		return ""
	case "true":
		return "maintenance is pending"
	}
	return said
}

// control turns lifecycle control on, without the replacement that AWS would begin
// with it, and reports whether there was anything to do.
func (r *vpnConnection) control(ctx context.Context, want resource.Spec, now resource.Live) (bool, error) {
	for n := range r.inside {
		if !differs(controlAttr(n+1), want, now) {
			continue
		}
		_, err := r.region.ec2.ModifyVpnTunnelOptions(ctx, &ec2.ModifyVpnTunnelOptionsInput{
			VpnConnectionId:           awssdk.String(now.Ref),
			VpnTunnelOutsideIpAddress: awssdk.String(now.Attrs[desired.FactOutsideAddress(n+1)].One()),
			TunnelOptions:             &types.ModifyVpnTunnelOptionsSpecification{EnableTunnelLifecycleControl: awssdk.Bool(want.Attrs[controlAttr(n+1)].One() == controlOn)},
			SkipTunnelReplacement:     awssdk.Bool(true),
		})
		return true, r.cloud.problem(ctx, err)
	}
	return false, nil
}

// replaceEnd has AWS replace its end of one tunnel, with the maintenance that is
// pending, or for a drill; and reports whether there was anything to do.
func (r *vpnConnection) replaceEnd(ctx context.Context, want resource.Spec, now resource.Live) (bool, error) {
	for n := range r.inside {
		maintenance, drill := differs(endAttr(n+1), want, now), differs(desired.FactDrill(n+1), want, now)
		if !maintenance && !drill {
			continue
		}
		_, err := r.region.ec2.ReplaceVpnTunnel(ctx, &ec2.ReplaceVpnTunnelInput{
			VpnConnectionId:           awssdk.String(now.Ref),
			VpnTunnelOutsideIpAddress: awssdk.String(now.Attrs[desired.FactOutsideAddress(n+1)].One()),
			ApplyPendingMaintenance:   awssdk.Bool(maintenance),
		})
		if err == nil && drill {
			r.cloud.memory.drill(r.id, n+1, want.Attrs[desired.FactDrill(n+1)].One())
		}
		return true, r.cloud.problem(ctx, err)
	}
	return false, nil
}

func differs(name string, want resource.Spec, now resource.Live) bool {
	value, asked := want.Attrs[name]
	return asked && !value.Equal(now.Attrs[name])
}

// ends is what AWS answered about the ends of tunnels, by their outside address.
// Several calls add to it at once.
type ends struct {
	mu   sync.Mutex
	told map[string]part[types.MaintenanceDetails]
}

func (e *ends) put(outside string, details part[types.MaintenanceDetails]) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.told == nil {
		e.told = map[string]part[types.MaintenanceDetails]{}
	}
	e.told[outside] = details
}

func (e *ends) get(outside string) part[types.MaintenanceDetails] {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.told[outside]
}
