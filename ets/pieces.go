package ets

import "github.com/gerl-lang/gerl/term"

// piece is how many objects a traversal of a whole table visits before it lets others have the table.
const piece = 2000

// scan calls f with all objects that the program (nil: one that matches all) may match. A large table is locked for a piece at a time, and fixed
// meanwhile, as OTP does it: objects that come or go during the traversal may be met or missed. write asks for the right to
// change the table; then end is called at the end of each piece, and f must not change it. The result is false when the table was deleted meanwhile.
func (t *Table) scan(p *Program, back, write bool, f func(o object), end func()) bool {
	lock, unlock := t.mu.RLock, t.mu.RUnlock
	if write {
		lock, unlock = t.mu.Lock, t.mu.Unlock
	}
	done := func() {
		if end != nil {
			end()
		}
		unlock()
	}
	lock()
	if t.gone {
		unlock()
		return false
	}
	whole := true
	if p != nil {
		_, some := p.Keys(t.opt.KeyPos)
		whole = !some
	}
	if !whole || t.store.size() <= piece {
		t.candidates(p, back, f)
		done()
		return true
	}
	unlock()
	t.mu.Lock()
	if t.gone {
		t.mu.Unlock()
		return false
	}
	t.store.fix()
	last := t.store.slots() // what is inserted from now on does not count
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		if !t.gone {
			t.store.unfix()
		}
		t.mu.Unlock()
	}()
	var pos position
	for {
		lock()
		if t.gone {
			unlock()
			return false
		}
		n := 0
		pos = t.store.walk(pos, back, func(o object) bool {
			f(o)
			n++
			return n < piece
		})
		var keep *term.Heap
		if !pos.done && !pos.key.IsImmediate() {
			keep = term.NewArena() // the object may go when the table is unlocked
			pos.key = term.CopyTo(keep, pos.key)
		}
		done()
		if pos.done || pos.slot >= last && pos.key == term.None {
			return true
		}
		if keep != nil {
			defer keep.Free()
		}
	}
}
