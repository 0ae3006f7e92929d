package endtoend

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// withKeys is the file of the seed with another redundancy and a schedule of keys.
func withKeys(t *testing.T, redundancy, every, policy string) string {
	t.Helper()
	content := seedFile(t)
	for _, change := range [][2]string{
		{"redundancy: single ", "redundancy: " + redundancy + " "}, {"from: aws  ", "rotate_every: " + every + "  "}, {"version: 1\n", "version: 1\n" + policy},
	} {
		if strings.Count(content, change[0]) != 1 {
			t.Fatalf("%q does not stand in the file once", change[0])
		}
		content = strings.Replace(content, change[0], change[1], 1)
	}
	return content
}

// page is what the daemon serves to Prometheus.
func (k *keeper) page() string {
	page := httptest.NewRecorder()
	k.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	return page.Body.String()
}

// TestTheDaemonTellsHowOldTheKeysAre looks at what it tells of keys that it made an
// hour before.
func TestTheDaemonTellsHowOldTheKeysAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		k := l.keepOf(withKeys(t, "single", "90d", ""), nil)
		defer func() { k.stop() }()
		status := k.audited()
		set := l.note().Set[1]
		if age := time.Since(set); age < time.Hour || age > 2*time.Hour {
			t.Fatalf("the key is of %s", set)
		}
		if pair := status.Pairs[0]; !pair.KeySet.Equal(set) || !pair.KeyDue.Equal(set.Add(90*24*time.Hour)) {
			t.Errorf("the status tells of a key of %s, due at %s", pair.KeySet, pair.KeyDue)
		}
		for _, line := range []string{
			fmt.Sprintf(`linkd_key_set_timestamp_seconds{link="tokyo",tunnel="tokyo-0-1"} %g`, float64(set.Unix())),
			`linkd_key_rotate_every_seconds{link="tokyo"} 7.776e+06`, `linkd_keys_of_unknown_age{link="tokyo"} 0`,
		} {
			if page := k.page(); !strings.Contains(page, line+"\n") {
				t.Errorf("the page lacks %s", line)
			}
		}
	})
}
