package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// scanner makes Erlang's tokens from a list of characters.
type scanner struct {
	p         *proc.Process
	h         *term.Heap
	text      string
	scan      *lexer.Scanner
	line, col int // where off is; col 0: lines only
	off       int
	withText  bool
}

// newScanner reads (Chars, Location, Options); ok is false for bad arguments.
func newScanner(p *proc.Process, chars, location, options term.Term) (*scanner, bool) {
	s := &scanner{p: p, h: &p.Heap}
	switch {
	case location.IsSmall():
		s.line = location.Small()
	case location.TupleOf(2) && location.Elem(0).IsSmall() && location.Elem(1).IsSmall() && location.Elem(1).Small() > 0:
		s.line, s.col = location.Elem(0).Small(), location.Elem(1).Small()
	default:
		return nil, false
	}
	opts := lexer.Options{}
	for ; options.IsCons(); options = options.Tail() {
		if !options.Head().IsAtom() {
			continue
		}
		switch options.Head().AtomName() {
		case "return":
			opts.Comments, opts.WhiteSpace = true, true
		case "return_comments":
			opts.Comments = true
		case "return_white_spaces":
			opts.WhiteSpace = true
		case "text":
			s.withText = true
		case "no_maybe":
			opts.NoMaybe = true
		}
	}
	text, ok := charList(chars)
	if !ok {
		return nil, false
	}
	s.text = text
	s.scan = lexer.NewScanner(diag.NewFileSet().AddFile("", []byte(text)), opts)
	p.Bump(len(text) / 16)
	return s, true
}

// charList converts a flat list of characters. Code points that are no
// characters become U+FFFE, which the scanner calls illegal.
func charList(t term.Term) (string, bool) {
	var b strings.Builder
	for ; t.IsCons(); t = t.Tail() {
		c := t.Head()
		if !c.IsSmall() || c.Small() < 0 || c.Small() > utf8.MaxRune {
			return "", false
		}
		if r := rune(c.Small()); utf8.ValidRune(r) {
			b.WriteRune(r)
		} else {
			b.WriteRune(0xFFFE)
		}
	}
	return b.String(), t.IsNil()
}

// moveTo brings line and column to an offset that is not before the last one.
func (s *scanner) moveTo(off int) {
	part := s.text[s.off:off]
	s.off = off
	if n := strings.Count(part, "\n"); n > 0 {
		s.line += n
		if s.col > 0 {
			s.col = 1
		}
		part = part[strings.LastIndexByte(part, '\n')+1:]
	}
	if s.col > 0 {
		s.col += utf8.RuneCountInString(part)
	}
}

func (s *scanner) offset(p diag.Pos) int { return s.scan.File().Offset(p) }

// location is that of an offset that is not before the last one.
func (s *scanner) location(off int) term.Term {
	s.moveTo(off)
	if s.col == 0 {
		return term.Int(s.line)
	}
	return s.h.Tuple(term.Int(s.line), term.Int(s.col))
}

// token converts a token.
func (s *scanner) token(t *lexer.Token) term.Term {
	h := s.h
	start, end := s.offset(t.Pos), s.offset(t.End)
	anno := s.location(start)
	if s.withText && end > start {
		anno = h.List(h.Tuple(atom("text"), h.Chars(s.text[start:end])), h.Tuple(atom("location"), anno))
	}
	return annotated(h, t, anno)
}

// annotated is a token as erl_scan has it, with an annotation.
func annotated(h *term.Heap, t *lexer.Token, anno term.Term) term.Term {
	kind := atom(t.Kind.String())
	switch t.Kind {
	case lexer.Atom, lexer.Var, lexer.SigilPrefix:
		return h.Tuple(kind, anno, atom(t.Text))
	case lexer.Integer:
		n, big := lexer.IntegerValue(t.Text)
		if big != nil {
			return h.Tuple(kind, anno, h.BigInt(big))
		}
		return h.Tuple(kind, anno, h.Int64(n))
	case lexer.Float:
		f, _ := lexer.FloatValue(t.Text)
		return h.Tuple(kind, anno, h.Float(f))
	case lexer.Char:
		c, _ := utf8.DecodeRuneInString(t.Text)
		return h.Tuple(kind, anno, term.Int(int(c)))
	case lexer.String, lexer.SigilSuffix, lexer.Comment, lexer.WhiteSpace:
		return h.Tuple(kind, anno, h.Chars(t.Text))
	case lexer.Other:
		return h.Tuple(atom(t.Text), anno)
	}
	return h.Tuple(kind, anno)
}

