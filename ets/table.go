// Package ets is Erlang's term storage: tables of tuples that live outside of the heaps of processes, with match
// specifications. Objects are copied in and out, literals included, so that nothing in a table refers to anything else.
//
// Main types: Tables (all tables of a node), Table, Program (a compiled match specification).
//
// It may import term and proc; the BIFs over it are in package bifs.
//
//	tables := ets.Of(p.Sys)
//	t, _ := tables.New(p, ets.Options{Type: ets.Set, KeyPos: 1})
//	t.Insert([]term.Term{tuple})
package ets

import (
	"maps"
	"slices"
	"sync"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Type is a table's type.
type Type uint8

// The types of tables.
const (
	Set Type = iota
	OrderedSet
	Bag
	DuplicateBag
)

// Access is a table's protection.
type Access uint8

// The protections: who besides the owner may read and write.
const (
	Protected Access = iota
	Public
	Private
)

// Options of a new table.
type Options struct {
	Type                                               Type
	Access                                             Access
	Named                                              bool
	KeyPos                                             int       // from 1
	Heir                                               term.Term // a local pid, or None
	HeirData                                           term.Term
	Compressed, ReadConcurrency, DecentralizedCounters bool
	WriteConcurrency                                   term.Term // true, false or auto
}

// Table is one table. Methods lock it; they are called by any process.
type Table struct {
	mu    sync.RWMutex
	store store
	words int
	gone  bool

	Name    term.Term
	ID      term.Term // reference, in idFrag
	idFrag  uintptr
	number  uint64
	opt     Options
	owner   term.Term
	heir    *object // {Pid, Data} of the heir, nil for none
	fixers  map[term.Term]int
	fixedAt int64 // monotonic time of the node's clock
	fixedOn int64 // system time at that moment
}

// Tables are all tables of a node.
type Tables struct {
	mu     sync.RWMutex
	byName map[term.Term]*Table
	byID   map[uint64]*Table
	owned  map[term.Term]map[*Table]bool
	fixed  map[term.Term]map[*Table]bool
}

type tablesKey struct{}

// Install gives a node its tables; before its first process runs.
func Install(sys *proc.System) {
	ts := &Tables{byName: map[term.Term]*Table{}, byID: map[uint64]*Table{},
		owned: map[term.Term]map[*Table]bool{}, fixed: map[term.Term]map[*Table]bool{}}
	sys.Values.Store(tablesKey{}, ts)
	sys.AtExit = append(sys.AtExit, ts.processEnds)
}

// Of gives the tables of a node, nil if Install was not called.
func Of(sys *proc.System) *Tables {
	ts, _ := sys.Values.Load(tablesKey{})
	if ts == nil {
		return nil
	}
	return ts.(*Tables)
}

// tableRef marks the references of tables, so that an error can tell a table that is gone from a reference of another kind.
type tableRef struct{}

// Release implements term.Resource.
func (tableRef) Release() {}

// refKey folds the numbers of a local reference, which lie in its first two words.
func refKey(ref term.Term) uint64 {
	low := ref.Word(1)
	return low&(1<<32-1) | low>>32<<18 | ref.Word(2)<<50
}

// New makes a table that p owns. It gives nil when the name is taken.
func (ts *Tables) New(p *proc.Process, name term.Term, o Options) *Table {
	t := &Table{Name: name, opt: o, owner: p.Pid}
	nums, _ := term.RefNumbers(p.MakeRef())
	t.ID, t.idFrag = term.CopyObject(p.Heap.MagicRef([3]uint32(nums[:3]), tableRef{}))
	t.number = refKey(t.ID)
	if o.Type == OrderedSet {
		t.store = newTreeStore()
	} else {
		t.store = newHashStore(o.Type)
	}
	t.SetHeir(o.Heir, o.HeirData)
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if o.Named {
		if ts.byName[name] != nil {
			return nil
		}
		ts.byName[name] = t
	}
	ts.byID[t.number] = t
	ts.own(t, p.Pid)
	p.TellEnd()
	return t
}

func (ts *Tables) own(t *Table, pid term.Term) {
	if ts.owned[pid] == nil {
		ts.owned[pid] = map[*Table]bool{}
	}
	ts.owned[pid][t] = true
}

func (ts *Tables) disown(t *Table, pid term.Term) {
	delete(ts.owned[pid], t)
	if len(ts.owned[pid]) == 0 {
		delete(ts.owned, pid)
	}
}

// Find gives the table of a name or reference, nil if there is none.
func (ts *Tables) Find(id term.Term) *Table {
	var t *Table
	// Every call of ets comes through here: no defer.
	switch {
	case id.IsAtom():
		ts.mu.RLock()
		t = ts.byName[id]
		ts.mu.RUnlock()
	case id.IsSub(term.SubRef):
		ts.mu.RLock()
		t = ts.byID[refKey(id)]
		ts.mu.RUnlock()
	}
	return t
}

// All gives the tables of the node.
func (ts *Tables) All() []*Table {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	out := make([]*Table, 0, len(ts.byID))
	for _, t := range ts.byID {
		out = append(out, t)
	}
	return out
}

// Delete ends a table.
func (ts *Tables) Delete(t *Table) {
	ts.mu.Lock()
	if ts.byID[t.number] != t {
		ts.mu.Unlock()
		return
	}
	delete(ts.byID, t.number)
	if t.opt.Named {
		delete(ts.byName, t.Name)
	}
	ts.disown(t, t.owner)
	for pid := range t.fixers {
		delete(ts.fixed[pid], t)
	}
	ts.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gone = true
	t.store.clear()
	if t.heir != nil {
		t.heir.free()
	}
	term.DropFragment(t.idFrag)
	t.idFrag = 0
}

// Rename gives a named table another name; false when that is taken. For others the name is just information.
func (ts *Tables) Rename(t *Table, name term.Term) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t.opt.Named {
		if ts.byName[name] != nil {
			return false
		}
		delete(ts.byName, t.Name)
		ts.byName[name] = t
	}
	t.Name = name
	return true
}

