package shell

import (
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// key is what one key press means: a character, or the name of a function key or a combination.
type key struct {
	char rune
	name string
}

// sequences are what terminals send for keys that are no characters, without the escape character.
var sequences = map[string]string{
	"[A": "up", "[B": "down", "[C": "right", "[D": "left", "[H": "home", "[F": "end",
	"OA": "up", "OB": "down", "OC": "right", "OD": "left", "OH": "home", "OF": "end",
	"[1~": "home", "[4~": "end", "[7~": "home", "[8~": "end", "[3~": "delete", "[3;5~": "delete-word", "[5~": "page-up", "[6~": "page-down",
	"[1;5A": "line-up", "[1;5B": "line-down", "[1;3A": "line-up", "[1;3B": "line-down",
	"[1;5C": "word-right", "[1;5D": "word-left", "[1;3C": "word-right", "[1;3D": "word-left",
	"[5C": "word-right", "[5D": "word-left", "[3C": "word-right", "[3D": "word-left",
	"[1;4A": "first", "[1;4B": "last", "<": "first", ">": "last",
	"b": "word-left", "B": "word-left", "f": "word-right", "F": "word-right", "d": "delete-word", "D": "delete-word",
	"t": "swap-words", "T": "swap-words", "c": "clear-line", "l": "redraw", "L": "redraw", "h": "help",
	"\r": "new-line", "\n": "new-line", "\x7f": "erase-word", "\b": "erase-word",
	"[200~": "paste-begin", "[201~": "paste-end",
}

// controls are the names of control characters.
var controls = map[rune]string{
	1: "home", 2: "left", 3: "break", 4: "delete-or-end", 5: "end", 6: "right", 7: "switch", 8: "erase", 9: "complete", 10: "enter",
	11: "kill", 12: "clear", 13: "enter", 14: "down", 16: "up", 18: "search", 19: "search-on", 20: "swap", 21: "kill-before",
	23: "erase-word", 25: "yank", 26: "suspend", 27: "escape", 127: "erase",
}

// escapeTime is how long the rest of a key's sequence may take to come.
const escapeTime = 50 * time.Millisecond

// decodeKeys turns what the terminal sends into keys until the input ends.
func decodeKeys(in io.Reader, out chan<- key) {
	bytes := make(chan []byte, 64)
	go func() {
		for {
			buf := make([]byte, 4096)
			n, err := in.Read(buf)
			if n > 0 {
				bytes <- buf[:n]
			}
			if err != nil {
				close(bytes)
				return
			}
		}
	}()
	var pending []byte
	more := func(wait time.Duration) bool {
		if wait == 0 {
			b, ok := <-bytes
			pending = append(pending, b...)
			return ok
		}
		select {
		case b, ok := <-bytes:
			pending = append(pending, b...)
			return ok
		case <-time.After(wait):
			return false
		}
	}
	for {
		if len(pending) == 0 && !more(0) {
			close(out)
			return
		}
		if pending[0] == 27 {
			name, n := escapeSequence(string(pending[1:]))
			for n == 0 && len(pending) < 16 && more(escapeTime) {
				name, n = escapeSequence(string(pending[1:]))
			}
			pending = pending[1+n:]
			if name != "" {
				out <- key{name: name}
			}
			continue
		}
		for !utf8.FullRune(pending) && more(escapeTime) {
		}
		r, n := utf8.DecodeRune(pending)
		pending = pending[n:]
		if name, ok := controls[r]; ok {
			out <- key{name: name}
		} else if r >= ' ' {
			out <- key{char: r}
		}
	}
}

// escapeSequence finds the key of a sequence and its length; length 0: it may go on.
func escapeSequence(s string) (name string, n int) {
	if s == "" {
		return "escape", 0
	}
	if s[0] != '[' && s[0] != 'O' {
		return sequences[s[:1]], 1
	}
	for i := 1; i < len(s); i++ {
		if s[i] >= '@' && s[i] <= '~' {
			return sequences[s[:i+1]], i + 1
		}
	}
	return "", 0
}

// finished reports whether the text holds a whole expression: a full stop outside of quotes and comments, followed by white space,
// a comment or the end.
func finished(text string) bool {
	rs := []rune(text)
	dot := -2 // where the last dot was
	for i := 0; i < len(rs); i++ {
		switch c := rs[i]; {
		case c == '%':
			for i < len(rs) && rs[i] != '\n' {
				i++
			}
		case c == '$':
			i++
			if i < len(rs) && rs[i] == '\\' {
				i++
			}
		case c == '"' && strings.HasPrefix(string(rs[i:min(i+3, len(rs))]), `"""`):
			end := tripleQuoted(rs, i)
			if end < 0 {
				return end == wrong
			}
			i = end
		case c == '"' || c == '\'':
			for i++; i < len(rs) && rs[i] != c; i++ {
				if rs[i] == '\\' {
					i++
				}
			}
		case c == '~' && i+1 < len(rs):
			end := sigil(rs, i)
			if end < 0 {
				return end == wrong
			}
			i = end
		case c == '.':
			if i+1 == len(rs) || rs[i+1] == ' ' || rs[i+1] == '\n' || rs[i+1] == '\t' || rs[i+1] == '\r' || rs[i+1] == '%' {
				if dot != i-1 {
					return true
				}
			}
			dot = i
		}
	}
	return false
}

// wrong says that a string cannot become right, whatever follows.
const wrong = -2

// tripleQuoted gives the end of a triple-quoted string that begins at i, -1 if it goes on, wrong if there is text behind the first quotes.
func tripleQuoted(rs []rune, i int) int {
	n := 0
	for i+n < len(rs) && rs[i+n] == '"' {
		n++
	}
	quotes := strings.Repeat(`"`, n)
	lines := strings.Split(string(rs[i:]), "\n")
	if strings.TrimLeft(lines[0][n:], " \t\r") != "" {
		return wrong
	}
	at := i + len([]rune(lines[0])) + 1
	for _, l := range lines[1:] {
		trimmed := strings.TrimLeft(l, " \t")
		if strings.HasPrefix(trimmed, quotes) {
			return at + len([]rune(l)) - len([]rune(trimmed)) + n - 1
		}
		at += len([]rune(l)) + 1
	}
	return -1
}

// sigil gives the end of a sigil that begins at i, i if there is none, -1 if it goes on.
func sigil(rs []rune, i int) int {
	j := i + 1
	for j < len(rs) && (rs[j] >= 'a' && rs[j] <= 'z' || rs[j] >= 'A' && rs[j] <= 'Z') {
		j++
	}
	if j >= len(rs) {
		return -1
	}
	verbatim := rs[j-1] == 'S' || rs[j-1] == 'B' || j == i+1
	open := rs[j]
	if open == '"' && strings.HasPrefix(string(rs[j:]), `"""`) {
		return tripleQuoted(rs, j)
	}
	closing, ok := map[rune]rune{'(': ')', '[': ']', '{': '}', '<': '>', '/': '/', '|': '|', '\'': '\'', '"': '"', '`': '`', '#': '#'}[open]
	if !ok {
		return i
	}
	for j++; j < len(rs); j++ {
		if rs[j] == '\\' && !verbatim {
			j++
		} else if rs[j] == closing {
			return j
		}
	}
	return -1
}
