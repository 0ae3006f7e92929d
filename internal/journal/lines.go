package journal

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// lines reads a file line by line. A line longer than any entry is cut short,
// so that memory stays flat whatever the file holds.
type lines struct {
	from   *bufio.Reader
	text   []byte // the line without its newline; the next call overwrites it
	number int    // from 1
	begins int64  // where the line begins
	ends   int64  // where the next one does
	whole  bool   // it ends with a newline
}

func linesOf(r io.Reader) *lines {
	return &lines{from: bufio.NewReaderSize(r, 64<<10)}
}

// next reads a line. At the end of the file it returns io.EOF; bytes after the
// last newline are a line that is not whole.
func (l *lines) next() error {
	l.text, l.whole, l.begins = l.text[:0], false, l.ends
	l.number++
	for {
		part, err := l.from.ReadSlice('\n')
		l.ends += int64(len(part))
		l.text = append(l.text, part[:min(len(part), longestLine-len(l.text))]...)
		switch {
		case err == nil:
			l.text, l.whole = bytes.TrimSuffix(l.text, []byte("\n")), true
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && l.ends > l.begins:
			return nil
		}
		return err
	}
}
