package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/term"
)

// recordDef finds a classic record, reporting an unknown one.
func (l *lower) recordDef(ref ast.RecordRef, pos diag.Pos) *lint.Record {
	if ref.Kind != ast.RecordLocal {
		l.unsupported(pos, "native record")
		return nil
	}
	r := l.m.unit.Records[ref.Name]
	switch {
	case r == nil:
		l.m.list.Errorf(pos, "erl_lint.undefined_record", "record %s undefined", ref.Name)
	case r.Native:
		l.unsupported(pos, "native record")
		return nil
	}
	return r
}

func (l *lower) fieldIndex(r *lint.Record, name string, pos diag.Pos) int {
	i := r.Index(name)
	if i < 0 {
		l.m.list.Errorf(pos, "erl_lint.undefined_field", "field %s undefined in record %s", name, r.Name)
		return 0
	}
	return i
}

// recordInits gives the value expression of each field of a construction, nil
// for undefined.
func (l *lower) recordInits(r *lint.Record, fs []*ast.RecordField) []ast.Expr {
	inits := make([]ast.Expr, len(r.Fields))
	set := make([]bool, len(r.Fields))
	var rest ast.Expr
	for _, f := range fs {
		if a, ok := f.Name.(*ast.Atom); ok {
			i := l.fieldIndex(r, a.Name, f.At)
			if i < len(inits) {
				inits[i], set[i] = f.Value, true
			}
		} else {
			rest = f.Value
		}
	}
	for i := range inits {
		if set[i] {
			continue
		}
		if rest != nil {
			inits[i] = rest
		} else {
			inits[i] = r.Fields[i].Default
		}
	}
	return inits
}

func (l *lower) record(e *ast.Record) val {
	if n := l.native(e.Ref); n != nil {
		return l.nativeRecord(e, n)
	}
	r := l.recordDef(e.Ref, e.At)
	if r == nil {
		return l.atom("undefined")
	}
	if e.Base != nil {
		return l.recordUpdate(e, r)
	}
	vs := []val{l.atom(r.Name)}
	for _, x := range l.recordInits(r, e.Fields) {
		if x == nil {
			vs = append(vs, l.atom("undefined"))
		} else {
			vs = append(vs, l.expr(x))
		}
	}
	return l.tuple(vs...)
}

func (l *lower) grecord(e *ast.Record, fail *block) val {
	r := l.recordDef(e.Ref, e.At)
	if r == nil || e.Base != nil {
		return l.atom("undefined")
	}
	vs := []val{l.atom(r.Name)}
	for _, x := range l.recordInits(r, e.Fields) {
		if x == nil {
			vs = append(vs, l.atom("undefined"))
		} else {
			vs = append(vs, l.gexpr(x, fail))
		}
	}
	return l.tuple(vs...)
}

// wholeTuple is the size up to which a record update makes the tuple anew
// instead of calling setelement.
const wholeTuple = 24

func (l *lower) recordUpdate(e *ast.Record, r *lint.Record) val {
	news := make([]val, len(r.Fields))
	var rest val
	for _, f := range e.Fields {
		v := l.expr(f.Value)
		if a, ok := f.Name.(*ast.Atom); ok {
			if i := l.fieldIndex(r, a.Name, f.At); i < len(news) {
				news[i] = v
			}
		} else {
			rest = v
		}
	}
	base := l.expr(e.Base)
	n := 0
	for i := range news {
		if news[i] == 0 {
			news[i] = rest
		}
		if news[i] != 0 {
			n++
		}
	}
	l.pos = e.At
	l.checkRecord(base, r)
	if n == 0 {
		return base
	}
	if len(news) > wholeTuple && n < len(news)/2 {
		for i, v := range news {
			if v != 0 {
				base = l.callExt("erlang", "setelement", l.int(i+2), base, v)
			}
		}
		return base
	}
	vs := []val{l.atom(r.Name)}
	for i, v := range news {
		if v == 0 {
			v = l.add(value{op: opElem, args: []val{base}, n: i + 1})
		}
		vs = append(vs, v)
	}
	return l.add(value{op: opTuple, args: vs})
}

// checkRecord raises badrecord unless v is a record r.
func (l *lower) checkRecord(v val, r *lint.Record) {
	ok, fail := l.newBlock(), l.newBlock()
	l.recordTest(v, r.Name, len(r.Fields)+1, ok, fail)
	l.cur = fail
	l.fail("badrecord", v)
	l.cur = ok
}

