package azure

import (
	"encoding/json"
	"strings"
)

// object is a JSON object as it goes over the wire.
type object = map[string]any

// clone copies a JSON value, so that two holders never share a map.
func clone[T any](value T) T {
	return cloneAny(value).(T)
}

func cloneAny(value any) any {
	switch v := value.(type) {
	case object:
		out := make(object, len(v))
		for key, item := range v {
			out[key] = cloneAny(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = cloneAny(item)
		}
		return out
	}
	return value
}

// merge lays over on top of base: objects are joined key by key, everything
// else is replaced.
func merge(base, over object) object {
	out := clone(base)
	for key, value := range over {
		below, isObject := out[key].(object)
		above, isObjectToo := value.(object)
		if isObject && isObjectToo {
			out[key] = merge(below, above)
			continue
		}
		out[key] = cloneAny(value)
	}
	return out
}

// withoutNulls drops the keys that are null: the service never returns one.
func withoutNulls(o object) {
	for key, value := range o {
		switch v := value.(type) {
		case nil:
			delete(o, key)
		case object:
			withoutNulls(v)
		case []any:
			for _, item := range v {
				if inner, ok := item.(object); ok {
					withoutNulls(inner)
				}
			}
		}
	}
}

// child is the object at a key, or an empty one that is not stored.
func child(o object, key string) object {
	if inner, ok := o[key].(object); ok {
		return inner
	}
	return object{}
}

// text is the string at a path of keys, or "".
func text(o object, path ...string) string {
	for _, key := range path[:len(path)-1] {
		o = child(o, key)
	}
	s, _ := o[path[len(path)-1]].(string)
	return s
}

// flag is the boolean at a path of keys.
func flag(o object, path ...string) bool {
	for _, key := range path[:len(path)-1] {
		o = child(o, key)
	}
	b, _ := o[path[len(path)-1]].(bool)
	return b
}

// number is the whole number at a path of keys, or 0.
func number(o object, path ...string) int64 {
	for _, key := range path[:len(path)-1] {
		o = child(o, key)
	}
	switch v := o[path[len(path)-1]].(type) {
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return 0
		}
		return n
	case int:
		return int64(v)
	case int64:
		return v
	case float64:
		return int64(v)
	}
	return 0
}

// list is the array at a path of keys.
func list(o object, path ...string) []any {
	for _, key := range path[:len(path)-1] {
		o = child(o, key)
	}
	items, _ := o[path[len(path)-1]].([]any)
	return items
}

// objects is the array of objects at a path of keys.
func objects(o object, path ...string) []object {
	var out []object
	for _, item := range list(o, path...) {
		if inner, ok := item.(object); ok {
			out = append(out, inner)
		}
	}
	return out
}

// texts is the array of strings at a path of keys.
func texts(o object, path ...string) []string {
	var out []string
	for _, item := range list(o, path...) {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// anys turns strings into a JSON array.
func anys(items ...string) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = item
	}
	return out
}

// reference is how one resource names another.
func reference(id string) object { return object{"id": id} }

// references is an array of references.
func references(ids []string) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = reference(id)
	}
	return out
}

// same compares ids, names and locations as the service does.
func same(a, b string) bool { return strings.EqualFold(a, b) }
