// Package drill takes one tunnel of a link down on purpose, measures what that
// costs, and proves the tunnel up again. It has AWS replace its end of the tunnel,
// which changes no setting in either cloud: whatever becomes of linkd meanwhile, AWS
// brings the tunnel back (docs/decisions/0021-a-drill-changes-no-setting.md).
package drill
