package eval

import (
	"errors"
	"sort"
	"sync/atomic"

	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// The BIFs of tracing: erlang:trace and friends for the session without name, gerl_trace with a session's number in front
// for module trace.

var (
	atomExisting     = term.Intern("existing")
	atomExistingP    = term.Intern("existing_processes")
	atomExistingPt   = term.Intern("existing_ports")
	atomNew          = term.Intern("new")
	atomNewP         = term.Intern("new_processes")
	atomNewPt        = term.Intern("new_ports")
	atomPorts        = term.Intern("ports")
	atomFlags        = term.Intern("flags")
	atomTracedItem   = term.Intern("traced")
	atomMatchSpec    = term.Intern("match_spec")
	atomMeta         = term.Intern("meta")
	atomMetaMS       = term.Intern("meta_match_spec")
	atomCallCount    = term.Intern("call_count")
	atomCallTime     = term.Intern("call_time")
	atomCallMemory   = term.Intern("call_memory")
	atomGlobal       = term.Intern("global")
	atomLocal        = term.Intern("local")
	atomRestart      = term.Intern("restart")
	atomPause        = term.Intern("pause")
	atomDelivered    = term.Intern("trace_delivered")
	atomBadopt       = term.Intern("badopt")
	atomSystemEvents = term.Intern("system")
)

// sessionArg finds the session whose number is the first argument.
func sessionArg(p *proc.Process, a []term.Term) (*proc.TraceSession, bool) {
	if !a[0].IsSmall() {
		return nil, false
	}
	s := p.Sys.TraceSessionByID(int(a[0].Small()))
	return s, s != nil
}

// inSession makes the BIF of module trace out of one that takes a session.
func inSession(f func(p *proc.Process, s *proc.TraceSession, a []term.Term) term.Term) proc.BIF {
	return func(p *proc.Process, a []term.Term) term.Term {
		s, ok := sessionArg(p, a)
		if !ok {
			return p.Badarg()
		}
		return f(p, s, a[1:])
	}
}

// inLegacy is the same for erlang:trace and friends.
func inLegacy(f func(p *proc.Process, s *proc.TraceSession, a []term.Term) term.Term) proc.BIF {
	return func(p *proc.Process, a []term.Term) term.Term { return f(p, p.Sys.LegacySession(), a) }
}

// sessionHandle is what a reference to a session keeps alive: a session that nobody can refer to any more ends.
type sessionHandle struct {
	vm  *VM
	sys *proc.System
	s   *proc.TraceSession
}

// Release implements term.Resource.
func (h *sessionHandle) Release() {
	if !h.s.Gone.Load() {
		go func() {
			if h.sys.DestroyTraceSession(h.s) {
				h.vm.quiesce(func() { h.vm.dropSession(h.s) })
			}
		}()
	}
}

// gerl_trace:create(Name, Tracer) -> {Ref, {Name, Number}}
func bifTraceCreate(p *proc.Process, a []term.Term) term.Term {
	tracer := a[1]
	if tracer == term.AtomUndefined {
		tracer = term.None // each process gets its own
	} else if !tracer.IsLocalPid() && !tracer.IsLocalPort() {
		return p.Badarg()
	}
	if !a[0].IsAtom() {
		return p.Badarg()
	}
	s := p.Sys.NewTraceSession(a[0], tracer)
	nums, _ := term.RefNumbers(p.MakeRef())
	ref := p.Heap.MagicRef([3]uint32(nums[:3]), &sessionHandle{vm: vmOf(p), sys: p.Sys, s: s})
	return p.Heap.Tuple(ref, p.Heap.Tuple(a[0], term.Int(s.ID)))
}

// gerl_trace:destroy(Number) -> boolean()
func bifTraceDestroy(p *proc.Process, a []term.Term) term.Term {
	s, ok := sessionArg(p, a)
	if !ok || !p.Sys.DestroyTraceSession(s) {
		return term.AtomFalse
	}
	vm := vmOf(p)
	return p.Async(func() func(*proc.Process) term.Term {
		vm.quiesce(func() { vm.dropSession(s) })
		return func(*proc.Process) term.Term { return term.AtomTrue }
	})
}

func (vm *VM) dropSession(s *proc.TraceSession) {
	for _, b := range vm.allBreakpoints() {
		for i, c := range b.specs {
			if c.session == s {
				b.specs = append(b.specs[:i], b.specs[i+1:]...)
				break
			}
		}
		vm.clear(b)
	}
}

func (vm *VM) allBreakpoints() []*breakpoint {
	var all []*breakpoint
	for _, b := range vm.points.at {
		all = append(all, b)
	}
	for _, b := range vm.points.bif {
		all = append(all, b)
	}
	return all
}

// gerl_trace:sessions() -> [{Number, Name}]
func bifTraceSessions(p *proc.Process, _ []term.Term) term.Term {
	var out []term.Term
	for _, s := range p.Sys.TraceSessions() {
		out = append(out, p.Heap.Tuple(term.Int(s.ID), s.Name))
	}
	return p.Heap.List(out...)
}

// ---- which processes ------------------------------------------------------------------------------------

// traceProcesses(Spec, How, Flags) -> number of processes and ports
func traceProcesses(p *proc.Process, s *proc.TraceSession, a []term.Term) term.Term {
	tracer, given, missing := s.Tracer, term.None, term.None
	for l := a[2]; l.IsCons(); l = l.Tail() {
		given, missing = tracerOption(p, l.Head(), given, missing)
	}
	if missing != term.None {
		return p.Trap(missing.Elem(1), term.Intern("enabled"), term.Intern("trace_status"), p.Pid, missing.Elem(2)) // as OTP loads it
	}
	flags, ok := traceFlags(a[2])
	if !ok {
		return p.BadargCause(atomBadopt)
	}
	if given != term.None && (s.Tracer != term.None || !given.IsLocalPid() && !given.IsLocalPort()) {
		return p.BadargCause(atomBadopt) // a tracer module would have to be made of native functions
	}
	how := a[1] == term.AtomTrue
	if !how && a[1] != term.AtomFalse {
		return p.Badarg()
	}
	if flags&proc.TraceCPUTimestamp != 0 {
		if a[0] != atomAll {
			return p.Badarg() // it belongs to all processes together, whoever traces them
		}
		p.Sys.CountCPUTime(how)
	}
	if tracer == term.None {
		tracer = p.Pid
		if given != term.None {
			tracer = given
		}
	}
	single := a[0].IsLocalPid() || a[0].IsLocalPort() // it keeps all flags, as in OTP
	change := func(e proc.TraceEntry, applicable proc.TraceFlags) proc.TraceEntry {
		e.Session = s
		if single {
			applicable = proc.TraceAll | proc.TraceCPUTimestamp
		}
		if how {
			e.Flags |= flags & applicable
			e.Tracer = tracer
		} else {
			e.Flags &^= flags
		}
		return e
	}
	free := func(e proc.TraceEntry, ok bool) bool { // nobody else traces it
		return !how || !ok || e.Tracer == tracer || !tracerAlive(p, e.Tracer)
	}
	one := func(q *proc.Process) bool {
		e, ok := q.Trace(s)
		if !free(e, ok) {
			return false
		}
		if ok || how {
			q.SetTrace(change(e, proc.TraceOfProcesses))
		}
		return true
	}
	onePort := func(id term.Term) bool {
		t := p.Sys.Ports.Tracing(id)
		if t == nil {
			return true // of a recorded run
		}
		e, ok := t.Entry(s)
		if !free(e, ok) {
			return false
		}
		if ok || how {
			t.Set(change(e, proc.TraceOfPorts))
		}
		return true
	}
	if a[0].IsLocalPid() {
		q := p.Sys.Lookup(a[0])
		if q == nil || !one(q) {
			return p.Badarg()
		}
		return term.Int(1)
	}
	if a[0].IsLocalPort() {
		if p.Sys.Ports == nil || !p.Sys.Ports.Alive(a[0]) || !onePort(a[0]) {
			return p.Badarg()
		}
		return term.Int(1)
	}
	n := 0
	existingPorts := func() {
		if p.Sys.Ports == nil {
			return
		}
		for _, id := range p.Sys.Ports.All() {
			if onePort(id) {
				n++
			}
		}
	}
	existing := func() {
		for _, pid := range p.Sys.Pids() {
			if q := p.Sys.Lookup(pid); q != nil && one(q) {
				n++
			}
		}
	}
	fresh := func(ports bool) {
		e, _ := p.Sys.TraceNew(s, ports)
		applicable := proc.TraceOfProcesses
		if ports {
			applicable = proc.TraceOfPorts
		}
		p.Sys.SetTraceNew(change(e, applicable), ports)
	}
	switch a[0] {
	case atomAll:
		existing()
		existingPorts()
		fresh(false)
		fresh(true)
	case atomProcesses:
		existing()
		fresh(false)
	case atomPorts:
		existingPorts()
		fresh(true)
	case atomExisting:
		existing()
		existingPorts()
	case atomExistingP:
		existing()
	case atomExistingPt:
		existingPorts()
	case atomNew:
		fresh(false)
		fresh(true)
	case atomNewP:
		fresh(false)
	case atomNewPt:
		fresh(true)
	default:
		return p.Badarg()
	}
	return term.Int(n)
}

// traceDelivered(Tracee) -> Ref: {trace_delivered, Tracee, Ref} comes after all that was told before.
func traceDelivered(p *proc.Process, _ *proc.TraceSession, a []term.Term) term.Term {
	ref := p.MakeRef()
	sys, self := p.Sys, p.Pid
	if a[0] != atomAll && !a[0].IsLocalPid() {
		return p.Badarg()
	}
	h := term.NewArena()
	msg := h.Tuple(atomDelivered, a[0], term.CopyTo(h, ref))
	send := func(q *proc.Process) {
		sys.SendTo(q.Worker(), self, msg)
		h.Free()
	}
	if a[0] == atomAll || !sys.Call(p, a[0], send) {
		send(p)
	}
	return ref
}

// ---- which calls ------------------------------------------------------------------------------------------

// callPattern is a request of trace_pattern.
type callPattern struct {
	m, f    term.Term // '_' for all
	arity   int       // -1 for all
	on      bool
	restart bool
	pause   bool
	ms      *ets.Program

	global, local, meta, count, time, memory bool
	save                                     bool
	metaTracer                               term.Term
}

const maxTracedArity = 1 << 20

// sets reports whether functions get breakpoints that had none.
func (c *callPattern) sets() bool { return c.on && !c.restart && !c.pause }

// tracePattern(MFA, MatchSpec, Flags) -> number of functions
func tracePattern(p *proc.Process, s *proc.TraceSession, a []term.Term) term.Term {
	c := &callPattern{arity: -1, metaTracer: p.Pid}
	if s.Tracer != term.None {
		c.metaTracer = s.Tracer
	}
	badSpec := false // told after what is wrong with the flags
	switch a[1] {
	case term.AtomTrue:
		c.on = true
	case term.AtomFalse:
	case atomRestart:
		c.on, c.restart = true, true
	case atomPause:
		c.on, c.pause = true, true
	default:
		if _, ok := term.ListLen(a[1]); !ok {
			badSpec = true
		}
		c.on = true
		if a[1] != term.Nil {
			var err error
			if c.ms, err = ets.CompileTrace(a[1]); errors.Is(err, ets.ErrTooDeep) {
				return p.SystemLimit()
			} else if err != nil {
				badSpec = true
			}
		}
	}
	for l := a[2]; ; l = l.Tail() {
		if l.IsNil() {
			break
		}
		if !l.IsCons() {
			return p.RaiseInfo(term.AtomBadarg, p.Heap.MapFromPairs([]term.Term{term.Intern("cause"), atomBadopt}))
		}
		switch t := l.Head(); t {
		case atomGlobal:
			c.global = true
		case atomLocal:
			c.local = true
		case atomMeta:
			c.meta = true
		case atomCallCount:
			c.count = true
		case atomCallTime:
			c.time = true
		case atomCallMemory:
			c.memory = true
		default:
			if !t.TupleOf(2) || t.Elem(0) != atomMeta || !t.Elem(1).IsLocalPid() || s.Tracer != term.None {
				return p.RaiseInfo(term.AtomBadarg, p.Heap.MapFromPairs([]term.Term{term.Intern("cause"), atomBadopt}))
			}
			c.meta, c.metaTracer = true, t.Elem(1)
		}
	}
	if !c.global && !c.local && !c.meta && !c.count && !c.time && !c.memory {
		c.global = true
	}
	if c.global && (c.local || c.meta || c.count || c.time || c.memory) {
		return p.RaiseInfo(term.AtomBadarg, p.Heap.MapFromPairs([]term.Term{term.Intern("cause"), atomBadopt}))
	}
	if badSpec {
		return p.BadargCause(atomMatchSpec)
	}
	if c.ms != nil && (c.count || c.time || c.memory) && !c.local && !c.meta {
		return p.Badarg()
	}
	switch a[0] {
	case atomEvSend, atomEvReceive:
		if a[2] != term.Nil {
			return p.Badarg()
		}
		return eventPattern(p, s, a[0] == atomEvSend, a[1], c)
	case atomOnLoad:
		return onLoadPattern(p, s, c)
	}
	t := a[0]
	if !t.TupleOf(3) || !t.Elem(0).IsAtom() || !t.Elem(1).IsAtom() {
		return p.Badarg()
	}
	c.m, c.f = t.Elem(0), t.Elem(1)
	switch ar := t.Elem(2); {
	case ar.IsSmall():
		if c.arity = int(ar.Small()); c.arity < 0 {
			c.arity = maxTracedArity // no function has so many arguments
		}
	case ar != term.AtomUnderscore:
		return p.Badarg()
	}
	if c.m == term.AtomUnderscore && c.f != term.AtomUnderscore || c.f == term.AtomUnderscore && c.arity >= 0 {
		return p.Badarg()
	}
	vm := vmOf(p)
	return p.Async(func() func(*proc.Process) term.Term {
		if c.m != term.AtomUnderscore && vm.Find != nil && !vm.Code.Loaded(c.m) {
			_ = vm.loadOnce(c.m)
		}
		if c.fits(mfa{term.AtomErlang, term.AtomError, 1}) {
			vm.loadOnce(term.AtomErrorHandler) // it calls that function
		}
		n := 0
		vm.quiesce(func() { n = vm.applyPattern(s, c) })
		return func(*proc.Process) term.Term { return term.Int(n) }
	})
}

// applyPattern sets or clears the breakpoints of a pattern. Every worker is at a safe point.
func (vm *VM) applyPattern(s *proc.TraceSession, c *callPattern) int {
	n := 0
	cs := vm.Code
	vm.eachBIF(func(k mfa) {
		if c.fits(k) {
			cs.exportAddr(k.m, k.f, k.arity) // those that nobody has called yet
		}
	})
	type export struct {
		k    mfa
		slot uintptr
	}
	var exports []export
	cs.mu.RLock()
	for k, slot := range cs.exports {
		if c.fits(k) {
			exports = append(exports, export{k, slot})
		}
	}
	var codes []*code
	for name, m := range cs.modules {
		if m.cur != nil && (c.m == term.AtomUnderscore || c.m == name) {
			codes = append(codes, m.cur)
		}
	}
	cs.mu.RUnlock()
	sort.Slice(exports, func(i, j int) bool { return exports[i].slot < exports[j].slot })
	for _, x := range exports {
		e := exportAt(x.slot)
		if e.BIF != 0 {
			if b := vm.points.bif[x.slot]; b != nil || c.sets() {
				vm.change(vm.setBIF(x.k, x.slot), s, c)
			}
			n++
		} else if e.Code != x.slot+stubOffset {
			if c.global {
				if b := vm.points.at[e.Code]; c.on || b != nil && b.entry == 0 {
					vm.change(vm.setGlobal(x.k, x.slot), s, c)
				}
				n++
			} else if b := vm.points.at[e.Code]; b != nil && b.entry == 0 && c.on {
				// what was traced through the slot is traced at the function now
				if g := b.spec(s, false); g != nil {
					g.call, g.global, g.ms = false, false, nil
				}
				b.prune()
				vm.clear(b)
			}
		}
	}
	for _, co := range codes {
		for _, f := range co.funcs {
			k := mfa{co.module, f.name, int(f.arity)}
			entry := co.start + uintptr(f.entry)
			if !c.fits(k) || f.entry == f.off || opAt(entry) == opBifBody {
				continue
			}
			if c.global {
				if b := vm.points.at[entry]; b != nil && c.on {
					if l := b.spec(s, false); l != nil {
						l.call, l.ms, l.meta, l.count, l.time, l.memory = false, nil, false, nil, nil, nil
					}
					b.prune()
					vm.clear(b)
				}
				continue
			}
			b := vm.points.at[entry]
			if b == nil && c.sets() {
				b = vm.setBreakpoint(k, entry)
			}
			if b != nil {
				vm.change(b, s, c)
			}
			if b != nil || !c.sets() {
				n++
			}
		}
	}
	cs.addCopies()
	return n
}

func (vm *VM) change(b *breakpoint, s *proc.TraceSession, c *callPattern) {
	if x := b.spec(s, c.sets()); x != nil {
		x.set(c)
	}
	b.prune()
	vm.clear(b)
}

// set changes the settings as a pattern says.
func (x *callSpec) set(c *callPattern) {
	if c.save {
		x.save = c.on
		return
	}
	if c.global || c.local {
		x.call, x.global, x.ms = c.on, c.on && c.global, c.ms
	}
	if c.meta {
		x.meta, x.metaMS, x.metaTracer = c.on, c.ms, c.metaTracer
		x.metaGone.Store(false)
	}
	if c.count {
		switch {
		case !c.on:
			x.count = nil
		case c.pause:
			if x.count != nil {
				if n := x.count.Load(); n >= 0 {
					x.count.Store(-n - 1)
				}
			}
		default:
			x.count = new(atomic.Int64)
		}
	}
	x.time = c.profile(x.time, c.time)
	x.memory = c.profile(x.memory, c.memory)
}

func (c *callPattern) profile(old *profile, asked bool) *profile {
	switch {
	case !asked:
		return old
	case !c.on:
		return nil
	case c.pause:
		if old != nil {
			old.paused.Store(true)
		}
		return old
	case old == nil && c.restart:
		return nil // nothing to begin again
	}
	return newProfile()
}

// ---- trace_info ---------------------------------------------------------------------------------------------

func traceInfo(p *proc.Process, s *proc.TraceSession, a []term.Term) term.Term {
	h := &p.Heap
	item := a[1]
	entry := func(e proc.TraceEntry, ok bool) term.Term {
		if ok && !tracerAlive(p, e.Tracer) {
			e, ok = proc.TraceEntry{}, false
		}
		switch item {
		case atomFlags:
			return h.Tuple(item, proc.TraceFlagList(h, e.Flags))
		case atomTracer:
			if !ok {
				return h.Tuple(item, term.Nil)
			}
			return h.Tuple(item, e.Tracer)
		}
		return p.Badarg()
	}
	ofProcess := item == atomFlags || item == atomTracer
	switch t := a[0]; {
	case t.IsLocalPid():
		q := p.Sys.Lookup(t)
		if q == nil {
			if !ofProcess {
				return p.Badarg()
			}
			return term.AtomUndefined
		}
		return entry(q.Trace(s))
	case t.IsLocalPort():
		if p.Sys.Ports == nil || !p.Sys.Ports.Alive(t) {
			return term.AtomUndefined
		}
		var e proc.TraceEntry
		ok := false
		if tr := p.Sys.Ports.Tracing(t); tr != nil {
			e, ok = tr.Entry(s)
		}
		return entry(e, ok)
	case t == atomNew || t == atomNewP:
		return entry(p.Sys.TraceNew(s, false))
	case t == atomNewPt:
		return entry(p.Sys.TraceNew(s, true))
	case t == atomEvSend || t == atomEvReceive:
		f := s.SendFilter
		if t == atomEvReceive {
			f = s.ReceiveFilter
		}
		v := term.AtomTrue
		if x, ok := f.(*eventFilter); ok {
			if v = term.AtomFalse; x.ms != nil {
				v = term.CopyTo(h, x.ms.Source())
			}
		}
		if item == atomMatchSpec {
			return h.Tuple(item, v)
		}
		return p.Badarg()
	case t == atomSystemEvents:
		if item != atomAll {
			return p.Badarg()
		}
		return h.Tuple(t, bifs.WatchedForSession(p, s))
	case t == atomOnLoad:
		var x callSpec
		if c := vmOf(p).points.onLoad[s]; c != nil {
			x.set(c)
		}
		return x.info(p, item, true)
	case t.TupleOf(3) && t.Elem(0).IsAtom() && t.Elem(1).IsAtom() && t.Elem(2).IsSmall():
		return functionInfo(p, s, mfa{t.Elem(0), t.Elem(1), int(t.Elem(2).Small())}, item)
	}
	if a[0].IsTuple() {
		return p.Badarg()
	}
	return p.BadargCause(atomBadopt)
}

// functionInfo is trace_info of a function: its breakpoints are only changed while this process does not run.
func functionInfo(p *proc.Process, s *proc.TraceSession, k mfa, item term.Term) term.Term {
	vm, h := vmOf(p), &p.Heap
	var c callSpec
	known, metaGone := false, false
	use := func(b *breakpoint) {
		if b == nil {
			return
		}
		if x := b.spec(s, false); x != nil {
			if x.call {
				c.call, c.global, c.ms = true, x.global, x.ms
			}
			if x.meta {
				c.meta, c.metaMS, c.metaTracer = true, x.metaMS, x.metaTracer
				metaGone = x.metaGone.Load()
			}
			if x.count != nil {
				c.count = x.count
			}
			if x.time != nil {
				c.time = x.time
			}
			if x.memory != nil {
				c.memory = x.memory
			}
		}
	}
	vm.Code.mu.RLock()
	slot, exported := vm.Code.exports[k]
	vm.Code.mu.RUnlock()
	if exported {
		e := exportAt(slot)
		known = e.BIF != 0 || e.Code != slot+stubOffset
		use(vm.points.bif[slot])
		use(vm.points.at[e.Code])
	}
	if co := vm.Code.current(k.m); co != nil {
		for _, f := range co.funcs {
			if f.name == k.f && int(f.arity) == k.arity {
				known = true
				use(vm.points.at[co.start+uintptr(f.entry)])
			}
		}
	}
	if !known {
		switch item {
		case atomTracedItem, atomMatchSpec, atomMeta, atomMetaMS, atomCallCount, atomCallTime, atomCallMemory, atomAll:
			return h.Tuple(item, term.AtomUndefined)
		}
		return p.Badarg()
	}
	c.metaGone.Store(metaGone)
	return c.info(p, item, false)
}

// info is what trace_info tells of the settings; whole says that the item all is a list even if there are none.
func (c *callSpec) info(p *proc.Process, item term.Term, whole bool) term.Term {
	h := &p.Heap
	spec := func(on bool, ms *ets.Program) term.Term {
		switch {
		case !on:
			return term.AtomFalse
		case ms == nil:
			return term.Nil
		}
		return term.CopyTo(h, ms.Source())
	}
	list := func(f *profile, memory bool) term.Term {
		if f == nil {
			return term.AtomFalse
		}
		return f.list(h, memory)
	}
	value := func(item term.Term) term.Term {
		switch item {
		case atomTracedItem:
			switch {
			case !c.call:
				return term.AtomFalse
			case c.global:
				return atomGlobal
			}
			return atomLocal
		case atomMatchSpec:
			return spec(c.call, c.ms)
		case atomMeta:
			switch {
			case !c.meta:
				return term.AtomFalse
			case c.metaGone.Load():
				return term.Nil
			}
			return c.metaTracer
		case atomMetaMS:
			return spec(c.meta, c.metaMS)
		case atomCallCount:
			if c.count == nil {
				return term.AtomFalse
			}
			n := c.count.Load()
			if n < 0 {
				n = -n - 1
			}
			return h.Int64(n)
		case atomCallTime:
			return list(c.time, false)
		case atomCallMemory:
			return list(c.memory, true)
		}
		return term.None
	}
	if item == atomAll {
		if c.empty() && !whole {
			return h.Tuple(item, term.AtomFalse)
		}
		var all []term.Term
		items := []term.Term{atomTracedItem, atomMatchSpec, atomMeta, atomMetaMS, atomCallCount}
		if !whole {
			items = append(items, atomCallTime, atomCallMemory)
		}
		for _, i := range items {
			all = append(all, h.Tuple(i, value(i)))
		}
		return h.Tuple(item, h.List(all...))
	}
	v := value(item)
	if v == term.None {
		return p.Badarg()
	}
	return h.Tuple(item, v)
}
