package aws

// secret is a pre-shared key. It is kept behind a pointer, so that nothing that
// formats the structure around it prints the key.
type secret struct{ text *string }

func keep(text string) secret { return secret{&text} }

// reveal is the key itself, or "" when there is none.
func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}
