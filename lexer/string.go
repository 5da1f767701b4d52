package lexer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// pending is what the scanner owes after the first token of a sigil.
type pending uint8

const (
	nothingPending pending = iota
	sigilString            // the string that follows a prefix
	sigilSuffix            // the suffix that follows the string
)

// noSigil is the name of a string without a prefix.
const noSigil = "\x00"

// quotedAtom scans 'text'.
func (s *Scanner) quotedAtom(t *Token) {
	start := s.off
	text, end, ok := s.quoted(t, start, '\'', Error{What: whatAtom})
	if !ok {
		return
	}
	if len(text) > maxAtom && utf8.RuneCountInString(text) > maxAtom {
		s.illegal(t, "atom", start, end)
		return
	}
	s.emitText(t, Atom, start, end, text)
	t.Quoted = true
}

// quoted reads the text between the delimiter at start and the closing one,
// with escapes replaced.
func (s *Scanner) quoted(t *Token, start int, closing byte, unterminated Error) (text string, end int, ok bool) {
	src := s.src
	off := start + 1
	for ; off < len(src); off++ {
		switch c := src[off]; c {
		case closing:
			return src[start+1 : off], off + 1, true
		case '\\', 0xEF:
			if c == 0xEF && nonCharacter(src[off:min(off+3, len(src))]) < 0 {
				continue
			}
			return s.quotedSlow(t, start, off, closing, unterminated)
		}
	}
	unterminated.Kind, unterminated.Head = Unterminated, head(src[start+1:])
	s.fail(t, start+1, len(src), unterminated)
	return "", 0, false
}

func (s *Scanner) quotedSlow(t *Token, start, off int, closing byte, unterminated Error) (string, int, bool) {
	src := s.src
	var b strings.Builder
	b.WriteString(src[start+1 : off])
	for off < len(src) {
		c := src[off]
		switch {
		case c == closing:
			return b.String(), off + 1, true
		case c == '\\':
			r, next, result := s.escape(off + 1)
			switch result {
			case escapeBad:
				s.illegal(t, "character", off, next)
				return "", 0, false
			case escapeEOF:
				// erl_scan shows the content backwards in this case.
				unterminated.Kind, unterminated.Head = Unterminated, head(reverse(b.String()))
				s.fail(t, start+1, len(src), unterminated)
				return "", 0, false
			}
			b.WriteRune(r)
			off = next
		case c == 0xEF && nonCharacter(src[off:min(off+3, len(src))]) == 0:
			s.illegal(t, "character", off, off+3)
			return "", 0, false
		default:
			b.WriteByte(c)
			off++
		}
	}
	unterminated.Kind, unterminated.Head = Unterminated, head(b.String())
	s.fail(t, start+1, len(src), unterminated)
	return "", 0, false
}

