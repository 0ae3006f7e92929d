package azure

import "testing"

// TestAnAnswerWithoutAListIsNoEmptyList: what a question found nothing about
// and what it did not answer are two things.
func TestAnAnswerWithoutAListIsNoEmptyList(t *testing.T) {
	t.Parallel()
	for answer, known := range map[string]bool{
		"": false, "null": false, "{}": false, `{"value":null}`: false, "<html>": false,
		`{"value":[]}`: true, `{"value":[{"addressPrefix":["10.0.0.0/8"]}]}`: true,
	} {
		var into struct {
			Value []struct{} `json:"value"`
		}
		if err := listed([]byte(answer), &into); (err == nil) != known {
			t.Errorf("%q: %v", answer, err)
		}
	}
}
