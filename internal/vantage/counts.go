package vantage

import (
	"math"
	"time"
)

// Counts are round-trip times by their bucket: 32 buckets for each power of
// two, so that a time is known to 1.1 percent whatever its size. They travel
// where single times would be too many.
type Counts map[int]int

// perPower is how many buckets a power of two has.
const perPower = 32

// The buckets that there are: from a nanosecond to 18 minutes.
const (
	firstBucket = 0
	lastBucket  = 40*perPower - 1
)

// Add counts one time.
func (c Counts) Add(rtt time.Duration) {
	bucket := int(math.Floor(math.Log2(float64(max(rtt, 1))) * perPower))
	c[min(max(bucket, firstBucket), lastBucket)]++
}

// Each calls do with the middle of each bucket and how many times are in it.
// What no honest end can have counted is left out.
func (c Counts) Each(do func(rtt time.Duration, count int)) {
	for bucket, count := range c {
		if bucket >= firstBucket && bucket <= lastBucket && count > 0 {
			do(time.Duration(math.Exp2((float64(bucket)+0.5)/perPower)), count)
		}
	}
}

// Total is how many times are counted.
func (c Counts) Total() int {
	total := 0
	c.Each(func(_ time.Duration, count int) { total += count })
	return total
}
