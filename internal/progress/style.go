package progress

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// style colours words, or leaves them as they are.
type style struct{ good, bad, warn, busy, faint, bold func(string) string }

func newStyle(colour bool) style {
	if !colour {
		plain := func(text string) string { return text }
		return style{plain, plain, plain, plain, plain, plain}
	}
	in := func(c color.Color) func(string) string { return rendered(lipgloss.NewStyle().Foreground(c)) }
	return style{
		good: in(lipgloss.Green), bad: in(lipgloss.Red), warn: in(lipgloss.Yellow), busy: in(lipgloss.Cyan),
		faint: rendered(lipgloss.NewStyle().Faint(true)), bold: rendered(lipgloss.NewStyle().Bold(true)),
	}
}

func rendered(s lipgloss.Style) func(string) string {
	return func(text string) string { return s.Render(text) }
}

// cut keeps a line within the width of the terminal, colours aside.
func (style) cut(line string, width int) string {
	if lipgloss.Width(line) <= width {
		return line
	}
	return lipgloss.NewStyle().MaxWidth(width).Render(line)
}
