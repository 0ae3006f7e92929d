package resource

import (
	"slices"
	"strings"
)

// Value is what one attribute holds: a sorted set of canonical strings. A
// scalar is a set of one, and a list whose order means nothing is the set of
// its members. Two Values are equal when their strings are, so whoever makes
// one writes every fact in one form only: prefixes masked, ids and regions in
// lower case, numbers in decimal without a sign.
type Value []string

// Of makes a Value of its members, sorted and without repeats. Of() is the
// empty set, which is a value like any other: "no routes" is not "not asked".
func Of(members ...string) Value {
	v := slices.Clone(members)
	slices.Sort(v)
	return slices.Compact(v)
}

// Equal reports whether both hold the same members.
func (v Value) Equal(other Value) bool { return slices.Equal(v, other) }

// Has reports whether member is in the set.
func (v Value) Has(member string) bool {
	_, found := slices.BinarySearch(v, member)
	return found
}

// One returns the only member of a scalar, or "" when there is none or more.
func (v Value) One() string {
	if len(v) != 1 {
		return ""
	}
	return v[0]
}

// Without returns the members of v that other lacks.
func (v Value) Without(other Value) Value {
	var rest Value
	j := 0
	for _, member := range v {
		for j < len(other) && other[j] < member {
			j++
		}
		if j == len(other) || other[j] != member {
			rest = append(rest, member)
		}
	}
	return rest
}

// Union returns the members of either.
func (v Value) Union(other Value) Value {
	return Of(append(slices.Clone(v), other...)...)
}

// String is the set as a person reads it: members apart by a comma.
func (v Value) String() string { return strings.Join(v, ", ") }

// Attrs holds the attributes of one resource by name. An attribute that is
// absent was not read, or is not wanted; that differs from one that is empty.
type Attrs map[string]Value
