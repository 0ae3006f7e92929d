package aws

import (
	"context"
	"fmt"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// invalidInstance is the one code by which Systems Manager refuses an instance
// that is not there, does not run, or is not one of its own.
const invalidInstance = "InvalidInstanceId"

// undelivered are the details of a command that has ended without having begun.
var undelivered = []string{"DeliveryTimedOut", "Undeliverable"}

// reasonWithin bounds the calls that ask why an instance is not reached.
const reasonWithin = 10 * time.Second

// unreached says why Systems Manager does not reach an instance: it refused a
// command for it, or none began there. Where that may not be asked, it names
// all that it can be.
func (c *Cloud) unreached(ctx context.Context, region *region, target desired.Target, err error) error {
	ctx, stop := context.WithTimeout(ctx, reasonWithin)
	defer stop()
	text, hint := region.whyUnreached(ctx, target)
	switch {
	case text != "":
	case !coded(err, invalidInstance):
		return err // it is reached, and took its time
	default:
		text, hint = "Systems Manager refused "+target.ID+" ("+target.Name+"), and reaches it now", "try again"
	}
	problem := &resource.Problem{Reason: resource.Refused, Action: "ssm:SendCommand", Text: text, Hint: hint, Err: err}
	if coded(err, invalidInstance) {
		problem.Code = invalidInstance
	}
	return problem
}

// whyUnreached asks EC2 whether the instance is there and runs, and then
// Systems Manager whether it knows it and hears from it. Of one that is reached
// it says "".
func (r *region) whyUnreached(ctx context.Context, target desired.Target) (text, hint string) {
	who := target.ID + " (" + target.Name + ")"
	general := func() (string, string) {
		return "Systems Manager does not reach " + who, "see that the instance runs, that its SSM agent does, and that its instance profile has AmazonSSMManagedInstanceCore"
	}
	state, there, err := r.stateOf(ctx, target.ID)
	switch {
	case err != nil:
		return general()
	case !there:
		return fmt.Sprintf("there is no instance %s (%s) in %s", target.ID, target.Name, r.place), "mend the id of target " + target.Name + " in the file, or make the instance"
	case state == ec2types.InstanceStateNameTerminated || state == ec2types.InstanceStateNameShuttingDown:
		return fmt.Sprintf("%s is no more: it is %s", who, state), "make another instance, and give its id to target " + target.Name + " in the file"
	case state != ec2types.InstanceStateNameRunning:
		return fmt.Sprintf("%s does not run: it is %s", who, state), "start the instance"
	}
	managed, known, err := r.managed(ctx, target.ID)
	switch {
	case err != nil:
		return general()
	case !known:
		return who + " runs, and is not managed by Systems Manager", "give it an instance profile with AmazonSSMManagedInstanceCore, and see that its SSM agent runs"
	case managed.PingStatus != ssmtypes.PingStatusOnline:
		return fmt.Sprintf("%s runs, and Systems Manager has last heard from it at %s", who, awssdk.ToTime(managed.LastPingDateTime).UTC().Format(time.DateTime+"Z")),
			"see that its SSM agent runs, and reaches the service over the Internet or by endpoints of its VPC"
	}
	return "", ""
}

// stateOf reads the state of an instance; false: there is none.
func (r *region) stateOf(ctx context.Context, id string) (ec2types.InstanceStateName, bool, error) {
	out, err := r.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{filter("instance-id", id)}})
	if err != nil {
		return "", false, err
	}
	for _, reservation := range out.Reservations {
		for _, instance := range reservation.Instances {
			if instance.State != nil {
				return instance.State.Name, true, nil
			}
		}
	}
	return "", false, nil
}

// managed reads what Systems Manager knows of an instance; false: nothing.
func (r *region) managed(ctx context.Context, id string) (ssmtypes.InstanceInformation, bool, error) {
	out, err := r.ssm.DescribeInstanceInformation(ctx, &ssm.DescribeInstanceInformationInput{
		Filters: []ssmtypes.InstanceInformationStringFilter{{Key: awssdk.String("InstanceIds"), Values: []string{id}}},
	})
	if err != nil || len(out.InstanceInformationList) == 0 {
		return ssmtypes.InstanceInformation{}, false, err
	}
	return out.InstanceInformationList[0], true, nil
}
