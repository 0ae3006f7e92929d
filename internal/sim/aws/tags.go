package aws

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// tag is a tag on anything.
type tag struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

// tagsOf is what the call sees of an object's tags.
func (k *call) tagsOf(id string) []tag {
	tags, _ := k.region.tags.getAt(k.seen, id)
	return tags
}

// tagSet is the tags of an object as an answer shows them.
func (k *call) tagSet(id string) set[tag] { return set[tag]{k.tagsOf(id)} }

func tagValues(tags []tag, key string) []string {
	for _, t := range tags {
		if t.Key == key {
			return []string{t.Value}
		}
	}
	return nil
}

func tagKeys(tags []tag) []string {
	var keys []string
	for _, t := range tags {
		keys = append(keys, t.Key)
	}
	return keys
}

// specified reads the tags that a create call brings along. The list's name
// differs from call to call.
func (k *call) specified(list, resourceType string) ([]tag, error) {
	var tags []tag
	for _, specification := range k.structures(list) {
		if kind := specification.text("ResourceType"); kind != resourceType {
			return nil, badValue("'%s' is not a valid taggable resource type for this operation.", kind)
		}
		members, err := readTags(specification.structures("Tag"))
		if err != nil {
			return nil, err
		}
		tags = merged(tags, members)
	}
	return tags, checkCount(tags)
}

func readTags(members []form) ([]tag, error) {
	var tags []tag
	for _, member := range members {
		t := tag{member.text("Key"), member.text("Value")}
		switch {
		case t.Key == "" || len(t.Key) > 127:
			return nil, badValue("Tag keys must be between 1 and 127 characters in length")
		case len(t.Value) > 255:
			return nil, badValue("Tag values cannot be more than 255 characters in length")
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return nil, badValue("Tag keys starting with 'aws:' are reserved for internal use")
		}
		tags = append(tags, t)
	}
	return tags, nil
}

func checkCount(tags []tag) error {
	if len(tags) > 50 {
		return refuse("TagLimitExceeded", "More than 50 tags specified")
	}
	return nil
}

// merged is tags with others laid over them, in the order of their keys.
func merged(tags, others []tag) []tag {
	byKey := map[string]tag{}
	for _, t := range slices.Concat(tags, others) {
		byKey[t.Key] = t
	}
	all := make([]tag, 0, len(byKey))
	for _, t := range byKey {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// retag puts tags on an object. No tags at all are no change.
func (r *region) retag(now time.Time, id string, tags []tag) {
	if len(tags) > 0 {
		r.tags.put(now, id, tags)
	}
}
