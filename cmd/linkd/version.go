package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which linkd this is", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			version, revision := built()
			if revision != "" {
				revision = " (" + revision + ")"
			}
			_, err := fmt.Fprintf(p.out, "linkd %s%s, %s, %s/%s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// built tells the version, and the revision of the sources or "".
func built() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			revision = setting.Value
		}
	}
	return info.Main.Version, revision
}
