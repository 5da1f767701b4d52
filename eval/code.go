package eval

import (
	"sort"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/term"
)

// CodeServer keeps all that is loaded: export slots, fun entries, the current and old code of each module, and the
// table from code addresses to functions and lines. Slots and entries never move and are never freed.
type CodeServer struct {
	vm *VM

	mu      sync.RWMutex // for the maps
	exports map[mfa]uintptr
	slots   map[uintptr]bool        // all export slots
	byMod   map[term.Term][]uintptr // export slots of a module
	funs    map[funKey]*term.FunEntry
	modules map[term.Term]*module

	ranges atomic.Pointer[[]*code] // by start address

	stuck  map[string]bool         // modules that must not be replaced
	purges map[term.Term]*purgeRun // under way, by module

	loadMu sync.Mutex // one commit at a time

	chunk      uintptr // rest of the memory that slots come from
	chunkLeft  int
	emptyTuple term.Term
	finish     uintptr // code of the instruction that ends a process
	newCopies  []*code // copies whose places are not in ranges yet
	returned   uintptr // code of the instruction that a traced call returns to
}

type mfa struct {
	m, f  term.Term
	arity int
}

type funKey struct {
	module term.Term
	index  int
	uniq   [16]byte
}

// module is the versions of one module.
type module struct {
	name     term.Term
	cur, old *code
}

// code is one version of a module.
type code struct {
	module                  term.Term
	md5                     [16]byte
	start, end              uintptr
	funcs                   []funcMark
	lines                   []lineMark
	positions               []beam.Line     // what lines refer to
	entries                 map[mfa]uintptr // exported functions
	area                    *term.LiteralArea
	files                   []term.Term // names of the source files, in area
	strings                 uintptr
	stringWords             int
	attributes, compileInfo term.Term // of module_info, in area; None if the file has none
	records                 map[term.Term]*recordDef
	funs                    []*term.FunEntry
	funCode                 []uintptr // where each of funs goes on when the code is current; another version may share the entries
	onLoad                  uintptr
	file                    string              // where it was read, "" for a module of the library's image
	image                   bool                // of the library inside the program
	fileAtom                term.Term           // in place of file, if it is not None
	installed               bool                // it was made current
	copies                  map[uintptr]uintptr // first instructions of functions that were traced, out of line
	parts                   []*code             // the places of those
}

// slotWords is the size of an export slot with the code of its stub behind it.
const slotWords = int(unsafe.Sizeof(term.Export{})/wordBytes) + 4

// unloadedFun in the operand of an unloaded instruction marks the address of a fun entry; without it, it is that of an export slot.
const unloadedFun = 1

const stubOffset = unsafe.Sizeof(term.Export{})

func newCodeServer(vm *VM) *CodeServer {
	cs := &CodeServer{vm: vm, exports: map[mfa]uintptr{}, slots: map[uintptr]bool{}, byMod: map[term.Term][]uintptr{},
		funs: map[funKey]*term.FunEntry{}, modules: map[term.Term]*module{},
		purges: map[term.Term]*purgeRun{}}
	cs.ranges.Store(new([]*code))
	cs.emptyTuple = vm.constants.Tuple()
	var a asm
	a.must(famFinish)
	base := cs.alloc(len(a.buf) / wordBytes)
	copyCode(base, a.buf)
	cs.finish = base
	a = asm{}
	a.slow(slowReturned)
	cs.returned = cs.alloc(len(a.buf) / wordBytes)
	copyCode(cs.returned, a.buf)
	return cs
}

// alloc gives n words that stay where they are for ever.
func (cs *CodeServer) alloc(n int) uintptr {
	if n > cs.chunkLeft {
		size := max(n, 8192)
		cs.chunk, cs.chunkLeft = term.NewCode(size), size
	}
	a := cs.chunk
	cs.chunk += uintptr(n) * wordBytes
	cs.chunkLeft -= n
	return a
}

