package aws

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Apply implements [resource.Resource]. One call changes one tunnel at most:
// a tunnel that is changed is down for minutes, and the other must carry the
// traffic meanwhile. What interrupts nothing goes first.
func (r *vpnConnection) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	if now.Phase == resource.Absent {
		return r.create(ctx, want)
	}
	differs := func(name string) bool { return differs(name, want, now) }
	attachment := now.Attrs[desired.FactAttachment].One()
	if attachment != "" && differs("attachment_owner") {
		if err := r.tagAttachment(ctx, attachment); err != nil {
			return err
		}
	}
	if attachment != "" && differs("association") {
		if err := r.associate(ctx, attachment, want.Attrs["association"].One(), now.Attrs["association"].One()); err != nil {
			return err
		}
	}
	if attachment != "" && differs("propagation") {
		if err := r.propagate(ctx, attachment, want.Attrs["propagation"], now.Attrs["propagation"]); err != nil {
			return err
		}
	}
	if done, err := r.control(ctx, want, now); done {
		return err
	}
	if number := r.nextTunnel(want, now); number != 0 {
		return r.changeTunnel(ctx, number, want, now)
	}
	if !differs("customer_gateway") {
		_, err := r.replaceEnd(ctx, want, now)
		return err
	}
	_, err := r.region.ec2.ModifyVpnConnection(ctx, &ec2.ModifyVpnConnectionInput{
		VpnConnectionId: awssdk.String(now.Ref), CustomerGatewayId: awssdk.String(want.Attrs["customer_gateway"].One()),
	})
	return r.cloud.problem(ctx, err)
}

// create makes the connection with both tunnels' options spelt out.
func (r *vpnConnection) create(ctx context.Context, want resource.Spec) error {
	specs := make([]types.VpnTunnelOptionsSpecification, 2)
	for n := range specs {
		for _, o := range options {
			if _, asked := want.Attrs[optionAttr(n+1, o)]; asked {
				o.set(&specs[n], r.link.IKE, r.inside[n])
			}
		}
		if want.Attrs[controlAttr(n+1)].One() == controlOn {
			specs[n].EnableTunnelLifecycleControl = awssdk.Bool(true)
		}
		if key := want.Secrets[desired.FactKey(n+1)]; !key.IsZero() {
			specs[n].PreSharedKey = awssdk.String(key.Reveal())
		}
	}
	out, err := r.region.ec2.CreateVpnConnection(ctx, &ec2.CreateVpnConnectionInput{
		Type:              awssdk.String(string(types.GatewayTypeIpsec1)),
		CustomerGatewayId: awssdk.String(want.Attrs["customer_gateway"].One()),
		TransitGatewayId:  awssdk.String(want.Attrs["transit_gateway"].One()),
		Options: &types.VpnConnectionOptionsSpecification{
			StaticRoutesOnly: awssdk.Bool(want.Attrs["routing"].One() == string(desired.Static)),
			TunnelOptions:    specs,
		},
		TagSpecifications: r.tagsAtCreation(),
	}, once)
	if err != nil {
		return r.cloud.problem(ctx, err, keysIn(want)...)
	}
	if out.VpnConnection != nil {
		made := r.show(*out.VpnConnection, reduceConnection(*out.VpnConnection))
		made.Owner, made.NotOurs = r.cloud.file.Owner, ""
		r.cloud.memory.create(r.id, made)
	}
	return nil
}

// tagsAtCreation are the tags of ownership, and a note of when the keys were made
// where AWS makes them: it does not tell that later.
func (r *vpnConnection) tagsAtCreation() []types.TagSpecification {
	specs := r.cloud.atCreation(types.ResourceTypeVpnConnection, r.id, r.cloud.file.AWSName(r.link.Name, r.instance))
	if !r.link.Keys.Given() {
		note := desired.KeysMade(time.Now()).String()
		specs[0].Tags = append(specs[0].Tags, types.Tag{Key: awssdk.String(desired.KeysTag), Value: awssdk.String(note)})
	}
	return specs
}

