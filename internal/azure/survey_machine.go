package azure

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/survey"
)

// computeVersion is the version of Microsoft.Compute that linkd speaks.
const computeVersion = "2024-07-01"

// machine reads one test machine: how it stands beside its network interface,
// then both questions about that at once.
func (l *looking) machine(ctx context.Context, target desired.Target, vnet desired.VNet) survey.Machine {
	where := l.vnet(vnet).at
	m := survey.Machine{Ref: target.ID, Network: vnet.ID}
	var card *armnetwork.Interface
	var stands standing
	l.survived(survey.Together(
		func() { stands = l.standing(ctx, where, target.ID) },
		func() { card, m.Seen = l.cardOf(where, target, vnet) },
	))
	if card == nil {
		m.Routes.Seen, m.Filters = m.Seen, unknownFilters(m.Seen)
		stands.tell(&m)
		return m
	}
	properties := at(card.Properties)
	m.Interface = at(card.ID)
	for _, configuration := range present(properties.IPConfigurations) {
		settings := at(configuration.Properties)
		if address, err := netip.ParseAddr(at(settings.PrivateIPAddress)); err == nil {
			m.Addresses = append(m.Addresses, address)
		}
		if m.Subnet == "" {
			m.Subnet = at(at(settings.Subnet).ID)
		}
	}
	if m.Ref == "" {
		m.Ref = at(at(properties.VirtualMachine).ID)
	}
	l.survived(survey.Together(
		func() {
			if target.ID == "" {
				stands = l.standing(ctx, where, m.Ref)
			}
		},
		func() { m.Routes = l.cardRoutes(ctx, where, m.Interface, m.Subnet) },
		func() { m.Filters = l.cardFilters(ctx, where, m.Interface) },
	))
	if stands.power == survey.PowerUnsaid && strings.Contains(m.Routes.Why, notRunning) {
		stands = standing{power: survey.Stopped}
	}
	stands.tell(&m)
	return m
}

// notRunning is the beginning of the codes by which Azure refuses to tell of an
// interface whose machine does not run.
const notRunning = "NicMustBeAttachedToRunningVm"

// cardOf finds the network interface of a target: that of the machine which the
// file names and which has its address, or without an id the one in its VNet
// that has the address.
func (l *looking) cardOf(where *scope, target desired.Target, vnet desired.VNet) (*armnetwork.Interface, survey.Seen) {
	list := l.nics[where]()
	seen := survey.Seen{At: time.Now()}
	var of []*armnetwork.Interface
	for _, ref := range sortedKeys(list.items) {
		card := list.items[ref]
		switch machine := at(at(at(card.Properties).VirtualMachine).ID); {
		case target.ID != "" && canonicalRef(machine) == canonicalRef(target.ID):
			of = append(of, card)
		case target.ID == "" && has(card, target.Address) && within(card, vnet):
			return card, seen
		}
	}
	if i := slices.IndexFunc(of, func(card *armnetwork.Interface) bool { return has(card, target.Address) }); i >= 0 {
		return of[i], seen
	}
	switch err := list.failed[where]; {
	case err != nil:
		seen.Why = err.Error()
	case len(of) > 0:
		seen.Why = fmt.Sprintf("no network interface of %s has the address %s", lastPart(target.ID), target.Address)
		seen.Do = fmt.Sprintf("Mend address or id of target %s in the file.", target.Name)
	case target.ID != "":
		seen.Why = "no network interface belongs to " + target.ID
		seen.Do = fmt.Sprintf("Mend the id of target %s in the file, or make the machine.", target.Name)
	default:
		seen.Why = fmt.Sprintf("no network interface in %s has the address %s", vnet.Name, target.Address)
		seen.Do = fmt.Sprintf("Put the machine's ARM id into the file as id of target %s, or mend its address.", target.Name)
	}
	return nil, seen
}

// has tells whether an interface has an address.
func has(card *armnetwork.Interface, address netip.Addr) bool {
	return slices.ContainsFunc(present(at(card.Properties).IPConfigurations), func(c *armnetwork.InterfaceIPConfiguration) bool {
		return at(at(c.Properties).PrivateIPAddress) == address.String()
	})
}

// within tells whether an interface stands in a VNet.
func within(card *armnetwork.Interface, vnet desired.VNet) bool {
	return slices.ContainsFunc(present(at(card.Properties).IPConfigurations), func(c *armnetwork.InterfaceIPConfiguration) bool {
		return strings.HasPrefix(canonicalRef(at(at(at(c.Properties).Subnet).ID)), canonicalRef(vnet.ID)+"/")
	})
}

// standing is how a machine stands, or why that is not known.
type standing struct {
	power  survey.Power
	health survey.Health
	why    string
}

// tell enters it into a machine. Azure has no check of a machine's health that
// needs nothing inside it.
func (s standing) tell(m *survey.Machine) {
	m.Power, m.Health = s.power, s.health
	if s.power == survey.PowerUnsaid {
		m.PowerWhy = s.why
	}
	if s.health == survey.HealthUnsaid {
		m.HealthWhy = s.why
		if m.HealthWhy == "" {
			m.HealthWhy = "Azure tells nothing of the health of a machine"
		}
	}
}

// standing reads the instance view of a machine.
func (l *looking) standing(ctx context.Context, where *scope, ref string) standing {
	if ref == "" {
		return standing{why: "the machine is not known"}
	}
	var view instanceView
	var err error
	l.ask(func() { view, err = where.view(ctx, ref) })
	if err != nil {
		return standing{why: problem("Microsoft.Compute/virtualMachines/read", err).Error()}
	}
	if state := view.power(); state != "" {
		return standing{power: powerOf(state)}
	}
	return standing{why: "Azure tells nothing of the power of " + lastPart(ref)}
}

// powerOf reads the state behind "PowerState/": a machine that starts is not
// there yet.
func powerOf(state string) survey.Power {
	if state == "running" {
		return survey.Running
	}
	return survey.Stopped
}

// read makes a GET and decodes its answer.
func (s *scope) read(ctx context.Context, url string, into any) error {
	request, err := runtime.NewRequest(ctx, http.MethodGet, url)
	if err != nil {
		return err
	}
	answer, err := s.arm.Pipeline().Do(request)
	if err != nil {
		return err
	}
	if !runtime.HasStatusCode(answer, http.StatusOK) {
		return runtime.NewResponseError(answer)
	}
	body, err := runtime.Payload(answer)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}