// Give makes another process the owner and sends it {'ETS-TRANSFER', Table, From, Data}.
func (ts *Tables) Give(p *proc.Process, t *Table, to, data term.Term) {
	ts.mu.Lock()
	ts.disown(t, t.owner)
	t.owner = to
	ts.own(t, to)
	ts.mu.Unlock()
	if q := p.Sys.Lookup(to); q == nil || !q.TellEnd() { // it ended before it could know
		ts.mu.Lock()
		mine := ts.owned[to][t]
		ts.mu.Unlock()
		if mine {
			ts.inherit(p, t, to)
		}
		return
	}
	p.Send(to, p.Heap.Tuple(atomTransfer, t.Term(&p.Heap), p.Pid, data))
}

var atomTransfer = term.Intern("ETS-TRANSFER")

// processEnds passes the tables of a process on to their heirs or deletes them, and lifts its fixes.
func (ts *Tables) processEnds(p *proc.Process) {
	ts.mu.RLock()
	fixed, owned := maps.Clone(ts.fixed[p.Pid]), maps.Clone(ts.owned[p.Pid])
	ts.mu.RUnlock()
	for t := range fixed {
		for ts.Fix(p, t, false) {
		}
	}
	for t := range owned {
		ts.inherit(p, t, p.Pid)
	}
}

// inherit passes a table whose owner is gone on to its heir, or deletes it.
func (ts *Tables) inherit(p *proc.Process, t *Table, owner term.Term) {
	t.mu.RLock()
	heir := t.heir
	t.mu.RUnlock()
	if heir != nil {
		pid := heir.t.Elem(0)
		if pid != owner && p.Sys.Lookup(pid) != nil {
			ts.Give(p, t, pid, term.CopyTo(&p.Heap, heir.t.Elem(1)))
			return
		}
	}
	ts.Delete(t)
}

// Fix is safe_fixtable(Table, on); false when there was no fix of the process to lift.
func (ts *Tables) Fix(p *proc.Process, t *Table, on bool) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if on {
		if t.fixers == nil {
			t.fixers = map[term.Term]int{}
		}
		if len(t.fixers) == 0 {
			t.fixedAt, t.fixedOn = p.Sys.Sched.Clock.Monotonic(), p.Sys.Sched.Clock.System()
		}
		t.fixers[p.Pid]++
		if ts.fixed[p.Pid] == nil {
			ts.fixed[p.Pid] = map[*Table]bool{}
		}
		ts.fixed[p.Pid][t] = true
		p.TellEnd()
		t.store.fix()
		return true
	}
	if t.fixers[p.Pid] == 0 {
		return false
	}
	if t.fixers[p.Pid]--; t.fixers[p.Pid] == 0 {
		delete(t.fixers, p.Pid)
		delete(ts.fixed[p.Pid], t)
		if len(ts.fixed[p.Pid]) == 0 {
			delete(ts.fixed, p.Pid)
		}
	}
	if !t.gone {
		t.store.unfix()
	}
	return true
}

// Fixed tells since when (monotonic nanoseconds of the node's clock, and system time) and by whom the table is fixed.
func (t *Table) Fixed() (since, on int64, by map[term.Term]int) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.fixedAt, t.fixedOn, maps.Clone(t.fixers)
}

// Term is what programs call the table by: its name if it has one for that, else its reference.
func (t *Table) Term(h *term.Heap) term.Term {
	if t.opt.Named {
		return t.Name
	}
	return t.Ref(h)
}

// Ref is the table's reference.
func (t *Table) Ref(h *term.Heap) term.Term { return term.CopyTo(h, t.ID) }

