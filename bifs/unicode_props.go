package bifs

import (
	"unicode"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// categories are the general categories and how unicode_util:category/1 names them.
var categories = []struct {
	table       *unicode.RangeTable
	major, name string
}{
	{unicode.Lu, "letter", "uppercase"}, {unicode.Ll, "letter", "lowercase"}, {unicode.Lt, "letter", "titlecase"},
	{unicode.Lm, "letter", "modifier"}, {unicode.Lo, "letter", "other"},
	{unicode.Mn, "mark", "non_spacing"}, {unicode.Mc, "mark", "spacing_combining"}, {unicode.Me, "mark", "enclosing"},
	{unicode.Nd, "number", "decimal"}, {unicode.Nl, "number", "letter"}, {unicode.No, "number", "other"},
	{unicode.Zs, "separator", "space"}, {unicode.Zl, "separator", "line"}, {unicode.Zp, "separator", "paragraph"},
	{unicode.Cc, "other", "control"}, {unicode.Cf, "other", "format"}, {unicode.Cs, "other", "surrogate"},
	{unicode.Co, "other", "private"},
	{unicode.Pc, "punctuation", "connector"}, {unicode.Pd, "punctuation", "dash"}, {unicode.Ps, "punctuation", "open"},
	{unicode.Pe, "punctuation", "close"}, {unicode.Pi, "punctuation", "initial"}, {unicode.Pf, "punctuation", "final"},
	{unicode.Po, "punctuation", "other"},
	{unicode.Sm, "symbol", "math"}, {unicode.Sc, "symbol", "currency"}, {unicode.Sk, "symbol", "modifier"},
	{unicode.So, "symbol", "other"},
}

// codePoint is the argument as a code point; ok is false for anything else.
func codePoint(t term.Term) (r rune, ok bool) {
	if !t.IsSmall() || t.Small() < 0 || t.Small() > unicode.MaxRune {
		return 0, false
	}
	return rune(t.Small()), true
}

func noClause(p *proc.Process) term.Term {
	return p.Raise(term.AtomError, term.Intern("function_clause"))
}

// unicode_util:category(CodePoint) -> {Major, Minor}
func unicodeUtilCategory1(p *proc.Process, a []term.Term) term.Term {
	r, ok := codePoint(a[0])
	if !ok {
		return noClause(p)
	}
	for i := range categories {
		if c := &categories[i]; unicode.Is(c.table, r) {
			return p.Heap.Tuple(term.Intern(c.major), term.Intern(c.name))
		}
	}
	return p.Heap.Tuple(term.Intern("other"), term.Intern("not_assigned"))
}

var unicodeProperties = map[string]func(rune) bool{
	"wide": func(r rune) bool {
		k := width.LookupRune(r).Kind()
		return k == width.EastAsianWide || k == width.EastAsianFullwidth
	},
	"white_space":       func(r rune) bool { return unicode.Is(unicode.White_Space, r) },
	"other_id_start":    func(r rune) bool { return unicode.Is(unicode.Other_ID_Start, r) },
	"other_id_continue": func(r rune) bool { return unicode.Is(unicode.Other_ID_Continue, r) },
	"id_start":          isIDStart,
	"id_continue": func(r rune) bool {
		return isIDStart(r) || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) &&
			!unicode.In(r, unicode.Pattern_Syntax, unicode.Pattern_White_Space)
	},
}

func isIDStart(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start) &&
		!unicode.In(r, unicode.Pattern_Syntax, unicode.Pattern_White_Space)
}

// unicode_util:has_property(Name, CodePoint) -> boolean()
func unicodeUtilHasProperty2(p *proc.Process, a []term.Term) term.Term {
	r, ok := codePoint(a[1])
	if !ok || !a[0].IsAtom() {
		return noClause(p)
	}
	is := unicodeProperties[a[0].AtomName()]
	if is == nil {
		return p.Badarg()
	}
	return term.Bool(is(r))
}

// unicode_util:normalize(nfc | nfd | nfkc | nfkd, [CodePoint]) -> [CodePoint]. A code point that is no character
// (a surrogate) stays as it is.
func unicodeUtilNormalize2(p *proc.Process, a []term.Term) term.Term {
	var form norm.Form
	switch a[0].AtomName() {
	case "nfc":
		form = norm.NFC
	case "nfd":
		form = norm.NFD
	case "nfkc":
		form = norm.NFKC
	case "nfkd":
		form = norm.NFKD
	default:
		return p.Badarg()
	}
	var out []term.Term
	var run []rune
	flush := func() {
		for _, r := range form.String(string(run)) {
			out = append(out, term.Int(int(r)))
		}
		run = run[:0]
	}
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		r, ok := codePoint(l.Head())
		if !ok {
			return p.Badarg()
		}
		if r >= 0xD800 && r < 0xE000 {
			flush()
			out = append(out, l.Head())
			continue
		}
		run = append(run, r)
	}
	if l != term.Nil {
		return p.Badarg()
	}
	flush()
	p.Bump(len(out) / 8)
	return p.Heap.List(out...)
}

// unicode_util:decomposition(canonical | compatible, CodePoint) -> [{CombiningClass, CodePoint}], of one that changes.
func unicodeUtilDecomposition2(p *proc.Process, a []term.Term) term.Term {
	r, ok := codePoint(a[1])
	if !ok {
		return noClause(p)
	}
	form := norm.NFD
	if a[0].AtomName() == "compatible" {
		form = norm.NFKD
	}
	var out []term.Term
	if r < 0xD800 || r >= 0xE000 {
		if s := form.String(string(r)); s != string(r) {
			for _, c := range s {
				class := norm.NFD.PropertiesString(string(c)).CCC()
				out = append(out, p.Heap.Tuple(term.Int(int(class)), term.Int(int(c))))
			}
		}
	}
	return p.Heap.List(out...)
}

// unicode_util:combining_class(CodePoint) -> 0..254
func unicodeUtilCombiningClass1(p *proc.Process, a []term.Term) term.Term {
	r, ok := codePoint(a[0])
	if !ok {
		return noClause(p)
	}
	return term.Int(int(norm.NFD.PropertiesString(string(r)).CCC()))
}
