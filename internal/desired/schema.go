package desired

import (
	_ "embed"
	"slices"
)

//go:generate go test -run TestSchemaFollowsTheTypes . -update

// schema is made from the types of the file; a test keeps it in step.
//
//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of the file, draft 2020-12, for editors. It
// refuses nothing that [Parse] takes, but for numbers that stand where text
// belongs, and cannot say what needs more than one place to see.
func Schema() []byte { return slices.Clone(schema) }
