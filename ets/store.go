package ets

import (
	"math"
	"slices"

	"github.com/gerl-lang/gerl/term"
	"github.com/tidwall/btree"
)

// object is one stored tuple, a copy in memory of its own; the address in t tells objects apart.
type object struct {
	key  term.Term // its key element
	t    term.Term
	frag uintptr
}

func (o object) free() { term.DropFragment(o.frag) }

// store is what a table keeps its objects in. The table's lock protects it.
type store interface {
	size() int
	// get gives the first object with a key, lookup all of them
	get(key term.Term) (o object, ok bool)
	// lookup gives the objects with a key in the order of their insertion; the slice must not be changed.
	lookup(key term.Term) []object
	// add stores o: in place of the object with its key, or beside those with its key, as the type has it.
	add(o object)
	// remove takes an object out and frees it.
	remove(o object)
	// replace puts n in the place of o, which has the same key.
	replace(o, n object)
	clear()
	// fix and unfix bracket traversals during which removed keys keep their place.
	fix()
	unfix()
	// next gives the key behind (or, back, in front of) a key; the first one for None. ok is false when the traversal is over.
	// known is false when a hash table does not have the key.
	next(key term.Term, back bool) (k term.Term, ok, known bool)
	// walk visits objects from a position on until f returns false; it gives the position behind the last one visited.
	walk(from position, back bool, f func(o object) bool) position
	slots() int
	slot(i int) []object
	// each visits all objects that take memory: also those that keep the place of a removed key.
	each(f func(o object))
}

// position is a place in a traversal. The zero value is the start.
type position struct {
	slot int
	key  term.Term // ordered_set: the last key that was visited
	done bool
}

// ---- hash tables: set, bag, duplicate_bag -------------------------------------------------------------

// hashStore keeps one entry a key. The entries stand in the order in which their keys were inserted, which is the order of
// traversals; places of removed keys are reused when half of them are empty and nobody has fixed the table.
type hashStore struct {
	kind  Type
	index map[uint64]*entry
	order []*entry
	holes int
	count int
	fixed int
}

type entry struct {
	key  term.Term
	next *entry // with the same hash
	slot int
	objs []object
	tomb object    // of a removed key in a fixed table: keeps the key's memory
	one  [1]object // room for the first of objs
}

func newHashStore(kind Type) *hashStore { return &hashStore{kind: kind, index: map[uint64]*entry{}} }

func (s *hashStore) size() int { return s.count }

func (s *hashStore) find(key term.Term) *entry {
	for e := s.index[term.MapHash(key)]; e != nil; e = e.next {
		if e.key == key || term.ExactEqual(e.key, key) {
			return e
		}
	}
	return nil
}

func (s *hashStore) get(key term.Term) (o object, ok bool) {
	if e := s.find(key); e != nil && len(e.objs) > 0 {
		return e.objs[0], true
	}
	return o, false
}

func (s *hashStore) lookup(key term.Term) []object {
	if e := s.find(key); e != nil {
		return e.objs
	}
	return nil
}

func (s *hashStore) add(o object) {
	e := s.find(o.key)
	if e == nil {
		h := term.MapHash(o.key)
		e = &entry{key: o.key, next: s.index[h], slot: len(s.order)}
		e.objs = e.one[:0]
		s.index[h] = e
		s.order = append(s.order, e)
	}
	if e.tomb.t != term.None {
		e.tomb.free()
		e.tomb, e.key = object{}, o.key
		s.holes--
	}
	switch s.kind {
	case Set:
		if len(e.objs) == 1 {
			old := e.objs[0]
			e.objs[0], e.key = o, o.key
			old.free()
			return
		}
	case Bag:
		for _, x := range e.objs {
			if term.ExactEqual(x.t, o.t) {
				o.free()
				return
			}
		}
	}
	e.objs = append(e.objs, o)
	s.count++
}

// indexOf finds an object among those of its key.
func indexOf(objs []object, o object) int {
	return slices.IndexFunc(objs, func(x object) bool { return x.t == o.t })
}

func (s *hashStore) remove(o object) {
	e := s.find(o.key)
	i := indexOf(e.objs, o)
	e.objs = slices.Delete(e.objs, i, i+1)
	s.count--
	if len(e.objs) > 0 {
		e.key = e.objs[0].key // the key may have lain in o
		o.free()
		return
	}
	s.holes++
	if s.fixed > 0 {
		e.tomb, e.key = o, o.key
		return
	}
	s.unlink(e)
	o.free()
	if s.holes > 32 && s.holes > len(s.order)/2 {
		s.compact()
	}
}

// unlink takes an entry out of index and order.
func (s *hashStore) unlink(e *entry) {
	h := term.MapHash(e.key)
	if s.index[h] == e {
		if e.next == nil {
			delete(s.index, h)
		} else {
			s.index[h] = e.next
		}
	} else {
		for x := s.index[h]; ; x = x.next {
			if x.next == e {
				x.next = e.next
				break
			}
		}
	}
	s.order[e.slot] = nil
}

func (s *hashStore) compact() {
	live := s.order[:0]
	for _, e := range s.order {
		if e != nil {
			e.slot = len(live)
			live = append(live, e)
		}
	}
	clear(s.order[len(live):])
	s.order, s.holes = live, 0
}

func (s *hashStore) replace(o, n object) {
	e := s.find(o.key)
	i := indexOf(e.objs, o)
	e.objs[i] = n
	e.key = e.objs[0].key
	o.free()
}

func (s *hashStore) clear() {
	if s.fixed > 0 {
		s.empty()
		return
	}
	for _, e := range s.order {
		if e == nil {
			continue
		}
		for _, o := range e.objs {
			o.free()
		}
		if e.tomb.t != term.None {
			e.tomb.free()
		}
	}
	*s = hashStore{kind: s.kind, index: map[uint64]*entry{}, fixed: s.fixed}
}

