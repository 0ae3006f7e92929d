// Package aws is the AWS side of the link: transit gateways, VPC attachments,
// customer gateways, VPN connections with their tunnels, and the routes of
// transit gateways and VPCs. It is the only importer of the AWS SDK.
//
// [Cloud.Resources] is the table of contents: one file a kind, and in each a
// row of the table of kinds and a type that implements [resource.Resource].
// What a describe call answered is kept as it came, in seen; a resource makes
// its live state from that by a pure function, so that a sweep of the whole
// scope and a single read cannot judge differently.
//
// The package keeps no state that EC2 can answer. It remembers for minutes
// only: what it made itself, because describes lag behind creates.
package aws
