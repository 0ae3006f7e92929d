package aws

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// form reads the parameters of a query request, or of one structure inside
// it: the EC2 query protocol flattens nesting into dotted names and numbers
// the members of lists from 1.
type form struct {
	values url.Values
	prefix string
}

// text is a parameter's value, or "" when it is absent.
func (f form) text(name string) string { return f.values.Get(f.prefix + name) }

// has tells whether a parameter is there, even if empty.
func (f form) has(name string) bool { return f.values.Has(f.prefix + name) }

// or is a parameter's value, or fallback when it is absent.
func (f form) or(name, fallback string) string {
	if f.has(name) {
		return f.text(name)
	}
	return fallback
}

// need is a parameter that has to be there.
func (f form) need(name string) (string, error) {
	if value := f.text(name); value != "" {
		return value, nil
	}
	return "", missing(f.prefix + name)
}

// number is a parameter that has to be a number, or fallback when absent.
func (f form) number(name string, fallback int) (int, error) {
	if !f.has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(f.text(name))
	if err != nil {
		return 0, badValue("Value (%s) for parameter %s is invalid. Expected a number.", f.text(name), f.prefix+name)
	}
	return n, nil
}

// truth is a boolean parameter, false when it is absent.
func (f form) truth(name string) (bool, error) {
	switch strings.ToLower(f.text(name)) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, badValue("Value (%s) for parameter %s is invalid. Expected a boolean.", f.text(name), f.prefix+name)
}

// inside is the structure called name.
func (f form) inside(name string) form { return form{f.values, f.prefix + name + "."} }

// empty tells whether nothing of the structure was sent.
func (f form) empty() bool {
	for name := range f.values {
		if strings.HasPrefix(name, f.prefix) {
			return false
		}
	}
	return true
}

// list is the values of name.1, name.2 and so on, in the order of their numbers.
func (f form) list(name string) []string {
	var values []string
	for _, n := range f.members(name) {
		values = append(values, f.text(name+"."+strconv.Itoa(n)))
	}
	return values
}

// structures is the members of a list of structures.
func (f form) structures(name string) []form {
	var members []form
	for _, n := range f.members(name) {
		members = append(members, f.inside(name+"."+strconv.Itoa(n)))
	}
	return members
}

func (f form) members(name string) []int {
	seen := map[int]bool{}
	for key := range f.values {
		rest, listed := strings.CutPrefix(key, f.prefix+name+".")
		if !listed {
			continue
		}
		number, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(number); err == nil {
			seen[n] = true
		}
	}
	numbers := make([]int, 0, len(seen))
	for n := range seen {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers
}