func (l *lower) recordAccess(e *ast.RecordAccess) val {
	if n := l.native(e.Ref); n != nil {
		return l.nativeAccess(e, l.expr(e.Base), n, nil)
	}
	r := l.recordDef(e.Ref, e.At)
	v := l.expr(e.Base)
	if r == nil {
		return v
	}
	i := l.fieldIndex(r, e.Field.Name, e.Field.At)
	l.pos = e.At
	if l.m.looseRecords {
		return l.add(value{op: opBif, aux: "element", args: []val{l.int(i + 2), v}})
	}
	l.checkRecord(v, r)
	return l.add(value{op: opElem, args: []val{v}, n: i + 1})
}

func (l *lower) grecordAccess(e *ast.RecordAccess, fail *block) val {
	if n := l.native(e.Ref); n != nil {
		return l.nativeAccess(e, l.gexpr(e.Base, fail), n, fail)
	}
	r := l.recordDef(e.Ref, e.At)
	v := l.gexpr(e.Base, fail)
	if r == nil {
		return v
	}
	i := l.fieldIndex(r, e.Field.Name, e.Field.At)
	l.pos = e.At
	if l.m.looseRecords {
		return l.gbif("element", fail, l.int(i+2), v)
	}
	ok := l.newBlock()
	l.recordTest(v, r.Name, len(r.Fields)+1, ok, fail)
	l.cur = ok
	return l.add(value{op: opElem, args: []val{v}, n: i + 1})
}

func (l *lower) recordIndex(e *ast.RecordIndex) val {
	r := l.recordDef(e.Ref, e.At)
	if r == nil {
		return l.int(0)
	}
	return l.int(l.fieldIndex(r, e.Field.Name, e.Field.At) + 2)
}

func (l *lower) recordPattern(e *ast.Record, head bool) *pat {
	if n := l.native(e.Ref); n != nil {
		return l.nativePattern(e, n, head)
	}
	r := l.recordDef(e.Ref, e.At)
	if r == nil {
		return patAny
	}
	p := &pat{kind: pkTuple, subs: make([]*pat, len(r.Fields)+1)}
	p.subs[0] = &pat{kind: pkLit, lit: term.Intern(r.Name)}
	var rest ast.Expr
	for _, f := range e.Fields {
		if a, ok := f.Name.(*ast.Atom); ok {
			if i := l.fieldIndex(r, a.Name, f.At); i < len(r.Fields) {
				p.subs[i+1] = l.pattern(f.Value, head)
			}
		} else {
			rest = f.Value
		}
	}
	for i := range p.subs {
		if p.subs[i] == nil {
			p.subs[i] = patAny
			if rest != nil {
				p.subs[i] = l.pattern(rest, head)
			}
		}
	}
	return p
}

// isRecordBody lowers is_record/2,3 with literal tag (and size).
func (l *lower) isRecordBody(e *ast.Call) (val, bool) {
	if n := l.isNativeCall(e); n != nil {
		v := l.expr(e.Args[0])
		l.pos = e.At
		yes, no := l.newBlock(), l.newBlock()
		l.nativeIs(v, n, yes, no)
		return l.boolValue(yes, no), true
	}
	tag, ok := e.Args[1].(*ast.Atom)
	if !ok {
		return 0, false
	}
	size := 0
	if len(e.Args) == 3 {
		n, ok := e.Args[2].(*ast.Integer)
		if !ok || n.Value < 1 || n.Big != nil {
			return 0, false
		}
		size = int(n.Value)
	} else {
		r := l.m.unit.Records[tag.Name]
		if r == nil || r.Native {
			return 0, false
		}
		size = len(r.Fields) + 1
	}
	v := l.expr(e.Args[0])
	l.pos = e.At
	yes, no := l.newBlock(), l.newBlock()
	l.recordTest(v, tag.Name, size, yes, no)
	return l.boolValue(yes, no), true
}

// boolValue is true in one block and false in the other.
func (l *lower) boolValue(yes, no *block) val {
	j := l.newJoin()
	l.cur = yes
	j.add(l, l.atom("true"))
	l.cur = no
	j.add(l, l.atom("false"))
	return j.finish(l)
}

// recordInfo evaluates record_info(size | fields, Name).
func (l *lower) recordInfo(e *ast.Call) val {
	what, ok1 := e.Args[0].(*ast.Atom)
	name, ok2 := e.Args[1].(*ast.Atom)
	if !ok1 || !ok2 {
		l.m.list.Errorf(e.At, "erl_lint.illegal_record_info", "illegal record info")
		return l.atom("undefined")
	}
	r := l.recordDef(ast.RecordRef{Name: name.Name}, e.At)
	if r == nil {
		return l.atom("undefined")
	}
	if what.Name == "size" {
		return l.int(len(r.Fields) + 1)
	}
	ts := make([]term.Term, len(r.Fields))
	for i, f := range r.Fields {
		ts[i] = term.Intern(f.Name)
	}
	return l.f.konst(l.m.heap.List(ts...))
}
