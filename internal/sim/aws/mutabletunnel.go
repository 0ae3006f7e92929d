package aws

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"linkd/internal/sim/ground"
)

// findTunnel finds a tunnel by its outside address, its inside range, or its
// connection's name and its number. What it returns is the connection's id with
// the number.
func findTunnel(r *region, name string) (string, bool) {
	connectionName, number, numbered := strings.Cut(name, "/")
	for _, c := range r.connections.all() {
		tags, _ := r.tags.get(c.id)
		named := c.id == connectionName || slices.Contains(tagValues(tags, "Name"), connectionName)
		for i, t := range c.tunnels {
			id := c.id + "/" + strconv.Itoa(i)
			if t.outside.String() == name || t.inside.String() == name || numbered && named && number == strconv.Itoa(i) {
				return id, true
			}
		}
	}
	return "", false
}

// editTunnel changes a tunnel: an option by its name in requests, or its key,
// its inside range, its outside address, whether it is in service, or whether
// maintenance waits.
func editTunnel(k *call, id string, m ground.Mutation) error {
	connectionID, number, _ := strings.Cut(id, "/")
	i, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	c, _ := k.region.connections.get(connectionID)
	c.tunnels = slices.Clone(c.tunnels)
	if err := c.tunnels[i].edit(m); err != nil {
		return err
	}
	k.region.connections.put(k.now, c.id, c)
	return nil
}

func (t *tunnel) edit(m ground.Mutation) (err error) {
	if m.Op == "delete" {
		return fmt.Errorf("a connection always has two tunnels")
	}
	switch field := strings.TrimPrefix(m.Field, "TunnelOptions."); field {
	case "PreSharedKey":
		t.key = keep(word(m.Value))
	case "TunnelInsideCidr":
		t.inside, err = netip.ParsePrefix(word(m.Value))
	case "OutsideIpAddress":
		t.outside, err = netip.ParseAddr(word(m.Value))
	case "InService":
		t.inService, err = strconv.ParseBool(word(m.Value))
	case "Replaced": // when its end was last replaced
		if t.replaced = (time.Time{}); m.Op == "set" {
			t.replaced, err = time.Parse(time.RFC3339, word(m.Value))
		}
	case "PendingMaintenance":
		t.pending, err = strconv.ParseBool(word(m.Value))
	default:
		return t.editOption(field, m)
	}
	return err
}

func (t *tunnel) editOption(field string, m ground.Mutation) error {
	i := slices.IndexFunc(tunnelOptions, func(row option) bool { return row.name == field || row.name+"s" == field })
	if i < 0 {
		return fmt.Errorf("a tunnel has no such option")
	}
	row := tunnelOptions[i]
	next := t.options.with(nil)
	if m.Op == "unset" {
		delete(next, row.name)
		t.options = next
		return nil
	}
	values := words(m.Value)
	if row.list {
		values = altered(t.options.effective(row.name), values, m.Op)
	}
	for _, value := range values {
		if row.allowed != nil && !slices.Contains(row.allowed, value) {
			return fmt.Errorf("%q is none of %v", value, row.allowed)
		}
	}
	if len(values) == 0 {
		return fmt.Errorf("there is no value")
	}
	next[row.name] = values
	t.options = next
	return only(m, "set", "add", "remove")
}
