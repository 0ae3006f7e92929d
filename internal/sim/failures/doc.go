// Package failures breaks the simulated clouds behind linkd's back, each of
// the failures that linkd must name in one or several ways, and says what must
// come of it: which packets are dropped where, and which still cross. It also
// changes them in ways that leave a link healthy.
//
// An injection needs a link that stands between the machines of the built-in
// scenario. It finds the link's parts by what they are and not by their names, so
// that the link may have been built by linkd or by hand.
package failures
