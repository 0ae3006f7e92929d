package azure

import (
	"context"
	"errors"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/resource"
)

const readKeyAction = "vpnGateways/vpnConnections/vpnLinkConnections/sharedKeys/listSharedKey/action"

// keys reads the key of each link of a connection. Azure returns it from this
// one call only; no GET, PUT or list of the connection has contained it since
// 2025, and where an older answer did, it is not looked at. A role that lacks
// the call's own permission leaves the keys unseen, which is not an error.
func (s *scope) keys(ctx context.Context, gateway string, connection *armnetwork.VPNConnection) (resource.Secrets, error) {
	secrets := resource.Secrets{}
	for _, link := range present(at(connection.Properties).VPNLinkConnections) {
		key, err := s.key(ctx, gateway, at(connection.Name), at(link.Name))
		if err != nil {
			return nil, err
		}
		if !key.IsZero() {
			secrets[keyName(at(link.Name))] = key
		}
	}
	return secrets, nil
}

// key reads one key, the zero Secret when there is none or the role may not.
func (s *scope) key(ctx context.Context, gateway, connection, link string) (resource.Secret, error) {
	answer, err := s.links.ListDefaultSharedKey(ctx, s.group, gateway, connection, link, nil)
	switch {
	case isDenied(err), isAbsent(err):
		return resource.Secret{}, nil
	case err != nil:
		return resource.Secret{}, problem(readKeyAction, err)
	}
	return resource.NewSecret(at(at(answer.Properties).SharedKey)), nil
}

// fillKeys puts a key into each link of a connection that is about to be
// PUT: the one of secrets, or else the one that Azure has. It returns the keys
// that it put in, for errors to be searched for. A key that the role may not
// read stops the PUT: whether Azure would keep a key that is left out is not
// known, and losing it would take every tunnel down.
func (s *scope) fillKeys(ctx context.Context, gateway string, connection *armnetwork.VPNConnection, secrets resource.Secrets) (resource.Secrets, error) {
	used := resource.Secrets{}
	for _, link := range present(at(connection.Properties).VPNLinkConnections) {
		key := secrets[keyName(at(link.Name))]
		if key.IsZero() && at(link.ID) != "" {
			answer, err := s.links.ListDefaultSharedKey(ctx, s.group, gateway, at(connection.Name), at(link.Name), nil)
			if err != nil && !isAbsent(err) {
				return nil, problem(readKeyAction, err)
			}
			key = resource.NewSecret(at(at(answer.Properties).SharedKey))
		}
		if !key.IsZero() && link.Properties != nil {
			used[at(connection.Name)+"/"+at(link.Name)] = key
			link.Properties.SharedKey = to.Ptr(key.Reveal())
		}
	}
	return used, nil
}

// hide takes the keys out of a text that Azure sent back, should it ever
// repeat one, and the SDK's error, which prints the whole answer, with them.
func hide(err error, secrets ...resource.Secrets) error {
	p, ok := errors.AsType[*resource.Problem](err)
	if !ok {
		return err
	}
	for _, some := range secrets {
		for _, secret := range some {
			if !secret.IsZero() {
				p.Err = nil
				p.Text = strings.ReplaceAll(p.Text, secret.Reveal(), secret.String())
			}
		}
	}
	return err
}
