package ground

import (
	"math"
	"time"
)

// Class is a class of operations that share a quota.
type Class struct {
	Bucket float64 // how many may come at once
	Refill float64 // a second
}

// The classes of both clouds. Azure's are those of Azure Resource Manager's
// documentation of 2024, by subscription, region and principal; the two of the
// network provider are its documented 1,000 writes and 10,000 reads in five
// minutes. EC2's are from its developer guide, by account, region and action.
var (
	AzureReads         = Class{Bucket: 250, Refill: 25}
	AzureWrites        = Class{Bucket: 200, Refill: 10}
	AzureDeletes       = Class{Bucket: 200, Refill: 10}
	AzureNetworkReads  = Class{Bucket: 10000, Refill: 10000.0 / 300}
	AzureNetworkWrites = Class{Bucket: 1000, Refill: 1000.0 / 300}

	EC2Reads           = Class{Bucket: 100, Refill: 20}
	EC2UnfilteredReads = Class{Bucket: 50, Refill: 10}
	EC2Writes          = Class{Bucket: 50, Refill: 5}
	EC2Tags            = Class{Bucket: 100, Refill: 10}
)

// Buckets are the token buckets, by class and scope. The zero Buckets are off
// and let everything pass; see [NewBuckets].
type Buckets struct {
	levels map[bucketKey]level
}

type bucketKey struct {
	class Class
	scope string
}

type level struct {
	tokens float64
	at     time.Time
}

// NewBuckets makes full buckets, or, when the scenario does not throttle,
// none.
func NewBuckets(throttle bool) *Buckets {
	if !throttle {
		return &Buckets{}
	}
	return &Buckets{levels: map[bucketKey]level{}}
}

// Take takes a token of the bucket of the class in the scope, such as
// "<subscription>/japaneast" or "<account>/<region>/DescribeVpnConnections".
// When there is none, it says after how long there will be one. left is what
// remains.
func (b *Buckets) Take(now time.Time, class Class, scope string) (ok bool, left int, wait time.Duration) {
	if b.levels == nil {
		return true, int(class.Bucket) - 1, 0
	}
	key := bucketKey{class, scope}
	have, known := b.levels[key]
	if !known {
		have = level{class.Bucket, now}
	}
	refilled := have.tokens + now.Sub(have.at).Seconds()*class.Refill
	have = level{min(class.Bucket, refilled), now}
	defer func() { b.levels[key] = have }()
	if have.tokens < 1 {
		return false, 0, seconds((1 - have.tokens) / class.Refill)
	}
	have.tokens--
	return true, int(math.Floor(have.tokens)), 0
}
