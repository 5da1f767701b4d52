package bifs

import (
	"unicode/utf8"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"github.com/rivo/uniseg"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
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
		c, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
		r, n := utf8.DecodeRuneInString(c)
		if n == len(c) {
			out = append(out, term.Int(int(r)))
		} else {
			out = append(out, p.Heap.Chars(c))
		}
	}
	return p.Heap.List(out...)
}

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

// unicode_util:convert_case(upper | lower | title | fold, Chardata) -> Binary | error
func unicodeUtilConvertCase2(p *proc.Process, a []term.Term) term.Term {
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
