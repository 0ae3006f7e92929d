package probe

import (
	"testing"
	"time"
)

func TestAClockThatIsSetLeavesTheRoundTripAlone(t *testing.T) {
	const day, second = 24 * time.Hour, time.Second
	for name, c := range map[string]struct {
		look        [2]time.Duration // wall and monotonic clock when they were last read together
		read        [2]time.Duration // when the packet is read
		stamp, want time.Duration
	}{
		"a stamp of 30 us ago":                  {[2]time.Duration{day, second}, [2]time.Duration{day + 10*ms, second + 10*ms}, day + 10*ms - 30000, 30000},
		"no stamp":                              {[2]time.Duration{day, second}, [2]time.Duration{day + 10*ms, second + 10*ms}, 0, 0},
		"set an hour on before the arrival":     {[2]time.Duration{day, second}, [2]time.Duration{day + time.Hour, second + 10*ms}, day + time.Hour - 30000, 0},
		"set an hour on after the arrival":      {[2]time.Duration{day, second}, [2]time.Duration{day + time.Hour, second + 10*ms}, day + 9*ms, 0},
		"set back an hour after the arrival":    {[2]time.Duration{day, second}, [2]time.Duration{day - time.Hour, second + 10*ms}, day + 9*ms, 0},
		"set a millisecond on":                  {[2]time.Duration{day, second}, [2]time.Duration{day + 11*ms, second + 10*ms}, day + 9*ms, 0},
		"slewed for ten seconds":                {[2]time.Duration{day, second}, [2]time.Duration{day + 10*second + 5*ms, 11 * second}, day + 10*second, 5 * ms},
		"a stamp of the future":                 {[2]time.Duration{day, second}, [2]time.Duration{day + 10*ms, second + 10*ms}, day + second, 0},
		"a stamp that is absurdly old":          {[2]time.Duration{day, second}, [2]time.Duration{day + 10*ms, second + 10*ms}, 1, MaxTimeout},
		"the process was suspended for an hour": {[2]time.Duration{day, second}, [2]time.Duration{day + time.Hour, second + 10*ms}, day + time.Hour - second, 0},
	} {
		var s stamps
		s.stepped(c.look[0], c.look[1])
		if got := s.age(c.stamp, c.read[0], c.read[1]); got != c.want {
			t.Errorf("%s: %v old, want %v", name, got, c.want)
		}
	}
	var fresh stamps
	if got := fresh.age(day, day+second, second); got != 0 {
		t.Errorf("a stamp before both clocks were read is taken for %v old", got)
	}
}
