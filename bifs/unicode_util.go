package bifs

import (
	"unicode"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"github.com/rivo/uniseg"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/rangetable"
)

// unicode_util:graphemes(Chardata) -> [Cluster]: a code point, or a list of them. What is no
// chardata is badarg; gerl_clusters finds out where it stops to be some.
func unicodeUtilGraphemes1(p *proc.Process, a []term.Term) term.Term {
	if simpleText(a[0]) {
		return a[0]
	}
	s, ok := term.CharsText(a[0])
	if !ok {
		return p.Badarg()
	}
	p.Bump(len(s) / 16)
	out := make([]term.Term, 0, len(s))
	state := -1
	for len(s) > 0 {
		if len(s) == 1 || s[0] < 0x80 && s[0] != '\r' && s[1] < 0x80 {
			out = append(out, term.Int(int(s[0])))
			s, state = s[1:], -1
			continue
		}
		var c string
		c, s, state = nextCluster(s, state)
		r, n := utf8.DecodeRuneInString(c)
		if n == len(c) {
			out = append(out, term.Int(int(r)))
		} else {
			out = append(out, p.Heap.Chars(c))
		}
	}
	return p.Heap.List(out...)
}

// nextCluster cuts the first cluster off. uniseg follows Unicode 15.0; rule GB9c came with 15.1: no break between a conjunct's linker and
// the consonant behind it.
func nextCluster(s string, state int) (cluster, rest string, next int) {
	whole := s
	c, s, _, state := uniseg.FirstGraphemeClusterInString(s, state)
	for s != "" && endsInLinker(c) {
		if r, _ := utf8.DecodeRuneInString(s); !unicode.Is(indicConsonants, r) {
			break
		}
		var more string
		more, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
		c = whole[:len(c)+len(more)]
	}
	return c, s, state
}

// endsInLinker reports whether the text ends in a consonant and marks with at least one linker among them.
func endsInLinker(c string) bool {
	linked := false
	for len(c) > 0 {
		r, n := utf8.DecodeLastRuneInString(c)
		switch {
		case unicode.Is(indicConsonants, r):
			return linked
		case unicode.Is(indicLinkers, r):
			linked = true
		case r != zeroWidthJoiner && !unicode.Is(unicode.Mn, r):
			return false
		}
		c = c[:len(c)-n]
	}
	return false
}

const zeroWidthJoiner = 0x200d

// The values Linker and Consonant of the property Indic_Conjunct_Break (DerivedCoreProperties.txt of Unicode 15.1 and later).
var (
	indicLinkers = rangetable.New(0x094d, 0x09cd, 0x0acd, 0x0b4d, 0x0c4d, 0x0d4d)

	indicConsonants = &unicode.RangeTable{R16: []unicode.Range16{
		{0x0915, 0x0939, 1}, {0x0958, 0x095f, 1}, {0x0978, 0x097f, 1}, {0x0995, 0x09a8, 1}, {0x09aa, 0x09b0, 1}, {0x09b2, 0x09b2, 1},
		{0x09b6, 0x09b9, 1}, {0x09dc, 0x09dd, 1}, {0x09df, 0x09df, 1}, {0x09f0, 0x09f1, 1}, {0x0a95, 0x0aa8, 1}, {0x0aaa, 0x0ab0, 1},
		{0x0ab2, 0x0ab3, 1}, {0x0ab5, 0x0ab9, 1}, {0x0af9, 0x0af9, 1}, {0x0b15, 0x0b28, 1}, {0x0b2a, 0x0b30, 1}, {0x0b32, 0x0b33, 1},
		{0x0b35, 0x0b39, 1}, {0x0b5c, 0x0b5d, 1}, {0x0b5f, 0x0b5f, 1}, {0x0b71, 0x0b71, 1}, {0x0c15, 0x0c28, 1}, {0x0c2a, 0x0c39, 1},
		{0x0c58, 0x0c5a, 1}, {0x0d15, 0x0d3a, 1}}}
)

// simpleText reports whether t is a flat list of ASCII characters without carriage returns: each is a cluster.
func simpleText(t term.Term) bool {
	for t.IsCons() {
		c := t.Head()
		if !c.IsSmall() || c.Small() < 0 || c.Small() >= 0x80 || c.Small() == '\r' {
			return false
		}
		t = t.Tail()
	}
	return t == term.Nil
}

// asciiCase converts a list of ASCII characters; what is none is left to the tables of Unicode.
func asciiCase(p *proc.Process, kind, text term.Term) term.Term {
	first, last, shift := 'a', 'z', -'a'+'A'
	switch kind.AtomName() {
	case "upper":
	case "lower", "fold":
		first, last, shift = 'A', 'Z', -shift
	default:
		return term.None
	}
	chars := make([]term.Term, 0, 64)
	for ; text.IsCons(); text = text.Tail() {
		c := text.Head()
		if !c.IsSmall() || uint64(c.Small()) >= 0x80 {
			return term.None
		}
		if r := rune(c.Small()); r >= first && r <= last {
			c = term.Int(int(r + shift))
		}
		chars = append(chars, c)
	}
	if text != term.Nil {
		return term.None
	}
	p.Bump(len(chars) / 64)
	return p.Heap.List(chars...)
}

// unicode_util:convert_case(upper | lower | title | fold, Chardata) -> Binary | error; a list for lists of ASCII characters.
func unicodeUtilConvertCase2(p *proc.Process, a []term.Term) term.Term {
	if a[1].IsList() {
		if t := asciiCase(p, a[0], a[1]); t != term.None {
			return t
		}
	}
	s, ok := term.CharsText(a[1])
	if !ok {
		return term.AtomError
	}
	p.Bump(len(s) / 16)
	var c cases.Caser
	switch a[0].AtomName() {
	case "upper":
		c = cases.Upper(language.Und)
	case "lower":
		c = cases.Lower(language.Und, cases.HandleFinalSigma(false))
	case "fold":
		c = cases.Fold()
	case "title":
		_, n := utf8.DecodeRuneInString(s)
		return p.Heap.Binary([]byte(cases.Title(language.Und, cases.NoLower).String(s[:n]) + s[n:]))
	default:
		return p.Badarg()
	}
	return p.Heap.Binary([]byte(c.String(s)))
}
