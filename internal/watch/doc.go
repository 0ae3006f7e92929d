// Package watch is what a running linkd sees by its vantages: its own, and those
// of its agents. It gives each its tasks, keeps the last results and the totals
// of each pair, and sets what both ends of a pair saw beside each other. Nothing
// here blocks who asks or who tells.
package watch