// Options gives the options that the table was made with.
func (t *Table) Options() Options { return t.opt }

// Owner is the pid of the owner.
func (t *Table) Owner() term.Term { return t.owner }

// SetHeir sets the process that inherits the table; None for nobody.
func (t *Table) SetHeir(pid, data term.Term) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.heir != nil {
		t.heir.free()
		t.heir = nil
	}
	if pid == term.None {
		return
	}
	h := term.NewArena()
	x, frag := term.CopyObject(h.Tuple(pid, data))
	h.Free()
	t.heir = &object{t: x, frag: frag}
}

// Heir is the pid of the heir or None.
func (t *Table) Heir() term.Term {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.heir == nil {
		return term.None
	}
	return t.heir.t.Elem(0)
}

// MayRead and MayWrite check the table's protection.
func (t *Table) MayRead(pid term.Term) bool { return t.opt.Access != Private || t.owner == pid }

// MayWrite reports whether the process may change the table.
func (t *Table) MayWrite(pid term.Term) bool { return t.opt.Access == Public || t.owner == pid }

// Size is the number of objects, Words an estimate of the memory that the table takes, in words.
func (t *Table) Size() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.store.size()
}

// Stats describes how a hash table's objects are spread over its places.
type Stats struct {
	Places                  int
	Mean, Deviation, Chance float64 // Chance: the standard deviation if places were taken at random
	Least, Most, Tombs      int
}

// Stats gives the table's figures; ok is false for tables without places.
func (t *Table) Stats() (st Stats, ok bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s, ok := t.store.(*hashStore)
	if !ok {
		return st, false
	}
	return s.stats(), true
}

// Binary is a reference of an object to bytes outside of it: their address and size, and how many references the node has to them.
type Binary struct {
	Addr       uintptr
	Size, Refs int
}

// Binaries gives the references of all objects, those whose keys were removed while the table is fixed included.
func (t *Table) Binaries() (l []Binary) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	t.store.each(func(o object) {
		term.FragmentBinaries(o.frag, func(addr uintptr, size, refs int) { l = append(l, Binary{addr, size, refs}) })
	})
	return l
}

// Words estimates the memory of the table in words.
func (t *Table) Words() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.opt.Type == OrderedSet {
		return 140 + t.words
	}
	return 306 + t.words
}

// objectWords is the memory of an object besides that of the term itself.
const objectWords = 5

func (t *Table) newObject(x term.Term) (o object) {
	o.t, o.frag = term.CopyObject(x)
	o.key = o.t.Elem(t.opt.KeyPos - 1)
	return o
}

func weight(o object) int { return term.FragmentWords(o.frag) + objectWords }

// Valid reports whether x may be stored: a tuple that has the key element.
func (t *Table) Valid(x term.Term) bool { return x.IsTuple() && x.Arity() >= t.opt.KeyPos }

// Insert stores valid tuples, all of them in one step for other processes.
func (t *Table) Insert(xs []term.Term) {
	objs := make([]object, len(xs))
	for i, x := range xs {
		objs[i] = t.newObject(x) // copied before the lock
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range objs {
		t.put(o)
	}
}

func (t *Table) put(o object) {
	if t.gone {
		o.free()
		return
	}
	before, n := 0, t.store.size()
	if t.opt.Type == Set || t.opt.Type == OrderedSet {
		if old, ok := t.store.get(o.key); ok {
			before = weight(old)
		}
	}
	w := weight(o)
	t.store.add(o)
	switch {
	case t.opt.Type == Set || t.opt.Type == OrderedSet:
		t.words += w - before
	case t.store.size() > n:
		t.words += w
	}
}

// InsertNew is Insert if none of the keys exists; otherwise it does nothing and gives false.
func (t *Table) InsertNew(xs []term.Term) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range xs {
		if _, found := t.store.get(x.Elem(t.opt.KeyPos - 1)); found {
			return false
		}
	}
	for _, x := range xs {
		t.put(t.newObject(x))
	}
	return true
}

// Lookup gives the list of copies of the objects with a key.
func (t *Table) Lookup(h *term.Heap, key term.Term) term.Term {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.opt.Type == Set || t.opt.Type == OrderedSet {
		o, ok := t.store.get(key)
		if !ok {
			return term.Nil
		}
		return h.Cons(term.CopyTo(h, o.t), term.Nil)
	}
	return h.List(copies(h, t.store.lookup(key))...)
}

// Member reports whether there is an object with a key.
func (t *Table) Member(key term.Term) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, ok := t.store.get(key)
	return ok
}

func copies(h *term.Heap, objs []object) []term.Term {
	out := make([]term.Term, len(objs))
	for i, o := range objs {
		out[i] = term.CopyTo(h, o.t)
	}
	return out
}

