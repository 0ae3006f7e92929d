package journal

import "slices"

// Event is what an entry is about: one word of a closed list, stable, as it
// stands in the file.
type Event string

// The events.
const (
	Appeared     Event = "appeared"
	Changed      Event = "changed"
	Held         Event = "held"
	Approved     Event = "approved"
	Refused      Event = "refused"
	Repairing    Event = "repairing"
	Repaired     Event = "repaired"
	Failed       Event = "failed"
	Unfinished   Event = "unfinished"
	Proved       Event = "proved"
	Persists     Event = "persists"
	Returned     Event = "returned"
	Gone         Event = "gone"
	Rival        Event = "rival"
	Paused       Event = "paused"
	Resumed      Event = "resumed"
	Limits       Event = "limits"
	Unseen       Event = "unseen"
	Seen         Event = "seen"
	Started      Event = "started"
	Stopped      Event = "stopped"
	Reloaded     Event = "reloaded"
	ReloadFailed Event = "reload-failed"
	Missed       Event = "missed"
	Named        Event = "named"
	Passed       Event = "passed"
	Panicked     Event = "panicked"
	Rotating     Event = "rotating"
	Rotated      Event = "rotated"
	Drilling     Event = "drilling"
	Drilled      Event = "drilled"
	Gap          Event = "gap"
)

// row is one event of the table.
type row struct {
	event Event
	// durable says that the entry is on the disk, and all before it, when Append
	// returns: what was decided by a person, and what is about to be changed,
	// must outlive a power cut.
	durable bool
	means   string
}

// events is the closed list, in the order in which a drift lives.
var events = []row{
	{Appeared, false, "a drift was seen for the first time"},
	{Changed, false, "a drift that stands has another value, or another decision"},
	{Held, false, "a drift is left as it is; held says why, in one word"},
	{Approved, true, "a person approved the plan with this digest"},
	{Refused, true, "an approval was refused: the plan is another by now"},
	{Repairing, true, "a repair is about to be sent"},
	{Repaired, true, "the cloud says that the repair is done"},
	{Failed, true, "a repair failed"},
	{Unfinished, false, "a repair was stopped before its end; the clouds go on with what they accepted"},
	{Proved, true, "a look after the repair found the drift gone"},
	{Persists, true, "a look after the repair found the drift as before"},
	{Returned, true, "a drift whose repair was proved came back"},
	{Gone, false, "a drift went without a repair of ours"},
	{Rival, true, "somebody changes back what is repaired: repairs of it stop"},
	{Paused, true, "a person stopped all repairs for a time"},
	{Resumed, true, "repairs go on, by a person or because the time is over"},
	{Limits, true, "a whole plan was refused, because it is over the limits"},
	{Unseen, false, "a cloud, or a part of it, can no longer be read: its state is unknown"},
	{Seen, false, "what could not be read can be read again"},
	{Started, true, "a linkd began its work"},
	{Stopped, true, "a linkd ended its work in good order"},
	{Reloaded, true, "a changed file was taken over"},
	{ReloadFailed, true, "a changed file was refused, and the one before stays in force"},
	{Missed, false, "a tick of the schedule passed while the round before still ran"},
	{Named, false, "a failure of docs/failures.md has been seen for as long as its page says"},
	{Passed, false, "a failure that was named is not seen any more"},
	{Panicked, true, "linkd met a defect of its own in a look, and went on"},
	{Rotating, true, "a tunnel is about to get a new key, or what is half done of that is finished"},
	{Rotated, true, "both clouds have the new key of a tunnel, and show it up with it"},
	{Drilling, true, "a tunnel is about to be taken down on purpose, by linkd drill"},
	{Drilled, true, "the tunnel that a drill took down is up again; the text says what was lost"},
	{Gap, true, "entries are missing here: they could not be written, or were cut off by a crash"},
}

// Events lists all events, in the order in which a drift lives.
func Events() []Event {
	list := make([]Event, len(events))
	for i, r := range events {
		list[i] = r.event
	}
	return list
}

// Means says in a clause when an event is recorded, "" for one that is not of
// the list.
func (e Event) Means() string { return rowOf(e).means }

// durable reports whether an entry is synced to the disk before Append returns.
// An event that the table does not have is: nothing is known of it.
func (e Event) durable() bool {
	r := rowOf(e)
	return r.durable || r.event == ""
}

func rowOf(e Event) row {
	i := slices.IndexFunc(events, func(r row) bool { return r.event == e })
	if i < 0 {
		return row{}
	}
	return events[i]
}
