package format

import (
	"strings"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// binary reports whether a token is an operator or a sign that stands between two things with spaces around it.
func binary(k lexer.Kind) bool {
	switch k {
	case lexer.ColonColon, lexer.ColonEq, lexer.Bar, lexer.BarBar, lexer.AndAnd, lexer.Arrow, lexer.GenArrow, lexer.StrictGenArrow,
		lexer.BinArrow, lexer.StrictBinArrow, lexer.MapArrow, lexer.MaybeEq, lexer.Match, lexer.Bang, lexer.Eq, lexer.Ne, lexer.Le,
		lexer.Lt, lexer.Ge, lexer.Gt, lexer.ExactEq, lexer.ExactNe, lexer.PlusPlus, lexer.MinusMinus, lexer.Plus, lexer.Minus,
		lexer.Star, lexer.Slash, lexer.And, lexer.Andalso, lexer.Band, lexer.Bor, lexer.Bsl, lexer.Bsr, lexer.Bxor, lexer.Div,
		lexer.OrKw, lexer.Orelse, lexer.Rem, lexer.Xor:
		return true
	}
	return false
}

func opens(k lexer.Kind) bool {
	return k == lexer.LParen || k == lexer.LBrace || k == lexer.LBracket || k == lexer.LBin
}

func closes(k lexer.Kind) bool {
	return k == lexer.RParen || k == lexer.RBrace || k == lexer.RBracket || k == lexer.RBin
}

// ends reports whether an expression can end with a token of the kind.
func ends(k lexer.Kind) bool {
	switch k {
	case lexer.Atom, lexer.Var, lexer.Integer, lexer.Float, lexer.Char, lexer.String, lexer.SigilSuffix, lexer.End, lexer.Ellipsis,
		lexer.Other, lexer.HashAny:
		return true
	}
	return closes(k)
}

// isUnary reports whether a sign at a place is a prefix: nothing that could be its left side stands before it.
func isUnary(prev *token, k lexer.Kind) bool {
	return (k == lexer.Minus || k == lexer.Plus) && (prev == nil || !ends(prev.kind))
}

// spaced decides whether a space stands between two tokens of a line. unary says that prev is a prefix sign; inBits that
// both stand directly within << and >>, behind a segment's value for tail.
func spaced(prev, t *token, unary, inBits, tail, inAttr bool) bool {
	p, k := prev.kind, t.kind
	switch {
	case p == lexer.SigilPrefix || k == lexer.SigilSuffix:
		return false
	case p == lexer.Question:
		return false
	case k == lexer.Comma || k == lexer.Semicolon || k == lexer.Dot:
		return p == lexer.Other && !t.tight || strings.HasSuffix(prev.text, "$")
	case closes(k):
		return glued(prev, t)
	case opens(p):
		return glued(prev, t)
	case k == lexer.Colon || p == lexer.Colon, k == lexer.DotDot || p == lexer.DotDot:
		return glued(prev, t)
	case k == lexer.Point || p == lexer.Point:
		return !t.tight
	case p == lexer.Hash:
		return false
	case k == lexer.Hash || k == lexer.HashAny:
		return binary(p) && !unary || p == lexer.Comma || p == lexer.Semicolon || p >= lexer.FirstReserved && p != lexer.End ||
			p == lexer.Integer || p == lexer.Char || p == lexer.Float || !t.tight && ends(p) && !closes(p) && p != lexer.Var
	case p == lexer.HashAny:
		return false
	case unary:
		return t.text[0] == prev.text[0] || glued(prev, t)
	case k == lexer.LBrace && (p == lexer.Atom || p == lexer.Var): // a record's name, or an attribute without parentheses
		return inAttr && !t.tight
	case k == lexer.LParen:
		switch p {
		case lexer.Atom, lexer.Var, lexer.Fun:
			return false
		case lexer.RParen, lexer.RBrace, lexer.End, lexer.RBracket, lexer.String:
			return !t.tight
		}
	case inBits && (k == lexer.Slash || p == lexer.Slash), inBits && tail && (k == lexer.Minus || p == lexer.Minus):
		return false
	case k == lexer.Slash && p == lexer.Atom && t.tight, k == lexer.Slash && p == lexer.Var && t.tight,
		k == lexer.Slash && p == lexer.RParen && t.tight && inAttr:
		return false
	case p == lexer.Slash && t.tight && (k == lexer.Integer || k == lexer.Var || k == lexer.Question):
		return false
	}
	return true
}

// glued reports whether two tokens would be read as others without a space between them.
func glued(prev, t *token) bool {
	a, b := prev.text, t.text
	if a == "" || b == "" {
		return false
	}
	switch x, y := a[len(a)-1], b[0]; {
	case strings.IndexByte("(){}[],;", x) >= 0 || strings.IndexByte("(){}[],;", y) >= 0:
		return x == '$'
	case wordByte(x) && wordByte(y), x == '$', x == '.' && y == '.':
		return true
	case x >= '0' && x <= '9' && y == '#':
		return true
	case (x == '"' || x == '\'') && x == y:
		return true
	case wordByte(x) || wordByte(y):
		return false
	case x == '<' && y == '<':
		return true // <<<< would be read as it is meant, but not by people
	}
	// Two signs: read them together.
	first, err := lexer.NewScanner(diag.NewFileSet().AddFile("", []byte(a+b)), lexer.Options{}).Next()
	return err != nil || int(first.End-first.Pos) != len(a)
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '@' || c >= 0x80
}