func reverse(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

type escapeResult uint8

const (
	escapeOK escapeResult = iota
	escapeBad
	escapeEOF
)

// escape reads the escape sequence behind the backslash, at off.
func (s *Scanner) escape(off int) (r rune, next int, result escapeResult) {
	src := s.src
	if off >= len(src) {
		return 0, off, escapeEOF
	}
	c := src[off]
	switch {
	case c >= '0' && c <= '7':
		for n := 0; n < 3 && off < len(src) && src[off] >= '0' && src[off] <= '7'; n++ {
			r = r*8 + rune(src[off]-'0')
			off++
		}
		return r, off, escapeOK
	case c == 'x':
		return s.hexEscape(off + 1)
	case c == '^':
		if off+1 >= len(src) {
			return 0, off, escapeEOF
		}
		switch d := src[off+1]; {
		case d == '?':
			return 0x7f, off + 2, escapeOK
		case d >= '@' && d <= '_', d >= 'a' && d <= 'z':
			return rune(d & 0x1f), off + 2, escapeOK
		}
		return 0, off + 1, escapeBad
	}
	r, n := utf8.DecodeRuneInString(src[off:])
	if r == 0xFFFE || r == 0xFFFF {
		return 0, off + n, escapeBad
	}
	if i := strings.IndexRune("nrtvbfesd", r); i >= 0 {
		r = rune("\n\r\t\v\b\f\x1b \x7f"[i])
	}
	return r, off + n, escapeOK
}

func isHex(c byte) bool { return basedDigit(c, 16) }

// hexEscape reads what follows \x.
func (s *Scanner) hexEscape(off int) (rune, int, escapeResult) {
	src := s.src
	if off >= len(src) {
		return 0, off, escapeEOF
	}
	if src[off] != '{' {
		if off+1 < len(src) && isHex(src[off]) && isHex(src[off+1]) {
			return hexDigit(src[off])<<4 | hexDigit(src[off+1]), off + 2, escapeOK
		}
		return 0, off, escapeBad
	}
	off++
	var r rune
	start := off
	for off < len(src) && isHex(src[off]) {
		if r <= utf8.MaxRune {
			r = r<<4 | hexDigit(src[off])
		}
		off++
	}
	switch {
	case off >= len(src):
		return 0, off, escapeEOF
	case src[off] != '}':
		return 0, off, escapeBad
	case off == start || !utf8.ValidRune(r) || r == 0xFFFE || r == 0xFFFF:
		return 0, off + 1, escapeBad
	}
	return r, off + 1, escapeOK
}

func hexDigit(c byte) rune {
	switch {
	case c <= '9':
		return rune(c - '0')
	case c <= 'F':
		return rune(c-'A') + 10
	}
	return rune(c-'a') + 10
}

// char scans $c.
func (s *Scanner) char(t *Token) {
	start, src := s.off, s.src
	off := start + 1
	if off >= len(src) {
		s.fail(t, start, off, Error{Kind: UnterminatedChar})
		return
	}
	if src[off] == '\\' {
		r, next, result := s.escape(off + 1)
		switch result {
		case escapeBad:
			s.illegal(t, "character", start, next)
		case escapeEOF:
			s.fail(t, start, len(src), Error{Kind: UnterminatedChar})
		default:
			s.emitText(t, Char, start, next, string(r))
		}
		return
	}
	r, n := utf8.DecodeRuneInString(src[off:])
	if r == 0xFFFE || r == 0xFFFF {
		s.illegal(t, "character", start, len(src))
		return
	}
	s.emitText(t, Char, start, off+n, src[off:off+n])
}

// sigil scans the prefix ~name; the string and the suffix are pending.
func (s *Scanner) sigil(t *Token) {
	off := s.off
	end := s.nameEnd(off + 1)
	s.name(t, SigilPrefix, "sigil_prefix", off, end)
	if t.Kind != None {
		t.Text = t.Text[1:]
		s.sigilName = t.Text
		s.pending = sigilString
	}
}

// scanPending reads the string or the suffix of a sigil.
func (s *Scanner) scanPending(t *Token) {
	off := s.off
	what := s.pending
	s.pending = nothingPending
	if what == sigilString {
		s.stringToken(t, off, s.sigilName)
		return
	}
	end := s.nameEnd(off)
	s.name(t, SigilSuffix, "sigil_suffix", off, end)
	if end == off && t.Kind != None {
		s.checkAdjacent(t, end)
	}
}

// checkAdjacent turns the token into an error if another string begins right
// behind it.
func (s *Scanner) checkAdjacent(t *Token, end int) {
	if end < len(s.src) && s.src[end] == '"' {
		s.fail(t, end, end, Error{Kind: AdjacentStrings})
	}
}

// stringToken scans a string that begins at off, plain or that of a sigil.
func (s *Scanner) stringToken(t *Token, off int, sigil string) {
	src := s.src
	if strings.HasPrefix(src[off:], `"""`) {
		s.tripleQuoted(t, off, sigil)
		return
	}
	var closing byte
	if off < len(src) {
		closing = closingDelimiter(src[off])
	}
	if closing == 0 {
		s.illegal(t, "string", off, off)
		return
	}
	unterminated := Error{What: whatString}
	if sigil != noSigil {
		unterminated = Error{What: whatSigil, Sigil: sigil, Open: rune(src[off]), Close: rune(closing)}
	}
	var text string
	var end int
	var ok bool
	switch sigil {
	case noSigil, "", "b", "s":
		text, end, ok = s.quoted(t, off, closing, unterminated)
	default:
		text, end, ok = s.verbatim(t, off, closing, unterminated)
	}
	if ok {
		s.emitString(t, off, end, text, sigil)
	}
}

func (s *Scanner) emitString(t *Token, start, end int, text, sigil string) {
	s.emitText(t, String, start, end, text)
	if sigil == noSigil {
		s.checkAdjacent(t, end)
	} else {
		s.pending = sigilSuffix
	}
}

func (s *Scanner) verbatim(t *Token, start int, closing byte, unterminated Error) (string, int, bool) {
	text := s.src[start+1:]
	n := strings.IndexByte(text, closing)
	if n >= 0 {
		text = text[:n]
	}
	if i := nonCharacter(text); i >= 0 {
		s.illegal(t, "character", start+1+i, start+1+i+3)
		return "", 0, false
	}
	if n < 0 {
		unterminated.Kind, unterminated.Head = Unterminated, head(text)
		s.fail(t, start+1, len(s.src), unterminated)
		return "", 0, false
	}
	return text, start + 1 + n + 1, true
}

func closingDelimiter(c byte) byte {
	switch c {
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '<':
		return '>'
	case '/', '|', '#', '`', '\'', '"':
		return c
	}
	return 0
}

// tripleQuoted scans a string between three or more quotes. The white space
// before the closing quotes is removed from the beginning of each line.
func (s *Scanner) tripleQuoted(t *Token, start int, sigil string) {
	src := s.src
	off := start
	for off < len(src) && src[off] == '"' {
		off++
	}
	quotes := off - start
	verbatim := sigil != "b" && sigil != "s"
	lines := []tripleLine{{start: off}}
	var b strings.Builder
	for {
		last := &lines[len(lines)-1]
		if len(lines) > 1 && b.Len() == 0 {
			if n, ok := s.closingQuotes(off, quotes); ok {
				indent := src[off : off+n]
				lines = lines[:len(lines)-1]
				s.tripleFinish(t, start, off+n+quotes, quotes, sigil, indent, lines)
				return
			}
		}
		if off >= len(src) {
			last.text = b.String()
			var all strings.Builder
			for _, l := range lines {
				all.WriteString(l.text)
			}
			e := Error{Kind: Unterminated, What: whatTriple, Head: head(all.String()), Quotes: quotes}
			if sigil != noSigil {
				e.What, e.Sigil = whatTripleSigil, sigil
			}
			s.fail(t, start+quotes, len(src), e)
			return
		}
		c := src[off]
		next := off + 1
		newline := c == '\n'
		switch {
		case c == '\\' && !verbatim:
			r, n, result := s.escape(off + 1)
			if result == escapeBad {
				s.illegal(t, "character", off, n)
				return
			}
			if result == escapeEOF {
				off = len(src)
				continue
			}
			newline = r == '\n' && src[off+1] == '\n'
			b.WriteRune(r)
			next = n
		case c == 0xEF && nonCharacter(src[off:min(off+3, len(src))]) == 0:
			s.illegal(t, "character", off, off+3)
			return
		default:
			b.WriteByte(c)
		}
		off = next
		if newline {
			last.text = b.String()
			b.Reset()
			lines = append(lines, tripleLine{start: off})
		}
	}
}

// tripleLine is a line of a triple-quoted string, newline included, and the
// offset where it begins.
type tripleLine struct {
	start int
	text  string
}

// closingQuotes looks for white space and then the closing quotes at off, the
// beginning of a line, and gives the length of the white space.
func (s *Scanner) closingQuotes(off, quotes int) (int, bool) {
	src := s.src
	p := off
	for p < len(src) {
		if c := src[p]; c == '\n' {
			return 0, false
		} else if c <= ' ' {
			p++
		} else if c == 0xC2 && p+1 < len(src) && src[p+1] <= 0xA0 {
			p += 2
		} else {
			break
		}
	}
	for i := range quotes {
		if p+i >= len(src) || src[p+i] != '"' {
			return 0, false
		}
	}
	return p - off, true
}

// tripleFinish checks and removes the indentation and emits the string.
func (s *Scanner) tripleFinish(t *Token, start, end, quotes int, sigil, indent string, lines []tripleLine) {
	// The first line, behind the opening quotes, must be blank.
	for i, c := range strings.TrimSuffix(strings.TrimSuffix(lines[0].text, "\n"), "\r") {
		if c > ' ' && (c < 0x80 || c > 0xA0) {
			s.fail(t, start+quotes+i, end, Error{Kind: NotWhiteSpace})
			return
		}
	}
	if n := len(lines) - 1; n > 0 {
		lines[n].text = strings.TrimSuffix(strings.TrimSuffix(lines[n].text, "\n"), "\r")
	}
	var b strings.Builder
	for i, l := range lines[1:] {
		text := l.text
		switch {
		case strings.HasPrefix(text, "\n"), strings.HasPrefix(text, "\r\n"):
		case text == "" && i == len(lines)-2:
		case strings.HasPrefix(text, indent):
			text = text[len(indent):]
		default:
			n := 0
			for n < len(text) && text[n] == indent[n] {
				n++
			}
			s.fail(t, l.start+n, end, Error{Kind: BadIndentation})
			return
		}
		b.WriteString(text)
	}
	s.emitString(t, start, end, b.String(), sigil)
}
