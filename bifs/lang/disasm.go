package lang

import (
	"strings"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// disassemble(Binary) gives the code of a .beam file in the form that OTP's beam_disasm has:
//
//	{ok, Module, [{Name, Arity, Label}], Attributes, CompileInfo, [{function, Name, Arity, Label, [Instruction]}]} | error
func disassemble(p *proc.Process, a []term.Term) term.Term {
	data, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	m, err := beam.Read(data)
	if err != nil {
		return term.AtomError
	}
	d := disassembler{h: &p.Heap, m: m, entries: map[int]beam.Func{}}
	for _, f := range m.Funcs {
		d.entries[f.Entry] = f
	}
	var exports, functions []term.Term
	for _, e := range m.Exports {
		exports = append(exports, d.h.Tuple(e.Name, term.Int(e.Arity), term.Int(e.Label)))
	}
	for _, f := range m.Funcs {
		functions = append(functions, d.function(f))
	}
	p.Bump(len(m.Code))
	return d.h.Tuple(term.AtomOk, m.Name, d.h.List(exports...), d.copied(m.Attributes), d.copied(m.CompileInfo), d.h.List(functions...))
}

type disassembler struct {
	h       *term.Heap
	m       *beam.Module
	entries map[int]beam.Func // by entry label
}

func (d *disassembler) copied(t term.Term) term.Term {
	if t == term.None {
		return term.Nil
	}
	return term.CopyTo(d.h, t)
}

func (d *disassembler) function(f beam.Func) term.Term {
	var code []term.Term
	for _, in := range d.m.Code[f.Start:f.End] {
		if in.Op != beam.OpIntCodeEnd {
			code = append(code, d.instr(in))
		}
	}
	return d.h.Tuple(atom("function"), f.Name, term.Int(f.Arity), term.Int(f.Entry), d.h.List(code...))
}

// instr is one instruction: an atom, or a tuple of its name and operands. Tests are {test, Name, Fail, Operands}, guard
// functions {bif, Name, Fail, Arguments, Destination} and {gc_bif, Name, Fail, Live, Arguments, Destination}.
func (d *disassembler) instr(in beam.Instr) term.Term {
	info := in.Op.Info()
	ops := d.operands(in)
	switch in.Op {
	case beam.OpBif0:
		return d.h.Tuple(atom("bif"), d.imported(in.Args[0]), atom("nofail"), term.Nil, ops[1])
	case beam.OpBif1, beam.OpBif2, beam.OpBif3:
		return d.h.Tuple(atom("bif"), d.imported(in.Args[1]), ops[0], d.h.List(ops[2:len(ops)-1]...), ops[len(ops)-1])
	case beam.OpGcBif1, beam.OpGcBif2, beam.OpGcBif3:
		return d.h.Tuple(atom("gc_bif"), d.imported(in.Args[2]), ops[0], ops[1], d.h.List(ops[3:len(ops)-1]...), ops[len(ops)-1])
	case beam.OpGetMapElements:
	case beam.OpHasMapFields:
		return d.h.Tuple(append([]term.Term{atom("test"), atom(info.Name)}, ops...)...)
	default:
		if len(ops) > 0 && info.Operands[0].Kind == beam.OperandTarget && isTest(info.Name) {
			return d.h.Tuple(atom("test"), atom(info.Name), ops[0], d.h.List(ops[1:]...))
		}
	}
	if len(ops) == 0 {
		return atom(info.Name)
	}
	return d.h.Tuple(append([]term.Term{atom(info.Name)}, ops...)...)
}

func isTest(name string) bool {
	for _, p := range []string{"is_", "test_", "bs_get_", "bs_skip", "bs_test", "bs_match_string", "bs_start_match2", "bs_start_match3"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

func (d *disassembler) imported(a beam.Arg) term.Term { return d.m.Imports[a.N()].Name }

// operands are the operands of an instruction, an operand list as {list, [...]}.
func (d *disassembler) operands(in beam.Instr) []term.Term {
	info := in.Op.Info()
	var ts []term.Term
	for i, o := range info.Operands {
		a := in.Args[i]
		switch {
		case a.Kind == beam.KindList:
			var list []term.Term
			for _, e := range in.List() {
				list = append(list, d.operand(e, 0))
			}
			ts = append(ts, d.h.Tuple(atom("list"), d.h.List(list...)))
		default:
			ts = append(ts, d.operand(a, o.Kind))
		}
	}
	switch in.Op {
	case beam.OpCall, beam.OpCallOnly, beam.OpCallLast:
		if f, ok := d.entries[in.Args[1].N()]; ok {
			ts[1] = d.h.Tuple(d.m.Name, f.Name, term.Int(f.Arity))
		}
	case beam.OpFuncInfo:
		ts[2] = term.Int(in.Args[2].N())
	}
	return ts
}

func (d *disassembler) operand(a beam.Arg, kind beam.OperandKind) term.Term {
	h := d.h
	pair := func(name string, t term.Term) term.Term { return h.Tuple(atom(name), t) }
	switch a.Kind {
	case beam.KindX:
		return pair("x", term.Int(a.N()))
	case beam.KindY:
		return pair("y", term.Int(a.N()))
	case beam.KindFR:
		return pair("fr", term.Int(a.N()))
	case beam.KindLabel:
		return pair("f", term.Int(a.N()))
	case beam.KindAtom:
		return pair("atom", a.Term())
	case beam.KindNil:
		return term.Nil
	case beam.KindInt:
		return pair("integer", h.Int64(a.Val))
	case beam.KindBig:
		return pair("integer", h.BigInt(d.m.Bigs[a.N()]))
	case beam.KindLit:
		return pair("literal", term.CopyTo(h, d.m.Literals[a.N()]))
	case beam.KindAlloc:
		w, f, n := a.Need()
		item := func(name string, v int) term.Term { return pair(name, term.Int(v)) }
		return pair("alloc", h.List(item("words", w), item("floats", f), item("funs", n)))
	}
	switch kind {
	case beam.OperandImportIndex:
		i := d.m.Imports[a.N()]
		return h.Tuple(atom("extfunc"), i.Module, i.Name, term.Int(i.Arity))
	case beam.OperandLambdaIndex:
		l := d.m.Lambdas[a.N()]
		return h.Tuple(d.m.Name, l.Name, term.Int(l.Arity))
	case beam.OperandFlags:
		return pair("field_flags", term.Int(a.N()))
	}
	return h.Int64(a.Val)
}
