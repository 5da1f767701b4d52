package eval

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// VM is the engine of one node: it implements proc.Machine.
type VM struct {
	Code *CodeServer
	Sys  *proc.System // set before the first process runs

	// Find finds a module for lazy loading; it runs outside of the workers. nil: nothing is ever loaded lazily.
	Find func(module string) (Found, bool)

	applySlot uintptr // of erlang:apply/2, where processes that run a fun start
	errorSlot uintptr // of erlang:error/1

	makeRefSlot uintptr    // of erlang:make_ref/0
	makeRefBIF  uint64     // its BIF while nobody traces it
	constants   *term.Heap // terms that live as long as the VM
	bifs        []proc.BIF
	own         map[mfa]int        // BIFs of the machine itself
	builtin     map[term.Term]bool // modules without files
	Debug       DebugOptions
	describe    func(uintptr) (string, uintptr) // instrText, which slow instructions cannot name: it names them
	loading     loading
	scratch     sync.Pool    // *beam.Scratch, for modules that are loaded one after the other
	asms        sync.Pool    // *asm, likewise
	depth       atomic.Int32 // system_flag(backtrace_depth)
	exposed     atomic.Bool  // erts_debug shows the machine's state
	points      breakpoints
	onLoad      sync.Map // module -> *onLoadRun that waits for its process or runs
	sampler     *Sampler // nil: nothing is sampled
	reaper      reaper
}

// Found is a module that can be loaded.
type Found struct {
	Data  []byte // of its .beam file
	File  string // "" for one that is not read from a file
	Image bool   // built into the program, so that its proof is trusted
}

// DebugOptions are switches for tests. They must be set before code is loaded. (term.Debug has those of the heap.)
type DebugOptions struct {
	// CollectAlways collects at every safe point.
	CollectAlways bool
	// Trace is called before each instruction with its listing.
	Trace func(pid term.Term, instr string)
}

// New makes an engine.
func New() *VM {
	vm := &VM{constants: term.NewArena(), own: map[mfa]int{}}
	vm.depth.Store(backtraceDepth)
	vm.describe = instrText
	vm.points = breakpoints{at: map[uintptr]*breakpoint{}, bif: map[uintptr]*breakpoint{}, onLoad: map[*proc.TraceSession]*callPattern{},
		stubOf: map[uintptr]uintptr{}, slotOf: map[uintptr]uintptr{}}
	n := bifs.Count()
	vm.bifs = make([]proc.BIF, n, n+len(ownBIFs))
	for i := range vm.bifs {
		vm.bifs[i] = proc.BIF(bifs.At(i).Func)
	}
	for _, b := range ownBIFs {
		k := mfa{term.Intern(b.module), term.Intern(b.name), b.arity}
		vm.own[k] = len(vm.bifs)
		vm.bifs = append(vm.bifs, b.fn)
	}
	vm.addPreloaded()
	vm.Code = newCodeServer(vm)
	vm.applySlot = vm.Code.exportAddr(term.AtomErlang, atomApply, 2)
	vm.errorSlot = vm.Code.exportAddr(term.AtomErlang, term.AtomError, 1)
	vm.makeRefSlot = vm.Code.exportAddr(term.AtomErlang, term.Intern("make_ref"), 0)
	vm.makeRefBIF = exportAt(vm.makeRefSlot).BIF
	return vm
}

// bifIndex gives the index of the Go function behind m:f/a, or -1.
func (vm *VM) bifIndex(m, f term.Term, arity int) int {
	if i, ok := vm.own[mfa{m, f, arity}]; ok {
		return i
	}
	return bifs.Index(m, f, arity)
}

// eachBIF calls f for everything that Go code does.
func (vm *VM) eachBIF(f func(k mfa)) {
	for k := range vm.own {
		f(k)
	}
	bifs.Each(func(m, n term.Term, arity int) { f(mfa{m, n, arity}) })
}

// quiesce runs f with every worker at a safe point.
func (vm *VM) quiesce(f func()) {
	if vm.Sys == nil || vm.Sys.Sched == nil {
		f()
		return
	}
	vm.Sys.Sched.Quiesce(nil, f)
}

// cpu is the machine on one worker.
type cpu struct {
	m       *Machine
	vm      *VM
	p       *proc.Process
	h       *term.Heap
	w       *scheduler.Worker
	resume  proc.BIF           // what the waiting BIF at m.PC goes on with
	next    uintptr            // where a slow instruction goes on
	leftFor *proc.TraceSession // an exception is leaving calls whose return_to it wants
	bifExit int                // how the BIF was called, for who traces it
	slot    uintptr            // export slot of the BIF that failed, 0 for none: it heads the stack trace
	headFun term.Term          // a fun in its place, None for none
	args    []term.Term
	stash   int64 // reductions put aside to make the next call a safe point
	budget  int64 // of the slice
	out     scheduler.Outcome

	// For the sampler: when it last looked, and how long processes have run since the last sample.
	lookedAt, unsampled int64

	applied *[applyCache]appliedSlot

	roots [][]term.Term
	build underConstruction
}

func (vm *VM) cpu(w *scheduler.Worker) *cpu {
	if c, ok := w.Local.(*cpu); ok && c.vm == vm {
		return c
	}
	c := &cpu{m: new(Machine), vm: vm, w: w, args: make([]term.Term, 8), applied: new([applyCache]appliedSlot)}
	w.Local = c
	return c
}

// xregs is the first n X registers as terms.
func (c *cpu) xregs(n int) []term.Term {
	return unsafe.Slice((*term.Term)(unsafe.Pointer(&c.m.X[0])), n)
}

func (c *cpu) x(i int) term.Term       { return term.Term(c.m.X[i]) }
func (c *cpu) setX(i int, t term.Term) { c.m.X[i] = uint64(t) }

// AddBIF adds a built-in function; it must be called before any code is loaded.
func (vm *VM) AddBIF(module, name string, arity int, f proc.BIF) {
	vm.own[mfa{term.Intern(module), term.Intern(name), arity}] = len(vm.bifs)
	vm.bifs = append(vm.bifs, f)
}
