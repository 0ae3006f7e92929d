package desired

import "time"

// WindowAt tells whether repairs that interrupt traffic may run at a moment,
// and when the next maintenance window opens. A file without windows is open
// at any time.
func (f *File) WindowAt(now time.Time) (open bool, next time.Time) {
	if len(f.Policy.Windows) == 0 {
		return true, time.Time{}
	}
	zone, err := f.Schedule.Zone()
	if err != nil {
		zone = time.UTC
	}
	for _, window := range f.Policy.Windows {
		starts, err := ParseTimes(window.Start, zone)
		if err != nil {
			continue // validation refuses such a file
		}
		if begun := starts.Next(now.Add(-time.Duration(window.Duration))); !begun.IsZero() && !begun.After(now) {
			open = true
		}
		if at := starts.Next(now); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return open, next
}
