package aws

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ways is what the calls of a survey of one region answered, as it came.
type ways struct {
	*seen
	targets []target
	defect  string // of linkd, that the look met and survived

	named, addressed part[types.Instance]
	checks           part[types.InstanceStatus]
	subnets          part[types.Subnet]
	tables           part[types.RouteTable]
	acls             part[types.NetworkAcl]
	rules            part[types.SecurityGroupRule]
	upkeep           map[string]part[types.MaintenanceDetails] // by the pair's name

	machines map[string]types.Instance // those found, by the target's name
	gateways []standingGateway
	pairs    map[string]joinedPair // by the pair's name
}

// askNamed reads the instances that the file names: by a filter, for one id
// that does not exist would fail the call for all.
func (w *ways) askNamed(ctx context.Context) part[types.Instance] {
	var ids []string
	for _, t := range w.targets {
		if t.ID != "" {
			ids = append(ids, t.ID)
		}
	}
	return w.askInstances(ctx, len(ids) > 0, filter("instance-id", ids...))
}

// askAddressed reads the instances of which the file says the address only.
func (w *ways) askAddressed(ctx context.Context) part[types.Instance] {
	var vpcs, addresses []string
	for _, t := range w.targets {
		if t.ID == "" {
			vpcs, addresses = append(vpcs, t.vpc.ID), append(addresses, t.Address.String())
		}
	}
	slices.Sort(vpcs)
	return w.askInstances(ctx, len(addresses) > 0, filter("vpc-id", slices.Compact(vpcs)...), filter("private-ip-address", addresses...))
}

func (w *ways) askInstances(ctx context.Context, some bool, filters ...types.Filter) part[types.Instance] {
	if !some {
		return part[types.Instance]{asked: true}
	}
	return pages(ctx, w.cloud, func(token *string) ([]types.Instance, *string, error) {
		out, err := w.region.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: filters, MaxResults: awssdk.Int32(largePage), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		var instances []types.Instance
		for _, reservation := range out.Reservations {
			instances = append(instances, reservation.Instances...)
		}
		return instances, out.NextToken, nil
	})
}

// askChecks reads what EC2's own checks say of the instances that were found.
func (w *ways) askChecks(ctx context.Context) part[types.InstanceStatus] {
	var ids []string
	for _, instance := range w.machines {
		ids = append(ids, awssdk.ToString(instance.InstanceId))
	}
	if len(ids) == 0 {
		return part[types.InstanceStatus]{asked: true}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return pages(ctx, w.cloud, func(token *string) ([]types.InstanceStatus, *string, error) {
		out, err := w.region.ec2.DescribeInstanceStatus(ctx, &ec2.DescribeInstanceStatusInput{
			InstanceIds: ids, IncludeAllInstances: awssdk.Bool(true), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.InstanceStatuses, out.NextToken, nil
	})
}

func (w *ways) askSubnets(ctx context.Context, vpcs []string) part[types.Subnet] {
	if len(vpcs) == 0 {
		return part[types.Subnet]{asked: true}
	}
	return pages(ctx, w.cloud, func(token *string) ([]types.Subnet, *string, error) {
		out, err := w.region.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{
			Filters: []types.Filter{filter("vpc-id", vpcs...)}, MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.Subnets, out.NextToken, nil
	})
}

// askTablesOf reads all route tables of VPCs: which one a subnet follows shows
// only among all.
func (w *ways) askTablesOf(ctx context.Context, vpcs []string) part[types.RouteTable] {
	if len(vpcs) == 0 {
		return part[types.RouteTable]{asked: true}
	}
	return pages(ctx, w.cloud, func(token *string) ([]types.RouteTable, *string, error) {
		out, err := w.region.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{
			Filters: []types.Filter{filter("vpc-id", vpcs...)}, MaxResults: awssdk.Int32(tablePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.RouteTables, out.NextToken, nil
	})
}

func (w *ways) askACLs(ctx context.Context, vpcs []string) part[types.NetworkAcl] {
	if len(vpcs) == 0 {
		return part[types.NetworkAcl]{asked: true}
	}
	return pages(ctx, w.cloud, func(token *string) ([]types.NetworkAcl, *string, error) {
		out, err := w.region.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{
			Filters: []types.Filter{filter("vpc-id", vpcs...)}, MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.NetworkAcls, out.NextToken, nil
	})
}

// askRules reads the rules of the groups of the instances that were found.
func (w *ways) askRules(ctx context.Context) part[types.SecurityGroupRule] {
	var groups []string
	for _, t := range w.targets {
		groups = append(groups, w.groupsOf(t)...)
	}
	if len(groups) == 0 {
		return part[types.SecurityGroupRule]{asked: true}
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	return pages(ctx, w.cloud, func(token *string) ([]types.SecurityGroupRule, *string, error) {
		out, err := w.region.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{
			Filters: []types.Filter{filter("group-id", groups...)}, MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.SecurityGroupRules, out.NextToken, nil
	})
}

// askUpkeep reads what maintenance AWS has in mind for a tunnel.
func (w *ways) askUpkeep(ctx context.Context, t joinedPair) part[types.MaintenanceDetails] {
	return w.readMaintenance(ctx, t.connection, t.shown.outside)
}
