package beam

import (
	"fmt"
	"slices"

	"github.com/gerl-lang/gerl/term"
)

// ValidationError tells why a module is refused.
type ValidationError struct {
	Module, Function string // Function may be "" for a fault of the module's tables
	Arity            int
	Index            int // of the instruction in Module.Code, -1 if it is not about one
	Text             string
}

func (e *ValidationError) Error() string {
	if e.Function == "" {
		return fmt.Sprintf("module %s is not valid: %s", e.Module, e.Text)
	}
	return fmt.Sprintf("%s:%s/%d is not valid: instruction %d: %s", e.Module, e.Function, e.Arity, e.Index, e.Text)
}

// Proof is the result of validation: frames, registers, live counts, labels, heap room, catch tags and table indices are
// right everywhere, and for each instruction that relies on the type of an operand, whether that type is certain.
type Proof struct {
	proved  []uint64 // one bit for each instruction
	visited []uint64
}

// Proved reports whether the type that instruction i of Module.Code relies on is certain. If it is not,
// the instruction must be loaded in a form that checks it. The instructions concerned, and their facts:
//
//	get_list get_hd get_tl              the source is a cons
//	get_tuple_element                   the source is a tuple with that element
//	set_tuple_element                   likewise (that it is a young tuple nobody else has seen is always proved)
//	test_arity select_tuple_arity       the source is a tuple
//	update_record                       the source is a tuple of that size
//	get_map_elements has_map_fields     the source is a map
//	put_map_assoc put_map_exact         the source is a map
//	bs_get_* bs_skip_* bs_test_* bs_match bs_match_string bs_set_position bs_get_position   the source is a match context
//	bs_start_match4 with no_fail/resume the source is a bit string or context / a context
//	fmove to a float register           the source is a float
//	call_fun2 with safe or an index     the fun is a fun of that arity / made from that entry
//	call_ext_last call_ext_only         the stack frame is as the instruction says; not proved only for functions that never
//	                                    return (erlang:error and the like): load those as call_ext, which keeps the frame
//	get_record_elements get_record_field, put_record with a source   the source is a native record
//
// Never proved, and always to be checked: that a position given to bs_set_position lies within the
// context, that a marker given to recv_marker_bind is one, that a raw stack trace is one. For other instructions it is meaningless.
func (p *Proof) Proved(i int) bool { return p.proved[i>>6]&(1<<(i&63)) != 0 }

// Reached reports whether instruction i can be executed at all. Code that cannot is not checked beyond its form.
func (p *Proof) Reached(i int) bool { return p.visited[i>>6]&(1<<(i&63)) != 0 }

// Validate proves a module safe for a machine without checks of its own, or tells why it is not. The Type chunk is not looked at.
//
// It interprets each function over what is known of registers, until nothing changes. Parameters of functions that only
// local calls reach get the types of all those calls, and calls the type of what the function returns.
func Validate(m *Module) (*Proof, error) {
	v := &validator{m: m}
	if text := v.tables(); text != "" {
		return nil, &ValidationError{Module: m.Name.AtomName(), Index: -1, Text: text}
	}
	v.returnTypes()
	if err := v.parameterTypes(); err != nil {
		return nil, err
	}
	for i := range v.failed {
		v.failed[i] = v.visited[i] &^ v.failed[i]
	}
	return &Proof{proved: v.failed, visited: v.visited}, nil
}

// validator holds the work on one module.
type validator struct {
	m       *Module
	visited []uint64
	failed  []uint64 // instructions whose fact did not hold on some path
	entry   []int32  // index of the function whose entry a label is, -1 for others
	place   []int32  // of each label among all labels in code order
	byPlace []int32  // the other way
	funcs   []vfunc
	lits    []vt
	impType []vt   // what each import returns, as a BIF
	impKind []byte // impPlain and others

	// One function at a time.
	f       int
	cur     vstate
	labels  []vlabel // of the function, in the order of the code
	base    int      // place of the first one
	pending []int32  // places of labels to go on from, a heap
	arena   []vt
	held    int
	steps   int // instructions interpreted
	states  []vstate
	pairs   []idPair
	at      int // instruction
	text    string
	dead    bool // the path ends here
	final   bool // phase two: facts count
	queue   []int32
	scratch vstate
}

