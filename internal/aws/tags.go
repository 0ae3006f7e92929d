package aws

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// tagsOf makes the tags of a resource: ours, a name for the console, and the
// file's.
func (c *Cloud) tagsOf(id resource.ID, name string) []types.Tag {
	all := maps.Clone(c.file.AWS.Tags)
	if all == nil {
		all = map[string]string{}
	}
	all["Name"], all[desired.OwnerTag], all[desired.IDTag] = name, c.file.Owner, string(id)
	var tags []types.Tag
	for _, key := range slices.Sorted(maps.Keys(all)) {
		tags = append(tags, types.Tag{Key: awssdk.String(key), Value: awssdk.String(all[key])})
	}
	return tags
}

// atCreation are the tags as a create call takes them: atomic with the create,
// so that nothing of ours ever stands without its tag.
func (c *Cloud) atCreation(kind types.ResourceType, id resource.ID, name string) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: kind, Tags: c.tagsOf(id, name)}}
}

// tag returns the value of one tag, or "".
func tag(tags []types.Tag, key string) string {
	for _, t := range tags {
		if awssdk.ToString(t.Key) == key {
			return awssdk.ToString(t.Value)
		}
	}
	return ""
}

func ownerOf(tags []types.Tag) string { return tag(tags, desired.OwnerTag) }

func idOf(tags []types.Tag) resource.ID { return resource.ID(tag(tags, desired.IDTag)) }

// thing is something EC2 lists that may carry our tags, reduced to what
// choosing among several needs.
type thing struct {
	ref   string
	tags  []types.Tag
	phase resource.Phase // Absent: deleted, and only still listed
	on    []string       // references of what it stands on
}

// How sure it is that a thing stands in the place of an id, whatever its tags
// say.
type likeness int

const (
	elsewhere likeness = iota
	named              // it has the name
	inPlace            // what joins it to its neighbours proves it
)

// The ranks of what may stand under an id, by its tags. A likeness is added.
const (
	otherOwner likeness = 1 + 10*iota
	untagged
	ours
)

// choose finds what stands under an id: ours before what has lost its tags and
// stands in the place all the same, and that before another owner's; then the
// furthest on before the rest, and among equals always the same one. Of two
// that have our tags, because somebody copied them, the one in its place is
// ours. like may be nil.
func choose[T any](items []T, id resource.ID, owner string, reduce func(T) thing, like func(T) likeness) (T, thing, bool) {
	type candidate struct {
		item T
		thing
		rank likeness
	}
	var found []candidate
	for _, item := range items {
		t := reduce(item)
		alike := elsewhere
		if like != nil && t.phase > resource.Deleting {
			alike = like(item)
		}
		switch {
		case t.phase == resource.Absent:
		case idOf(t.tags) == id && ownerOf(t.tags) == owner:
			found = append(found, candidate{item, t, ours + alike})
		case alike > elsewhere:
			found = append(found, candidate{item, t, untagged + alike})
		case idOf(t.tags) == id:
			found = append(found, candidate{item, t, otherOwner})
		}
	}
	if len(found) == 0 {
		var none T
		return none, thing{}, false
	}
	best := slices.MinFunc(found, func(a, b candidate) int {
		return cmp.Or(-cmp.Compare(a.rank, b.rank), -cmp.Compare(a.phase, b.phase), cmp.Compare(a.ref, b.ref))
	})
	return best.item, best.thing, true
}

// claim fills in whose a thing is. An owner tag counts only with the id tag:
// with one of them gone it cannot be found again by its tags.
func (b base) claim(live *resource.Live, tags []types.Tag) {
	owner, id := ownerOf(tags), idOf(tags)
	live.Owner, live.NotOurs = "", ""
	switch {
	case id == b.id && owner != "":
		live.Owner = owner
	case owner != "" && owner != b.cloud.file.Owner:
		live.Owner = owner
	case owner != "" && id != "":
		live.NotOurs = fmt.Sprintf("%s stands in its place and is %s by its tag %s: give it that name in the file again, set the tag to %s, or take it away",
			live.Ref, id, desired.IDTag, b.id)
	default:
		live.NotOurs = fmt.Sprintf("%s stands in its place without the tags of linkd: give it %s=%s and %s=%s, or take it away if it is not yours",
			live.Ref, desired.OwnerTag, b.cloud.file.Owner, desired.IDTag, b.id)
	}
}

// absent is the live state of what EC2 does not list.
func (s *seen) absent() resource.Live { return resource.Live{Phase: resource.Absent, AsOf: s.at} }
