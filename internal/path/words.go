package path

import "strings"

// listed names things one after the other.
func listed(names []string) string {
	if len(names) == 0 {
		return "nothing of the link"
	}
	return strings.Join(names, ", ")
}

// lastPart is the name of the resource that an ARM id names.
func lastPart(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }
