// Package azure is the Azure half of the simulated clouds: Resource Manager's
// wire protocol over JSON maps, so that it shows and keeps fields that no
// client model knows.
//
// It answers as recorded traffic of 2020 to 2024 shows: what the service fills
// in, which headers it sends, how long operations take, when it is busy, what
// its errors say. Where no recording or document was found, the comment says
// that the behaviour is a guess. Each kind of resource is one file; [kinds] is
// the table of contents.
//
// The caller holds one lock around every method and settles the agenda before
// it, so nothing here locks and nothing runs by itself.
package azure