// View calls f with the objects of a key; f may read them but not keep them.
func (t *Table) View(key term.Term, f func(objs []term.Term)) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	objs := t.store.lookup(key)
	ts := make([]term.Term, len(objs))
	for i, o := range objs {
		ts[i] = o.t
	}
	f(ts)
}

// Update replaces the only object of a key (set and ordered_set) by what f makes of it; None: no change. f builds on scratch, or on a heap of its
// own where the object has parts in the table's memory. When there is no object f gets def. It gives false if there is neither.
func (t *Table) Update(key, def term.Term, scratch *term.Heap, f func(h *term.Heap, x term.Term) term.Term) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := def
	if o, ok := t.store.get(key); ok {
		x = o.t
	}
	if x == term.None {
		return false
	}
	h := scratch
	if !immediates(x) {
		h = term.NewArena()
		defer h.Free()
	}
	if y := f(h, x); y != term.None {
		t.put(t.newObject(y))
	}
	return true
}

// Counter is one step of a counter of small integers: Incr is added to element Pos, and where Limited, what goes beyond Limit in the
// direction of Incr becomes Set.
type Counter struct {
	Pos, Incr, Limit, Set int
	Limited               bool
}

// Step does a step in place in the object of a key (set and ordered_set). It gives false, and does nothing, when there is no object, or
// when a number is none or not a small one: Update does these.
func (t *Table) Step(key term.Term, c Counter) (v term.Term, ok bool) {
	t.mu.Lock()
	o, ok := t.store.get(key)
	if ok {
		v, ok = t.step(o.t, c)
	}
	t.mu.Unlock()
	return v, ok
}

func (t *Table) step(x term.Term, c Counter) (v term.Term, ok bool) {
	if c.Pos == t.opt.KeyPos || c.Pos > x.Arity() {
		return term.None, false
	}
	old := x.Elem(c.Pos - 1)
	if !old.IsSmall() {
		return term.None, false
	}
	n := old.Small() + c.Incr // of two small numbers: no overflow
	if c.Limited && (c.Incr >= 0 && n > c.Limit || c.Incr < 0 && n < c.Limit) {
		n = c.Set
	}
	if n < term.MinSmall || n > term.MaxSmall {
		return term.None, false
	}
	v = term.Int(n)
	x.SetElem(c.Pos-1, v)
	return v, true
}

// immediates reports whether a tuple holds nothing that lies in the table's memory, so that a process's heap may hold its elements.
func immediates(x term.Term) bool {
	for i := range x.Arity() {
		if !x.Elem(i).IsImmediate() {
			return false
		}
	}
	return true
}

// Take removes the objects of a key and gives copies of them.
func (t *Table) Take(h *term.Heap, key term.Term) []term.Term {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := copies(h, t.store.lookup(key))
	t.removeAll(t.store.lookup(key))
	return out
}

// DeleteKey removes the objects of a key.
func (t *Table) DeleteKey(key term.Term) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.removeAll(t.store.lookup(key))
}

func (t *Table) removeAll(objs []object) {
	for _, o := range slices.Clone(objs) {
		t.words -= weight(o)
		t.store.remove(o)
	}
}

// DeleteObject removes the objects equal (=:=) to x.
func (t *Table) DeleteObject(x term.Term) {
	if !t.Valid(x) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var hit []object
	for _, o := range t.store.lookup(x.Elem(t.opt.KeyPos - 1)) {
		if term.ExactEqual(o.t, x) {
			hit = append(hit, o)
		}
	}
	t.removeAll(hit)
}

// Clear removes all objects and gives their number.
func (t *Table) Clear() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.store.size()
	t.store.clear()
	t.words = 0
	return n
}

// Next gives the key behind a key (None: the first); back: in front of it. ok is false at the end. known is false when a
// hash table does not have the key. With objects it also gives the objects of the key found.
func (t *Table) Next(h *term.Heap, key term.Term, back, objects bool) (k term.Term, objs []term.Term, ok, known bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	k, ok, known = t.store.next(key, back)
	if !ok {
		return
	}
	if objects {
		objs = copies(h, t.store.lookup(k))
	}
	return term.CopyTo(h, k), objs, ok, known
}

// Slot gives the objects at place i of 0..n-1; end is true for i = n; ok is false beyond.
func (t *Table) Slot(h *term.Heap, i int) (objs []term.Term, end, ok bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := t.store.slots()
	if i >= n {
		return nil, true, i == n
	}
	return copies(h, t.store.slot(i)), false, true
}

// Access is the table's protection, SetAccess changes it.
func (t *Table) Access() Access { return t.opt.Access }

// SetAccess changes the table's protection.
func (t *Table) SetAccess(a Access) {
	t.mu.Lock()
	t.opt.Access = a
	t.mu.Unlock()
}