// vlabel is one label of the function under work.
type vlabel struct {
	state  *vstate // joined over all ways to it; nil before the first
	queued bool
}

// vfunc is what is known of a function.
type vfunc struct {
	params        []vt  // joined over all calls; nil before the first
	ret           vt    // bits 0: never returns
	first, labels int32 // place of its first label among all labels in code order, and their number
	queued        bool
	root          bool // called from outside, with any terms
	calls         []int32
	color         byte
}

// Sorts of imports.
const (
	impPlain = 1 << iota // builds nothing on the heap
	impNoReturn
	impSetelement
	impContext // takes a match context as well
)

// tables checks what does not depend on control flow.
func (v *validator) tables() string {
	m := v.m
	funcs, labels, err := m.findFunctions(nil)
	if err != nil {
		return err.Error()
	}
	if !slices.Equal(funcs, m.Funcs) || !slices.Equal(labels, m.LabelPos) {
		return "Funcs or LabelPos do not fit the code"
	}
	n := len(m.Code)
	v.visited, v.failed = make([]uint64, n/64+1), make([]uint64, n/64+1)
	v.entry, v.place = make([]int32, m.Labels), make([]int32, m.Labels)
	for i := range v.entry {
		v.entry[i] = -1
	}
	v.funcs = make([]vfunc, len(m.Funcs))
	for i := range m.Funcs {
		f := &m.Funcs[i]
		if f.Arity < 0 || f.Arity > 255 || m.Code[f.Info].Args[0].Term() != m.Name {
			return fmt.Sprintf("func_info of %s/%d is wrong", f.Name.AtomName(), f.Arity)
		}
		v.entry[f.Entry] = int32(i)
	}
	fn := 0
	for i := range m.Code {
		in := &m.Code[i]
		for m.Funcs[fn].End <= i {
			fn++
		}
		if text := m.fault(*in); text != "" {
			return fmt.Sprintf("instruction %d (%s): %s", i, in.Op, text)
		}
		for k := range in.Args {
			if a := &in.Args[k]; a.Kind == KindLabel && a.Val != 0 {
				at := m.LabelPos[a.Val]
				if at < 0 {
					return fmt.Sprintf("label %d is used but not defined", a.Val)
				}
				if isCall(in.Op) {
					v.funcs[fn].calls = append(v.funcs[fn].calls, v.entry[a.Val])
				} else if int(at) < m.Funcs[fn].Start || int(at) >= m.Funcs[fn].End {
					return fmt.Sprintf("instruction %d goes to label %d of another function", i, a.Val)
				}
			}
		}
		switch in.Op {
		case OpLabel:
			if v.funcs[fn].labels++; v.funcs[fn].labels == 1 {
				v.funcs[fn].first = int32(len(v.byPlace))
			}
			v.place[in.Args[0].Val] = int32(len(v.byPlace))
			v.byPlace = append(v.byPlace, int32(in.Args[0].Val))
		case OpOnLoad:
			v.funcs[fn].root = true
		case OpFuncInfo:
			if i != m.Funcs[fn].Info {
				return fmt.Sprintf("instruction %d: a second func_info", i)
			}
		}
	}
	for i := range m.Funcs {
		if l := m.endless(i); l != 0 {
			return fmt.Sprintf("%s/%d can loop from label %d without a call", m.Funcs[i].Name.AtomName(), m.Funcs[i].Arity, l)
		}
	}
	for _, list := range [][]Export{m.Exports, m.Locals} {
		for i, e := range list {
			f := v.function(e.Label)
			if f < 0 || m.Funcs[f].Name != e.Name || m.Funcs[f].Arity != e.Arity {
				return fmt.Sprintf("%s/%d is not at label %d", e.Name.AtomName(), e.Arity, e.Label)
			}
			if i < len(m.Exports) && &list[0] == &m.Exports[0] {
				v.funcs[f].root = true
			}
		}
	}
	for i, l := range m.Lambdas {
		f := v.function(l.Label)
		if f < 0 || m.Funcs[f].Arity != l.Arity || l.NumFree < 0 || l.NumFree > l.Arity {
			return fmt.Sprintf("fun %d is not at label %d", i, l.Label)
		}
		v.funcs[f].root = true
	}
	v.lits = make([]vt, len(m.Literals))
	for i, t := range m.Literals {
		v.lits[i] = literalType(t)
	}
	v.imports()
	return ""
}

