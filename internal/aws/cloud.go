package aws

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Options are what a program may set beside the desired-state file. The zero
// Options speak to AWS itself with the file's credentials.
type Options struct {
	// Credentials sign every call; nil: the file's profile and role, else the
	// SDK's own chain.
	Credentials awssdk.CredentialsProvider
	// HTTPClient carries the calls; nil: the SDK's own.
	HTTPClient awssdk.HTTPClient
	// Endpoint of EC2 and STS in every region; it goes before the file's.
	Endpoint string
	// TimeScale is how many seconds pass in the cloud in one of ours; 0 is 1.
	TimeScale float64
	// Env finds the environment variables that the file's key sources name;
	// nil: those of the process.
	Env desired.Environment
	// Secret reads a secret of Azure's store, by its address, for links that take
	// their keys from there.
	Secret func(ctx context.Context, address string) (resource.Secret, error)
	// OnCall is told of every request that was sent, retries included. Several
	// goroutines call it at once.
	OnCall func(Call)
}

// Call is one request that was sent.
type Call struct {
	Action string // "ec2:DescribeVpcs"
	Region string
	Took   time.Duration
	Failed bool
	// Status is the answer's of HTTP, or 0 when none came or it made no sense.
	Status int
	// Throttled says that the cloud refused the call for now because there were
	// too many.
	Throttled bool
}

// Cloud is the AWS half of one desired-state file.
type Cloud struct {
	file    *desired.File
	options Options
	regions map[string]*region // by their places, see [desired.File.PlaceOf]
	order   []string           // of the places in the file
	sts     *sts.Client
	guests  []guest // in other accounts
	nodes   []node
	ranges  map[string][]netip.Prefix // inside ranges, by link
	memory  *memory
	config  awssdk.Config
	stored  *stored
}

// region is one AWS region of one account, and its clients.
type region struct {
	place   string
	name    string
	account string
	ec2     *ec2.Client
	ssm     *ssm.Client
}

// New prepares the AWS half of file. It reads the SDK's own configuration
// files when the file and options name no credentials; it sends nothing.
func New(ctx context.Context, file *desired.File, options Options) (*Cloud, error) {
	if options.TimeScale == 0 {
		options.TimeScale = 1
	}
	if options.Endpoint == "" {
		options.Endpoint = file.AWS.Endpoint
	}
	c := &Cloud{file: file, options: options, regions: map[string]*region{}, memory: newMemory(options.TimeScale), stored: &stored{last: map[desired.Source]storedSecret{}}}
	config, err := c.configure(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot prepare the calls to AWS: %w", err)
	}
	c.config = config
	for _, r := range file.AWS.Regions {
		if c.sts == nil {
			c.sts = sts.NewFromConfig(config, func(o *sts.Options) { o.Region = r.Name })
		}
		if len(r.TransitGateways) == 0 {
			c.open(config, r.Name, desired.TransitGateway{Region: r.Name})
		}
		for _, gateway := range r.TransitGateways {
			c.open(c.configFor(gateway), r.Name, gateway)
		}
	}
	c.ranges = map[string][]netip.Prefix{}
	for _, link := range file.Links {
		c.ranges[link.Name] = file.InsideRanges(link)
	}
	c.nodes = c.list()
	return c, nil
}

// open makes the clients of the place of a transit gateway, once.
func (c *Cloud) open(config awssdk.Config, name string, gateway desired.TransitGateway) {
	place := c.file.PlaceOf(gateway)
	if c.regions[place] != nil {
		return
	}
	c.order = append(c.order, place)
	c.regions[place] = &region{
		place: place, name: name, account: c.file.AccountOf(gateway),
		ec2: ec2.NewFromConfig(config, func(o *ec2.Options) { o.Region = name }),
		ssm: ssm.NewFromConfig(config, func(o *ssm.Options) { o.Region = name }),
	}
}

// Name is the first part of the ids of this cloud's resources.
func (c *Cloud) Name() string { return "aws" }

// Resources lists every resource that the file wants of AWS.
func (c *Cloud) Resources() []resource.Resource {
	resources := make([]resource.Resource, len(c.nodes))
	for i, n := range c.nodes {
		resources[i] = n
	}
	return resources
}

// list is the table of contents. Each resource stands behind those of AWS
// whose live state its own is read with.
func (c *Cloud) list() []node {
	var nodes []node
	for _, region := range c.file.AWS.Regions {
		for _, gateway := range region.TransitGateways {
			place := c.file.PlaceOf(gateway)
			nodes = append(nodes, newTransitGateway(c, place, gateway))
			for _, v := range gateway.VPCs {
				nodes = append(nodes, newVPC(c, place, v), newVPCAttachment(c, place, gateway, v))
			}
			for _, link := range c.linksOf(gateway.Name) {
				for _, instance := range link.Instances() {
					given := c.keysOf(link, instance)
					nodes = append(nodes,
						newCustomerGateway(c, place, link, instance, given),
						newVPNConnection(c, place, link, instance, given))
				}
				for _, tunnel := range link.Tunnels() {
					nodes = append(nodes, newVPNTunnel(c, place, link, tunnel))
				}
			}
			nodes = append(nodes, newTransitGatewayRoutes(c, place, gateway))
			if len(c.speakersOf(gateway.Name)) > 0 {
				nodes = append(nodes, newLearnedRoutes(c, place, gateway))
			}
			for _, v := range gateway.VPCs {
				for _, table := range v.RouteTables {
					nodes = append(nodes, newVPCRoutes(c, place, gateway, v, table))
				}
			}
		}
	}
	for _, peering := range c.file.AWS.Peerings {
		nodes = append(nodes, newPeeringAttachment(c, peering))
	}
	return nodes
}

// declares tells whether an id is of one of the file's resources.
func (c *Cloud) declares(id resource.ID) bool {
	return slices.ContainsFunc(c.nodes, func(n node) bool { return n.ID() == id })
}

// linksOf lists the links of a transit gateway in the order of the file.
func (c *Cloud) linksOf(transitGateway string) []desired.Link {
	var links []desired.Link
	for _, link := range c.file.Links {
		if link.TransitGateway == transitGateway {
			links = append(links, link)
		}
	}
	return links
}
