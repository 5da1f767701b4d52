package eval

import (
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Native records (EEP 79, OTP 29). An instruction names a definition by an id: an atom for one of its own module, {Module, Name}
// for any, '_' for whatever record it gets.

// recordDef is a definition with the default values of its fields, None for those that have none.
type recordDef struct {
	def      term.Term
	defaults []term.Term
}

var (
	atomAny       = term.AtomUnderscore
	atomNovalue   = term.Intern("novalue")
	atomBadfield  = term.Intern("badfield")
	atomAutoLocal = term.Intern("auto_local")
)

// recordTerms gives what the definitions of the module need in the literal area: for each the definition and its
// defaults (false where there is none).
func (l *loader) recordTerms(h *term.Heap) []term.Term {
	var ts []term.Term
	for _, r := range l.m.Records {
		names := make([]term.Term, len(r.Fields))
		for i, f := range r.Fields {
			names[i] = f.Name
		}
		ts = append(ts, h.RecordDef(l.m.Name, r.Name, r.Exported, names...))
		for _, f := range r.Fields {
			d := term.AtomFalse
			switch f.Default.Kind {
			case beam.KindNone:
			case beam.KindLit:
				d = l.m.Literals[f.Default.Val]
			case beam.KindBig:
				d = h.BigInt(l.m.Bigs[f.Default.Val])
			case beam.KindInt:
				d = h.Int64(f.Default.Val)
			default:
				d = l.constant(f.Default)
			}
			ts = append(ts, d)
		}
	}
	return ts
}

// setRecords makes the definitions from the terms of recordTerms after they were copied.
func (l *loader) setRecords(ts []term.Term) {
	l.records = map[term.Term]*recordDef{}
	for _, r := range l.m.Records {
		d := &recordDef{def: ts[0], defaults: append([]term.Term(nil), ts[1:1+len(r.Fields)]...)}
		for i, f := range r.Fields {
			if f.Default.Kind == beam.KindNone {
				d.defaults[i] = term.None
			}
		}
		l.records[r.Name] = d
		ts = ts[1+len(r.Fields):]
	}
}

// isRecordOf reports whether record t is of the definition that id names, seen from module from, and accessible there.
func isRecordOf(t, id, from term.Term) bool {
	switch {
	case id == atomAny:
		return true
	case id.IsAtom():
		return term.RecordModule(t) == from && term.RecordName(t) == id
	case id.TupleOf(2):
		return term.RecordModule(t) == id.Elem(0) && term.RecordName(t) == id.Elem(1) &&
			(term.RecordExported(t) || id.Elem(0) == from)
	}
	return false
}

func fieldIndex(def, name term.Term) int {
	for i := 3; i < def.Arity(); i++ {
		if def.Elem(i) == name {
			return i - 3
		}
	}
	return -1
}

// badField raises {Tag, {{Module, Name}, Field}}.
func (c *cpu) badField(a []uint64, tag, def, field term.Term) uintptr {
	if a[0] != 0 {
		return uintptr(a[0])
	}
	return c.fail(tag, c.h.Tuple(c.h.Tuple(def.Elem(0), def.Elem(1)), field))
}

func (c *cpu) badRecord(a []uint64, t term.Term) uintptr {
	if a[0] != 0 {
		return uintptr(a[0])
	}
	return c.fail(term.AtomBadrecord, t)
}

// testIsRecord: fail, source.
func testIsRecord(c *cpu, a []uint64) uintptr { return c.either(c.get(a[1]).IsRecord(), a) }

// testIsNativeRecord: fail, source, module, name.
func testIsNativeRecord(c *cpu, a []uint64) uintptr {
	t := c.get(a[1])
	return c.either(t.IsRecord() && term.RecordModule(t) == term.Term(a[2]) && term.RecordName(t) == term.Term(a[3]), a)
}

// testIsRecordAccessible: fail, source, scope, module of the instruction.
func testIsRecordAccessible(c *cpu, a []uint64) uintptr {
	t := c.get(a[1])
	ok := t.IsRecord() && (term.RecordExported(t) || c.get(a[2]) == atomAutoLocal && term.RecordModule(t) == term.Term(a[3]))
	return c.either(ok, a)
}

// doGetRecordElements: fail, source, (field, destination)...
func doGetRecordElements(c *cpu, a []uint64) uintptr {
	t := c.get(a[1])
	if !t.IsRecord() {
		return uintptr(a[0])
	}
	for i := 2; i+1 < len(a); i += 2 {
		k := fieldIndex(term.RecordOf(t), c.get(a[i]))
		if k < 0 {
			return uintptr(a[0])
		}
		c.set(a[i+1], term.RecordValue(t, k))
	}
	return c.next
}

// doGetRecordField: fail, source, id, field, destination, module of the instruction.
func doGetRecordField(c *cpu, a []uint64) uintptr {
	t := c.get(a[1])
	if !t.IsRecord() || !isRecordOf(t, c.get(a[2]), term.Term(a[5])) {
		return c.badRecord(a, t)
	}
	k := fieldIndex(term.RecordOf(t), term.Term(a[3]))
	if k < 0 {
		return c.badField(a, atomBadfield, term.RecordOf(t), term.Term(a[3]))
	}
	c.set(a[4], term.RecordValue(t, k))
	return c.next
}

// doPutRecord: fail, id, source or [], destination, module of the instruction, (field, value)...
func doPutRecord(c *cpu, a []uint64) uintptr {
	id, src, from := c.get(a[1]), c.get(a[2]), term.Term(a[4])
	var def term.Term
	var values []term.Term
	var defaults []term.Term
	if a[2] == uint64(term.Nil) {
		d := c.vm.Code.recordDef(id, from)
		if d == nil {
			return c.badRecord(a, id)
		}
		def, defaults = d.def, d.defaults
		values = append(values, defaults...)
	} else {
		if !src.IsRecord() || !isRecordOf(src, id, from) {
			return c.badRecord(a, src)
		}
		def = term.RecordOf(src)
		for i := 0; i < term.RecordLen(src); i++ {
			values = append(values, term.RecordValue(src, i))
		}
	}
	for i := 5; i+1 < len(a); i += 2 {
		k := fieldIndex(def, term.Term(a[i]))
		if k < 0 {
			return c.badField(a, atomBadfield, def, term.Term(a[i]))
		}
		values[k] = c.get(a[i+1])
	}
	for i, v := range values {
		if v == term.None {
			return c.badField(a, atomNovalue, def, def.Elem(3+i))
		}
	}
	c.set(a[3], c.h.Record(def, values...))
	c.collectSoon()
	return c.next
}

// recordDef gives the definition that id names for code of module from, nil if there is none or it must not be seen.
func (cs *CodeServer) recordDef(id, from term.Term) *recordDef {
	m, n := from, id
	if id.TupleOf(2) {
		m, n = id.Elem(0), id.Elem(1)
	}
	c := cs.current(m)
	if c == nil {
		return nil
	}
	d := c.records[n]
	if d == nil || m != from && d.def.Elem(2) != term.AtomTrue {
		return nil
	}
	return d
}

// instrRecord emits the instructions of native records.
func (l *loader) instrRecord(in beam.Instr) bool {
	a := in.Args
	self := raw(uint64(l.m.Name))
	switch in.Op {
	case beam.OpIsAnyNativeRecord:
		l.slow(slowIsRecord, l.opds(a)...)
	case beam.OpIsNativeRecord:
		l.slow(slowIsNativeRecord, l.opds(a)...)
	case beam.OpIsRecordAccessible:
		l.slow(slowIsRecordAccessible, append(l.opds(a), self)...)
	case beam.OpGetRecordElements:
		l.slow(slowGetRecordElements, append([]opd{l.opd(a[0]), l.opd(a[1])}, l.opds(in.List())...)...)
	case beam.OpGetRecordField:
		l.slow(slowGetRecordField, append(l.opds(a), self)...)
	case beam.OpPutRecord:
		l.slow(slowPutRecord, append([]opd{l.opd(a[0]), l.opd(a[1]), l.opd(a[2]), l.opd(a[3]), self}, l.opds(in.List())...)...)
	default:
		return false
	}
	return true
}

// bifRecordDefinition is records:get_definition(Module, Name): {#{is_exported => Exported}, [{Field, Default} | Field]}.
func bifRecordDefinition(p *proc.Process, a []term.Term) term.Term {
	var d *recordDef
	if a[0].IsAtom() {
		if c := vmOf(p).Code.current(a[0]); c != nil {
			d = c.records[a[1]]
		}
	}
	if d == nil {
		return p.Badarg()
	}
	fields := make([]term.Term, len(d.defaults))
	for i, value := range d.defaults {
		fields[i] = d.def.Elem(3 + i)
		if value != term.None {
			fields[i] = p.Heap.Tuple(fields[i], value)
		}
	}
	options := p.Heap.MapFromPairs([]term.Term{term.Intern("is_exported"), d.def.Elem(2)})
	return p.Heap.Tuple(options, p.Heap.List(fields...))
}
