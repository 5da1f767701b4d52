package beam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/term"
)

// Release selects the OTP release whose assembler an assembly listing is for: they differ in how types are written.
type Release int

// Releases that listings can be written for.
const (
	OTP25 Release = 25
	OTP29 Release = 29
)

// Note is a remark for OTP's beam_validator, which takes it on trust: what a register holds after instruction At. Our own
// validator infers types and needs none.
type Note struct {
	At      int // index in Code; the note follows that instruction
	Reg     Arg
	Type    int         // index in Types.Entries, -1 for none
	Size    int         // for tuples: how many elements there are at least
	Exact   bool        // Size is the size
	Atoms   []term.Term // for atoms: those that it can be; none: any
	Context bool        // the function accepts a match context in Reg; the note follows its entry label
	Never   bool        // the call before never returns
}

// Assembly gives the module as a listing of Erlang terms, as `erlc -S` prints it and
// `erlc +from_asm` reads it: {module,...}, {exports,...}, {attributes,...}, {labels,...} and for each function a {function,...}
// followed by its instructions.
func (m *Module) Assembly(rel Release) []byte {
	a := &asm{m: m, rel: rel}
	a.f("{module, %s}.  %%%% version = 0\n\n{exports, [", a.t(m.Name))
	for i, e := range m.Exports {
		if i > 0 {
			a.s(",\n           ")
		}
		a.f("{%s,%d}", a.t(e.Name), e.Arity)
	}
	a.s("]}.\n\n{attributes, ")
	a.b = a.attributes(a.b)
	a.s("}.\n")
	if len(m.Records) > 0 {
		a.records()
	}
	a.f("\n{labels, %d}.\n", m.Labels)
	note := 0
	for i := range m.Funcs {
		f := &m.Funcs[i]
		a.f("\n\n{function, %s, %d, %d}.\n", a.t(f.Name), f.Arity, f.Entry)
		for k := f.Start; k < f.End; k++ {
			if m.Code[k].Op != OpOnLoad {
				a.s("  ")
				if m.Code[k].Op != OpLabel {
					a.s("  ")
				}
				a.instr(&m.Code[k])
				a.s(".\n")
			}
			for note < len(m.Notes) && m.Notes[note].At <= k {
				a.note(&m.Notes[note])
				note++
			}
		}
	}
	return a.b
}

type asm struct {
	m   *Module
	rel Release
	b   []byte
}

func (a *asm) s(s string)                   { a.b = append(a.b, s...) }
func (a *asm) f(format string, args ...any) { a.b = fmt.Appendf(a.b, format, args...) }
func (a *asm) n(n int)                      { a.b = strconv.AppendInt(a.b, int64(n), 10) }
func (a *asm) t(t term.Term) string         { return term.Format(t) }
func (a *asm) note(n *Note) {
	if n.Context {
		a.f("    {'%%',{var_info,%s,[accepts_match_context]}}.\n", a.reg(n.Reg))
	}
	if n.Never {
		a.f("    {'%%',{var_info,%s,[{type,none}]}}.\n", a.reg(n.Reg))
	} else if n.Type >= 0 && n.Type < len(a.m.Types.Entries) {
		a.f("    {'%%',{var_info,%s,[{type,%s}]}}.\n", a.reg(n.Reg), a.noteType(n))
	}
}

func (a *asm) noteType(n *Note) string {
	t := a.m.Types.Entries[n.Type]
	atoms := "any"
	if len(n.Atoms) > 0 {
		names := make([]term.Term, len(n.Atoms))
		copy(names, n.Atoms)
		slices.SortFunc(names, func(x, y term.Term) int { return strings.Compare(x.AtomName(), y.AtomName()) })
		atoms = "["
		for i, x := range names {
			if i > 0 {
				atoms += ","
			}
			atoms += a.t(x)
		}
		atoms += "]"
	}
	return a.typeWith(t, "{t_atom,"+atoms+"}", fmt.Sprintf("{t_tuple,%d,%v,#{}}", n.Size, n.Exact))
}

// attributes without the vsn that the assembler adds, and with on_load.
func (a *asm) attributes(b []byte) []byte {
	b = append(b, '[')
	first := len(b)
	sep := func() {
		if len(b) > first {
			b = append(b, ',')
		}
	}
	for l := a.m.Attributes; l != term.None && l.IsCons(); l = l.Tail() {
		if e := l.Head(); !(e.TupleOf(2) && e.Elem(0) == term.Intern("vsn")) {
			sep()
			b = append(b, a.t(e)...)
		}
	}
	for i := range a.m.Funcs {
		f := &a.m.Funcs[i]
		for k := f.Start; k < f.End; k++ {
			if a.m.Code[k].Op == OpOnLoad {
				sep()
				b = fmt.Appendf(b, "{on_load,[{%s,%d}]}", a.t(f.Name), f.Arity)
			}
		}
	}
	return append(b, ']')
}

// records writes the definitions of native records.
func (a *asm) records() {
	a.s("\n{records, [")
	for i, d := range a.m.Records {
		if i > 0 {
			a.s(",\n           ")
		}
		a.f("{%s,%v,[", a.t(d.Name), d.Exported)
		for k, f := range d.Fields {
			if k > 0 {
				a.s(",")
			}
			if f.Default.Kind == KindNone {
				a.s(a.t(f.Name))
				continue
			}
			a.f("{%s,%s}", a.t(f.Name), a.constant(f.Default))
		}
		a.s("]}")
	}
	a.s("]}.\n")
}

// constant is the value of an operand that is no register.
func (a *asm) constant(r Arg) string {
	switch r.Kind {
	case KindInt:
		return strconv.FormatInt(r.Val, 10)
	case KindBig:
		return a.m.Bigs[r.Val].String()
	case KindAtom:
		return a.t(r.Term())
	case KindLit:
		return a.t(a.m.Literals[r.Val])
	}
	return "[]"
}

func (a *asm) reg(r Arg) string {
	switch r.Kind {
	case KindX:
		return fmt.Sprintf("{x,%d}", r.Val)
	case KindY:
		return fmt.Sprintf("{y,%d}", r.Val)
	}
	return fmt.Sprintf("{fr,%d}", r.Val)
}

// arg writes an operand by its form alone.
func (a *asm) arg(r Arg) {
	switch r.Kind {
	case KindU:
		a.n(r.N())
	case KindInt:
		a.f("{integer,%d}", r.Val)
	case KindBig:
		a.f("{integer,%s}", a.m.Bigs[r.Val])
	case KindAtom:
		a.f("{atom,%s}", a.t(r.Term()))
	case KindNil:
		a.s("nil")
	case KindLit:
		if t := a.m.Literals[r.Val]; t.IsFloat() {
			a.f("{float,%s}", a.t(t))
		} else {
			a.f("{literal,%s}", a.t(t))
		}
	case KindLabel:
		a.f("{f,%d}", r.Val)
	case KindAlloc:
		w, fl, fu := r.Need()
		a.f("{alloc,[{words,%d},{floats,%d},{funs,%d}]}", w, fl, fu)
	case KindX, KindY:
		if i, ok := r.TypeIndex(); ok && i < len(a.m.Types.Entries) {
			a.f("{tr,%s,%s}", a.reg(r), a.typ(a.m.Types.Entries[i]))
			return
		}
		a.s(a.reg(r))
	default:
		a.s(a.reg(r))
	}
}

func (a *asm) args(list []Arg) {
	for i, r := range list {
		if i > 0 {
			a.s(",")
		}
		a.arg(r)
	}
}

func (a *asm) list(list []Arg) {
	a.s("{list,[")
	a.args(list)
	a.s("]}")
}

// operand writes an operand by its kind in the instruction table.
func (a *asm) operand(in *Instr, i int) {
	r := in.Args[i]
	switch kind := in.Op.Info().Operands[i].Kind; kind {
	case OperandImportIndex:
		p := a.m.Imports[r.Val]
		a.f("{extfunc,%s,%s,%d}", a.t(p.Module), a.t(p.Name), p.Arity)
	case OperandLambdaIndex:
		a.f("{f,%d}", a.m.Lambdas[r.Val].Label)
	case OperandLineIndex:
		a.line(r.N())
	case OperandFlags:
		a.flags(r.N())
	case OperandOperandList:
		a.list(in.List())
	default:
		a.arg(r)
	}
}

func (a *asm) line(i int) {
	if i == 0 || i >= len(a.m.Lines.Items) {
		a.s("[]")
		return
	}
	l := a.m.Lines.Items[i]
	name := ""
	if l.File < len(a.m.Lines.Files) {
		name = a.m.Lines.Files[l.File]
	}
	a.f("[{location,%s,%d}]", quoted(name), l.Line)
}

// quoted writes an Erlang string.
func quoted(s string) string {
	out := []byte{'"'}
	for _, r := range s {
		if r == '"' || r == '\\' {
			out = append(out, '\\')
		}
		if r < ' ' || r == 0x7f {
			out = fmt.Appendf(out, "\\x{%x}", r)
			continue
		}
		out = append(out, string(r)...)
	}
	return string(append(out, '"'))
}

func (a *asm) flags(n int) {
	sign, order := "unsigned", "big"
	if n&FlagSigned != 0 {
		sign = "signed"
	}
	if n&FlagLittle != 0 {
		order = "little"
	}
	if n&FlagNative != 0 {
		order = "native"
	}
	a.f("{field_flags,[%s,%s]}", sign, order)
}

func (a *asm) text(at, n int) {
	a.s("{string,<<")
	if at >= 0 && n >= 0 && at+n <= len(a.m.Strings) {
		for i, c := range a.m.Strings[at : at+n] {
			if i > 0 {
				a.s(",")
			}
			a.n(int(c))
		}
	}
	a.s(">>}")
}

// instr writes one instruction in the shape that the assembler takes, which is not always the file's.
func (a *asm) instr(in *Instr) {
	g := in.Args
	op := func(i int) { a.operand(in, i) }
	name := in.Op.String()
	switch in.Op {
	case OpLabel:
		a.f("{label,%d}", g[0].Val)
	case OpBif0, OpBif1, OpBif2, OpBif3:
		fail, imp, args := Label(0), g[0], g[1:len(g)-1]
		if in.Op != OpBif0 {
			fail, imp, args = g[0], g[1], g[2:len(g)-1]
		}
		a.bif(a.t(a.m.Imports[imp.Val].Name), fail, args, g[len(g)-1])
	case OpFadd, OpFsub, OpFmul, OpFdiv, OpFnegate:
		a.bif(name, g[0], g[1:len(g)-1], g[len(g)-1])
	case OpGetRecordField:
		a.bif(name, g[0], g[1:4], g[4])
	case OpRaise:
		a.bif(name, Label(0), g, X(0))
	case OpGcBif1, OpGcBif2, OpGcBif3:
		a.f("{gc_bif,%s,{f,%d},%d,[", a.t(a.m.Imports[g[2].Val].Name), g[0].Val, g[1].Val)
		a.args(g[3 : len(g)-1])
		a.s("],")
		a.arg(g[len(g)-1])
		a.s("}")
	case OpMakeFun2:
		l := a.m.Lambdas[g[0].Val]
		a.f("{make_fun2,{f,%d},0,0,%d}", l.Label, l.NumFree)
	case OpMakeFun3:
		a.f("{make_fun3,{f,%d},0,0,%s,", a.m.Lambdas[g[0].Val].Label, a.reg(g[1]))
		a.list(in.List())
		a.s("}")
	case OpCallFun2:
		if g[0].Kind != KindU {
			a.plain(in)
			return
		}
		l := a.m.Lambdas[g[0].Val]
		a.f("{call_fun2,{f,%d},%d,{tr,%s,{t_fun,%d,{%s,%d},any}}}", l.Label, g[1].Val, a.reg(g[2]), g[1].Val, a.t(l.Name), l.Arity)
	case OpHasMapFields:
		a.f("{test,has_map_fields,{f,%d},", g[0].Val)
		a.arg(g[1])
		a.s(",")
		a.list(in.List())
		a.s("}")
	case OpBsStartMatch3:
		a.f("{test,bs_start_match3,{f,%d},%d,[", g[0].Val, g[2].Val)
		a.arg(g[1])
		a.f("],%s}", a.reg(g[3]))
	case OpBsGetInteger2, OpBsGetFloat2, OpBsGetBinary2, OpBsGetUtf8, OpBsGetUtf16, OpBsGetUtf32:
		a.f("{test,%s,{f,%d},%d,[", name, g[0].Val, g[2].Val)
		a.arg(g[1])
		for i := 3; i < len(g)-1; i++ {
			a.s(",")
			op(i)
		}
		a.f("],%s}", a.reg(g[len(g)-1]))
	case OpBsMatchString:
		a.f("{test,bs_match_string,{f,%d},[", g[0].Val)
		a.arg(g[1])
		a.f(",%d,", g[2].Val)
		a.text(g[3].N(), (g[2].N()+7)/8)
		a.s("]}")
	case OpBsPutString:
		a.f("{bs_put_string,%d,", g[0].Val)
		a.text(g[1].N(), g[0].N())
		a.s("}")
	case OpBsAdd:
		a.f("{bs_add,{f,%d},[", g[0].Val)
		a.args(g[1:4])
		a.f("],%s}", a.reg(g[4]))
	case OpBsMatch:
		a.match(in)
	case OpBsCreateBin:
		a.createBin(in)
	case OpDebugLine:
		a.s("{debug_line,")
		for i := range 4 {
			op(i)
			a.s(",")
		}
		a.s("#{frame_size=>none,vars=>[]}}")
	default:
		if isTest(in.Op) {
			a.f("{test,%s,", name)
			op(0)
			a.s(",[")
			for i := 1; i < len(g); i++ {
				if i > 1 {
					a.s(",")
				}
				op(i)
			}
			a.s("]}")
			return
		}
		a.plain(in)
	}
}

func (a *asm) plain(in *Instr) {
	info := in.Op.Info()
	if info.Arity == 0 {
		a.s(info.Name)
		return
	}
	a.f("{%s", a.t(term.Intern(info.Name)))
	for i := range info.Arity {
		a.s(",")
		a.operand(in, i)
	}
	a.s("}")
}

func (a *asm) bif(name string, fail Arg, args []Arg, dst Arg) {
	a.f("{bif,%s,{f,%d},[", name, fail.Val)
	a.args(args)
	a.s("],")
	a.arg(dst)
	a.s("}")
}

// isTest tells the instructions that listings write as {test,Op,Fail,Operands}.
func isTest(op Op) bool {
	switch op {
	case OpTestArity, OpIsFunction, OpIsRecordAccessible, OpBsSkipBits2, OpBsTestTail2, OpBsTestUnit, OpBsSkipUtf8, OpBsSkipUtf16, OpBsSkipUtf32,
		OpIsBoolean, OpIsFunction2, OpIsBitstr, OpIsMap, OpIsTaggedTuple, OpIsAnyNativeRecord, OpIsNativeRecord:
		return true
	}
	return op >= OpIsLt && op <= OpIsTuple
}

// match writes the commands of bs_match as tuples.
func (a *asm) match(in *Instr) {
	a.f("{bs_match,{f,%d},", in.Args[0].Val)
	a.arg(in.Args[1])
	a.s(",{commands,[")
	list := in.List()
	for i := 0; i < len(list); {
		n := 1
		if list[i].Kind == KindAtom {
			n = max(1, matchCommands[list[i].Term().AtomName()])
		}
		n = min(n, len(list)-i)
		if i > 0 {
			a.s(",")
		}
		a.s("{")
		for k, r := range list[i : i+n] {
			if k > 0 {
				a.s(",")
			}
			switch {
			case k == 0 && r.Kind == KindAtom:
				a.s(a.t(r.Term()))
			case r.Kind == KindNil && n == 6:
				a.s("{literal,[]}")
			default:
				a.arg(r)
			}
		}
		a.s("}")
		i += n
	}
	a.s("]}}")
}

func (a *asm) createBin(in *Instr) {
	g := in.Args
	a.f("{bs_create_bin,{f,%d},", g[0].Val)
	a.arg(g[1])
	a.f(",%d,%d,%s,{list,[", g[2].Val, g[3].Val, a.reg(g[4]))
	list := in.List()
	for i, r := range list {
		if i > 0 {
			a.s(",")
		}
		if i%6 == 4 && i+1 < len(list) && list[i-4].Kind == KindAtom && list[i-4].Term() == term.Intern("string") {
			a.text(r.N(), list[i+1].N())
			continue
		}
		a.arg(r)
	}
	a.s("]}}")
}