func copyCode(to uintptr, buf []byte) {
	copy(unsafe.Slice((*byte)(term.At(to)), len(buf)), buf)
}

func exportAt(a uintptr) *term.Export { return (*term.Export)(term.At(a)) }

// exportAddr gives the slot of m:f/a, making it when it is asked for the first time.
func (cs *CodeServer) exportAddr(m, f term.Term, arity int) uintptr {
	k := mfa{m, f, arity}
	cs.mu.RLock()
	a, ok := cs.exports[k]
	cs.mu.RUnlock()
	if ok {
		return a
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if a, ok = cs.exports[k]; ok {
		return a
	}
	a = cs.alloc(slotWords)
	e := exportAt(a)
	*e = term.Export{Code: a + stubOffset, Module: m, Function: f, Arity: uint64(arity)}
	var s asm
	if isApply(beam.Import{Module: m, Name: f, Arity: arity}) {
		s.slow(slowApplyBIF, num(arity), num(applyBody), num(0))
	} else if i := cs.vm.bifIndex(m, f, arity); i >= 0 {
		e.BIF = uint64(i) + 1
		s.must(famBifBody, num(arity), raw(uint64(a)))
	} else {
		s.must(famUnloaded, raw(uint64(a)))
	}
	copyCode(e.Code, s.buf)
	cs.exports[k] = a
	cs.slots[a] = true
	cs.byMod[m] = append(cs.byMod[m], a)
	return a
}

// Export gives the slot of m:f/a, for external funs.
func (cs *CodeServer) Export(m, f term.Term, arity int) *term.Export {
	return exportAt(cs.exportAddr(m, f, arity))
}

// isSlot reports whether an address is that of an export slot.
func (cs *CodeServer) isSlot(a uintptr) bool {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return cs.slots[a]
}

// funEntryFor gives the shared entry of a fun.
func (cs *CodeServer) funEntryFor(k funKey) *term.FunEntry {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	e := cs.funs[k]
	if e == nil {
		a := cs.alloc(int(unsafe.Sizeof(term.FunEntry{})/wordBytes) + 2)
		e = (*term.FunEntry)(term.At(a))
		*e = term.FunEntry{Code: a + unsafe.Sizeof(term.FunEntry{}), Module: k.module, Index: uint32(k.index), Uniq: k.uniq}
		var s asm
		s.must(famUnloaded, raw(uint64(a)|unloadedFun))
		copyCode(e.Code, s.buf)
		cs.funs[k] = e
	}
	return e
}

// funEntry gives the address of the entry of lambda i of the module that is being loaded.
func (l *loader) funEntry(i int) uint64 { return uint64(uintptr(unsafe.Pointer(l.funs[i]))) }

// find gives the code that an address lies in, or nil.
func (cs *CodeServer) find(a uintptr) *code {
	rs := *cs.ranges.Load()
	i := sort.Search(len(rs), func(i int) bool { return rs[i].end > a })
	if i < len(rs) && rs[i].start <= a {
		return rs[i]
	}
	return nil
}

// place is a resolved code address.
type codePlace struct {
	code *code
	name term.Term
	ar   int
	line int // item of the line table, 0 for none
}

// resolve finds the function and line of an address. A return address lies behind its call, so exact is
// false for one: the instruction before it counts.
func (cs *CodeServer) resolve(a uintptr, exact bool) (codePlace, bool) {
	if !exact {
		a--
	}
	c := cs.find(a)
	if c == nil {
		return codePlace{}, false
	}
	off := uint32(a - c.start)
	i := sort.Search(len(c.funcs), func(i int) bool { return c.funcs[i].off > off })
	if i == 0 {
		return codePlace{}, false
	}
	f := c.funcs[i-1]
	pl := codePlace{code: c, name: f.name, ar: int(f.arity)}
	k := sort.Search(len(c.lines), func(i int) bool { return c.lines[i].off > off })
	if k > 0 && c.lines[k-1].off >= f.off {
		pl.line = int(c.lines[k-1].item)
	}
	return pl, true
}

// Load prepares and installs a module. It must not be called from a worker that holds the machine: see Stage and Commit.
func (cs *CodeServer) Load(m *beam.Module, sum [16]byte) error { return cs.LoadProved(m, sum, nil) }

// LoadProved is Load for a module that was validated before.
func (cs *CodeServer) LoadProved(m *beam.Module, sum [16]byte, proof *beam.Proof) error {
	defer cs.vm.loading.begin(m.Name)()
	return cs.load(m, sum, proof)
}

// load is LoadProved for a caller that has begun the loading.
func (cs *CodeServer) load(m *beam.Module, sum [16]byte, proof *beam.Proof) error {
	c, err := cs.Stage(m, sum, proof)
	if err != nil {
		return err
	}
	return cs.activate(c)
}

// activate runs the on_load function of staged code, if it has one, and makes the code current. The loading has begun.
func (cs *CodeServer) activate(c *code) error {
	var err error
	if c.onLoad != 0 {
		if cs.current(c.module) != nil && cs.oldCode(c.module) != nil {
			return errNotPurged // before its function does anything
		}
		c.installed = true // terms of the code may be anywhere once it has run
		if err = cs.vm.runOnLoad(c); err != nil {
			if cur := cs.current(c.module); cur != nil { // as in OTP, nobody traces the code that stays
				cs.vm.quiesce(func() { cs.vm.clearBreakpoints(cur) })
			}
			return err
		}
	}
	cs.vm.quiesce(func() { err = cs.commit(c) })
	return err
}

// Stage translates a module without making it visible.
//
// The module is validated; instructions whose operand types cannot be proved are loaded in a form that checks them. proof nil: not
// yet validated.
func (cs *CodeServer) Stage(m *beam.Module, sum [16]byte, proof *beam.Proof) (*code, error) {
	if proof == nil {
		var err error
		if proof, err = beam.Validate(m); err != nil {
			return nil, err
		}
	}
	l := &loader{cs: cs, m: m, proof: proof, bodies: map[int]uint64{}}
	l.makeLiterals()
	room := cs.vm.asmFor()
	for attempt := 0; ; attempt++ {
		l.asm = asm{buf: room.buf[:0], fixups: room.fixups[:0], labels: room.labels[:0]}
		l.lines, l.funcs = nil, nil
		l.funs = l.funs[:0]
		for _, lam := range m.Lambdas {
			e := cs.funEntryFor(funKey{m.Name, lam.Index, sum})
			e.Name, e.Arity, e.NumFree = lam.Name, uint32(lam.Arity-lam.NumFree), uint32(lam.NumFree)
			e.OldUniq = lam.OldUniq
			l.funs = append(l.funs, e)
		}
		for _, f := range m.Funcs {
			if cs.vm.bifIndex(m.Name, f.Name, f.Arity) >= 0 {
				l.bodies[f.Entry] = uint64(cs.exportAddr(m.Name, f.Name, f.Arity))
			}
		}
		if err := l.load(); err != nil {
			return nil, err
		}
		base := term.NewCode(len(l.buf) / wordBytes)
		missing, far := l.link(base)
		if far && attempt == 0 {
			term.FreeCode(base, len(l.buf)/wordBytes)
			l.noShort = true
			continue
		}
		if missing != 0 {
			term.FreeCode(base, len(l.buf)/wordBytes)
			return nil, loadError("label is missing in module " + m.Name.AtomName())
		}
		copyCode(base, l.buf)
		c := &code{module: m.Name, positions: m.Lines.Items, attributes: l.attributes, compileInfo: l.compileInfo,
			stringWords: (len(m.Strings) + 7) / 8, start: base, end: base + uintptr(len(l.buf)), funcs: l.funcs, lines: l.lines,
			area: l.area, files: l.files, strings: l.strings, records: l.records, entries: map[mfa]uintptr{}, funs: append([]*term.FunEntry(nil), l.funs...), md5: sum}
		for _, e := range m.Exports {
			c.entries[mfa{m.Name, e.Name, e.Arity}] = base + uintptr(l.labels[e.Label])
		}
		for _, lam := range m.Lambdas {
			c.funCode = append(c.funCode, base+uintptr(l.labels[lam.Label]))
		}
		if l.onLoad >= 0 {
			c.onLoad = base + uintptr(l.onLoad)
		}
		*room = l.asm
		cs.vm.asms.Put(room)
		return c, nil
	}
}

// commit makes staged code the current code of its module. Every worker is at a safe point.
func (cs *CodeServer) commit(c *code) error {
	cs.loadMu.Lock()
	defer cs.loadMu.Unlock()
	mod := cs.moduleFor(c.module)
	if mod.cur != nil && mod.old != nil {
		return errNotPurged
	}
	if mod.cur != nil {
		cs.vm.clearBreakpoints(mod.cur)
		mod.old = mod.cur
	}
	mod.cur = c
	c.installed = true
	cs.addRange(c)
	cs.install(c)
	cs.vm.traceLoaded(c.module)
	return nil
}

// errNotPurged is the reason not_purged: old code of the module is still there.
const errNotPurged = loadError("not_purged")

// install points the slots of a module at code c, those that it does not export at their stubs. c nil: all of them.
func (cs *CodeServer) install(c *code) {
	cs.uninstall(c.module)
	for k, entry := range c.entries {
		if e := exportAt(cs.exportAddr(k.m, k.f, k.arity)); e.BIF == 0 {
			e.Code = entry
		}
	}
	for i, e := range c.funs {
		e.Code = c.funCode[i]
	}
}

func (cs *CodeServer) uninstall(m term.Term) {
	cs.mu.RLock()
	slots := cs.byMod[m]
	cs.mu.RUnlock()
	for _, a := range slots {
		exportAt(a).Code = a + stubOffset
	}
}

func (cs *CodeServer) moduleFor(name term.Term) *module {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	m := cs.modules[name]
	if m == nil {
		m = &module{name: name}
		cs.modules[name] = m
	}
	return m
}

func (cs *CodeServer) addRange(c *code) {
	old := *cs.ranges.Load()
	rs := append(append(make([]*code, 0, len(old)+1), old...), c)
	sort.Slice(rs, func(i, j int) bool { return rs[i].start < rs[j].start })
	cs.ranges.Store(&rs)
}

func (cs *CodeServer) dropRange(c *code) {
	old := *cs.ranges.Load()
	rs := make([]*code, 0, len(old))
	for _, r := range old {
		if r != c {
			rs = append(rs, r)
		}
	}
	cs.ranges.Store(&rs)
}

// Loaded reports whether a module has current code.
func (cs *CodeServer) Loaded(m term.Term) bool {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	x := cs.modules[m]
	return x != nil && x.cur != nil || cs.vm.builtin[m]
}

// Exported reports whether a call of m:f/a would find a function (or BIF) without loading anything.
func (cs *CodeServer) Exported(m, f term.Term, arity int) bool {
	if bifs.Index(m, f, arity) >= 0 {
		return true
	}
	cs.mu.RLock()
	a, ok := cs.exports[mfa{m, f, arity}]
	cs.mu.RUnlock()
	return ok && exportAt(a).Code != a+stubOffset
}

// FunEntry implements bifs.FunEntries.
func (cs *CodeServer) FunEntry(m term.Term, index int, uniq [16]byte, oldUniq, arity, numFree uint32) *term.FunEntry {
	e := cs.funEntryFor(funKey{module: m, index: index, uniq: uniq})
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if e.Name == term.None && e.Arity == 0 && e.NumFree == 0 && e.OldUniq == 0 { // nobody knows it yet
		e.OldUniq, e.Arity, e.NumFree = oldUniq, arity, numFree
	}
	if e.Arity != arity || e.NumFree != numFree {
		return nil
	}
	return e
}
