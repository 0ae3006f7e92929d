package desired

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Off is the expression of a look along the paths that nobody wants.
const Off = "off"

// Never is when nothing is due.
type Never struct{}

// Next implements [Times]: there is none.
func (Never) Next(time.Time) time.Time { return time.Time{} }

// Times is when something is due.
type Times interface {
	// Next returns the next moment after t.
	Next(t time.Time) time.Time
}

// shortestEvery is the shortest "@every": less would eat the clouds' quotas,
// and the cron library quietly turns nonsense into one second.
const shortestEvery = time.Minute

// ParseTimes reads a five-field cron expression, or "@every 5m", in a time
// zone. It keeps away from what the cron library answers with a panic or with
// a schedule that never comes.
func ParseTimes(expression string, zone *time.Location) (times Times, err error) {
	defer func() {
		if recover() != nil {
			times, err = nil, fmt.Errorf("%q is not a cron expression", expression)
		}
	}()
	if upper := strings.ToUpper(strings.TrimSpace(expression)); strings.HasPrefix(upper, "TZ=") || strings.HasPrefix(upper, "CRON_TZ=") {
		return nil, errors.New("a time zone does not belong in a cron expression")
	}
	if span, ok := strings.CutPrefix(expression, "@every "); ok {
		every, err := time.ParseDuration(strings.TrimSpace(span))
		if err != nil || every < shortestEvery || every%time.Second != 0 {
			return nil, fmt.Errorf("%q must be a span of whole seconds, and a minute at least", expression)
		}
		return cron.Every(every), nil
	}
	schedule, err := cron.ParseStandard(expression)
	if err != nil {
		return nil, errors.New(whyNotCron(expression))
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%q is not a cron expression of five fields", expression)
	}
	spec.Location = zone
	// From the eve of a leap year, five years ahead are searched: what is not
	// found there never comes.
	if spec.Next(time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("%q never comes", expression)
	}
	return spec, nil
}

// cronFields are the fields of a cron expression, in their order.
var cronFields = [...]string{"the minute, 0 to 59", "the hour, 0 to 23", "the day of the month, 1 to 31", "the month, 1 to 12", "the day of the week, 0 (Sunday) to 6"}

// whyNotCron says what is wrong with an expression: its first field that cannot be, or that
// there are not five.
func whyNotCron(expression string) string {
	fields := strings.Fields(expression)
	if len(fields) == len(cronFields) {
		for i, means := range cronFields {
			alone := []string{"*", "*", "*", "*", "*"}
			alone[i] = fields[i]
			if _, err := cron.ParseStandard(strings.Join(alone, " ")); err != nil {
				return fmt.Sprintf("%q cannot be: its field %d, %q, is %s", expression, i+1, fields[i], means)
			}
		}
	}
	return fmt.Sprintf("%q is not a cron expression of five fields", expression)
}

// Zone returns the time zone of the schedule.
func (s Schedule) Zone() (*time.Location, error) {
	if s.TimeZone == "Local" {
		return nil, errors.New("the zone of the machine is not the same everywhere")
	}
	return time.LoadLocation(s.TimeZone)
}