func isCall(op Op) bool { return op == OpCall || op == OpCallLast || op == OpCallOnly }

// function gives the index of the function whose entry label is n, or -1.
func (v *validator) function(n int) int {
	if n <= 0 || n >= len(v.entry) {
		return -1
	}
	return int(v.entry[n])
}

func (v *validator) imports() {
	v.impType = make([]vt, len(v.m.Imports))
	v.impKind = make([]byte, len(v.m.Imports))
	for i := range v.m.Imports {
		p := &v.m.Imports[i]
		v.impType[i] = vt{bits: vTerm}
		if p.Module != term.AtomErlang {
			continue
		}
		name := p.Name.AtomName()
		if bits, ok := bifResults[name]; ok {
			v.impType[i] = of(bits)
			if bits == TypeAtom || bits == TypePid {
				v.impKind[i] |= impPlain
			}
		}
		if (name == "byte_size" || name == "bit_size") && p.Arity == 1 {
			v.impKind[i] |= impContext
		}
		if plainBifs[name] || name == "get" && p.Arity == 1 {
			v.impKind[i] |= impPlain
		}
		if neverReturns(p) {
			v.impKind[i] |= impNoReturn
		}
		if name == "setelement" && p.Arity == 3 {
			v.impKind[i] |= impSetelement
		}
	}
}

// returnTypes is phase one: what each function can return when it is called with any terms. Callees come first;
// functions that call each other start from "never returns" and go round until nothing changes.
func (v *validator) returnTypes() {
	order := make([]int32, 0, len(v.funcs))
	type step struct{ f, next int32 }
	var stack []step
	callers := make([][]int32, len(v.funcs))
	for i := range v.funcs {
		if v.funcs[i].color != 0 {
			continue
		}
		stack = append(stack, step{int32(i), 0})
		v.funcs[i].color = 1
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			f := &v.funcs[top.f]
			if int(top.next) == len(f.calls) {
				order = append(order, top.f)
				stack = stack[:len(stack)-1]
				continue
			}
			g := f.calls[top.next]
			top.next++
			if g < 0 {
				continue
			}
			if k := callers[g]; len(k) == 0 || k[len(k)-1] != top.f {
				callers[g] = append(k, top.f)
			}
			if v.funcs[g].color == 0 {
				v.funcs[g].color = 1
				stack = append(stack, step{g, 0})
			}
		}
	}
	for _, f := range order {
		v.funcs[f].queued = true
	}
	params := make([]vt, 256)
	for i := range params {
		params[i] = vt{bits: vTerm, id: uint32(i) + 1}
	}
	for len(order) > 0 {
		if v.steps > v.budget() {
			for i := range v.funcs {
				v.funcs[i].ret = vt{bits: vTerm}
			}
			return
		}
		f := order[0]
		order = order[1:]
		fn := &v.funcs[f]
		fn.queued = false
		old := fn.ret
		v.run(int(f), params[:v.m.Funcs[f].Arity])
		if v.text != "" {
			fn.ret, v.text = vt{bits: vTerm}, "" // phase two will tell, with better types
		}
		if fn.ret == old {
			continue
		}
		for _, c := range callers[f] {
			if !v.funcs[c].queued {
				v.funcs[c].queued = true
				order = append(order, c)
			}
		}
	}
}

