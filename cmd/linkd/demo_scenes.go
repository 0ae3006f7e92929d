package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/sim/ground"
)

// echoes sends an echo from each machine to each other one, shows what came
// back, and returns how many did not.
func (d *demo) echoes() (lost int) {
	targets := d.file.Probes.Targets
	var why []string
	fmt.Fprintf(d.out, "%12s", "echo from")
	for _, to := range targets {
		fmt.Fprintf(d.out, "  %8s", "to "+to.Name)
	}
	fmt.Fprintln(d.out)
	for _, from := range targets {
		fmt.Fprintf(d.out, "%12s", from.Name)
		for _, to := range targets {
			mark := "·"
			if from.Name != to.Name {
				mark = "✓"
				if echo := d.clouds.Echo(from.Address, to.Address); !echo.Crossed {
					mark = "✗"
					why = append(why, fmt.Sprintf("%s → %s is lost at %s: %s", from.Name, to.Name, lastPart(echo.DroppedAt), echo.Why))
				}
			}
			fmt.Fprintf(d.out, "  %*s", len("to "+to.Name), mark)
		}
		fmt.Fprintln(d.out)
	}
	for i, text := range why {
		if i == mostReasons {
			fmt.Fprintf(d.out, "and %d more\n", len(why)-i)
			break
		}
		fmt.Fprintln(d.out, text)
	}
	return len(why)
}

// mostReasons is how many lost echoes are explained.
const mostReasons = 3

// lastPart shortens "kind /long/id" to "kind id".
func lastPart(place string) string {
	kind, id, found := strings.Cut(place, " ")
	if !found {
		return place
	}
	return kind + " " + id[strings.LastIndex(id, "/")+1:]
}

// breakBoth changes something in each cloud behind linkd's back: a prefix
// goes from the VPN site in Azure, and a route from the transit gateway in AWS.
func (d *demo) breakBoth(ctx context.Context) error {
	link := d.file.Links[0]
	vpc := d.file.RoutedVPCs(link)[1]
	vnet := d.file.RoutedVNets(link)[1]
	_, world := d.engine.Plan(ctx)
	table, err := world.Fact(desired.TransitGatewayID(link.TransitGateway), desired.FactRouteTable)
	if err != nil {
		return err
	}
	changes := []struct {
		text string
		ground.Mutation
	}{
		{
			fmt.Sprintf("Azure: %s (%s) is taken out of VPN site %s", vpc.Prefixes[0], vpc.Name, link.Name),
			ground.Mutation{
				Cloud: "azure", Kind: "vpnSites", Name: desired.VPNSiteName(link.Name), Op: "remove",
				Field: "properties.addressSpace.addressPrefixes", Value: vpc.Prefixes[0].String(),
			},
		},
		{
			fmt.Sprintf("AWS: the route to %s (%s) is deleted from the transit gateway", vnet.Prefixes[0], vnet.Name),
			ground.Mutation{
				Cloud: "aws", Kind: "transit-gateway-route-table", Name: table[0], Op: "remove",
				Field: "Routes", Value: map[string]any{"DestinationCidrBlock": vnet.Prefixes[0].String()},
			},
		},
	}
	for _, change := range changes {
		d.say("%s", change.text)
		if err := d.clouds.Mutate(change.Mutation); err != nil {
			return err
		}
	}
	wait(ctx, time.Duration(float64(untilShown)/d.engine.Scale))
	return nil
}

// untilShown is longer than EC2's answers miss what has just been changed.
const untilShown = 30 * time.Second
