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
	// locked tells whether the table was still there for work. A panic of f must find the table unlocked, or whoever
	// reports it waits for ever.
	locked := func(work func()) bool {
		lock()
		defer unlock()
		if t.gone {
			return false
		}
		work()
		return true
	}
	ended := func() {
		if end != nil {
			end()
		}
	}
	whole := true
	if p != nil {
		_, some := p.Keys(t.opt.KeyPos)
		whole = !some
	}
	large := false
	if !locked(func() {
		if large = whole && t.store.size() > piece; !large {
			t.candidates(p, back, f)
			ended()
		}
	}) {
		return false
	}
	if !large {
		return true
	}
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
	r := t.keyRange(p, back)
	defer r.free()
	var pos position
	for {
		var keep *term.Heap
		if !locked(func() {
			n := 0
			pos = t.walk(r, pos, back, func(o object) bool {
				f(o)
				n++
				return n < piece
			})
			if !pos.done && !pos.key.IsImmediate() {
				keep = term.NewArena() // the object may go when the table is unlocked
				pos.key = term.CopyTo(keep, pos.key)
			}
			ended()
		}) {
			return false
		}
		if keep != nil {
			defer keep.Free()
		}
		if pos.done || pos.slot >= last && pos.key == term.None {
			return true
		}
	}
}
