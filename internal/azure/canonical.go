package azure

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/resource"
)

// Azure gives back ids, regions and names in whatever case and spacing an
// earlier caller used. What follows writes each fact in one form only.

// canonicalRef is an ARM id in lower case, without a slash at its end.
func canonicalRef(ref string) string { return strings.ToLower(strings.TrimSuffix(ref, "/")) }

// canonicalLocation turns "Japan East" into "japaneast".
func canonicalLocation(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}

// canonicalPrefix masks a prefix; what is none stays as it is, so that the
// difference shows.
func canonicalPrefix(text string) string {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return strings.ToLower(text)
	}
	return prefix.Masked().String()
}

// prefixValue is the Value of prefixes as the file has them.
func prefixValue(prefixes []netip.Prefix) resource.Value {
	texts := make([]string, len(prefixes))
	for i, prefix := range prefixes {
		texts[i] = prefix.Masked().String()
	}
	return resource.Of(texts...)
}

// refPart is what follows the segment called name in an ARM id.
func refPart(ref, name string) string {
	parts := strings.Split(ref, "/")
	for i, part := range parts[:len(parts)-1] {
		if strings.EqualFold(part, name) {
			return parts[i+1]
		}
	}
	return ""
}

// lastPart is the name of the resource that an ARM id names.
func lastPart(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func boolValue(b bool) resource.Value { return resource.Of(strconv.FormatBool(b)) }

func numberValue[N int | int32 | int64 | uint32](n N) resource.Value {
	return resource.Of(strconv.FormatInt(int64(n), 10))
}

// asBool and asNumber read what boolValue and numberValue wrote.
func asBool(v resource.Value) bool { return v.One() == "true" }

func asNumber[N int32 | int64](v resource.Value) N {
	n, err := strconv.ParseInt(v.One(), 10, 64)
	if err != nil {
		return 0
	}
	return N(n)
}

// at returns what a pointer of the SDK's models points at, or the zero value:
// a field that the service left out has its documented default, which is zero
// for all that is read through at.
func at[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// lower is a name that Azure writes in any case, or its default when left out.
func lower[S ~string](p *S, otherwise string) string {
	if at(p) == "" {
		return strings.ToLower(otherwise)
	}
	return strings.ToLower(string(*p))
}

// titled writes "standard" as Azure does, "Standard".
func titled(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// texts are the strings behind a list of the SDK's pointers.
func texts(pointers []*string) []string {
	all := make([]string, 0, len(pointers))
	for _, p := range pointers {
		all = append(all, at(p))
	}
	return all
}

// present leaves out what an answer gives as null in a list.
func present[T any](list []*T) []*T {
	return slices.DeleteFunc(list, func(item *T) bool { return item == nil })
}

func orDefault[N int32 | int64](p *N, otherwise N) N {
	if at(p) == 0 {
		return otherwise
	}
	return *p
}
