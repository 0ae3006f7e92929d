package daemon

import "fmt"

// counted is a number of things: "1 link", "2 links".
func counted(number int, thing string) string {
	if number == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", number, thing)
}

// describe says in a sentence what the daemon is about.
func (d *Daemon) describe() string {
	text := fmt.Sprintf("linkd %s keeps %s of %s with %s", d.Version,
		counted(len(d.current.file.Links), "link"), d.Path, counted(len(d.current.engine.Graph.Order()), "resource"))
	if d.AuditOnly {
		text += ", and only audits"
	}
	return text
}
