package lexer

import (
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/diag"
)

// Options change what a Scanner accepts and returns.
type Options struct {
	Comments   bool // return Comment tokens
	WhiteSpace bool // return WhiteSpace tokens
	NoMaybe    bool // the words maybe and else are ordinary atoms
}

// Scanner reads the tokens of one file. Options may be changed between
// forms (the -feature directive does).
type Scanner struct {
	Options
	file *diag.File
	src  string
	off  int
	err  *Error

	pending   pending
	sigilName string
}

// NewScanner starts at the beginning of a file.
func NewScanner(file *diag.File, opts Options) *Scanner {
	return &Scanner{Options: opts, file: file, src: string(file.Text())}
}

// File is the file being read.
func (s *Scanner) File() *diag.File { return s.file }

// Offset is where the next token will be looked for.
func (s *Scanner) Offset() int { return s.off }

// Pos is the position of Offset.
func (s *Scanner) Pos() diag.Pos { return s.file.Pos(s.off) }

// Seek continues scanning at the given offset.
func (s *Scanner) Seek(offset int) { s.off = offset }

// Truncate makes the text end at the given offset and goes there.
func (s *Scanner) Truncate(offset int) { s.src, s.off = s.src[:offset], offset }

// Form appends the tokens of the next form to buf, its Dot included. At the
// end of the file the last token is an EOF; a file that ends within a form
// gives its tokens and then EOF. After an error the tokens read so far are
// dropped and the next call goes on behind the offending text.
func (s *Scanner) Form(buf []Token) ([]Token, *Error) {
	start := len(buf)
	for {
		buf = append(buf, Token{})
		t := &buf[len(buf)-1]
		s.scan(t)
		switch t.Kind {
		case None:
			return buf[:start], s.err
		case Dot, EOF:
			return buf, nil
		}
	}
}

// Next returns the next token, EOF at the end.
func (s *Scanner) Next() (Token, *Error) {
	var t Token
	s.scan(&t)
	if t.Kind == None {
		return t, s.err
	}
	return t, nil
}

// fail makes the token an error: None.
func (s *Scanner) fail(t *Token, pos, end int, err Error) {
	t.Kind = None
	err.Pos, err.End = s.file.Pos(pos), s.file.Pos(end)
	s.err = &err
	s.off = end
	s.pending = nothingPending
}

func (s *Scanner) illegal(t *Token, what string, pos, end int) {
	s.fail(t, pos, end, Error{Kind: Illegal, What: what})
}

// class of an ASCII character for the main switch.
const (
	cOther = iota
	cSpace
	cLower
	cUpper
	cDigit
)

var class = func() (c [128]uint8) {
	for i := range c {
		switch {
		case i <= ' ':
			c[i] = cSpace
		case i >= 'a' && i <= 'z':
			c[i] = cLower
		case i >= 'A' && i <= 'Z' || i == '_':
			c[i] = cUpper
		case i >= '0' && i <= '9':
			c[i] = cDigit
		}
	}
	return c
}()

var nameChar = func() (c [128]bool) {
	for i := range c {
		c[i] = diag.IsNameChar(rune(i))
	}
	return c
}()

// scan reads one token into t; the token's kind is None after an error.
func (s *Scanner) scan(t *Token) {
	if s.pending != nothingPending {
		s.scanPending(t)
		return
	}
	src := s.src
	off := s.off
	for {
		if off >= len(src) {
			s.off = off
			s.emit(t, EOF, off, off)
			return
		}
		c := src[off]
		if c < 0x80 && class[c] == cSpace {
			if s.WhiteSpace {
				s.off = off
				s.whiteSpace(t)
				return
			}
			off++
			continue
		}
		if c == '%' {
			end, bad := s.commentEnd(off)
			switch {
			case bad >= 0:
				s.off = off
				s.illegal(t, "character", off, bad)
				return
			case s.Comments:
				s.off = end
				s.emitText(t, Comment, off, end, src[off:end])
				return
			}
			off = end
			continue
		}
		if c == 0xC2 && off+1 < len(src) && src[off+1] <= 0xA0 { // U+0080..U+00A0
			if s.WhiteSpace {
				s.off = off
				s.whiteSpace(t)
				return
			}
			off += 2
			continue
		}
		break
	}
	s.off = off
	c := src[off]
	if c >= 0x80 {
		s.nonASCII(t)
		return
	}
	switch class[c] {
	case cLower:
		s.word(t)
	case cUpper:
		end := s.nameEnd(off)
		s.name(t, Var, "var", off, end)
	case cDigit:
		s.number(t)
	default:
		s.punctuation(t, c)
	}
}

func (s *Scanner) emit(t *Token, k Kind, start, end int) {
	t.Kind, t.Quoted = k, false
	t.Pos, t.End = s.file.Pos(start), s.file.Pos(end)
	t.Text = ""
	s.off = end
}

