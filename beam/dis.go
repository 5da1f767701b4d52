package beam

import (
	"fmt"
	"io"
	"strings"

	"github.com/gerl-lang/gerl/term"
)

// DisOptions say what a disassembly tells besides the instructions.
type DisOptions struct {
	// Function and Arity choose one function; "" means all. Arity -1 means any.
	Function string
	Arity    int
	// Proof marks instructions whose operand types are not proved with "checked", and code that cannot be reached.
	Proof *Proof
	// Docs explains each sort of instruction where it comes first in a function.
	Docs bool
	// Literal is the length at which literals are cut, 0 for 60 characters.
	Literal int
}

// Disassemble writes the module for people to read: one line an instruction, with names for indices, source
// positions, and types of registers as the compiler has noted them (x0::integer 0..255).
func (m *Module) Disassemble(w io.Writer, o DisOptions) error {
	if o.Literal == 0 {
		o.Literal = 60
	}
	d := &dis{m: m, o: o}
	if o.Function == "" {
		d.head()
	}
	exported := map[int]bool{}
	for _, e := range m.Exports {
		exported[e.Label] = true
	}
	for i := range m.Funcs {
		f := &m.Funcs[i]
		if o.Function != "" && (o.Function != f.Name.AtomName() || o.Arity >= 0 && o.Arity != f.Arity) {
			continue
		}
		d.function(f, exported[f.Entry])
	}
	_, err := io.WriteString(w, d.b.String())
	return err
}

type dis struct {
	m *Module
	o DisOptions
	b strings.Builder
}

func (d *dis) f(format string, a ...any) { fmt.Fprintf(&d.b, format, a...) }

func (d *dis) head() {
	m := d.m
	d.f("module %s: %d functions, %d instructions, %d labels, %d literals, %d imports, %d funs\n",
		term.Format(m.Name), len(m.Funcs), len(m.Code), max(0, m.Labels-1), len(m.Literals), len(m.Imports), len(m.Lambdas))
	for _, r := range m.Records {
		d.f("record %s:", term.Format(r.Name))
		for _, f := range r.Fields {
			d.f(" %s", term.Format(f.Name))
			if f.Default.Kind != KindNone {
				d.f("=%s", d.arg(f.Default))
			}
		}
		d.f("\n")
	}
	for i, l := range m.Lambdas {
		d.f("fun %d: %s/%d at f%d, %d free variables\n", i, term.Format(l.Name), l.Arity, l.Label, l.NumFree)
	}
}

func (d *dis) function(f *Func, exported bool) {
	how := ""
	if exported {
		how = ", exported"
	}
	d.f("\n%s:%s/%d  (entry f%d%s)\n", term.Format(d.m.Name), term.Format(f.Name), f.Arity, f.Entry, how)
	said := map[Op]bool{}
	for i := f.Start; i < f.End; i++ {
		in := &d.m.Code[i]
		if in.Op == OpLabel {
			d.f("f%d:\n", in.Args[0].Val)
			continue
		}
		line := fmt.Sprintf("%6d  %-20s %s", i, in.Op, d.operands(in))
		var marks []string
		if p := d.o.Proof; p != nil {
			if !p.Reached(i) {
				marks = append(marks, "never reached")
			} else if reliesOnType(in.Op) && !p.Proved(i) {
				marks = append(marks, "checked")
			}
		}
		if d.o.Docs && !said[in.Op] {
			said[in.Op] = true
			marks = append(marks, in.Op.Info().Doc)
		}
		if len(marks) > 0 {
			line = fmt.Sprintf("%-70s %% %s", line, strings.Join(marks, "; "))
		}
		d.b.WriteString(strings.TrimRight(line, " "))
		d.b.WriteByte('\n')
	}
}

// reliesOnType tells the instructions that Proof.Proved is about.
func reliesOnType(op Op) bool {
	switch op {
	case OpGetList, OpGetHd, OpGetTl, OpGetTupleElement, OpSetTupleElement, OpTestArity, OpSelectTupleArity, OpUpdateRecord,
		OpGetMapElements, OpHasMapFields, OpPutMapAssoc, OpPutMapExact, OpBsGetInteger2, OpBsGetFloat2, OpBsGetBinary2,
		OpBsSkipBits2, OpBsTestTail2, OpBsTestUnit, OpBsMatchString, OpBsGetUtf8, OpBsGetUtf16, OpBsGetUtf32, OpBsSkipUtf8,
		OpBsSkipUtf16, OpBsSkipUtf32, OpBsGetTail, OpBsGetPosition, OpBsSetPosition, OpBsMatch, OpCallFun2, OpGetRecordElements,
		OpGetRecordField:
		return true
	}
	return false
}

func (d *dis) operands(in *Instr) string {
	info := in.Op.Info()
	parts := make([]string, 0, len(in.Args))
	for i := range info.Arity {
		if info.Operands[i].Kind == OperandOperandList {
			var list []string
			for _, a := range in.List() {
				list = append(list, d.arg(a))
			}
			parts = append(parts, "["+strings.Join(list, " ")+"]")
			break
		}
		parts = append(parts, d.operand(in.Args[i], info.Operands[i]))
	}
	return strings.Join(parts, ", ")
}

func (d *dis) operand(a Arg, o Operand) string {
	m := d.m
	switch o.Kind {
	case OperandImportIndex:
		p := m.Imports[a.Val]
		return fmt.Sprintf("%s:%s/%d", term.Format(p.Module), term.Format(p.Name), p.Arity)
	case OperandLambdaIndex:
		l := m.Lambdas[a.Val]
		return fmt.Sprintf("fun %s/%d", term.Format(l.Name), l.Arity)
	case OperandLineIndex:
		if a.Val > 0 && int(a.Val) < len(m.Lines.Items) {
			l := m.Lines.Items[a.Val]
			if l.File < len(m.Lines.Files) {
				return fmt.Sprintf("%s:%d", m.Lines.Files[l.File], l.Line)
			}
		}
		return "-"
	case OperandFlags:
		var s []string
		for _, f := range []struct {
			bit  int64
			name string
		}{{FlagSigned, "signed"}, {FlagLittle, "little"}, {FlagNative, "native"}} {
			if a.Val&f.bit != 0 {
				s = append(s, f.name)
			}
		}
		if s == nil {
			return "big"
		}
		return strings.Join(s, "+")
	case OperandFailTarget:
		if a.Val == 0 {
			return "raise"
		}
	case OperandLive, OperandFrame, OperandUnit:
		return fmt.Sprintf("%s=%d", o.Name, a.Val)
	case OperandStringPos:
		return fmt.Sprintf("string@%d", a.Val)
	}
	return d.arg(a)
}

func (d *dis) arg(a Arg) string {
	switch a.Kind {
	case KindLit:
		s := term.Format(d.m.Literals[a.Val])
		if r := []rune(s); len(r) > d.o.Literal {
			s = string(r[:d.o.Literal]) + "..."
		}
		return s
	case KindAtom:
		return term.Format(a.Term())
	case KindInt:
		return fmt.Sprint(a.Val)
	case KindBig:
		return d.m.Bigs[a.Val].String()
	case KindX, KindY:
		if i, ok := a.TypeIndex(); ok && i > 0 && i < len(d.m.Types.Entries) {
			return a.String() + "::" + d.m.Types.Entries[i].String()
		}
	}
	return a.String()
}
