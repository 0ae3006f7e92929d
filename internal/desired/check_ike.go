package desired

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// What both clouds take. Azure knows the groups 19 and 20 as ECP256 and
// ECP384; it offers no SHA-384 for the packets themselves, and AWS no group
// 1, no MD5 and no 192-bit key.
var (
	bothEncryptions = []string{"aes128", "aes256", "aes128-gcm", "aes256-gcm"}
	bothIntegrities = map[int][]string{1: {"sha1", "sha256", "sha384"}, 2: {"sha1", "sha256"}}
	bothGroups      = []int{2, 14, 19, 20, 24}
)

// The spans that AWS takes; Azure's are wider.
const (
	shortestLife  = 900 * time.Second
	longestPhase1 = 28800 * time.Second
	longestPhase2 = 3600 * time.Second
	shortestDPD   = 30 * time.Second
	longestDPD    = 3600 * time.Second
)

// checkIKE checks that both clouds take the policy of every link, and that
// its parts agree.
func checkIKE(c *checker) {
	for path, link := range c.links() {
		c.ike(path+".ike", link.IKE)
	}
}

func (c *checker) ike(path string, ike IKE) {
	one, two := ike.Phase1, ike.Phase2
	c.oneOf(path+".phase1.encryption", one.Encryption, bothEncryptions...)
	c.oneOf(path+".phase1.integrity", one.Integrity, bothIntegrities[1]...)
	c.group(path+".phase1.dh_group", one.DHGroup, bothGroups)
	c.oneOf(path+".phase2.encryption", two.Encryption, bothEncryptions...)
	c.group(path+".phase2.pfs_group", two.PFSGroup, append([]int{0}, bothGroups...))
	switch {
	case !isGCM(two.Encryption):
		c.oneOf(path+".phase2.integrity", two.Integrity, bothIntegrities[2]...)
	case two.Integrity != "":
		c.problem(path+".phase2.integrity", "remove the key", "%s has an integrity of its own, and takes no other", two.Encryption)
	}
	c.span(path+".phase1.lifetime", one.Lifetime, shortestLife, longestPhase1)
	c.span(path+".phase2.lifetime", two.Lifetime, shortestLife, longestPhase2)
	c.span(path+".dpd_timeout", ike.DPDTimeout, shortestDPD, longestDPD)
	if two.Lifetime >= one.Lifetime {
		c.problem(path+".phase2.lifetime", "give phase 2 less than phase 1", "phase 2 lives %s and phase 1 %s, and phase 2 must end first", brief(time.Duration(two.Lifetime)), brief(time.Duration(one.Lifetime)))
	}
	for _, row := range []struct {
		key  string
		span Duration
	}{{".phase1.lifetime", one.Lifetime}, {".phase2.lifetime", two.Lifetime}, {".dpd_timeout", ike.DPDTimeout}} {
		if time.Duration(row.span)%time.Second != 0 {
			c.problem(path+row.key, "leave out the fraction", "%s must be whole seconds, for both clouds count in them", last(row.key))
		}
	}
	switch {
	case ike.Version != 1 && ike.Version != 2:
		c.problem(path+".version", "leave it out to take 2", "IKE has the versions 1 and 2, not %d", ike.Version)
	case ike.Version == 1 && isGCM(one.Encryption):
		c.problem(path+".phase1.encryption", "use aes128 or aes256, or IKE version 2", "IKE version 1 knows no %s in phase 1", one.Encryption)
	}
	if ike.Version == 1 && ike.Initiator != InitiateAzure {
		c.problem(path+".initiator", "use initiator: azure, or IKE version 2", "AWS starts a tunnel with IKE version 2 only")
	}
}

func (c *checker) group(path string, group int, known []int) {
	if slices.Contains(known, group) {
		return
	}
	words := make([]string, len(known))
	for i, g := range known {
		words[i] = strconv.Itoa(g)
	}
	c.problem(path, "14 is a good choice", "both clouds know the groups %s, not %d", strings.Join(words, ", "), group)
}

// brief prints a span without the zeroes that time.Duration adds: 8h, 45s; and
// whole days from two on as such: 90d.
func brief(d time.Duration) string {
	if d%day == 0 && d.Abs() >= 2*day {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