func (s *Scanner) emitText(t *Token, k Kind, start, end int, text string) {
	t.Kind, t.Quoted = k, false
	t.Pos, t.End = s.file.Pos(start), s.file.Pos(end)
	t.Text = text
	s.off = end
}

// commentEnd gives the end of the comment at off, or in bad the offset behind
// a character that comments may not contain.
func (s *Scanner) commentEnd(off int) (end, bad int) {
	end = strings.IndexByte(s.src[off:], '\n')
	if end < 0 {
		end = len(s.src)
	} else {
		end += off
	}
	text := s.src[off:end]
	if i := nonCharacter(text); i >= 0 {
		return end, off + i + 3
	}
	return end, -1
}

// nonCharacter finds U+FFFE or U+FFFF, which no text may contain, or -1.
func nonCharacter(text string) int {
	for i := 0; ; i++ {
		j := strings.Index(text[i:], "\xEF\xBF")
		if j < 0 {
			return -1
		}
		i += j
		if i+2 < len(text) && text[i+2] >= 0xBE {
			return i
		}
	}
}

// nameEnd finds the end of a name whose first character is at off.
func (s *Scanner) nameEnd(off int) int {
	src := s.src
	for off < len(src) {
		c := src[off]
		if c < 0x80 {
			if !nameChar[c] {
				return off
			}
			off++
			continue
		}
		// À..ÿ without × and ÷ are C3 80 .. C3 BF.
		if c != 0xC3 || off+1 >= len(src) || src[off+1] == 0x97 || src[off+1] == 0xB7 {
			return off
		}
		off += 2
	}
	return off
}

// maxAtom is the greatest number of characters in an atom.
const maxAtom = 255

// name emits a name token, unless the name is too long.
func (s *Scanner) name(t *Token, k Kind, what string, off, end int) {
	text := s.src[off:end]
	if len(text) > maxAtom && utf8.RuneCountInString(text) > maxAtom {
		s.illegal(t, what, off, end)
		return
	}
	s.emitText(t, k, off, end, text)
}

func (s *Scanner) word(t *Token) {
	off := s.off
	end := s.nameEnd(off)
	text := s.src[off:end]
	if k := reserved(text); k != None && !(s.NoMaybe && (k == Maybe || k == Else)) {
		s.emit(t, k, off, end)
		return
	}
	s.name(t, Atom, "atom", off, end)
}

func reserved(text string) Kind {
	if len(text) < 2 || len(text) > 7 {
		return None
	}
	switch text {
	case "after":
		return After
	case "and":
		return And
	case "andalso":
		return Andalso
	case "band":
		return Band
	case "begin":
		return Begin
	case "bnot":
		return Bnot
	case "bor":
		return Bor
	case "bsl":
		return Bsl
	case "bsr":
		return Bsr
	case "bxor":
		return Bxor
	case "case":
		return Case
	case "catch":
		return Catch
	case "cond":
		return Cond
	case "div":
		return Div
	case "else":
		return Else
	case "end":
		return End
	case "fun":
		return Fun
	case "if":
		return If
	case "let":
		return Let
	case "maybe":
		return Maybe
	case "not":
		return Not
	case "of":
		return Of
	case "or":
		return OrKw
	case "orelse":
		return Orelse
	case "receive":
		return Receive
	case "rem":
		return Rem
	case "try":
		return Try
	case "when":
		return When
	case "xor":
		return Xor
	}
	return None
}

// nonASCII scans a token that begins with a character above 127.
func (s *Scanner) nonASCII(t *Token) {
	off := s.off
	c, n := utf8.DecodeRuneInString(s.src[off:])
	switch {
	case c >= 'ß' && c <= 'ÿ' && c != '÷':
		s.name(t, Atom, "atom", off, s.nameEnd(off))
	case c >= 'À' && c <= 'Þ' && c != '×':
		s.name(t, Var, "var", off, s.nameEnd(off))
	case c <= 255:
		s.emitText(t, Other, off, off+n, s.src[off:off+n])
	default:
		s.illegal(t, "character", off, off+n)
	}
}

