package main

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/agent"
	"linkd/internal/identity"
)

const day = 24 * time.Hour

// certificateCommand makes the certificates by which linkd and its agents know
// each other.
func (p *program) certificateCommand() *cobra.Command {
	folder, days, force := "", 0, false
	command := &cobra.Command{
		Use: "certificate", Short: "Make the certificates of linkd and its agents",
		Long: "Make a small authority in a folder, and by it a certificate for linkd and one for each\n" +
			"agent. The authority's key signs all others: keep its folder off the machines. Keys are\n" +
			"written for their owner alone, and nothing is overwritten without --force.",
		Example: "  linkd agent certificate authority --folder agents\n  linkd agent certificate for linkd --daemon --folder agents\n  linkd agent certificate for vm-jpe --folder agents",
	}
	flags := command.PersistentFlags()
	flags.StringVar(&folder, "folder", "agents", "folder of the certificates and keys")
	flags.BoolVar(&force, "force", false, "overwrite what is there")
	authority := &cobra.Command{
		Use: "authority", Short: "Make the authority that signs the others", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			pair, err := identity.NewAuthority("linkd agents", time.Duration(days)*day)
			if err != nil {
				return unchecked(err)
			}
			return p.store(folder, identity.AuthorityName, pair, force, "Whatever an earlier authority has signed is of no use any more.")
		},
	}
	authority.Flags().IntVar(&days, "days", 3650, "how long it is valid")
	command.AddCommand(authority, p.issueCommand(&folder, &force))
	return command
}

func (p *program) issueCommand(folder *string, force *bool) *cobra.Command {
	days, daemon, allow := 0, false, []string{}
	command := &cobra.Command{
		Use: "for NAME", Short: "Make a certificate for the agent of a target, or for linkd itself", Args: cobra.ExactArgs(1),
	}
	command.Flags().IntVar(&days, "days", 397, "how long it is valid, and never longer than the authority")
	command.Flags().BoolVar(&daemon, "daemon", false, "it is linkd's own, and no agent's")
	command.Flags().StringSliceVar(&allow, "allow", nil, "prefixes that the agent may send to beside those of its own limits")
	command.RunE = func(_ *cobra.Command, names []string) error {
		who := identity.Who{Name: names[0], Role: identity.Agent}
		if daemon {
			who.Role = identity.Daemon
		}
		for _, text := range allow {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return &verdict{code: exitUsage, err: fmt.Errorf("%q is no prefix", text), hint: "such as --allow 203.0.113.0/24"}
			}
			who.Allow = append(who.Allow, prefix.Masked())
		}
		if days < 1 || who.Name == identity.AuthorityName {
			return &verdict{code: exitUsage, err: fmt.Errorf("cannot make a certificate for %s that is valid for %d days", who.Name, days), hint: "give another name, and at least one day"}
		}
		pair, err := identity.Fetch(*folder, identity.AuthorityName)
		if err != nil {
			return &verdict{code: exitUsage, err: err, hint: "linkd agent certificate authority makes the authority"}
		}
		signer, err := identity.OpenAuthority(pair)
		if err != nil {
			return &verdict{code: exitUsage, err: err, hint: "put both files of the authority back, or make a new one: linkd agent certificate authority --force"}
		}
		issued, err := signer.Issue(who, time.Duration(days)*day)
		if err != nil {
			return &verdict{code: exitUsage, err: err, hint: agent.HintOf(err)}
		}
		return p.store(*folder, who.Name, issued, *force, "The one before stays valid until it ends: nothing revokes it but a new authority.")
	}
	return command
}

// store writes a pair, and says where it is and how long it is valid.
func (p *program) store(folder, name string, pair identity.Pair, force bool, warning string) error {
	err := identity.Store(folder, name, pair, force)
	if taken, is := errors.AsType[*identity.Taken](err); is {
		return &verdict{code: exitUsage, err: taken, hint: "--force overwrites it"}
	}
	if err != nil {
		return unchecked(err)
	}
	until, err := pair.Until()
	if err != nil {
		return unchecked(err)
	}
	if force {
		fmt.Fprintln(p.err, warning)
	}
	base := filepath.Join(folder, name)
	_, err = fmt.Fprintf(p.out, "%s.crt, valid until %s\n%s.key, for its owner alone\n", base, until.Format("2006-01-02 15:04:05Z"), base)
	return err
}
