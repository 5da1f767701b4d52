package eval

import (
	"sort"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/gerl-lang/gerl/ets"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Breakpoints: how calls are traced. Only the opcode of a function's first instruction is exchanged; the instruction itself runs
// from a copy out of line. All changes are made with every worker at a safe point, so the loop and the BIFs read without locks.

// breakpoint is what happens when a function is called.
type breakpoint struct {
	mfa    mfa
	entry  uintptr // of the function in its module's code; 0 for a BIF or a global one
	slot   uintptr // export slot of a global breakpoint or of a BIF
	stub   uintptr // of a global breakpoint, to which its slot points
	orig   uint64  // first word of the function
	copied uintptr // where the first instruction stands out of line
	bif    uint64  // the BIF's own number + 1
	specs  []*callSpec
}

// callSpec is what one trace session wants of a function's calls.
type callSpec struct {
	session *proc.TraceSession

	call   bool // trace messages for processes with the flag call
	global bool
	ms     *ets.Program // nil: every call

	meta       bool
	metaMS     *ets.Program
	metaTracer term.Term
	metaGone   atomic.Bool // the tracer was found to be gone

	save bool // for processes with the flag save_calls

	count  *atomic.Int64 // nil: not counted; negative: paused at -n-1
	time   *profile
	memory *profile
}

func (s *callSpec) empty() bool {
	return !s.save && !s.call && !s.meta && s.count == nil && s.time == nil && s.memory == nil
}

// breakpoints are those of a node.
type breakpoints struct {
	at map[uintptr]*breakpoint // by entry, by address of a global stub
	// BIFs by slot
	bif map[uintptr]*breakpoint
	// what functions of modules that are loaded get
	onLoad map[*proc.TraceSession]*callPattern
	// stubs that slots have or had, and the other way: a process may have been preempted at one
	stubOf map[uintptr]uintptr
	slotOf map[uintptr]uintptr
	saves  saves
}

func (vm *VM) breakpointAt(a uintptr) *breakpoint { return vm.points.at[a] }

// setBreakpoint makes sure that calls of the function at entry are seen.
func (vm *VM) setBreakpoint(k mfa, entry uintptr) *breakpoint {
	if b := vm.points.at[entry]; b != nil {
		return b
	}
	copied, ok := vm.Code.outOfLine(entry, k)
	if !ok {
		return nil
	}
	b := &breakpoint{mfa: k, entry: entry, orig: word(entry), copied: copied}
	vm.points.at[entry] = b
	setWord(entry, b.orig&^0x1ff|opBreakpoint)
	return b
}

// setGlobal makes sure that calls of an exported function through its slot are seen.
func (vm *VM) setGlobal(k mfa, slot uintptr) *breakpoint {
	e := exportAt(slot)
	if b := vm.points.at[e.Code]; b != nil && b.entry == 0 {
		return b
	}
	stub := vm.points.stubOf[slot]
	if stub == 0 {
		stub = vm.Code.stub()
		vm.points.stubOf[slot], vm.points.slotOf[stub] = stub, slot
	}
	b := &breakpoint{mfa: k, slot: slot, stub: stub, copied: e.Code}
	vm.points.at[stub] = b
	e.Code = stub
	return b
}

func (cs *CodeServer) stub() uintptr {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	a := cs.alloc(1)
	setWord(a, opBreakpoint)
	return a
}

// setBIF makes sure that calls of a BIF are seen.
func (vm *VM) setBIF(k mfa, slot uintptr) *breakpoint {
	if b := vm.points.bif[slot]; b != nil {
		return b
	}
	e := exportAt(slot)
	b := &breakpoint{mfa: k, slot: slot, bif: e.BIF}
	f := vm.bifs[e.BIF-1]
	vm.bifs = append(vm.bifs, func(p *proc.Process, a []term.Term) term.Term { return vm.tracedBIF(b, f, p, a) })
	e.BIF = uint64(len(vm.bifs))
	vm.points.bif[slot] = b
	return b
}

// clear takes a breakpoint out when nobody wants it any more.
func (vm *VM) clear(b *breakpoint) {
	if len(b.specs) > 0 {
		return
	}
	switch {
	case b.bif != 0:
		exportAt(b.slot).BIF = b.bif
		delete(vm.points.bif, b.slot)
	case b.entry != 0:
		setWord(b.entry, b.orig)
		delete(vm.points.at, b.entry)
	default:
		if vm.points.at[b.stub] == b {
			delete(vm.points.at, b.stub)
		}
		if e := exportAt(b.slot); e.Code == b.stub {
			e.Code = b.copied
		}
	}
}

// spec gives what a session wants of the function; make says whether to begin with it.
func (b *breakpoint) spec(s *proc.TraceSession, create bool) *callSpec {
	for _, c := range b.specs {
		if c.session == s {
			return c
		}
	}
	if !create {
		return nil
	}
	c := &callSpec{session: s}
	b.specs = append(b.specs, c)
	return c
}

// prune drops what asks for nothing.
func (b *breakpoint) prune() {
	kept := b.specs[:0]
	for _, c := range b.specs {
		if !c.empty() {
			kept = append(kept, c)
		}
	}
	b.specs = kept
}

// outOfLine copies the first instruction of a function to a place of its own, followed by jumps to where it goes on. false: it cannot
// be moved.
func (cs *CodeServer) outOfLine(entry uintptr, k mfa) (uintptr, bool) {
	if c := cs.find(entry); c != nil {
		if a, ok := c.copies[entry]; ok {
			return a, true
		}
	}
	op := opAt(entry)
	size := instrSize(entry)
	if os := opTable[op].operands; len(os) > 0 && os[len(os)-1].name == "n" && opAt(entry+size) == opSlow {
		// it may be the short way of the slow instruction behind it, and jumps over that
		if pair := size + instrSize(entry+size); uintptr(*(*uint16)(term.At(entry + uintptr(os[len(os)-1].off)))) == pair {
			size = pair
		}
	}
	if op == opBreakpoint || op == opUnloaded || size == 0 {
		return 0, false
	}
	var a asm
	for i := uintptr(0); i < size; i += wordBytes {
		a.word(word(entry + i))
	}
	a.slow(slowGoto, raw(uint64(entry+size)))
	name := opTable[op].name
	if name == "is_lt_const_sub" || name == "is_ge_const_sub" {
		a.slow(slowGoto, raw(uint64(entry+size+gotoBytes))) // they jump over the comparison behind them
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	base := cs.alloc(len(a.buf)/wordBytes + (2*len(opTable[op].operands)+2)*gotoBytes/wordBytes)
	b := &code{}
	if c := cs.find(entry); c != nil {
		*b = *c
		b.copies, b.parts = nil, nil
		c.parts = append(c.parts, b)
		if c.copies == nil {
			c.copies = map[uintptr]uintptr{}
		}
		c.copies[entry] = base
	}
	if op != opSlow {
		for _, o := range opTable[op].operands {
			at := unsafe.Pointer(&a.buf[o.off])
			switch o.kind {
			case 'l':
				target := entry + uintptr(int64(*(*int32)(at)))
				*(*int32)(at) = int32(a.here()) // before the buffer grows and moves
				a.slow(slowGoto, raw(uint64(target)))
				if strings.HasSuffix(name, "_const_sub") {
					// or n bytes behind that
					for _, o := range opTable[op].operands {
						if o.name == "n" {
							n := (*uint16)(unsafe.Pointer(&a.buf[o.off]))
							a.slow(slowGoto, raw(uint64(target+uintptr(*n))))
							*n = gotoBytes
						}
					}
				}
			case 'j':
				if *(*int16)(at) != 0 {
					target := entry + uintptr(int64(*(*int16)(at))*wordBytes)
					*(*int16)(at) = int16(a.here() / wordBytes)
					a.slow(slowGoto, raw(uint64(target)))
				}
			}
		}
		// tables of displacements, as 64-bit numbers
		first := uintptr(opTable[op].size)
		step, from := uintptr(0), uintptr(0)
		switch {
		case strings.HasPrefix(name, "select_table"):
			step, from = wordBytes, first
		case strings.HasPrefix(name, "select_"):
			step, from = 2*wordBytes, first+wordBytes
		}
		for i := from; step != 0 && i < size; i += step {
			w := (*uint64)(unsafe.Pointer(&a.buf[i]))
			*w += uint64(entry) - uint64(base)
		}
	}
	copyCode(base, a.buf)
	b.start, b.end = base, base+uintptr(len(a.buf))
	b.funcs = []funcMark{{arity: uint32(k.arity), name: k.f}}
	b.lines = nil
	if pl, ok := cs.resolve(entry, true); ok && pl.line != 0 {
		b.lines = []lineMark{{item: uint32(pl.line)}}
	}
	cs.newCopies = append(cs.newCopies, b)
	return base, true
}

// addCopies makes the places of new copies known to stack traces.
func (cs *CodeServer) addCopies() {
	if len(cs.newCopies) == 0 {
		return
	}
	rs := append(append([]*code(nil), *cs.ranges.Load()...), cs.newCopies...)
	sort.Slice(rs, func(i, j int) bool { return rs[i].start < rs[j].start })
	cs.ranges.Store(&rs)
	cs.newCopies = nil
}

// gotoBytes is the size of the instruction goto.
const gotoBytes = 2 * wordBytes

// doGoto: an address.
func doGoto(_ *cpu, a []uint64) uintptr { return uintptr(a[0]) }

// instrSize is the size of the instruction at an address in bytes.
func instrSize(a uintptr) uintptr {
	if opAt(a) == opSlow {
		return uintptr(word(a)>>32) * wordBytes
	}
	_, size := instrText(a)
	return size
}

// ---- when a breakpoint is met --------------------------------------------------------------------------

// breakpoint is served at the entry of a function, with its arguments in the X registers and its return address on top of the stack.
func (c *cpu) breakpoint() bool {
	m := c.m
	b := c.vm.breakpointAt(m.PC)
	if b == nil { // taken away while the process was preempted here: the word is the function's own again, or it is a stub
		if slot, ok := c.vm.points.slotOf[m.PC]; ok {
			m.PC = exportAt(slot).Code
			return goOn
		}
		if opAt(m.PC) == opBreakpoint {
			panic("eval: a breakpoint that nobody has set")
		}
		return goOn
	}
	n := b.mfa.arity
	frames := c.called(b, c.xregs(n), uintptr(word(c.h.E)), false)
	if need := len(frames) * returnFrameWords; need > 0 {
		if !c.h.HasRoom(need + term.StackReserve) {
			c.collect(need+term.StackReserve, n)
			if c.p.Dying() {
				return c.die()
			}
		}
		for _, f := range frames {
			c.pushReturn(b, f)
		}
	}
	m.PC = b.copied
	return goOn
}

// returnFrame says what is told when a call returns.
type returnFrame struct {
	session int
	kinds   returnKinds
	tracer  term.Term // of a meta trace, None otherwise
}

type returnKinds int

const (
	returnTrace returnKinds = 1 << iota
	exceptionTrace
	returnTo
	returnMeta
	returnTime
	returnMemory
)

// A frame of a traced call: the address of the instruction that tells, then these words. There are few of them, as a deep recursion has
// one frame a call and what it takes counts against max_heap_size.
const (
	frameCall = iota // the function, packed by packCall
	frameWhat        // the session's number, shifted by kindBits, and the kinds
	frameTracer
	frameWords
)

const (
	kindBits = 8
	// atomBits hold an atom's place in the table, arityBits a function's arity.
	atomBits  = 25
	arityBits = 8
)

// A call fits into a small integer.
const _ = uint(term.MaxSmall>>(2*atomBits+arityBits)) + uint(1<<atomBits-term.AtomCapacity)

func packCall(f mfa) term.Term {
	return term.Int(f.m.AtomIndex()<<(atomBits+arityBits) | f.f.AtomIndex()<<arityBits | f.arity)
}

func unpackCall(t term.Term) (m, f, arity term.Term) {
	n := t.Small()
	return term.AtomAt(n >> (atomBits + arityBits)), term.AtomAt(n >> arityBits & (1<<atomBits - 1)), term.Int(n & (1<<arityBits - 1))
}

// frameKinds are those of the frame whose words begin at e, frameSession is the number of its session.
func frameKinds(e uintptr) returnKinds {
	return returnKinds(frameWord(e, frameWhat).Small() & (1<<kindBits - 1))
}
func frameSession(e uintptr) int { return frameWord(e, frameWhat).Small() >> kindBits }

const returnFrameWords = frameWords + 1

// pushReturn puts a frame onto the stack that is met when the call returns.
func (c *cpu) pushReturn(b *breakpoint, f returnFrame) {
	h := c.h
	h.E -= returnFrameWords * wordBytes
	tracer := f.tracer
	if tracer == term.None {
		tracer = term.Nil
	}
	setWord(h.E, uint64(c.vm.Code.returned))
	for i, t := range [frameWords]term.Term{packCall(b.mfa), term.Int(f.session<<kindBits | int(f.kinds)), tracer} {
		setWord(h.E+uintptr(i+1)*wordBytes, uint64(t))
	}
}

// frameWord is a word of the frame whose first word lies at e.
func frameWord(e uintptr, i int) term.Term { return term.Term(word(e + uintptr(i)*wordBytes)) }

// doReturned is met by a call that returns: its value is in x0, the frame on top of the stack.
func doReturned(c *cpu, _ []uint64) uintptr {
	h := c.h
	e := h.E
	h.E += frameWords * wordBytes
	back := uintptr(word(h.E))
	c.tellFrame(e, term.None, c.x(0), back)
	h.E += wordBytes
	return back
}
