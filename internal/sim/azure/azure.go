package azure

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"

	"linkd/internal/sim/ground"
)

// Cloud is the Azure half: what exists in it, and what is under way.
type Cloud struct {
	ground        ground.Config
	random        *rand.Rand
	kinds         []*kind
	nodes         map[string]*node
	order         []*node                    // as they were made: lists keep this order
	sorted        map[string][]*node         // by collection
	inside        map[*kind]map[string]*kind // the kinds that a kind's body lists, by property
	gone          map[string]bool
	subscriptions map[string]*subscription
	operations    map[string]*operation
	ended         []string // the operations that are done, the oldest end first
	generation    uint64
	public        map[netip.Addr]bool     // addresses given out
	vault         map[string]*vaultSecret // of Key Vault, by the vault's host and the name
}

// New makes the half and what the scenario says exists beforehand.
func New(config ground.Config) (*Cloud, error) {
	c := &Cloud{
		ground:        config,
		random:        config.Random,
		kinds:         kinds(),
		nodes:         map[string]*node{},
		sorted:        map[string][]*node{},
		gone:          map[string]bool{},
		subscriptions: map[string]*subscription{},
		operations:    map[string]*operation{},
		public:        map[netip.Addr]bool{},
		vault:         map[string]*vaultSecret{},
	}
	c.inside = inside(c.kinds)
	if c.random == nil {
		seed := config.Behaviour().Seed
		c.random = rand.New(rand.NewPCG(seed, seed+1))
	}
	if err := c.seed(config.Scenario.Azure); err != nil {
		return nil, fmt.Errorf("cannot build the Azure half of the scenario: %w", err)
	}
	return c, nil
}

// Generation grows whenever what [Cloud.Side] tells may differ.
func (c *Cloud) Generation() uint64 { return c.generation }

func (c *Cloud) changed() { c.generation++ }

// ServeHTTP answers one request.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isVault(r) {
		c.serveVault(w, r)
		return
	}
	q, problem := c.readRequest(r)
	var a answer
	if problem == nil {
		a, problem = c.serve(q)
	}
	if problem != nil {
		a = c.refuse(problem)
	}
	c.send(w, q, a)
}

// serve is the way of a request: the caller is known, has quota left and
// names things that exist; then its method is done.
func (c *Cloud) serve(q *request) (answer, *failure) {
	for _, step := range []func(*request) *failure{c.authenticate, c.injected, c.throttle, c.versioned, c.scoped} {
		if problem := step(q); problem != nil {
			return answer{}, problem
		}
	}
	return c.dispatch(q)
}

func (c *Cloud) newGUID() string {
	a, b := c.random.Uint64(), c.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x",
		uint32(a>>32), uint16(a>>16), uint16(a)&0xfff, uint16(b>>48)&0x3fff|0x8000, b&0xffffffffffff)
}

func (c *Cloud) newETag() string { return `W/"` + c.newGUID() + `"` }
