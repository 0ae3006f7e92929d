package resource

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Class says in which way a resource differs from the file.
type Class string

// The classes of drift.
const (
	Missing   Class = "missing"   // wanted, and not there
	Differs   Class = "differs"   // there, with another value
	Extra     Class = "extra"     // a member, or a thing, that nobody declared
	Unowned   Class = "unowned"   // stands under our name without our tag: never touched
	Orphan    Class = "orphan"    // ours by its tag, and not in the file
	Duplicate Class = "duplicate" // a second one with our tag
	FailedNow Class = "failed"    // an operation on it failed
	BusyNow   Class = "busy"      // an operation runs: look again later
	Blocked   Class = "blocked"   // cannot be judged until something else stands
	Unseen    Class = "unseen"    // could not be read: unknown, which is never well
)

// Drift is one difference between the file and a cloud.
type Drift struct {
	ID    ID
	Kind  string
	Class Class
	// Attr is the attribute that differs, or "" when it is the resource itself.
	Attr string
	// Member tells apart what shares a row: the tunnel or link of a secret, or
	// whose turn it is.
	Member string
	// Turn says that linkd has changed its mind: see [Turn].
	Turn bool
	// Want and Have are both values of the attribute. Of a Members attribute
	// they hold only the members that are missing, or only those that are extra;
	// of a turn, those that come and those that they take the place of.
	// Both are empty for a secret.
	Want, Have Value
	Fix        Fix
	Effect     Effect
	Breaks     string
	// Why explains the classes that need it: failed, busy, blocked, unseen.
	Why string
}

// Key is the row of the drift: kind and attribute, or kind and class when the
// resource itself is the matter. "azure/vpn-site.address_space",
// "aws/vpn-connection.missing". An undeclared member has a key of its own,
// "aws/tgw-routes.routes.extra", so that a rule can treat it apart.
func (d Drift) Key() string {
	switch {
	case d.Attr == "":
		return d.Kind + "." + string(d.Class)
	case d.Class == Extra:
		return d.Kind + "." + d.Attr + "." + string(Extra)
	}
	return d.Kind + "." + d.Attr
}

// Diff compares what the file wants of a resource of this kind with what the
// cloud says, attribute by attribute in the order of the kind's rows. It
// returns nothing when they agree.
func Diff(id ID, kind *Kind, want Spec, live Live) []Drift {
	self := Drift{ID: id, Kind: kind.Name, Fix: InPlace, Breaks: kind.Breaks, Why: live.Why}
	if kind.Given {
		self.Fix = ByHand
	}
	switch live.Phase {
	case Unknown:
		self.Class, self.Fix, self.Breaks = Unseen, ByHand, "" // nobody knows that anything is broken
		return []Drift{self}
	case Absent:
		self.Class = Missing
		return []Drift{self}
	case Deleting:
		self.Class = BusyNow
		return []Drift{self}
	}
	if want.Owner != "" && live.Owner != want.Owner {
		self.Class, self.Fix = Unowned, ByHand
		self.Why = cmp.Or(live.NotOurs, "it has no owner tag of ours")
		if live.Owner != "" {
			self.Why = "its owner tag says " + live.Owner
		}
		return []Drift{self}
	}
	switch live.Phase {
	case Failed:
		self.Class = FailedNow
		return append([]Drift{self}, diffAttrs(self, kind, want.shownBy(live), live)...)
	case Pending, Created:
		self.Class = BusyNow
		if live.Phase == Created || len(live.Attrs) > 0 {
			self.Breaks = "" // as far as it shows it stands, and may do all that it is for
		}
		return []Drift{self}
	}
	return diffAttrs(self, kind, want, live)
}

// diffAttrs compares the rows of a kind, in their order.
func diffAttrs(self Drift, kind *Kind, want Spec, live Live) []Drift {
	var drifts []Drift
	for _, attr := range kind.Attrs {
		drifts = append(drifts, diffAttr(self, attr, want, live)...)
	}
	return drifts
}

// shownBy is the part of a Spec that can be compared with a resource that
// failed: it may show only some of its attributes, and that it failed says why.
func (s Spec) shownBy(live Live) Spec {
	shown := Spec{Owner: s.Owner, Attrs: Attrs{}, Secrets: Secrets{}}
	for name, value := range s.Attrs {
		if _, seen := live.Attrs[name]; seen {
			shown.Attrs[name] = value
		}
	}
	for name, secret := range s.Secrets {
		if _, seen := live.Secrets[name]; seen {
			shown.Secrets[name] = secret
		}
	}
	return shown
}

