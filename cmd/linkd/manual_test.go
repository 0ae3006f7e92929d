package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestTheManualShowsWhatVerifyPrints holds the page to the text that a story has
// linkd print.
func TestTheManualShowsWhatVerifyPrints(t *testing.T) {
	story, err := txtar.ParseFile("testdata/script/verify_names_what_is_wrong_and_where.txtar")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, file := range story.Files {
		if shown++; !strings.Contains(string(page), "$ linkd verify\n"+string(file.Data)) {
			t.Errorf("docs/operations.md does not show %s of the story as it is", file.Name)
		}
	}
	if shown != 1 {
		t.Errorf("the story has %d texts", shown)
	}
}
