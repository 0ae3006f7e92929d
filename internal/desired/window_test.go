package desired

import (
	"testing"
	"time"
)

func TestAWindowIsOpenFromItsStartForItsDuration(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	file := &File{
		Schedule: Schedule{TimeZone: "Asia/Tokyo"},
		Policy:   Policy{Windows: []Window{{Start: "0 2 * * 6", Duration: Duration(3 * time.Hour)}}},
	}
	for moment, want := range map[string]bool{
		"2026-11-28T01:59:59+09:00": false, // a Saturday
		"2026-11-28T02:00:00+09:00": true,
		"2026-11-28T04:59:59+09:00": true,
		"2026-11-28T05:00:00+09:00": false,
		"2026-11-27T02:30:00+09:00": false,
	} {
		if open, _ := file.WindowAt(at(moment)); open != want {
			t.Errorf("at %s it is open: %t, want %t", moment, open, want)
		}
	}
	if _, next := file.WindowAt(at("2026-11-25T12:00:00Z")); !next.Equal(at("2026-11-28T02:00:00+09:00")) {
		t.Errorf("the next opens at %s", next)
	}
	if open, _ := (&File{}).WindowAt(time.Now()); !open {
		t.Error("a file without windows is closed")
	}
}
