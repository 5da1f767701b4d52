package compiler

import (
	"math"
	"math/big"
	"slices"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/term"
)

// patKind is the sort of a pattern.
type patKind uint8

const (
	pkAny    patKind = iota
	pkVar            // name: bind
	pkLit            // lit: equals a constant that has no parts to look into
	pkEq             // v: equals a value
	pkCons           // subs: head, tail
	pkTuple          // subs
	pkMap            // keys, subs
	pkKeys           // the same where the value is known to be a map
	pkBin            // segs
	pkNative         // rec, keys (field names), subs
	pkRecord         // the same where the value is known to be a native record
	pkSegs           // segs from position pos; the value is a match context
	pkAlias          // subs: all must match
	pkNever          // cannot match
)

// pat is a pattern whose bound variables, records and constants have been
// resolved.
type pat struct {
	kind patKind
	name string
	lit  term.Term
	v    val
	subs []*pat
	keys []patKey
	segs []*patSeg
	rec  *nativeRef
	pos  int32 // pkSegs: position, an index into matchState.positions
}

// patKey is a key of a map pattern: a constant, or an expression over
// variables bound before.
type patKey struct {
	lit  term.Term // None when expr is set
	expr ast.Expr
}

// patSeg is a segment of a binary pattern.
type patSeg struct {
	seg   binSeg // without size and value
	size  ast.Expr
	fixed int // size if it is constant, -1 if not
	never bool
	own   []string // variables bound by segments before this one
	p     *pat
}

var patAny = &pat{kind: pkAny}

// pattern resolves a pattern. In the head of a function all variables are new.
func (l *lower) pattern(e ast.Expr, head bool) *pat {
	if t, ok := l.m.constant(e); ok && !hasMap(e) {
		return l.litPat(t)
	}
	switch e := e.(type) {
	case *ast.Var:
		if e.Name == "_" {
			return patAny
		}
		if !head && l.bound(e.Name) {
			v := l.lookup(e.Name)
			if l.f.isConst(v) {
				return l.litPat(l.f.vals[v].lit)
			}
			return &pat{kind: pkEq, v: v}
		}
		return &pat{kind: pkVar, name: e.Name}
	case *ast.List:
		p := l.pattern(e.Tail, head)
		for i := len(e.Elems) - 1; i >= 0; i-- {
			p = &pat{kind: pkCons, subs: []*pat{l.pattern(e.Elems[i], head), p}}
		}
		return p
	case *ast.Tuple:
		return &pat{kind: pkTuple, subs: l.patterns(e.Elems, head)}
	case *ast.Match:
		return &pat{kind: pkAlias, subs: []*pat{l.pattern(e.Pattern, head), l.pattern(e.Value, head)}}
	case *ast.Map:
		p := &pat{kind: pkMap}
		for _, f := range e.Fields {
			k := patKey{expr: f.Key}
			if t, ok := l.m.constant(f.Key); ok {
				k = patKey{lit: t}
			}
			p.keys = append(p.keys, k)
			p.subs = append(p.subs, l.pattern(f.Value, head))
		}
		return p
	case *ast.Bits:
		return l.bitsPattern(e, head)
	case *ast.Record:
		return l.recordPattern(e, head)
	case *ast.RecordIndex:
		return l.litPat(l.f.vals[l.recordIndex(e)].lit)
	case *ast.Binary:
		if e.Op == ast.OpAppend {
			if t, ok := l.m.constant(e.L); ok {
				p := l.pattern(e.R, head)
				for elems := listTerms(t); len(elems) > 0; elems = elems[:len(elems)-1] {
					p = &pat{kind: pkCons, subs: []*pat{l.litPat(elems[len(elems)-1]), p}}
				}
				return p
			}
			if elems, ok := properList(e.L); ok {
				p := l.pattern(e.R, head)
				for i := len(elems) - 1; i >= 0; i-- {
					p = &pat{kind: pkCons, subs: []*pat{l.pattern(elems[i], head), p}}
				}
				return p
			}
		}
	}
	l.m.list.Errorf(e.Pos(), "erl_lint.illegal_pattern", "illegal pattern")
	return patAny
}

// hasMap reports whether a pattern has a map in it, which matches more than
// the map that it would be as an expression.
func hasMap(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Map:
		return true
	case *ast.Tuple:
		for _, x := range e.Elems {
			if hasMap(x) {
				return true
			}
		}
	case *ast.List:
		for _, x := range e.Elems {
			if hasMap(x) {
				return true
			}
		}
		return hasMap(e.Tail)
	case *ast.Match:
		return true
	}
	return false
}

func (l *lower) patterns(es []ast.Expr, head bool) []*pat {
	ps := make([]*pat, len(es))
	for i, e := range es {
		ps[i] = l.pattern(e, head)
	}
	return ps
}

func listTerms(t term.Term) []term.Term {
	var out []term.Term
	for t.IsCons() {
		out = append(out, t.Head())
		t = t.Tail()
	}
	return out
}