// failure converts an error: {error, {Location, erl_scan, Descriptor}, EndLocation}.
func (s *scanner) failure(err *lexer.Error) term.Term {
	h := s.h
	at := s.location(s.offset(err.Pos))
	info := h.Tuple(at, atom("erl_scan"), descriptor(h, err))
	end := at
	if off := s.offset(err.End); off >= s.off {
		end = s.location(off)
	}
	return h.Tuple(term.AtomError, info, end)
}

// descriptor is erl_scan's term for an error.
func descriptor(h *term.Heap, err *lexer.Error) term.Term {
	switch err.Kind {
	case lexer.Illegal:
		return h.Tuple(atom("illegal"), atom(err.What))
	case lexer.IllegalBase:
		n, big := lexer.IntegerValue(err.Base)
		if big != nil {
			return h.Tuple(atom("base"), h.BigInt(big))
		}
		return h.Tuple(atom("base"), h.Int64(n))
	case lexer.UnterminatedChar:
		return h.Tuple(atom("unterminated"), atom("char"))
	case lexer.Unterminated:
		var what term.Term
		switch {
		case err.Quotes > 0 && err.IsSigil():
			what = h.Tuple(atom("sigil"), atom(err.Sigil), term.Int(err.Quotes))
		case err.Quotes > 0:
			what = h.Tuple(atom("string"), term.Int(err.Quotes))
		case err.IsSigil():
			what = h.Tuple(atom("sigil"), atom(err.Sigil), term.Int(int(err.Open)), term.Int(int(err.Close)))
		default:
			what = atom(err.What)
		}
		return h.Tuple(atom("unterminated"), what, h.Chars(err.Head))
	}
	return atom(err.Kind.Name())
}

// scan(Chars, Location, Options) is erl_scan:string/3.
func scan(p *proc.Process, a []term.Term) term.Term {
	s, ok := newScanner(p, a[0], a[1], a[2])
	if !ok {
		return p.Badarg()
	}
	var toks []term.Term
	for {
		t, err := s.scan.Next()
		if err != nil {
			return s.failure(err)
		}
		if t.Kind == lexer.EOF {
			return s.h.Tuple(term.AtomOk, s.h.List(toks...), s.location(len(s.text)))
		}
		toks = append(toks, s.token(&t))
	}
}

// final reports whether more characters cannot mend an error at the end.
func (s *scanner) final(err *lexer.Error) bool {
	if err.Kind != lexer.Illegal || err.What != "character" {
		return false
	}
	c := s.text[s.offset(err.Pos)]
	return c != '\\' && c != '$' // else it may be an escape sequence that goes on
}

// scanForm(Chars, AtEnd, Location, Options) scans up to a dot:
// {done, Result, RestChars}, or more if the characters do not reach one and
// others may follow.
func scanForm(p *proc.Process, a []term.Term) term.Term {
	s, ok := newScanner(p, a[0], a[2], a[3])
	if !ok || !a[1].IsAtom() {
		return p.Badarg()
	}
	h := s.h
	more := a[1] != term.AtomTrue
	done := func(result term.Term, end int) term.Term {
		rest := a[0]
		for range utf8.RuneCountInString(s.text[:end]) {
			rest = rest.Tail()
		}
		if rest.IsNil() && !more {
			rest = atom("eof")
		}
		return h.Tuple(atom("done"), result, rest)
	}
	var toks []term.Term
	for {
		t, err := s.scan.Next()
		if err != nil {
			end := s.offset(err.End)
			if more && end == len(s.text) && !s.final(err) {
				return atom("more")
			}
			return done(s.failure(err), end)
		}
		end := s.offset(t.End)
		switch {
		case t.Kind == lexer.EOF && more:
			return atom("more")
		case t.Kind == lexer.EOF && toks == nil:
			return done(h.Tuple(atom("eof"), s.location(end)), end)
		case t.Kind == lexer.EOF:
			return done(h.Tuple(term.AtomOk, h.List(toks...), s.location(end)), end)
		case t.Kind == lexer.Dot && more && end == len(s.text) && s.text[end-1] == '.':
			return atom("more") // a float, a point or "..." may come
		}
		toks = append(toks, s.token(&t))
		if t.Kind == lexer.Dot {
			return done(h.Tuple(term.AtomOk, h.List(toks...), s.location(end)), end)
		}
	}
}
