// Package metrics tells Prometheus what linkd sees and does, and is the only
// importer of its libraries. How things stand is read at each scrape from a
// [Snapshot], so that a link that is gone leaves no series; what happens is
// counted by calls. All series stand in one table, which the collector, the
// counters, the document and the tests follow. No label holds an id or an
// address of a cloud: series are named after the file.
package metrics

//go:generate go test -run TestTheDocumentFollowsTheTable . -update