// whiteSpace emits the white space at s.off: erl_scan splits it so that a
// newline only comes first in a token.
func (s *Scanner) whiteSpace(t *Token) {
	start, off := s.off, s.off
	limited := byte(0) // runs of spaces or tabs are cut into pieces
	limit := 0
	first := s.src[off]
	off++
	switch {
	case first == '\n' && off < len(s.src):
		switch s.src[off] {
		case ' ':
			limited, limit = ' ', 16
		case '\t':
			limited, limit = '\t', 10
		case '\r', '\f':
			s.emitText(t, WhiteSpace, start, off+1, s.src[start:off+1])
			return
		}
	case first == ' ':
		limited, limit = ' ', 15
	case first == '\t':
		limited, limit = '\t', 9
	case first == '\r':
		s.emitText(t, WhiteSpace, start, off, s.src[start:off])
		return
	}
	if first == 0xC2 {
		off++
	}
	if limited != 0 {
		for n := 0; n < limit && off < len(s.src) && s.src[off] == limited; n++ {
			off++
		}
	} else {
		for off < len(s.src) {
			c := s.src[off]
			if c == 0xC2 && off+1 < len(s.src) && s.src[off+1] <= 0xA0 {
				off += 2
				continue
			}
			if c > ' ' || c == '\n' {
				break
			}
			off++
		}
	}
	s.emitText(t, WhiteSpace, start, off, s.src[start:off])
}

// at is the source byte i behind the current offset, 0 past the end.
func (s *Scanner) at(i int) byte {
	if s.off+i < len(s.src) {
		return s.src[s.off+i]
	}
	return 0
}

func (s *Scanner) punctuation(t *Token, c byte) {
	off := s.off
	k, n := Other, 1
	switch c {
	case '(':
		k = LParen
	case ')':
		k = RParen
	case '{':
		k = LBrace
	case '}':
		k = RBrace
	case '[':
		k = LBracket
	case ']':
		k = RBracket
	case ',':
		k = Comma
	case ';':
		k = Semicolon
	case '.':
		s.dot(t)
		return
	case '\'':
		s.quotedAtom(t)
		return
	case '"':
		s.stringToken(t, off, noSigil)
		return
	case '~':
		s.sigil(t)
		return
	case '$':
		s.char(t)
		return
	case ':':
		switch s.at(1) {
		case '=':
			k, n = ColonEq, 2
		case ':':
			k, n = ColonColon, 2
		default:
			k = Colon
		}
	case '|':
		k = Bar
		if s.at(1) == '|' {
			k, n = BarBar, 2
		}
	case '&':
		if s.at(1) == '&' {
			k, n = AndAnd, 2
		}
	case '#':
		k = Hash
		if s.at(1) == '_' {
			k, n = HashAny, 2
		}
	case '?':
		k = Question
		if s.at(1) == '=' {
			k, n = MaybeEq, 2
		}
	case '-':
		switch s.at(1) {
		case '>':
			k, n = Arrow, 2
		case '-':
			k, n = MinusMinus, 2
		default:
			k = Minus
		}
	case '+':
		k = Plus
		if s.at(1) == '+' {
			k, n = PlusPlus, 2
		}
	case '*':
		k = Star
	case '!':
		k = Bang
	case '/':
		k = Slash
		if s.at(1) == '=' {
			k, n = Ne, 2
		}
	case '<':
		k, n = s.less()
	case '>':
		switch s.at(1) {
		case '>':
			k, n = RBin, 2
		case '=':
			k, n = Ge, 2
		default:
			k = Gt
		}
	case '=':
		k, n = s.equals()
	}
	if k == Other {
		s.emitText(t, k, off, off+n, s.src[off:off+n])
		return
	}
	s.emit(t, k, off, off+n)
}

func (s *Scanner) less() (Kind, int) {
	switch s.at(1) {
	case '<':
		return LBin, 2
	case '-':
		return GenArrow, 2
	case '=':
		return BinArrow, 2
	case ':':
		switch s.at(2) {
		case '-':
			return StrictGenArrow, 3
		case '=':
			return StrictBinArrow, 3
		}
	}
	return Lt, 1
}

func (s *Scanner) equals() (Kind, int) {
	switch s.at(1) {
	case ':':
		if s.at(2) == '=' {
			return ExactEq, 3
		}
	case '/':
		if s.at(2) == '=' {
			return ExactNe, 3
		}
	case '<':
		return Le, 2
	case '>':
		return MapArrow, 2
	case '=':
		return Eq, 2
	}
	return Match, 1
}

// dot scans a full stop, "..", "..." or a point.
func (s *Scanner) dot(t *Token) {
	off := s.off
	if s.at(1) == '.' {
		if s.at(2) == '.' {
			s.emit(t, Ellipsis, off, off+3)
		} else {
			s.emit(t, DotDot, off, off+2)
		}
		return
	}
	if off+1 >= len(s.src) {
		s.emit(t, Dot, off, off+1)
		return
	}
	switch c := s.src[off+1]; {
	case c == '%':
		s.emit(t, Dot, off, off+1)
	case c <= ' ':
		s.emit(t, Dot, off, off+2)
	case c == 0xC2 && off+2 < len(s.src) && s.src[off+2] <= 0xA0:
		s.emit(t, Dot, off, off+3)
	default:
		s.emit(t, Point, off, off+1)
	}
}