// diffAttr compares one attribute. One that is not wanted is not compared;
// one that is wanted and was not read is unseen.
func diffAttr(self Drift, attr Attr, want Spec, live Live) []Drift {
	self.Attr, self.Class, self.Fix, self.Effect, self.Breaks, self.Why = attr.Name, Differs, attr.Fix, attr.Effect, attr.Breaks, ""
	if attr.Effect == OneNetwork && len(live.Attrs[attr.Name].Without(want.Attrs[attr.Name])) == 0 {
		self.Effect = NoInterruption // an addition leaves what is there as it is
	}
	if attr.Secret {
		return diffSecrets(self, want.Secrets, live.Secrets)
	}
	wanted, asked := want.Attrs[attr.Name]
	have, seen := live.Attrs[attr.Name]
	switch {
	case !asked || seen && wanted.Equal(have):
		return nil
	case !seen:
		self.Class, self.Fix, self.Breaks, self.Why, self.Want = Unseen, ByHand, "", "the cloud does not show it", wanted
		return []Drift{self}
	case !attr.Members:
		self.Want, self.Have = wanted, have
		return []Drift{self}
	}
	drifts := diffTurns(self, want.Turns[attr.Name], have)
	for _, turn := range drifts {
		wanted, have = wanted.Without(turn.Want), have.Without(turn.Have)
	}
	if missing := wanted.Without(have); len(missing) > 0 {
		d := self
		d.Want = missing
		if attr.Effect == OneNetwork {
			d.Effect = NoInterruption
		}
		drifts = append(drifts, d)
	}
	if extra := have.Without(wanted); len(extra) > 0 {
		d := self
		d.Class, d.Have, d.Breaks = Extra, extra, cmp.Or(attr.BreaksExtra, attr.Breaks)
		drifts = append(drifts, d)
	}
	return drifts
}

// diffTurns compares the members of one row that are to take the place of others.
// They do so in one step, so that nothing is interrupted.
func diffTurns(self Drift, turns []Turn, have Value) []Drift {
	var drifts []Drift
	for _, turn := range turns {
		d := self
		d.Member, d.Turn, d.Effect, d.Why, d.Breaks = turn.Of, true, NoInterruption, turn.Why, turn.Breaks
		for _, stands := range turn.stands() {
			if have.Has(stands) {
				d.Have = d.Have.Union(Of(stands))
				d.Want = d.Want.Union(Of(turn.Instead[stands]))
			}
		}
		if len(d.Have) > 0 {
			drifts = append(drifts, d)
		}
	}
	return drifts
}

// diffSecrets compares the secrets of one row, each by itself.
func diffSecrets(self Drift, want, live Secrets) []Drift {
	var drifts []Drift
	for _, name := range slices.Sorted(maps.Keys(want)) {
		row, member, _ := strings.Cut(name, "/")
		have, seen := live[name]
		if row != self.Attr || seen && want[name].Equal(have) {
			continue
		}
		d := self
		d.Member = member
		if !seen {
			d.Class, d.Fix, d.Breaks, d.Why = Unseen, ByHand, "", "the cloud does not show it"
		}
		drifts = append(drifts, d)
	}
	return drifts
}

// Target returns what Apply is asked to make: live as it is, with only the
// allowed drifts mended. A difference that is held stays as the cloud has it,
// so a repair never carries along what policy did not allow. Of a resource
// that failed, what it does not show is made as the file wants it.
func Target(kind *Kind, want Spec, live Live, allowed []Drift) Spec {
	if live.Phase == Absent {
		return want
	}
	target := Spec{Owner: want.Owner, Attrs: Attrs{}, Secrets: Secrets{}}
	for name, value := range want.Attrs {
		if _, compared := kind.Attr(name); !compared || live.Phase == Failed {
			target.Attrs[name] = value
		}
	}
	if live.Phase == Failed {
		maps.Copy(target.Secrets, want.Secrets)
	}
	for _, attr := range kind.Attrs {
		if value, seen := live.Attrs[attr.Name]; seen {
			target.Attrs[attr.Name] = value
		}
	}
	for name, secret := range live.Secrets {
		if row, _, _ := strings.Cut(name, "/"); isSecret(kind, row) {
			target.Secrets[name] = secret
		}
	}
	for _, drift := range allowed {
		attr, row := kind.Attr(drift.Attr)
		switch {
		case !row: // the resource itself is the matter
		case attr.Secret:
			name := attr.Name
			if drift.Member != "" {
				name += "/" + drift.Member
			}
			target.Secrets[name] = want.Secrets[name]
		case attr.Members && drift.Class == Extra:
			target.Attrs[attr.Name] = target.Attrs[attr.Name].Without(drift.Have)
		case attr.Members:
			target.Attrs[attr.Name] = target.Attrs[attr.Name].Without(drift.Have).Union(drift.Want)
		default:
			target.Attrs[attr.Name] = want.Attrs[attr.Name]
		}
	}
	return target
}

func isSecret(kind *Kind, row string) bool {
	attr, found := kind.Attr(row)
	return found && attr.Secret
}
