package journal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFilter(t *testing.T) {
	folder := t.TempDir()
	j := mustOpen(t, folder, Options{MaxBytes: 700, Keep: 100})
	mustAppend(t, j,
		Entry{At: noon, Event: Started, Text: "1"},
		Entry{At: noon.Add(time.Hour), Event: Appeared, Round: 1, Link: "tokyo", Resource: "azure/vpn-site/tokyo", Drift: "azure/vpn-site.address_space"},
		Entry{At: noon.Add(2 * time.Hour), Event: Repaired, Round: 1, Link: "tokyo", Resource: "azure/vpn-site/tokyo", Drift: "azure/vpn-site.address_space"},
		Entry{At: noon.Add(3 * time.Hour), Event: Appeared, Round: 2, Link: "osaka", Resource: "aws/tgw-routes/osaka", Drift: "aws/tgw-routes.routes.extra"},
		Entry{At: noon.Add(-time.Hour), Event: Gone, Round: 3, Link: "osaka", Resource: "aws/tgw-routes/osaka", Drift: "aws/tgw-routes.routes.extra"}, // the clock was set back
	)
	mustClose(t, j)
	for name, c := range map[string]struct {
		filter Filter
		want   []uint64
	}{
		"all":               {Filter{}, []uint64{1, 2, 3, 4, 5}},
		"since is within":   {Filter{Since: noon.Add(2 * time.Hour)}, []uint64{3, 4}},
		"until is not":      {Filter{Until: noon.Add(2 * time.Hour)}, []uint64{1, 2, 5}},
		"a resource":        {Filter{Resource: "azure/vpn-site/tokyo"}, []uint64{2, 3}},
		"resources":         {Filter{Resource: "aws/*"}, []uint64{4, 5}},
		"one character":     {Filter{Resource: "a?s/*osaka"}, []uint64{4, 5}},
		"none":              {Filter{Resource: "azure"}, nil},
		"drifts":            {Filter{Drift: "*.extra"}, []uint64{4, 5}},
		"a link":            {Filter{Link: "tokyo"}, []uint64{2, 3}},
		"an event":          {Filter{Events: []Event{Appeared}}, []uint64{2, 4}},
		"events":            {Filter{Events: []Event{Gone, Started}}, []uint64{1, 5}},
		"a round":           {Filter{Round: 1}, []uint64{2, 3}},
		"the last":          {Filter{Last: 2}, []uint64{4, 5}},
		"the last that fit": {Filter{Last: 1, Link: "tokyo"}, []uint64{3}},
		"more than all":     {Filter{Last: 9}, []uint64{1, 2, 3, 4, 5}},
		"both":              {Filter{Link: "osaka", Events: []Event{Appeared}}, []uint64{4}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []uint64
			for _, e := range mustRead(t, folder, c.filter) {
				got = append(got, e.Seq)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, last := range []int{0, 3} {
		count := 0
		if err := Read(folder, Filter{Last: last}, func(Entry) bool { count++; return count < 2 }); err != nil || count != 2 {
			t.Errorf("last %d: stopped after %d, %v", last, count, err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	for name, event := range map[string]Event{"durable": Repairing, "later": Appeared} {
		b.Run(name, func(b *testing.B) {
			j := mustOpen(b, b.TempDir(), Options{})
			entry := some(0, 1)[0]
			entry.Event = event
			b.ReportAllocs()
			for b.Loop() {
				mustAppend(b, j, entry)
			}
			mustClose(b, j)
		})
	}
}

func BenchmarkRead(b *testing.B) {
	folder := b.TempDir()
	j := mustOpen(b, folder, Options{})
	mustAppend(b, j, some(0, 10000)...)
	mustClose(b, j)
	b.SetBytes(j.size)
	b.ReportAllocs()
	for b.Loop() {
		if err := Read(folder, Filter{Last: 1}, func(Entry) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
}
