package aws

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"linkd/internal/sim/ground"
)

// linger is how long a deleted object is still listed, in state deleted.
const linger = time.Hour

// Cloud is the AWS half: accounts with their regions. Most scenarios have one.
type Cloud struct {
	ground.Config
	home     string             // the account of whoever has assumed no role
	regions  map[string]*region // by their places, see [Cloud.place]
	order    []string           // the places of the regions, in the order in which they came up
	accounts accounts
	history  *history
	made     map[string]int // how many ids of each kind there are
	requests int
	outside  map[netip.Addr]bool
	commands map[string]*invocation  // of Systems Manager, by command and instance
	secrets  map[string]storedSecret // of Secrets Manager, by ARN
}

// region is what exists in one region of one account.
type region struct {
	account, name    string
	gateways         *store[gateway]
	attachments      *store[attachment]
	tables           *store[gatewayTable]
	routes           map[string]*store[gatewayRoute] // by the id of their table
	customerGateways *store[customerGateway]
	connections      *store[connection]
	vpcs             *store[vpc]
	subnets          *store[subnet]
	routeTables      *store[routeTable]
	groups           *store[group]
	groupRules       *store[groupRule]
	networkACLs      *store[networkACL]
	instances        *store[instance]
	tags             *store[[]tag] // by the id of what they are on
}

// New makes the half, with what its scenario says is there beforehand.
func New(config ground.Config) (*Cloud, error) {
	c := &Cloud{
		Config:   config,
		home:     config.Scenario.AWS.Account,
		accounts: newAccounts(config.Scenario.AWS),
		regions:  map[string]*region{},
		history:  &history{keep: max(config.Behaviour().Lag, staleness)},
		made:     map[string]int{},
		outside:  map[netip.Addr]bool{},
		commands: map[string]*invocation{}, secrets: map[string]storedSecret{},
	}
	for _, account := range config.Scenario.AWS.All() {
		for _, row := range account.Regions {
			place := c.place(account.Account, row.Name)
			if err := c.furnish(c.region(place), row); err != nil {
				return nil, fmt.Errorf("cannot furnish AWS region %s: %w", place, err)
			}
		}
	}
	return c, nil
}

// place is how a region of an account is called: by its name in the first
// account, and "eu-west-1@222222222222" in another.
func (c *Cloud) place(account, name string) string {
	if account == c.home {
		return name
	}
	return name + "@" + account
}

// region finds a region by its place, and opens it when nobody has used it yet:
// a region needs no preparation in AWS either.
func (c *Cloud) region(place string) *region {
	if r, open := c.regions[place]; open {
		return r
	}
	name, account, other := strings.Cut(place, "@")
	if !other {
		account = c.home
	}
	h := c.history
	r := &region{
		account:          account,
		name:             name,
		gateways:         newStore[gateway](h),
		attachments:      newStore[attachment](h),
		tables:           newStore[gatewayTable](h),
		routes:           map[string]*store[gatewayRoute]{},
		customerGateways: newStore[customerGateway](h),
		connections:      newStore[connection](h),
		vpcs:             newStore[vpc](h),
		subnets:          newStore[subnet](h),
		routeTables:      newStore[routeTable](h),
		groups:           newStore[group](h),
		groupRules:       newStore[groupRule](h),
		networkACLs:      newStore[networkACL](h),
		instances:        newStore[instance](h),
		tags:             newStore[[]tag](h),
	}
	c.regions[place], c.order = r, append(c.order, place)
	return r
}

// Generation counts the changes of the half's state.
func (c *Cloud) Generation() uint64 { return c.history.generation }

// newID makes an id of a kind: always the same ones in the same order for the
// same seed.
func (c *Cloud) newID(kind idKind) string {
	c.made[kind.prefix]++
	return kind.prefix + "0" + c.derive("id", kind.prefix, fmt.Sprint(c.made[kind.prefix]))[:16]
}

// derive works a hexadecimal text out of the seed and the words.
func (c *Cloud) derive(words ...string) string {
	return hex.EncodeToString(c.digest(words...))
}

func (c *Cloud) digest(words ...string) []byte {
	seed := binary.BigEndian.AppendUint64(nil, c.Behaviour().Seed)
	sum := sha256.Sum256(append(seed, strings.Join(words, "\x00")...))
	return sum[:]
}

// newKey makes a pre-shared key as AWS does when none was given: 32
// characters of its alphabet, not beginning with a nought.
func (c *Cloud) newKey(words ...string) secret {
	text := base32.NewEncoding("abcdefghijkmnpqrstuvwxyzABCDEFGH").WithPadding(base32.NoPadding)
	return keep(text.EncodeToString(c.digest(append(words, "key")...))[:32])
}

// newOutside makes a public address that no other tunnel has.
func (c *Cloud) newOutside(words ...string) netip.Addr {
	for try := 0; ; try++ {
		d := c.digest(append(words, "outside", fmt.Sprint(try))...)
		address := netip.AddrFrom4([4]byte{3, 112 | d[0]&15, d[1], 1 + d[2]%254})
		if !c.outside[address] {
			c.outside[address] = true
			return address
		}
	}
}
