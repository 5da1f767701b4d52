package eval

import (
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Loading in two steps: erlang:prepare_loading/2 stages a module, erlang:finish_loading/1 makes any number of staged
// modules current at one moment.

// prepared is the resource behind what prepare_loading gives.
type prepared struct{ code *code }

// Release implements term.Resource. Staged code that was never finished is garbage of Go's, but for its memory.
func (p *prepared) Release() {
	if c := p.code; c != nil && !c.installed {
		c.free()
	}
}

// free gives the memory of code back that nothing refers to.
func (c *code) free() {
	term.FreeCode(c.start, int(c.end-c.start)/wordBytes)
	if c.area != nil {
		c.area.Free()
		c.area = nil
	}
	if c.strings != 0 {
		term.FreeCode(c.strings, c.stringWords)
		c.strings = 0
	}
	c.start, c.end = 0, 0
}

// stageNamed stages the module with this name from the contents of a .beam file.
func (vm *VM) stageNamed(name term.Term, data []byte) (*code, error) {
	m, arena, sum, err := vm.readModule(data)
	if err != nil {
		return nil, err
	}
	defer arena.Free()
	if m.Name != name {
		return nil, wrongName{m.Name}
	}
	return vm.Code.Stage(m, sum, nil)
}

// bifPrepareLoading is erlang:prepare_loading(Module, Binary): a magic reference, or {error, badfile}.
func bifPrepareLoading(p *proc.Process, a []term.Term) term.Term {
	data, ok := a[1].Bytes()
	if !a[0].IsAtom() || !ok {
		return p.Badarg()
	}
	data = append([]byte(nil), data...)
	name, vm := a[0], vmOf(p)
	return p.Async(func() func(*proc.Process) term.Term {
		c, err := vm.stageNamed(name, data)
		return func(p *proc.Process) term.Term {
			if err != nil {
				vm.reportBadFile(name, err)
				return p.Heap.Tuple(term.AtomError, term.AtomBadfile)
			}
			nums, _ := term.RefNumbers(p.MakeRef())
			return p.Heap.MagicRef([3]uint32(nums[:3]), &prepared{c})
		}
	})
}

func preparedOf(t term.Term) (*prepared, bool) {
	r, ok := term.MagicResource(t)
	if !ok {
		return nil, false
	}
	pr, ok := r.(*prepared)
	return pr, ok
}

// bifHasOnLoad is erlang:has_prepared_code_on_load/1.
func bifHasOnLoad(p *proc.Process, a []term.Term) term.Term {
	pr, ok := preparedOf(a[0])
	if !ok || pr.code == nil {
		return p.Badarg()
	}
	return term.Bool(pr.code.onLoad != 0)
}

var (
	atomOnLoad = term.Intern("on_load")

	atomPendingOnLoad = term.Intern("pending_on_load")
	atomAsync         = term.Intern("async")
	atomGCOpt         = term.Intern("allow_gc")

	atomCheckProcessCode = term.Intern("check_process_code")
)

// bifFinishLoading is erlang:finish_loading([Prepared]): ok, or {not_purged | on_load, [Module]} and nothing has changed.
func bifFinishLoading(p *proc.Process, a []term.Term) term.Term {
	var list []*prepared
	seen := map[term.Term]bool{}
	l := a[0]
	for ; l.IsCons(); l = l.Tail() {
		pr, ok := preparedOf(l.Head())
		if !ok || pr.code == nil || seen[pr.code.module] {
			return p.Badarg()
		}
		seen[pr.code.module] = true
		list = append(list, pr)
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	vm := vmOf(p)
	return p.Async(func() func(*proc.Process) term.Term {
		var reason term.Term
		var bad []term.Term
		var err error
		switch {
		case len(list) == 1 && list[0].code.onLoad != 0:
			end := vm.loading.begin(list[0].code.module)
			err = vm.Code.activate(list[0].code)
			end()
		default:
			for _, pr := range list {
				if _, runs := vm.onLoad.Load(pr.code.module); runs {
					reason, bad = atomPendingOnLoad, append(bad, pr.code.module)
				}
			}
			for _, pr := range list {
				if reason != atomPendingOnLoad && pr.code.onLoad != 0 {
					reason, bad = atomOnLoad, append(bad, pr.code.module)
				}
			}
			if bad == nil {
				vm.quiesce(func() {
					for _, pr := range list {
						if m := vm.Code.moduleFor(pr.code.module); m.cur != nil && m.old != nil {
							reason, bad = atomNotPurged, append(bad, m.name)
						}
					}
					for _, pr := range list {
						if bad == nil {
							err = vm.Code.commit(pr.code)
						}
					}
				})
			}
		}
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			switch {
			case bad != nil:
				return h.Tuple(reason, h.List(bad...))
			case err == errNotPurged:
				return h.Tuple(atomNotPurged, h.List(list[0].code.module))
			case err != nil:
				return h.Tuple(term.AtomError, atomOnLoadFailure)
			}
			for _, pr := range list {
				pr.code = nil
			}
			return term.AtomOk
		}
	})
}

// bifCodeFile is gerl_code:file(Module): the name of the file that the current code came from, or false.
func bifCodeFile(p *proc.Process, a []term.Term) term.Term {
	c := vmOf(p).Code.current(a[0])
	if isPreloaded(a[0]) && (c == nil || c.file == "") || preloadedInOTP(a[0]) && (c == nil || c.image) {
		return term.Intern("preloaded")
	}
	if c == nil && vmOf(p).builtin[a[0]] {
		if f, ok := bifs.NodeOf(p).(bifs.ModuleFinder); ok && f.LibraryFile(a[0].AtomName()) != "" {
			return p.Heap.Chars(f.LibraryFile(a[0].AtomName()))
		}
		return term.Intern("preloaded")
	}
	if c == nil {
		return term.AtomFalse
	}
	if c.fileAtom != term.None {
		return c.fileAtom
	}
	if f, ok := bifs.NodeOf(p).(bifs.ModuleFinder); ok && c.image {
		return p.Heap.Chars(f.LibraryFile(a[0].AtomName()))
	}
	return p.Heap.Chars(c.file)
}

// bifSetCodeFile is gerl_code:set_file(Module, Name).
func bifSetCodeFile(p *proc.Process, a []term.Term) term.Term {
	c := vmOf(p).Code.current(a[0])
	if c == nil {
		return p.Badarg()
	}
	if a[1].IsAtom() && a[1] != term.Nil {
		c.fileAtom, c.image = a[1], false // cover_compiled and the like
		return term.AtomTrue
	}
	name, ok := term.CharsText(a[1])
	if !ok {
		return p.Badarg()
	}
	c.file, c.fileAtom, c.image = name, term.None, false
	return term.AtomTrue
}

// bifModuleMD5 is erts_internal:beamfile_module_md5(Binary): the sum of what makes the code, or undefined.
func bifModuleMD5(p *proc.Process, a []term.Term) term.Term {
	data, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	f, err := beam.ParseFile(data)
	if err != nil {
		return term.AtomUndefined
	}
	sum := f.MD5()
	return p.Heap.Binary(sum[:])
}

// bifBeamChunk is erts_internal:beamfile_chunk(Binary, Name): the contents of a chunk, or undefined.
func bifBeamChunk(p *proc.Process, a []term.Term) term.Term {
	data, ok := a[0].Bytes()
	name, isText := term.CharsText(a[1])
	if !ok || !isText || len(name) != 4 {
		return p.Badarg()
	}
	f, err := beam.ParseFile(data)
	if err != nil {
		return term.AtomUndefined
	}
	c, ok := f.Chunk(name)
	if !ok {
		return term.AtomUndefined
	}
	return p.Heap.Binary(c)
}

// bifCheckProcessCode3 is check_process_code(Pid, Module, Options) with {async, Id} and {allow_gc, Boolean}.
func bifCheckProcessCode3(p *proc.Process, a []term.Term) term.Term {
	id := term.None
	l := a[2]
	for ; l.IsCons(); l = l.Tail() {
		o := l.Head()
		switch {
		case !o.TupleOf(2):
			return p.BadargCause(term.Intern("bad_option"))
		case o.Elem(0) == atomAsync:
			id = o.Elem(1)
		case o.Elem(0) == atomGCOpt && (o.Elem(1) == term.AtomTrue || o.Elem(1) == term.AtomFalse):
		default:
			return p.BadargCause(term.Intern("bad_option"))
		}
	}
	if !l.IsNil() {
		return p.BadargCause(term.Intern("bad_option"))
	}
	if !a[0].IsLocalPid() || !a[1].IsAtom() {
		return p.Badarg()
	}
	if id == term.None {
		return bifCheckProcessCode(p, a[:2])
	}
	vm, m, self := vmOf(p), a[1], p.Pid
	id, frag := term.CopyObject(id)
	answer := func(used bool) {
		h := term.NewArena()
		p.Sys.SendTo(nil, self, h.Tuple(atomCheckProcessCode, id, term.Bool(used)))
		h.Free()
		term.DropFragment(frag)
	}
	if !p.Sys.Call(p, a[0], proc.AtRest(func(q *proc.Process) { answer(!q.Dying() && vm.UsesCode(q, m)) })) {
		answer(false)
	}
	return atomAsync
}

// bifStick is gerl_code:stick(Name, Boolean): notes that a module is protected from being replaced.
func bifStick(p *proc.Process, a []term.Term) term.Term {
	name, ok := term.CharsText(a[0])
	if !ok {
		return p.Badarg()
	}
	cs := vmOf(p).Code
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.stuck == nil {
		cs.stuck = map[string]bool{}
	}
	cs.stuck[name] = a[1] == term.AtomTrue
	return term.AtomTrue
}

// bifIsStuck is gerl_code:is_stuck(Name): a boolean, or undefined if nobody has said.
func bifIsStuck(p *proc.Process, a []term.Term) term.Term {
	name, ok := term.CharsText(a[0])
	if !ok {
		return p.Badarg()
	}
	cs := vmOf(p).Code
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	stuck, ok := cs.stuck[name]
	if !ok {
		return term.AtomUndefined
	}
	return term.Bool(stuck)
}