// parameterTypes is phase two: from the functions that others can call, with the types of all calls found on the way.
func (v *validator) parameterTypes() error {
	v.final = true
	for i := range v.funcs {
		f := &v.funcs[i]
		f.queued = f.root
		if f.root {
			v.anyParams(i)
			v.queue = append(v.queue, int32(i))
		}
	}
	for next := 0; ; {
		for len(v.queue) > 0 {
			i := v.queue[0]
			v.queue = v.queue[1:]
			v.funcs[i].queued = false
			v.run(int(i), v.funcs[i].params)
			if v.steps > 2*v.budget() {
				return &ValidationError{Module: v.m.Name.AtomName(), Index: -1, Text: "its functions depend on each other in too many ways"}
			}
			if v.text != "" {
				f := &v.m.Funcs[i]
				return &ValidationError{v.m.Name.AtomName(), f.Name.AtomName(), f.Arity, v.at, v.text}
			}
		}
		// Functions that nobody calls must be right as well.
		for next < len(v.funcs) && v.funcs[next].params != nil {
			next++
		}
		if next == len(v.funcs) {
			return nil
		}
		v.anyParams(next)
		v.queue = append(v.queue, int32(next))
	}
}

// budget bounds the work of a phase. Real modules take at most a tenth of it.
func (v *validator) budget() int { return 60*len(v.m.Code) + 500_000 }

func (v *validator) anyParams(i int) {
	n := v.m.Funcs[i].Arity
	v.funcs[i].params = make([]vt, n)
	for k := range n {
		v.funcs[i].params[k] = vt{bits: vTerm, id: uint32(k) + 1}
	}
}

// called joins the arguments of a local call into the parameters of function g.
func (v *validator) called(g int) {
	if !v.final {
		return
	}
	f := &v.funcs[g]
	changed := f.params == nil
	if changed {
		f.params = make([]vt, v.m.Funcs[g].Arity)
		copy(f.params, v.cur.x)
	}
	for k := range f.params {
		p := join(f.params[k], v.cur.x[k])
		p.fresh, p.id = false, uint32(k)+1 // that two arguments are the same value is not kept
		if p != f.params[k] {
			f.params[k], changed = p, true
		}
	}
	if changed && !f.queued {
		f.queued = true
		v.queue = append(v.queue, int32(g))
	}
}

// run interprets one function and leaves an error in text.
func (v *validator) run(fn int, params []vt) {
	f := &v.m.Funcs[fn]
	vf := &v.funcs[fn]
	v.f, v.base = fn, int(vf.first)
	if n := int(vf.labels); cap(v.labels) < n {
		v.labels = make([]vlabel, n)
	}
	v.labels = v.labels[:vf.labels]
	clear(v.labels)
	v.held = 0
	v.arena, v.states, v.pending = v.arena[:0], v.states[:0], v.pending[:0]
	v.text = ""
	c := &v.cur
	*c = vstate{x: append(c.x[:0], params...), y: c.y[:0], nextID: uint32(len(params)) + 1}
	v.at = int(v.m.LabelPos[f.Entry])
	v.branch(f.Entry)
	for len(v.pending) > 0 && v.text == "" {
		l := v.pop()
		s := &v.labels[int(l)-v.base]
		s.queued = false
		c.copyFrom(s.state)
		v.block(int(v.m.LabelPos[v.byPlace[l]]), f.End)
	}
}

// block goes on from the label at i until the path ends or comes to another label.
func (v *validator) block(i, end int) {
	code := v.m.Code
	v.dead = false
	v.visited[i>>6] |= 1 << (i & 63)
	for i++; i < end; i++ {
		v.at = i
		v.steps++
		in := &code[i]
		if in.Op == OpLabel {
			v.branch(in.Args[0].N())
			return
		}
		v.visited[i>>6] |= 1 << (i & 63)
		if v.cur.tags > 0 && v.cur.unsaid {
			v.tellHandler()
		}
		v.step(in)
		if v.dead || v.text != "" {
			return
		}
	}
	v.fail("the function has no end")
}