// tagAttachment gives the attachment the connection's tags: a create tags the
// connection only.
func (r *vpnConnection) tagAttachment(ctx context.Context, attachment string) error {
	_, err := r.region.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{attachment}, Tags: r.cloud.tagsOf(r.id, r.cloud.file.AWSName(r.link.Name, r.instance))})
	return r.cloud.problem(ctx, err)
}

// nextTunnel is the number of a tunnel that has to change, or 0. Of two, one
// that is down goes first: changing it costs nothing.
func (r *vpnConnection) nextTunnel(want resource.Spec, now resource.Live) int {
	var numbers []int
	for number := 1; number <= len(r.inside); number++ {
		if len(changedOptions(number, want, now)) > 0 || keyChanged(number, want, now) {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) == 0 {
		return 0
	}
	down := slices.IndexFunc(numbers, func(number int) bool { return now.Attrs[factStatus(number)].One() == "down" })
	return numbers[max(down, 0)]
}

func changedOptions(number int, want resource.Spec, now resource.Live) []option {
	var changed []option
	for _, o := range options {
		value, asked := want.Attrs[optionAttr(number, o)]
		if asked && !value.Equal(now.Attrs[optionAttr(number, o)]) {
			changed = append(changed, o)
		}
	}
	return changed
}

func keyChanged(number int, want resource.Spec, now resource.Live) bool {
	key := want.Secrets[desired.FactKey(number)]
	return !key.IsZero() && !key.Equal(now.Secrets[desired.FactKey(number)])
}

// changeTunnel sets what differs on one tunnel, by its outside address. A
// value that is AWS's default is sent all the same: leaving it out would keep
// what stands.
func (r *vpnConnection) changeTunnel(ctx context.Context, number int, want resource.Spec, now resource.Live) error {
	var spec types.VpnTunnelOptionsSpecification
	for _, o := range changedOptions(number, want, now) {
		o.set(&spec, r.link.IKE, r.insideOf(number))
	}
	changed := keyChanged(number, want, now)
	if changed {
		spec.PreSharedKey = awssdk.String(want.Secrets[desired.FactKey(number)].Reveal())
	}
	modify := types.ModifyVpnTunnelOptionsSpecification(spec)
	_, err := r.region.ec2.ModifyVpnTunnelOptions(ctx, &ec2.ModifyVpnTunnelOptionsInput{
		VpnConnectionId:           awssdk.String(now.Ref),
		VpnTunnelOutsideIpAddress: awssdk.String(now.Attrs[desired.FactOutsideAddress(number)].One()),
		TunnelOptions:             &modify,
	})
	if note := want.Attrs[desired.FactKeyNote].One(); err == nil && changed && note != "" {
		return r.NoteKeys(ctx, now, note) // at once: until then who comes next cannot know of the change
	}
	return r.cloud.problem(ctx, err, keysIn(want)...)
}

// NoteKeys writes the [desired.KeyNote] of the connection into its tag.
func (r *vpnConnection) NoteKeys(ctx context.Context, now resource.Live, note string) error {
	_, err := r.region.ec2.CreateTags(ctx, &ec2.CreateTagsInput{
		Resources: []string{now.Ref}, Tags: []types.Tag{{Key: awssdk.String(desired.KeysTag), Value: awssdk.String(note)}},
	})
	return r.cloud.problem(ctx, err)
}

// keysIn are the keys that a call carries, for its error to be searched for.
func keysIn(want resource.Spec) []resource.Secret {
	return slices.Collect(maps.Values(want.Secrets))
}

func (r *vpnConnection) insideOf(number int) netip.Prefix { return r.inside[number-1] }

// Delete implements [resource.Resource].
func (r *vpnConnection) Delete(ctx context.Context, now resource.Live) error {
	_, err := r.region.ec2.DeleteVpnConnection(ctx, &ec2.DeleteVpnConnectionInput{VpnConnectionId: awssdk.String(now.Ref)})
	return r.deleted(ctx, err)
}