// litPat is the pattern that only a given term matches.
func (l *lower) litPat(t term.Term) *pat {
	if t.IsMap() || t.IsBitstring() || t.IsFun() {
		// other patterns may match the same values: not a sort of its own
		return &pat{kind: pkEq, v: l.f.konst(t)}
	}
	return &pat{kind: pkLit, lit: t}
}

// unfold gives the structure of a compound constant, so that it can share
// tests with other patterns.
func (l *lower) unfold(p *pat) *pat {
	if p.kind != pkLit {
		return p
	}
	switch {
	case p.lit.IsCons():
		return &pat{kind: pkCons, subs: []*pat{l.litPat(p.lit.Head()), l.litPat(p.lit.Tail())}}
	case p.lit.IsTuple():
		q := &pat{kind: pkTuple}
		for i := 0; i < p.lit.Arity(); i++ {
			q.subs = append(q.subs, l.litPat(p.lit.Elem(i)))
		}
		return q
	}
	return p
}

func compound(t term.Term) bool { return t.IsCons() || t.IsTuple() }

// bitsPattern resolves a binary pattern.
func (l *lower) bitsPattern(e *ast.Bits, head bool) *pat {
	p := &pat{kind: pkBin}
	var own []string // variables that segments of this pattern have bound: sizes mean these, not outer ones
	for i, el := range e.Elems {
		if s, ok := el.Value.(*ast.String); ok {
			seg, ok := l.segment(el, true)
			if !ok {
				return &pat{kind: pkNever}
			}
			for _, r := range s.Value {
				ps := &patSeg{seg: seg, fixed: -1, p: &pat{kind: pkLit, lit: term.Int(int(r))}}
				l.segSize(ps, el, seg)
				p.segs = append(p.segs, ps)
			}
			continue
		}
		seg, ok := l.segment(el, i == len(e.Elems)-1)
		if !ok {
			return &pat{kind: pkNever}
		}
		ps := &patSeg{seg: seg, fixed: -1, own: own}
		l.segSize(ps, el, seg)
		ps.p = l.segValue(el.Value, seg, head)
		if v, ok := el.Value.(*ast.Var); ok {
			own = append(own[:len(own):len(own)], v.Name)
		}
		p.segs = append(p.segs, ps)
	}
	return p
}

// segValue resolves the value pattern of a segment. A literal integer in a
// float segment means the float.
func (l *lower) segValue(e ast.Expr, seg binSeg, head bool) *pat {
	p := l.pattern(e, head)
	if seg.typ == "float" && p.kind == pkLit && p.lit.IsInteger() {
		if math.IsInf(toFloat(p.lit), 0) {
			return &pat{kind: pkNever}
		}
		return &pat{kind: pkLit, lit: l.m.heap.Float(toFloat(p.lit))}
	}
	return p
}

func toFloat(t term.Term) float64 {
	if t.IsSmall() {
		return float64(t.Small())
	}
	f, _ := new(big.Float).SetInt(t.BigInt()).Float64()
	return f
}

// segSize finds the size of a segment in units.
func (l *lower) segSize(ps *patSeg, el *ast.BitsElem, seg binSeg) {
	switch {
	case seg.all || seg.typ == "utf8" || seg.typ == "utf16" || seg.typ == "utf32":
		ps.fixed = 0
	case el.Size == nil:
		ps.fixed = defaultSize(seg.typ)
	default:
		if t, ok := l.m.constant(el.Size); ok {
			if t.IsSmall() && t.Small() >= 0 {
				ps.fixed = t.Small()
			} else {
				ps.never = true
			}
			return
		}
		if v, ok := el.Size.(*ast.Var); ok && !slices.Contains(ps.own, v.Name) && l.bound(v.Name) {
			if x := l.lookup(v.Name); l.f.isConst(x) {
				t := l.f.vals[x].lit
				if t.IsSmall() && t.Small() >= 0 {
					ps.fixed = t.Small()
					return
				}
			}
		}
		ps.size = el.Size
	}
}

func defaultSize(typ string) int {
	if typ == "float" {
		return 64
	}
	return 8
}

// segment reads type and flags of a segment; last says whether a binary
// without size may take all the rest. ok is false where the specification is
// contradictory, which lint reports.
func (l *lower) segment(el *ast.BitsElem, last bool) (binSeg, bool) {
	s := binSeg{pos: el.At}
	unit := 0
	for _, sp := range el.Specs {
		switch sp.Name {
		case "integer", "float", "utf8", "utf16", "utf32":
			s.typ = sp.Name
		case "binary", "bytes":
			s.typ = "binary"
			if unit == 0 {
				unit = 8
			}
		case "bitstring", "bits":
			s.typ = "binary"
			if unit == 0 {
				unit = 1
			}
		case "signed":
			s.signed = true
		case "little":
			s.little = true
		case "native":
			s.native = true
		case "unit":
			unit = int(sp.Arg)
		}
	}
	if s.typ == "" {
		s.typ = "integer"
	}
	if unit == 0 {
		unit = 1
	}
	s.unit = unit
	if s.typ == "binary" && el.Size == nil {
		s.all = true
		return s, true
	}
	return s, true
}
