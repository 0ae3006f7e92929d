package desired

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a time span in the file, written as Go does: "30s", "8h", or in
// whole days of 24 hours: "90d".
type Duration time.Duration

// day is what the file calls a day: 24 hours, whatever the clocks do.
const day = 24 * time.Hour

// mostDays of one span, some 270 years: more would not do as nanoseconds.
const mostDays = 99999

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	if count, whole := strings.CutSuffix(string(text), "d"); whole {
		if days, err := strconv.ParseUint(count, 10, 32); err == nil && days <= mostDays {
			*d = Duration(time.Duration(days) * day)
			return nil
		}
	}
	span, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 30s, 5m, 8h or 90d", text)
	}
	*d = Duration(span)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }
