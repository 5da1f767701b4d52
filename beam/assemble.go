package beam

import (
	"fmt"

	"github.com/gerl-lang/gerl/term"
)

// Assemble makes a module from the terms of an assembly listing, as Assembly and `erlc -S` write it: {module,...},
// {exports,...}, {attributes,...}, {labels,...}, then for each function {function,...} and its instructions. Types of
// registers and remarks are left out. heap is where the module's terms live from then on.
func Assemble(listing []term.Term, heap *term.Heap) (m *Module, err error) {
	a := &assembler{heap: heap, exported: map[asmFunc]bool{}, byLabel: map[int]asmFunc{}}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(asmError)
			if !ok {
				panic(r)
			}
			m, err = nil, fmt.Errorf("beam: assembly item %d, %s: %s", a.item+1, term.Format(a.current), string(e))
		}
	}()
	a.declarations(listing)
	for a.item, a.current = range listing {
		a.statement(a.current)
	}
	if a.b == nil {
		a.fail("there is no {module, Name}")
	}
	return a.b.Module(a.labels)
}

type asmError string

// asmFunc names a function.
type asmFunc struct {
	name  term.Term
	arity int
}

type assembler struct {
	b        *Builder
	heap     *term.Heap
	labels   int
	exported map[asmFunc]bool
	byLabel  map[int]asmFunc // by entry label
	onLoad   asmFunc
	entry    int // entry label of the function whose instructions come now
	item     int
	current  term.Term
}

func (a *assembler) fail(format string, args ...any) { panic(asmError(fmt.Sprintf(format, args...))) }

// tagged reports whether t is a tuple of n elements that begins with the atom tag.
func tagged(t term.Term, tag string, n int) bool {
	return t.TupleOf(n) && t.Elem(0).IsAtom() && t.Elem(0).AtomName() == tag
}

func (a *assembler) small(t term.Term) int {
	if !t.IsSmall() {
		a.fail("%s is no small integer", term.Format(t))
	}
	return t.Small()
}

func (a *assembler) elems(t term.Term) (out []term.Term) {
	for ; t.IsCons(); t = t.Tail() {
		out = append(out, t.Head())
	}
	if t != term.Nil {
		a.fail("%s is no list", term.Format(t))
	}
	return out
}

// declarations takes what must be known before the first instruction.
func (a *assembler) declarations(listing []term.Term) {
	for i, t := range listing {
		a.item, a.current = i, t
		switch {
		case tagged(t, "module", 2) && t.Elem(1).IsAtom():
			a.b = NewBuilder(t.Elem(1), a.heap)
		case tagged(t, "labels", 2):
			a.labels = max(a.labels, a.small(t.Elem(1)))
		case tagged(t, "label", 2): // hand-written listings count them wrongly
			a.labels = max(a.labels, a.small(t.Elem(1))+1)
		case tagged(t, "exports", 2):
			for _, e := range a.elems(t.Elem(1)) {
				a.exported[a.function(e)] = true
			}
		case tagged(t, "function", 4):
			a.byLabel[a.small(t.Elem(3))] = asmFunc{t.Elem(1), a.small(t.Elem(2))}
		}
	}
}

// function reads {Name, Arity}.
func (a *assembler) function(t term.Term) asmFunc {
	if !t.TupleOf(2) || !t.Elem(0).IsAtom() {
		a.fail("%s is no {Name, Arity}", term.Format(t))
	}
	return asmFunc{t.Elem(0), a.small(t.Elem(1))}
}

func (a *assembler) statement(t term.Term) {
	switch {
	case tagged(t, "module", 2), tagged(t, "labels", 2), tagged(t, "exports", 2), tagged(t, "%", 2), tagged(t, "%%", 2):
	case a.b == nil:
		a.fail("it stands before {module, Name}")
	case tagged(t, "attributes", 2):
		a.attributes(t.Elem(1))
	case tagged(t, "function", 4):
		f := a.function(a.heap.Tuple(t.Elem(1), t.Elem(2)))
		a.entry = a.small(t.Elem(3))
		if a.exported[f] {
			a.b.Export(f.name, f.arity, a.entry)
		} else {
			a.b.Local(f.name, f.arity, a.entry)
		}
	case t.IsAtom():
		a.plain(t.AtomName(), nil)
	case t.IsTuple() && t.Arity() > 1 && t.Elem(0).IsAtom():
		var args []term.Term
		for i := 1; i < t.Arity(); i++ {
			args = append(args, t.Elem(i))
		}
		a.instruction(t.Elem(0).AtomName(), args)
	default:
		a.fail("it is no instruction")
	}
}

// attributes keeps all but on_load, which is an instruction.
func (a *assembler) attributes(t term.Term) {
	var kept []term.Term
	for _, e := range a.elems(t) {
		if tagged(e, "on_load", 2) && e.Elem(1).IsCons() {
			a.onLoad = a.function(e.Elem(1).Head())
			continue
		}
		kept = append(kept, e)
	}
	a.b.SetAttributes(a.heap.List(kept...))
}

// instruction emits one whose shape may differ from its operands in files.
func (a *assembler) instruction(name string, g []term.Term) {
	switch {
	case name == "label":
		n := a.small(g[0])
		a.b.Emit(OpLabel, U(n))
		if f, ok := a.byLabel[n]; ok && n == a.entry && f == a.onLoad && f.name != term.None {
			a.b.Emit(OpOnLoad)
		}
	case name == "test" && len(g) == 3:
		a.plain(g[0].AtomName(), append([]term.Term{g[1]}, a.testOperands(g[2])...))
	case name == "test" && len(g) == 4 && g[0].AtomName() == "has_map_fields":
		a.plain("has_map_fields", []term.Term{g[1], g[2], g[3]})
	case name == "test" && len(g) == 5:
		in := a.testOperands(g[3]) // the context comes first, the live registers behind it
		args := append([]term.Term{g[1], in[0], g[2]}, in[1:]...)
		a.plain(g[0].AtomName(), append(args, g[4]))
	case name == "bif" && len(g) == 4:
		a.bif(g[0].AtomName(), g[1], a.elems(g[2]), g[3])
	case name == "gc_bif" && len(g) == 5:
		in := a.elems(g[3])
		args := []Arg{a.arg(g[1]), a.arg(g[2]), a.b.Import(term.AtomErlang, g[0], len(in))}
		a.emit(fmt.Sprintf("gc_bif%d", len(in)), append(append(args, a.args(in)...), a.arg(g[4])))
	case name == "make_fun2" && len(g) == 4:
		a.b.Emit(OpMakeFun2, a.lambda(g[0], a.small(g[3])))
	case name == "make_fun3" && len(g) == 5:
		env := a.list(g[4])
		a.b.Emit(OpMakeFun3, append([]Arg{a.lambda(g[0], len(env)-1), a.arg(g[3])}, env...)...)
	case name == "call_fun2" && len(g) == 3 && tagged(g[0], "f", 2):
		f := a.target(g[0])
		a.b.Emit(OpCallFun2, a.lambda(g[0], f.arity-a.small(g[1])), a.arg(g[1]), a.arg(g[2]))
	case name == "bs_add" && len(g) == 3:
		a.plain(name, append(append([]term.Term{g[0]}, a.elems(g[1])...), g[2]))
	case name == "bs_match" && len(g) == 3 && tagged(g[2], "commands", 2):
		a.match(g)
	case name == "bs_create_bin" && len(g) == 6:
		a.b.Emit(OpBsCreateBin, append(a.args(g[:5]), a.segments(g[5])...)...)
	case name == "debug_line":
		a.b.Emit(OpLine, a.line(g[0]))
	default:
		a.plain(name, g)
	}
}

// testOperands takes the operand list of a test; {list, L} stands for itself.
func (a *assembler) testOperands(t term.Term) []term.Term {
	if tagged(t, "list", 2) {
		return []term.Term{t}
	}
	return a.elems(t)
}

// bif emits a BIF call without live registers; arithmetic of floats and raise are written like one.
func (a *assembler) bif(name string, fail term.Term, in []term.Term, dst term.Term) {
	switch name {
	case "fadd", "fsub", "fmul", "fdiv", "fnegate":
		a.emit(name, append(append([]Arg{a.arg(fail)}, a.args(in)...), a.arg(dst)))
	case "raise":
		a.emit(name, a.args(in))
	case "get_record_field":
		a.plain(name, append(append([]term.Term{fail}, in...), dst))
	default:
		args := []Arg{a.b.Import(term.AtomErlang, term.Intern(name), len(in))}
		if len(in) > 0 {
			args = append([]Arg{a.arg(fail)}, args...)
		}
		a.emit(fmt.Sprintf("bif%d", len(in)), append(append(args, a.args(in)...), a.arg(dst)))
	}
}

// emit finds an instruction by name and by how many operands it has before the elements of a list.
func (a *assembler) emit(name string, args []Arg) {
	n := len(args)
	for i, r := range args {
		if r.Kind == KindList {
			n = i + 1
			break
		}
	}
	op, ok := OpByName(name, n)
	if !ok {
		a.fail("there is no instruction %s with %d operands", name, n)
	}
	a.b.Emit(op, args...)
}

// plain emits an instruction whose operands stand as in files.
func (a *assembler) plain(name string, g []term.Term) {
	if name == "bs_put_string" || name == "bs_match_string" { // a string stands for its place
		last := len(g) - 1
		g[last] = a.heap.Tuple(term.Intern("$text"), g[last])
	}
	op, ok := OpByName(name, len(g))
	if !ok {
		a.fail("there is no instruction %s with %d operands", name, len(g))
	}
	var args []Arg
	for i, o := range op.Info().Operands {
		switch o.Kind {
		case OperandOperandList:
			args = append(args, a.list(g[i])...)
		case OperandLineIndex:
			args = append(args, a.line(g[i]))
		case OperandLambdaIndex:
			args = append(args, a.lambda(g[i], 0))
		default:
			args = append(args, a.arg(g[i]))
		}
	}
	a.b.Emit(op, args...)
}

func (a *assembler) args(ts []term.Term) []Arg {
	out := make([]Arg, len(ts))
	for i, t := range ts {
		out[i] = a.arg(t)
	}
	return out
}

// list reads {list, Operands} as an operand list.
func (a *assembler) list(t term.Term) []Arg {
	if !tagged(t, "list", 2) {
		a.fail("%s is no operand list", term.Format(t))
	}
	elems := a.args(a.elems(t.Elem(1)))
	return append([]Arg{List(len(elems))}, elems...)
}

// target is the function that {f, Label} enters.
func (a *assembler) target(t term.Term) asmFunc {
	f, ok := asmFunc{}, false
	if tagged(t, "f", 2) {
		f, ok = a.byLabel[a.small(t.Elem(1))]
	}
	if !ok {
		a.fail("%s is no function's entry", term.Format(t))
	}
	return f
}

func (a *assembler) lambda(t term.Term, free int) Arg {
	f := a.target(t)
	return a.b.Lambda(f.name, f.arity, a.small(t.Elem(1)), free)
}

// line reads [{location, File, Line}].
func (a *assembler) line(t term.Term) Arg {
	for _, e := range a.elems(t) {
		if tagged(e, "location", 3) {
			file, ok := term.CharsText(e.Elem(1))
			if !ok {
				a.fail("%s is no file name", term.Format(e.Elem(1)))
			}
			if file == a.b.m.Lines.Files[0] {
				file = ""
			}
			return a.b.Line(file, a.small(e.Elem(2)))
		}
	}
	return U(0)
}

// match flattens the commands of bs_match.
func (a *assembler) match(g []term.Term) {
	var list []Arg
	for _, c := range a.elems(g[2].Elem(1)) {
		if !c.IsTuple() || c.Arity() == 0 || !c.Elem(0).IsAtom() {
			a.fail("%s is no command", term.Format(c))
		}
		list = append(list, a.b.Atom(c.Elem(0)))
		for i := 1; i < c.Arity(); i++ {
			list = append(list, a.arg(c.Elem(i)))
		}
	}
	a.b.Emit(OpBsMatch, append([]Arg{a.arg(g[0]), a.arg(g[1]), List(len(list))}, list...)...)
}

// segments reads the segments of bs_create_bin, six operands each.
func (a *assembler) segments(t term.Term) []Arg {
	elems := a.elems(t.Elem(1))
	out := []Arg{List(len(elems))}
	for _, e := range elems {
		if tagged(e, "string", 2) {
			e = a.heap.Tuple(term.Intern("$text"), e)
		}
		out = append(out, a.arg(e))
	}
	return out
}

var asmFlags = map[string]int{"little": FlagLittle, "signed": FlagSigned, "native": FlagNative}

// arg reads an operand by its form alone.
func (a *assembler) arg(t term.Term) Arg {
	switch {
	case t.IsSmall():
		return U(t.Small())
	case t == term.Intern("nil"):
		return Nil()
	case t.IsAtom():
		return a.b.Atom(t)
	case !t.IsTuple() || t.Arity() == 0 || !t.Elem(0).IsAtom():
		a.fail("%s is no operand", term.Format(t))
	}
	tag := t.Elem(0).AtomName()
	if t.Arity() == 4 && tag == "extfunc" {
		return a.b.Import(t.Elem(1), t.Elem(2), a.small(t.Elem(3)))
	}
	if t.Arity() == 3 && tag == "tr" {
		return a.arg(t.Elem(1))
	}
	if t.Arity() != 2 {
		a.fail("%s is no operand", term.Format(t))
	}
	v := t.Elem(1)
	switch tag {
	case "x":
		return X(a.small(v))
	case "y":
		return Y(a.small(v))
	case "fr":
		return FR(a.small(v))
	case "f":
		return Label(a.small(v))
	case "u":
		return U(a.small(v))
	case "atom":
		return a.b.Atom(v)
	case "integer":
		if v.IsInteger() {
			return a.b.Integer(v.BigInt())
		}
	case "float", "literal":
		return a.b.Literal(v)
	case "alloc":
		return a.alloc(v)
	case "field_flags":
		if v.IsSmall() {
			return U(v.Small())
		}
		flags := 0
		for _, f := range a.elems(v) {
			if f.IsAtom() {
				flags |= asmFlags[f.AtomName()]
			}
		}
		return U(flags)
	case "$text":
		if tagged(v, "string", 2) {
			v = v.Elem(1)
		}
		if text, ok := term.IOListBytes(v); ok {
			return a.b.Text(text)
		}
	}
	a.fail("%s is no operand", term.Format(t))
	return Arg{}
}

func (a *assembler) alloc(t term.Term) Arg {
	var n [3]int
	for _, e := range a.elems(t) {
		for i, what := range []string{"words", "floats", "funs"} {
			if tagged(e, what, 2) {
				n[i] = a.small(e.Elem(1))
			}
		}
	}
	return Alloc(n[0], n[1], n[2])
}
