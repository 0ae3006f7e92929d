package desired

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// scalar reads one value by parse, which returns what the value must be when
// it is not, as "%s must be …" goes on.
func (r *reader) scalar(node *yaml.Node, path string, parse func(*yaml.Node) (must, hint string)) {
	target, ok := r.resolve(node, path)
	if !ok {
		return
	}
	must, hint := "a single value", "write it on the line of its key"
	if target.Kind == yaml.ScalarNode {
		must, hint = parse(target)
	}
	switch {
	case must == "":
	case target.Kind != yaml.ScalarNode:
		r.spoilt(node, path, hint, "%s must be %s, not %s", last(path), must, kindOf(target))
	default:
		r.spoilt(node, path, hint, "%s must be %s, not %q", last(path), must, shorten(target.Value))
	}
}

// shorten keeps a strange value from filling the screen.
func shorten(value string) string {
	if runes := []rune(value); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return value
}

// read reads the value of a key by parse, when it is written.
func (m *mapping) read(key string, parse func(*yaml.Node) (must, hint string)) {
	if node, path, written := m.find(key); written {
		m.scalar(node, path, parse)
	}
}

// text reads text as it is written: digits and "yes" stay what they are.
func text[T ~string](m *mapping, key string, into *T) {
	m.read(key, func(node *yaml.Node) (string, string) {
		*into = T(node.Value)
		return "", ""
	})
}

// number reads a whole number.
func number[T ~int | ~uint32](m *mapping, key string, into *T) {
	m.read(key, func(node *yaml.Node) (string, string) {
		n, err := strconv.ParseInt(node.Value, 10, 64)
		if err != nil || node.ShortTag() != "!!int" || strconv.FormatInt(n, 10) != node.Value {
			return "a whole number", "write decimal digits without quotes"
		}
		if int64(T(n)) != n {
			return "a smaller number", "negative numbers do not fit here either"
		}
		*into = T(n)
		return "", ""
	})
}

// boolean reads true or false.
func boolean(m *mapping, key string, into *bool) {
	m.read(key, func(node *yaml.Node) (string, string) {
		if node.ShortTag() != "!!bool" || node.Value != "true" && node.Value != "false" {
			return "true or false", "write true or false, without quotes"
		}
		*into = node.Value == "true"
		return "", ""
	})
}

// duration reads a time span.
func duration(m *mapping, key string, into *Duration) {
	m.read(key, func(node *yaml.Node) (string, string) {
		if into.UnmarshalText([]byte(node.Value)) != nil {
			if days, whole := strings.CutSuffix(node.Value, "d"); whole && days != "" && strings.Trim(days, "0123456789") == "" {
				return fmt.Sprintf("a duration of %d days at the most", mostDays), ""
			}
			return "a duration", "write the unit after the number, as in 30s, 5m, 8h or 90d"
		}
		return "", ""
	})
}

// moment reads a date, which begins at midnight UTC, or a date with time and
// zone.
func moment(m *mapping, key string, into *time.Time) {
	m.read(key, func(node *yaml.Node) (string, string) {
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if t, err := time.Parse(layout, node.Value); err == nil {
				*into = t
				return "", ""
			}
		}
		return "a date", "write 2026-12-31, or 2026-12-31T18:00:00Z"
	})
}

// address reads an IPv4 address.
func address(m *mapping, key string, into *netip.Addr) {
	m.read(key, func(node *yaml.Node) (string, string) {
		a, err := netip.ParseAddr(node.Value)
		if err != nil || !a.Is4() {
			return "an IPv4 address", "such as 10.1.0.4"
		}
		*into = a
		return "", ""
	})
}

// prefix reads one IPv4 prefix.
func prefix(m *mapping, key string, into *netip.Prefix) {
	m.read(key, prefixInto(into))
}

// prefixes reads a list of IPv4 prefixes.
func prefixes(m *mapping, key string, into *[]netip.Prefix) {
	m.items(key, func(node *yaml.Node, path string) {
		var p netip.Prefix
		m.scalar(node, path, prefixInto(&p))
		*into = append(*into, p)
	})
}

// texts reads a list of texts.
func texts(m *mapping, key string, into *[]string) {
	m.items(key, func(node *yaml.Node, path string) {
		var s string
		m.scalar(node, path, func(node *yaml.Node) (string, string) {
			s = node.Value
			return "", ""
		})
		*into = append(*into, s)
	})
}

// tags reads a mapping of free keys to texts.
func tags(m *mapping, key string, into *map[string]string) {
	m.child(key, func(m *mapping) {
		*into = map[string]string{}
		for key := range m.keys {
			var s string
			text(m, key, &s)
			(*into)[key] = s
		}
	})
}

// prefixInto parses an IPv4 prefix that names a network: bits beyond its
// length are a slip, and both clouds refuse them.
func prefixInto(into *netip.Prefix) func(*yaml.Node) (string, string) {
	return func(node *yaml.Node) (string, string) {
		p, err := netip.ParsePrefix(node.Value)
		switch {
		case err != nil && isAddress(node.Value):
			return "a prefix with a length", fmt.Sprintf("did you mean %s/32?", node.Value)
		case err != nil:
			return "a prefix", "such as 10.1.0.0/16"
		case !p.Addr().Is4():
			return "an IPv4 prefix", "neither side of this link carries IPv6"
		case p != p.Masked():
			return "the address of a network", fmt.Sprintf("did you mean %s?", p.Masked())
		}
		*into = p
		return "", ""
	}
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}
