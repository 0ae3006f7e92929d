// Package sim is both clouds behind HTTP, for tests, demos and trying linkd
// without an account: Azure Resource Manager as JSON with long-running
// operations, EC2 as query and XML. The fabric joins them: a tunnel is up and
// an echo crosses only if what both halves hold lets it.
package sim