// empty removes all objects of a fixed table: the keys keep their places, since traversals may stand on them.
func (s *hashStore) empty() {
	for _, e := range s.order {
		if e == nil || len(e.objs) == 0 {
			continue
		}
		e.tomb, e.key = e.objs[0], e.objs[0].key
		for _, o := range e.objs[1:] {
			o.free()
		}
		clear(e.objs)
		e.objs = e.objs[:0]
		s.holes++
	}
	s.count = 0
}

func (s *hashStore) fix() { s.fixed++ }

func (s *hashStore) unfix() {
	if s.fixed--; s.fixed > 0 || s.holes == 0 {
		return
	}
	for _, e := range s.order {
		if e != nil && e.tomb.t != term.None {
			tomb := e.tomb
			s.unlink(e)
			tomb.free()
		}
	}
	s.compact()
}

func (s *hashStore) next(key term.Term, back bool) (k term.Term, ok, known bool) {
	i := -1
	if key != term.None {
		e := s.find(key)
		if e == nil {
			return term.None, false, false
		}
		i = e.slot
	}
	// Both directions are the same in a table without order.
	for i++; i < len(s.order); i++ {
		if e := s.order[i]; e != nil && len(e.objs) > 0 {
			return e.key, true, true
		}
	}
	return term.None, false, true
}

func (s *hashStore) walk(from position, _ bool, f func(o object) bool) position {
	for i := from.slot; i < len(s.order); i++ {
		e := s.order[i]
		if e == nil {
			continue
		}
		more := true
		for _, o := range e.objs { // all objects of a key belong together
			more = f(o) && more
		}
		if !more {
			return position{slot: i + 1}
		}
	}
	return position{done: true}
}

func (s *hashStore) each(f func(o object)) {
	for _, e := range s.order {
		if e == nil {
			continue
		}
		for _, o := range e.objs {
			f(o)
		}
		if e.tomb.t != term.None {
			f(e.tomb)
		}
	}
}

// minSlots is the number of places that even an empty table has.
const minSlots = 256

func (s *hashStore) slots() int { return max(minSlots, len(s.order)) }

func (s *hashStore) stats() Stats {
	n := s.slots()
	st := Stats{Places: n, Mean: float64(s.count) / float64(n)}
	squares := 0.0
	if len(s.order) == n {
		st.Least = s.count
	}
	for i := range n {
		k := len(s.slot(i))
		st.Least, st.Most = min(st.Least, k), max(st.Most, k)
		squares += (float64(k) - st.Mean) * (float64(k) - st.Mean)
		if i < len(s.order) && s.order[i] != nil && s.order[i].tomb.t != term.None {
			st.Tombs++
		}
	}
	st.Deviation = math.Sqrt(squares / float64(n))
	st.Chance = math.Sqrt(st.Mean * (1 - 1/float64(n)))
	return st
}

func (s *hashStore) slot(i int) []object {
	if i >= len(s.order) {
		return nil
	}
	if e := s.order[i]; e != nil {
		return e.objs
	}
	return nil
}

// ---- ordered_set ------------------------------------------------------------------------------------------

// treeStore keeps its objects ordered by key; keys are equal when they compare equal (==).
type treeStore struct {
	tree *btree.BTreeG[object]
}

func newTreeStore() *treeStore {
	return &treeStore{tree: btree.NewBTreeGOptions(func(a, b object) bool { return term.Compare(a.key, b.key) < 0 },
		btree.Options{NoLocks: true})}
}

func (s *treeStore) size() int { return s.tree.Len() }

func (s *treeStore) get(key term.Term) (o object, ok bool) { return s.tree.Get(object{key: key}) }

func (s *treeStore) lookup(key term.Term) []object {
	if o, ok := s.tree.Get(object{key: key}); ok {
		return []object{o}
	}
	return nil
}

func (s *treeStore) add(o object) {
	if old, replaced := s.tree.Set(o); replaced {
		old.free()
	}
}

func (s *treeStore) remove(o object) {
	s.tree.Delete(o)
	o.free()
}

func (s *treeStore) replace(_, n object) { s.add(n) }

func (s *treeStore) clear() {
	s.tree.Scan(func(o object) bool {
		o.free()
		return true
	})
	s.tree.Clear()
}

func (s *treeStore) each(f func(o object)) {
	s.tree.Scan(func(o object) bool {
		f(o)
		return true
	})
}

func (s *treeStore) fix()   {}
func (s *treeStore) unfix() {}

func (s *treeStore) next(key term.Term, back bool) (k term.Term, ok, known bool) {
	s.walk(position{key: key}, back, func(o object) bool {
		k, ok = o.key, true
		return false
	})
	return k, ok, true
}

func (s *treeStore) walk(from position, back bool, f func(o object) bool) position {
	pos := position{done: true}
	visit := func(o object) bool {
		if from.key != term.None && term.Compare(o.key, from.key) == 0 {
			return true
		}
		if f(o) {
			return true
		}
		pos = position{key: o.key}
		return false
	}
	pivot := object{key: from.key}
	switch {
	case from.key == term.None && back:
		s.tree.Reverse(visit)
	case from.key == term.None:
		s.tree.Scan(visit)
	case back:
		s.tree.Descend(pivot, visit)
	default:
		s.tree.Ascend(pivot, visit)
	}
	return pos
}

func (s *treeStore) slots() int { return s.tree.Len() }

func (s *treeStore) slot(i int) []object {
	o, _ := s.tree.GetAt(i)
	return []object{o}
}