// branch joins the current state into label l; it goes on from there later if that has changed anything.
func (v *validator) branch(l int) {
	if v.cur.tags > 0 && v.cur.unsaid {
		v.tellHandler()
	}
	if v.text == "" {
		v.flow(l, &v.cur)
	}
}

func (v *validator) flow(l int, s *vstate) {
	if l <= 0 {
		v.fail("a label is needed here")
		return
	}
	k := int(v.place[l]) - v.base
	if k < 0 || k >= len(v.labels) {
		v.fail("label %d belongs to another function", l)
		return
	}
	kept := &v.labels[k]
	if kept.state == nil {
		kept.state = v.keep(s)
	} else {
		changed, text := v.merge(kept.state, s)
		if text != "" {
			v.fail("%s (label %d)", text, l)
			return
		}
		if !changed {
			return
		}
	}
	if !kept.queued {
		kept.queued = true
		v.push(v.place[l])
	}
}

// keep copies a state into the function's arena.
func (v *validator) keep(s *vstate) *vstate {
	if len(v.states) == cap(v.states) {
		v.states = make([]vstate, 0, 64+cap(v.states)) // older ones stay where labels point to
	}
	v.states = append(v.states, *s)
	k := &v.states[len(v.states)-1]
	k.x, k.y = v.hold(s.x), v.hold(s.y)
	return k
}

// maxHeld bounds the registers kept for the labels of one function: about 640 MB.
const maxHeld = 40 << 20

func (v *validator) hold(r []vt) []vt {
	n := len(r)
	if v.held += n; v.held > maxHeld {
		v.fail("the function is too large")
	}
	if cap(v.arena)-len(v.arena) < n {
		v.arena = make([]vt, 0, max(n, 512+cap(v.arena)))
	}
	at := len(v.arena)
	v.arena = append(v.arena, r...)
	return v.arena[at : at+n : at+n]
}

// push and pop keep pending a heap in the order of places: code mostly runs forward.
func (v *validator) push(l int32) {
	v.pending = append(v.pending, l)
	for i := len(v.pending) - 1; i > 0; {
		up := (i - 1) / 2
		if v.pending[up] <= v.pending[i] {
			break
		}
		v.pending[up], v.pending[i] = v.pending[i], v.pending[up]
		i = up
	}
}

func (v *validator) pop() int32 {
	top := v.pending[0]
	n := len(v.pending) - 1
	v.pending[0] = v.pending[n]
	v.pending = v.pending[:n]
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			return top
		}
		if c+1 < n && v.pending[c+1] < v.pending[c] {
			c++
		}
		if v.pending[i] <= v.pending[c] {
			return top
		}
		v.pending[i], v.pending[c] = v.pending[c], v.pending[i]
		i = c
	}
}

// tellHandler joins the state after an exception into the handler of the innermost tag. The machine gives it the exception in x0
// to x3 and nothing else but the Y registers.
func (v *validator) tellHandler() {
	c := &v.cur
	c.unsaid = false
	h := -1
	for i := range c.y {
		if c.y[i].bits&vTag != 0 {
			h = int(c.y[i].n)
			break
		}
	}
	s := &v.scratch
	s.copyFrom(c)
	s.x = s.x[:0]
	for range 4 {
		s.nextID++
		s.x = append(s.x, vt{bits: vTerm, id: s.nextID})
	}
	s.heap(0, 0, 0)
	s.fr, s.building, s.unsaid, s.fresh = 0, false, true, false
	for i := range s.y {
		s.y[i].fresh = false
	}
	v.flow(h, s)
}

// fail refuses the module.
func (v *validator) fail(format string, a ...any) {
	if v.text == "" {
		v.text = fmt.Sprintf("%s: ", v.m.Code[v.at].Op) + fmt.Sprintf(format, a...)
	}
	v.dead = true
}
