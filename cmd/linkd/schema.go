package main

import (
	"github.com/spf13/cobra"

	"linkd/internal/desired"
)

func (p *program) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of the desired-state file, for editors", Args: cobra.NoArgs,
		Example: "  linkd schema > linkd.schema.json\n  # then, on the first line of linkd.yaml:\n  # yaml-language-server: $schema=linkd.schema.json",
		RunE: func(*cobra.Command, []string) error {
			_, err := p.out.Write(desired.Schema())
			return err
		},
	}
}
