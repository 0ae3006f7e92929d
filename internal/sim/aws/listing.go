package aws

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// listing says how the objects of one kind are listed: by which parameter
// their ids are asked for, which filters there are, and how they are paged.
type listing[T any] struct {
	parameter string // of the ids; "" when the call has none
	ids       idKind
	id        func(T) string
	filters   map[string]func(T) []string
	tests     map[string]func(values []string) (func(T) bool, error) // filters that are no columns
	untagged  bool                                                   // the call has no tag filters
	least     int                                                    // the bounds of MaxResults; 0: the call has no pages
	most      int
	whole     int // without MaxResults so many; 0: all
}

// page is the part of an answer that every paged list has.
type page struct {
	NextToken string `xml:"nextToken,omitempty"`
}

// find picks the rows that a describe asks for: by ids, by filters, by page.
func find[T any](k *call, rows []T, l listing[T]) ([]T, page, error) {
	if err := k.refuseUnqualified(l.least); err != nil {
		return nil, page{}, err
	}
	rows, err := named(k, rows, l)
	if err != nil {
		return nil, page{}, err
	}
	for _, filter := range k.structures("Filter") {
		keep, err := filterOf(k, l, filter)
		if err != nil {
			return nil, page{}, err
		}
		rows = slices.DeleteFunc(rows, func(row T) bool { return !keep(row) })
	}
	return paged(k, rows, l)
}

// refuseUnqualified refuses reads of everything at once, as some accounts do
// (reported for terraform in 2023).
func (k *call) refuseUnqualified(least int) error {
	if k.Behaviour().RefuseUnqualified && least > 0 && !k.qualified() {
		return refuse("OperationNotPermitted", "Unpaginated and unqualified requests are not permitted")
	}
	return nil
}

func named[T any](k *call, rows []T, l listing[T]) ([]T, error) {
	if l.parameter == "" {
		return rows, nil
	}
	wanted := k.list(l.parameter)
	if len(wanted) == 0 {
		return rows, nil
	}
	if k.has("MaxResults") && l.least > 0 {
		return nil, refuse("InvalidParameterCombination", "The parameter %s cannot be used with the parameter maxResults", l.parameter)
	}
	byID := map[string]T{}
	for _, row := range rows {
		byID[l.id(row)] = row
	}
	var found []T
	for _, id := range wanted {
		row, known := byID[id]
		if !known {
			return nil, l.ids.unknown(id)
		}
		found = append(found, row)
	}
	return found, nil
}

// filterOf makes the test of one filter: any of its values has to match any of
// the row's, where * stands for any characters and ? for one.
func filterOf[T any](k *call, l listing[T], filter form) (func(T) bool, error) {
	name, err := filter.need("Name")
	if err != nil {
		return nil, err
	}
	patterns := filter.list("Value")
	if len(patterns) == 0 {
		return nil, badValue("The filter '%s' has no values", name)
	}
	if test, special := l.tests[name]; special {
		return test(patterns)
	}
	column, known := l.filters[name]
	if !known {
		column = tagColumn(k, l, name)
	}
	if column == nil {
		return nil, badValue("The filter '%s' is invalid", name)
	}
	return func(row T) bool {
		return slices.ContainsFunc(column(row), func(value string) bool {
			return slices.ContainsFunc(patterns, func(pattern string) bool { return like(pattern, value) })
		})
	}, nil
}

func tagColumn[T any](k *call, l listing[T], name string) func(T) []string {
	if l.untagged {
		return nil
	}
	if key, is := strings.CutPrefix(name, "tag:"); is {
		return func(row T) []string { return tagValues(k.tagsOf(l.id(row)), key) }
	}
	if name == "tag-key" {
		return func(row T) []string { return tagKeys(k.tagsOf(l.id(row))) }
	}
	return nil
}

// like matches a value with a pattern of * and ?.
func like(pattern, value string) bool {
	if pattern == "" {
		return value == ""
	}
	if pattern[0] == '*' {
		for cut := range len(value) + 1 {
			if like(pattern[1:], value[cut:]) {
				return true
			}
		}
		return false
	}
	return value != "" && (pattern[0] == '?' || pattern[0] == value[0]) && like(pattern[1:], value[1:])
}

// paged cuts the page out that MaxResults and NextToken ask for.
func paged[T any](k *call, rows []T, l listing[T]) ([]T, page, error) {
	if l.least == 0 {
		return rows, page{}, nil
	}
	size, err := k.number("MaxResults", l.whole)
	if err != nil {
		return nil, page{}, err
	}
	if k.has("MaxResults") && (size < l.least || size > l.most) {
		return nil, page{}, badValue("Value ( %d ) for parameter maxResults is invalid. Expecting a value between %d and %d.", size, l.least, l.most)
	}
	if limit := k.Behaviour().PageSize; limit > 0 && (size == 0 || limit < size) {
		size = limit
	}
	start, err := k.offset(len(rows))
	if err != nil {
		return nil, page{}, err
	}
	rows = rows[start:]
	if size == 0 || len(rows) <= size {
		return rows, page{}, nil
	}
	return rows[:size], page{tokenFor(start + size)}, nil
}

func tokenFor(offset int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "from %d", offset))
}

func (k *call) offset(rows int) (int, error) {
	token := k.text("NextToken")
	if token == "" {
		return 0, nil
	}
	text, err := base64.StdEncoding.DecodeString(token)
	number, is := strings.CutPrefix(string(text), "from ")
	offset, wrong := strconv.Atoi(number)
	if err != nil || !is || wrong != nil || offset < 0 {
		return 0, refuse("InvalidNextToken", "The token '%s' is invalid", token)
	}
	return min(offset, rows), nil
}

// one makes a column of a single value.
func one[T any](value func(T) string) func(T) []string {
	return func(row T) []string { return []string{value(row)} }
}
