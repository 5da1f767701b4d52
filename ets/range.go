package ets

import (
	"math"

	"github.com/gerl-lang/gerl/term"
)

// keyRange is what the first elements of a tuple tell about the keys that a specification can match: in an ordered table
// these are neighbours.
type keyRange struct {
	first []term.Term // the elements that are known
	arity int
	low   term.Term // before all keys of the range
	keep  *term.Heap
}

// keyRange gives the range of keys that a program can match, nil if it is all of them. Free it after use.
func (t *Table) keyRange(p *Program, back bool) *keyRange {
	if p == nil || back || t.opt.Type != OrderedSet || len(p.clauses) != 1 {
		return nil
	}
	object := p.clauses[0].pattern
	if object.kind != tupleNode || len(object.kids) < t.opt.KeyPos {
		return nil
	}
	key := object.kids[t.opt.KeyPos-1]
	if key.kind != tupleNode {
		return nil
	}
	r := &keyRange{arity: len(key.kids)}
	for _, k := range key.kids {
		if k.kind != constant {
			break
		}
		r.first = append(r.first, k.t)
	}
	if len(r.first) == 0 {
		return nil
	}
	r.keep = term.NewArena()
	least := r.keep.Float(math.Inf(-1)) // no term of a program is less
	elems := append([]term.Term{}, r.first...)
	for len(elems) < r.arity {
		elems = append(elems, least)
	}
	r.low = r.keep.Tuple(elems...)
	return r
}

func (r *keyRange) free() {
	if r != nil {
		r.keep.Free()
	}
}

// compare tells whether a key is before (negative), in or behind (positive) the range.
func (r *keyRange) compare(key term.Term) int {
	if !key.IsTuple() || key.Arity() != r.arity {
		return term.Compare(key, r.low)
	}
	for i, e := range r.first {
		if c := term.Compare(key.Elem(i), e); c != 0 {
			return c
		}
	}
	return 0
}

// walk is the store's walk over the objects whose keys are in the range; without one, over all.
func (t *Table) walk(r *keyRange, from position, back bool, f func(o object) bool) position {
	if r == nil {
		return t.store.walk(from, back, f)
	}
	if from.key == term.None {
		from.key = r.low
	}
	over := false
	pos := t.store.walk(from, back, func(o object) bool {
		if over = r.compare(o.key) > 0; over {
			return false
		}
		return f(o)
	})
	if over {
		return position{done: true}
	}
	return pos
}
