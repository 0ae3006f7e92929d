package aws

import "testing"

// TestMaintenanceToComeIsAClause: a person reads it behind the tunnel's name.
func TestMaintenanceToComeIsAClause(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "false": "", "False": "", "none": "", "true": "maintenance is pending", "True": "maintenance is pending", "software update": "software update",
	} {
		if have := pendingOf(said); have != want {
			t.Errorf("%q is told as %q, want %q", said, have, want)
		}
	}
}
