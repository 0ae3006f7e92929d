package aws

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"linkd/internal/sim/ground"
)

// word is a decoded JSON value as a request would spell it.
func word(value any) string {
	if number, is := value.(float64); is {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// words is a decoded JSON list, or a single value, in the same way.
func words(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []string:
		return v
	case []any:
		var all []string
		for _, member := range v {
			all = append(all, word(member))
		}
		return all
	}
	return []string{word(value)}
}

// member is a decoded JSON object as the parameters of a request.
func member(value any) form {
	values := url.Values{}
	flatten(values, "", value)
	return form{values: values}
}

// textual edits a field that is a text.
func textual[T any](field func(*T) *string) func(*call, *T, ground.Mutation) error {
	return func(_ *call, object *T, m ground.Mutation) error {
		*field(object) = word(m.Value)
		return only(m, "set", "unset")
	}
}

// boolean edits a field that is true or false.
func boolean[T any](field func(*T) *bool) func(*call, *T, ground.Mutation) error {
	return func(_ *call, object *T, m ground.Mutation) (err error) {
		*field(object), err = strconv.ParseBool(word(m.Value))
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", word(m.Value))
		}
		return only(m, "set")
	}
}

// several edits a field that is a list of texts.
func several[T any](field func(*T) *[]string) func(*call, *T, ground.Mutation) error {
	return func(_ *call, object *T, m ground.Mutation) error {
		*field(object) = altered(*field(object), words(m.Value), m.Op)
		return only(m, "set", "unset", "add", "remove")
	}
}

// prefixes edits a field that is a list of prefixes.
func prefixes[T any](field func(*T) *[]netip.Prefix) func(*call, *T, ground.Mutation) error {
	return func(_ *call, object *T, m ground.Mutation) error {
		given, err := parsePrefixes(words(m.Value))
		if err != nil {
			return err
		}
		next := altered(*field(object), given, m.Op)
		if len(next) == 0 {
			return fmt.Errorf("the last prefix stays: what has none does not exist")
		}
		*field(object) = next
		return only(m, "set", "add", "remove")
	}
}

// altered is a list after an operation on it.
func altered[E comparable](have, given []E, op string) []E {
	switch op {
	case "add":
		return slices.Concat(have, given)
	case "remove":
		return slices.DeleteFunc(slices.Clone(have), func(e E) bool { return slices.Contains(given, e) })
	}
	return given
}

func only(m ground.Mutation, ops ...string) error {
	if slices.Contains(ops, m.Op) {
		return nil
	}
	return fmt.Errorf("the field takes %v, not %s", ops, m.Op)
}
