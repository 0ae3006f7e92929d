package aws

import (
	"cmp"
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
}

// choose finds what stands under an id: ours before another owner's, the
// furthest on before the rest, and among equals always the same one. matches
// tells of a thing without our id tag whether it stands in its place all the
// same; it may be nil.
func choose[T any](items []T, id resource.ID, owner string, reduce func(T) thing, matches func(T) bool) (T, thing, bool) {
	type candidate struct {
		item T
		thing
		rank int
	}
	var found []candidate
	for _, item := range items {
		t := reduce(item)
		rank := 0
		switch {
		case t.phase == resource.Absent:
			continue
		case idOf(t.tags) == id && ownerOf(t.tags) == owner:
			rank = 3
		case matches != nil && matches(item):
			rank = 2
		case idOf(t.tags) == id:
			rank = 1
		default:
			continue
		}
		found = append(found, candidate{item, t, rank})
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

// absent is the live state of what EC2 does not list.
func (s *seen) absent() resource.Live { return resource.Live{Phase: resource.Absent, AsOf: s.at} }
