package compiler

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/term"
)

// Native records (OTP 29). Their operations are instructions: the record's
// definition belongs to its module, which may be another one.

// nativeRef is what a reference to a native record means.
type nativeRef struct {
	mod, name string // empty for #_
	local     bool   // defined in this module
}

// id is the operand that names the record to the instructions.
func (n *nativeRef) id(l *lower) term.Term {
	switch {
	case n.name == "":
		return term.Intern("_")
	case n.local:
		return term.Intern(n.name)
	}
	return l.m.heap.Tuple(term.Intern(n.mod), term.Intern(n.name))
}

// scope says from where the fields are to be seen, empty where they always are.
func (n *nativeRef) scope() string {
	switch {
	case n.name == "":
		return "auto_local"
	case n.local:
		return ""
	}
	return "external"
}

// native resolves a reference; it gives nil for a classic record.
func (l *lower) native(ref ast.RecordRef) *nativeRef {
	u := l.m.unit
	switch ref.Kind {
	case ast.RecordAnon:
		return &nativeRef{}
	case ast.RecordRemote:
		return &nativeRef{mod: ref.Module, name: ref.Name, local: ref.Module == u.Module && u.Records[ref.Name] != nil}
	}
	if r := u.Records[ref.Name]; r != nil {
		if r.Native {
			return &nativeRef{mod: u.Module, name: ref.Name, local: true}
		}
		return nil
	}
	if mod, ok := u.RecordImports[ref.Name]; ok {
		return &nativeRef{mod: mod, name: ref.Name}
	}
	return nil
}

// nativeRecord lowers a construction or an update.
func (l *lower) nativeRecord(e *ast.Record, n *nativeRef) val {
	args := []val{0}
	var names []term.Term
	for _, f := range e.Fields {
		a, ok := f.Name.(*ast.Atom)
		if !ok {
			continue // lint has refused it
		}
		names = append(names, term.Intern(a.Name))
		args = append(args, l.expr(f.Value))
	}
	args[0] = l.f.konst(term.Nil)
	if e.Base != nil {
		args[0] = l.expr(e.Base)
		l.pos = e.At
		fail := l.newBlock()
		l.nativeTest(args[0], n, true, fail)
		ok := l.cur
		l.cur = fail
		l.fail("badrecord", args[0])
		l.cur = ok
	}
	l.pos = e.At
	return l.add(value{op: opPutRecord, aux: &recordPut{n.id(l), names}, args: args})
}

// nativeTest goes on where v is a record n whose fields can be seen, if that is asked for.
func (l *lower) nativeTest(v val, n *nativeRef, fields bool, fail *block) {
	l.br("is_any_native_record", 0, fail, v)
	l.nativeName(v, n, fields, fail)
}

func (l *lower) nativeName(v val, n *nativeRef, fields bool, fail *block) {
	if n.name != "" {
		l.br("is_native_record", 0, fail, v, l.atom(n.mod), l.atom(n.name))
	}
	if s := n.scope(); fields && s != "" {
		l.br("is_record_accessible", 0, fail, v, l.atom(s))
	}
}

// nativeIs is the test for is_record.
func (l *lower) nativeIs(v val, n *nativeRef, yes, no *block) {
	l.nativeTest(v, n, false, no)
	l.jump(yes)
}

// nativeAccess lowers Base#Ref.Field; in a guard, fail is where failure goes.
func (l *lower) nativeAccess(e *ast.RecordAccess, v val, n *nativeRef, fail *block) val {
	args := []val{v, l.f.konst(n.id(l)), l.atom(e.Field.Name)}
	l.pos = e.At
	if fail == nil {
		return l.add(value{op: opBif, aux: "get_record_field", args: args})
	}
	return l.gbif("get_record_field", fail, args...)
}

func (l *lower) nativePattern(e *ast.Record, n *nativeRef, head bool) *pat {
	p := &pat{kind: pkNative, rec: n}
	for _, f := range e.Fields {
		if a, ok := f.Name.(*ast.Atom); ok {
			p.keys = append(p.keys, patKey{lit: term.Intern(a.Name)})
			p.subs = append(p.subs, l.pattern(f.Value, head))
		}
	}
	return p
}

// matchNative tests which record a native record is, for all rows at the front that want the same one.
func (l *lower) matchNative(rows []*row, t test, fail *block) {
	n := 0
	var same []*row
	for _, r := range rows {
		i := r.find(t.v)
		if i < 0 {
			break
		}
		p := r.tests[i].p
		if p.kind != pkRecord || *p.rec != *t.p.rec || (len(p.keys) == 0) != (len(t.p.keys) == 0) {
			break
		}
		if len(p.keys) == 0 {
			same = append(same, r.replace(i))
		} else {
			same = append(same, r.replace(i, test{t.v, &pat{kind: pkKeys, rec: p.rec, keys: p.keys, subs: p.subs}}))
		}
		n++
	}
	l.split(rows[n:], fail, func(fail *block) {
		l.nativeName(t.v, t.p.rec, len(t.p.keys) > 0, fail)
		l.match(same, fail)
	})
}

// isNativeCall resolves is_record(X, Name) and is_record(X, Module, Name) for native records.
func (l *lower) isNativeCall(e *ast.Call) *nativeRef {
	if len(e.Args) < 2 || len(e.Args) > 3 {
		return nil
	}
	name, ok := e.Args[len(e.Args)-1].(*ast.Atom)
	if !ok {
		return nil
	}
	if len(e.Args) == 2 {
		return l.native(ast.RecordRef{Name: name.Name})
	}
	mod, ok := e.Args[1].(*ast.Atom)
	if !ok {
		return nil
	}
	return &nativeRef{mod: mod.Name, name: name.Name}
}

// recordPut is what opPutRecord makes.
type recordPut struct {
	id     term.Term
	fields []term.Term
}

// nativeDefs enters the module's native records.
func (g *codegen) nativeDefs() {
	u := g.m.unit
	for _, f := range u.File.Forms {
		d, ok := f.(*ast.RecordDecl)
		if !ok || !d.Native {
			continue
		}
		def := beam.RecordDef{Name: term.Intern(d.Name)}
		for _, n := range u.ExportedRecords {
			def.Exported = def.Exported || n == d.Name
		}
		for _, f := range d.Fields {
			field := beam.RecordField{Name: term.Intern(f.Name)}
			if f.Default != nil {
				t, ok := g.m.constant(f.Default)
				if !ok {
					g.m.list.Errorf(f.At, "erl_lint.illegal_native_record_default", "illegal default value for field %s in native record %s", f.Name, d.Name)
					continue
				}
				field.Default = g.b.Literal(t)
			}
			def.Fields = append(def.Fields, field)
		}
		g.b.Record(def)
	}
}

// putRecord emits the making or updating of a record.
func (a *allocator) putRecord(v val, d *value, kills []val, dead bool, pos diag.Pos) {
	put := d.aux.(*recordPut)
	live := a.gc()
	s := a.args(d.args)
	a.srcLine(pos)
	a.freeAll(kills)
	out := []beam.Arg{beam.Label(0), a.g.literal(put.id), s[0], a.dst(v, dead), live, beam.List(2 * len(put.fields))}
	for i, f := range put.fields {
		out = append(out, beam.Atom(f), s[i+1])
	}
	a.emit(beam.OpPutRecord, out...)
}
