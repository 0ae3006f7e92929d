package machine

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// shell is a script under way.
type shell struct {
	machine  Machine
	env      map[string]string
	out, err strings.Builder
	code     int // of the last command
	done     bool
	took     time.Duration
	behind   time.Duration // when the last command in the background ends
}

// command is a command with what comes before and behind it.
type command struct {
	words  []word
	after  string // "", "&&" or "||": what the one before must have come to
	behind bool   // it runs in the background
}

// word is a word of a command; a literal one is not expanded.
type word struct {
	text    string
	literal bool
}

// parse takes a script apart.
func parse(script string) []command {
	var all []command
	var now command
	end := func(next string) {
		if len(now.words) > 0 {
			all = append(all, now)
		}
		now = command{after: next}
	}
	rest := script
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "&&"), strings.HasPrefix(rest, "||"):
			end(rest[:2])
			rest = rest[2:]
		case strings.HasPrefix(rest, "\\\n"):
			rest = rest[2:]
		case rest[0] == '\n' || rest[0] == ';':
			if rest = rest[1:]; len(now.words) > 0 {
				end("")
			}
		case rest[0] == '&':
			now.behind = true
			end("")
			rest = rest[1:]
		case rest[0] == '#':
			_, rest, _ = strings.Cut(rest, "\n")
			rest = "\n" + rest
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			rest = rest[1:]
		default:
			var w word
			w, rest = scan(rest)
			now.words = append(now.words, w)
		}
	}
	end("")
	return all
}

// scan reads one word, with its quotes taken off.
func scan(rest string) (word, string) {
	var w word
	for rest != "" {
		switch c := rest[0]; {
		case c == '\'' || c == '"':
			inner, left, _ := strings.Cut(rest[1:], string(c))
			w.text += inner
			w.literal = w.literal || c == '\''
			rest = left
		case strings.HasPrefix(rest, "2>&1"), strings.HasPrefix(rest, ">&2"), strings.HasPrefix(rest, "1>&2"): // a word of its own
			if w.text != "" {
				return w, rest
			}
			n := len("2>&1")
			if rest[0] == '>' {
				n = len(">&2")
			}
			return word{text: rest[:n]}, rest[n:]
		case strings.ContainsRune(" \t\r\n;&|", rune(c)):
			return w, rest
		default:
			w.text += string(c)
			rest = rest[1:]
		}
	}
	return w, rest
}

// step runs one command.
func (s *shell) step(c command) {
	if c.after == "&&" && s.code != 0 || c.after == "||" && s.code == 0 {
		return
	}
	env := maps.Clone(s.env)
	var words []string
	var toErr, errToOut, outGone, errGone bool
	for _, w := range c.words {
		text := s.expand(w)
		name, value, assigns := strings.Cut(text, "=")
		switch {
		case text == "2>&1":
			errToOut = true
		case text == ">&2" || text == "1>&2":
			toErr = true
		case text == ">/dev/null":
			outGone = true
		case text == "2>/dev/null":
			errGone = true
		case len(words) == 0 && assigns && !strings.ContainsAny(name, "/-."):
			env[name] = value
		default:
			words = append(words, text)
		}
	}
	if len(words) == 0 {
		s.env, s.code = env, 0
		return
	}
	out, err, code, took := s.run(words, env)
	if toErr {
		out, err = "", err+out
	}
	if errGone {
		err = ""
	}
	if errToOut {
		out, err = out+err, ""
	}
	if outGone {
		out = ""
	}
	s.out.WriteString(out)
	s.err.WriteString(err)
	if c.behind {
		s.behind, s.code = max(s.behind, s.took+took), 0
		return
	}
	s.code, s.took = code, s.took+took
}

// expand puts variables in.
func (s *shell) expand(w word) string {
	if w.literal {
		return w.text
	}
	text := strings.ReplaceAll(w.text, "$?", strconv.Itoa(s.code))
	for name, value := range s.env {
		text = strings.NewReplacer("${"+name+"}", value, "$"+name, value).Replace(text)
	}
	return text
}

// run runs a command by its name.
func (s *shell) run(words []string, env map[string]string) (out, err string, code int, took time.Duration) {
	switch name := words[0][strings.LastIndex(words[0], "/")+1:]; name {
	case "echo":
		return strings.Join(words[1:], " ") + "\n", "", 0, 0
	case "export":
		for _, word := range words[1:] {
			if name, value, assigns := strings.Cut(word, "="); assigns {
				s.env[name] = value
			}
		}
		return "", "", 0, 0
	case "env":
		return s.underEnv(words[1:], env)
	case "true", ":", "set":
		return "", "", 0, 0
	case "false":
		return "", "", 1, 0
	case "exit":
		s.done = true
		if len(words) > 1 {
			code, _ = strconv.Atoi(words[1])
			return "", "", code, 0
		}
		return "", "", s.code, 0
	case "sleep":
		seconds, _ := strconv.ParseFloat(last(words), 64)
		return "", "", 0, time.Duration(seconds * float64(time.Second))
	case "wait":
		return "", "", 0, max(0, s.behind-s.took)
	case "command":
		if last(words) == "ping" && !s.machine.NoPing {
			return "/usr/bin/ping\n", "", 0, 0
		}
		return "", "", 127, 0
	case "ping":
		if !s.machine.NoPing {
			p := pinger{machine: s.machine, words: speech(s.machine.Language, env)}
			return p.run(words[1:])
		}
	}
	return "", fmt.Sprintf("script.sh: 1: %s: not found\n", words[0]), 127, 0
}

// underEnv is env(1): assignments and a command.
func (s *shell) underEnv(words []string, env map[string]string) (out, err string, code int, took time.Duration) {
	for i, word := range words {
		name, value, assigns := strings.Cut(word, "=")
		if !assigns {
			return s.run(words[i:], env)
		}
		env[name] = value
	}
	return "", "", 0, 0
}

func last(words []string) string { return words[len(words)-1] }
