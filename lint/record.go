package lint

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// refText writes the name of a record as messages about fields do.
func refText(r ast.RecordRef) string {
	if r.Kind == ast.RecordRemote {
		return "#" + atomText(r.Module) + ":" + atomText(r.Name)
	}
	return r.Name
}

// defineRecord checks a record declaration and remembers it.
func (c *checker) defineRecord(d *ast.RecordDecl) {
	if c.records[d.Name] != nil {
		c.errorf(d.At, "redefine_record", "record %s already defined", atomArg(d.Name))
		return
	}
	if m, ok := c.recImports[d.Name]; ok {
		c.errorf(d.At, "redefine_imported_record", "record %s already imported from %s", atomArg(d.Name), atomArg(m))
		return
	}
	r := &record{name: d.Name, native: d.Native, at: d.At, typed: true}
	for _, f := range d.Fields {
		r.typed = r.typed && f.Type != nil
		switch {
		case r.field(f.Name) != nil:
			c.errorf(f.At, "redefine_field", "field %s already defined in record %s", atomArg(f.Name), nameArg(d.Name))
			continue
		case f.Default == nil:
		case d.Native:
			if !literalDefault(f.Default) {
				c.errorf(f.At, "illegal_native_record_default", "illegal default value for field %s in native record %s", atomArg(f.Name), atomArg(d.Name))
			}
		default:
			before := len(c.errors)
			c.inRecordDef = true
			c.muteUses++
			c.expr(f.Default, nil)
			c.muteUses--
			c.inRecordDef = false
			if len(c.errors) > before {
				if r.bad == nil {
					r.bad = map[string]bool{}
				}
				r.bad[f.Name] = true
			}
		}
		r.fields = append(r.fields, f)
	}
	c.records[d.Name] = r
	c.owner = typeOwner{'r', FunKey{Name: d.Name}}
	var ts []ast.Type
	for _, f := range d.Fields {
		if f.Type != nil {
			ts = append(ts, f.Type)
		}
	}
	c.checkTypes(ts)
}

// literalDefault reports whether a default is allowed in a native record.
func literalDefault(e ast.Expr) bool {
	if _, ok := constant(e); ok {
		return true
	}
	switch e := e.(type) {
	case *ast.Nil, *ast.String:
		return true
	case *ast.List:
		for _, x := range e.Elems {
			if !literalDefault(x) {
				return false
			}
		}
		return literalDefault(e.Tail)
	case *ast.Tuple:
		for _, x := range e.Elems {
			if !literalDefault(x) {
				return false
			}
		}
		return true
	case *ast.Map:
		for _, f := range e.Fields {
			if !literalDefault(f.Key) || !literalDefault(f.Value) {
				return false
			}
		}
		return e.Base == nil
	case *ast.Bits:
		for _, s := range e.Elems {
			if _, ok := s.Value.(*ast.String); !ok {
				return false
			}
		}
		return true
	}
	return false
}

// undefinedRecord reports a record that nobody knows.
func (c *checker) undefinedRecord(at diag.Pos, name string) {
	var names []string
	for n := range c.records {
		names = append(names, n)
	}
	for n := range c.recImports {
		names = append(names, n)
	}
	if g, ok := guess(name, names); ok {
		c.errorf(at, "undefined_record", "record %s undefined, did you mean %s?", atomArg(name), nameArg(g))
		return
	}
	c.errorf(at, "undefined_record", "record %s undefined", atomArg(name))
}

func (c *checker) undefinedField(at diag.Pos, r *record, ref ast.RecordRef, field string) {
	var names []string
	for _, f := range r.fields {
		names = append(names, f.Name)
	}
	if g, ok := guess(field, names); ok {
		// The compiler writes the name as a list of characters here.
		c.errorf(at, "undefined_field", "field %s undefined in record %s, did you mean %s?", atomArg(field),
			pair{text: termText(&ast.String{Value: refText(ref)}), v: recordRef(ref).v}, nameArg(g))
		return
	}
	c.errorf(at, "undefined_field", "field %s undefined in record %s", atomArg(field), recordRef(ref))
}

// anyRecord checks the name in is_record(X, name).
func (c *checker) anyRecord(at diag.Pos, name string) {
	if c.records[name] != nil {
		c.useRecord(name)
	} else if _, ok := c.recImports[name]; !ok {
		c.undefinedRecord(at, name)
	}
}

// findRecord finds what a record operation is about: its definition (nil for
// one of another module), and whether it is native. Without ok the record is
// unknown, which has been reported.
func (c *checker) findRecord(at diag.Pos, ref ast.RecordRef) (r *record, native, ok bool) {
	if ref.Kind == ast.RecordAnon {
		return nil, true, true
	}
	if ref.Kind == ast.RecordRemote && ref.Module != c.u.Module {
		c.useRecord(ref.Module + ":" + ref.Name)
		return nil, true, true
	}
	if r := c.records[ref.Name]; r != nil {
		c.useRecord(ref.Name)
		return r, r.native, true
	}
	if _, imported := c.recImports[ref.Name]; imported && ref.Kind == ast.RecordLocal {
		return nil, true, true
	}
	c.undefinedRecord(at, ref.Name)
	return nil, false, false
}

// recordIndex checks #name.field.
func (c *checker) recordIndex(e *ast.RecordIndex) vars {
	r, native, ok := c.findRecord(e.At, e.Ref)
	if !ok {
		return nil
	}
	if native {
		c.errorf(e.At, "native_record_illegal_record_index", "syntax #%s.%s is only supported for tuple records", indexArg(e.Ref), atomArg(e.Field.Name))
		return nil
	}
	return c.fieldOf(e.Field, r, native, e.Ref)
}

func indexRef(r ast.RecordRef) string {
	switch r.Kind {
	case ast.RecordRemote:
		return "{" + atomText(r.Module) + "," + atomText(r.Name) + "}"
	case ast.RecordAnon:
		return "[]"
	}
	return atomText(r.Name)
}

// indexArg is the record of an index expression in messages.
func indexArg(r ast.RecordRef) pair {
	p := recordRef(r)
	if r.Kind == ast.RecordAnon {
		p.v = diag.ListValue{}
	}
	p.text = indexRef(r)
	return p
}

func (c *checker) recordIndexPattern(e *ast.RecordIndex) { c.recordIndex(e) }

func (c *checker) fieldOf(f *ast.Atom, r *record, native bool, ref ast.RecordRef) vars {
	if r == nil || r.field(f.Name) != nil {
		return nil
	}
	if native {
		c.undefinedNativeField(f.At, ref, f.Name)
	} else {
		c.undefinedField(f.At, r, ref, f.Name)
	}
	return nil
}

func (c *checker) undefinedNativeField(at diag.Pos, ref ast.RecordRef, field string) {
	c.maybeWarnf(at, "undefined_field", "field %s undefined in record %s", atomArg(field), recordRef(ref))
}

// recordField checks the field of X#name.field.
func (c *checker) recordField(at diag.Pos, ref ast.RecordRef, f *ast.Atom) vars {
	r, native, ok := c.findRecord(at, ref)
	if !ok {
		return nil
	}
	return c.fieldOf(f, r, native, ref)
}

// checkBase warns about X#name... where X cannot be a record.
func (c *checker) checkBase(at diag.Pos, e ast.Expr) {
	switch e := e.(type) {
	case *ast.Char, *ast.Integer, *ast.Float, *ast.Atom, *ast.String, *ast.List, *ast.Nil, *ast.RecordIndex, *ast.Fun, *ast.FunRef,
		*ast.FunRemote, *ast.NamedFun:
		c.warnf(at, "invalid_record", "invalid record expression")
	case *ast.ListComp:
		_ = e
		c.warnf(at, "invalid_record", "invalid record expression")
	}
}

// fieldCheck is the way the fields of a record operation are checked.
type fieldCheck struct {
	value    func(ast.Expr) (used, born vars)
	warnOnly bool // an unknown field of a native record draws a warning
}

// fields checks the fields that a record operation gives and returns their
// names.
func (c *checker) fields(fs []*ast.RecordField, r *record, native bool, ref ast.RecordRef, old vars, how fieldCheck) (used, born vars, seen map[string]bool) {
	seen = map[string]bool{}
	add := func(e ast.Expr) {
		u, b := how.value(e)
		used, born = c.mergePattern(used, u), c.mergePattern(born, b)
	}
	for _, f := range fs {
		switch n := f.Name.(type) {
		case *ast.Atom:
			switch {
			case seen[n.Name]:
				c.errorf(f.At, "redefine_field", "field %s already defined in record %s", atomArg(n.Name), recordRef(ref))
				continue
			case r == nil:
				add(f.Value)
			case r.field(n.Name) != nil:
				add(f.Value)
			case native && how.warnOnly:
				c.undefinedNativeField(n.At, ref, n.Name)
			default:
				c.undefinedField(n.At, r, ref, n.Name)
			}
			seen[n.Name] = true
		case *ast.Var:
			switch {
			case n.Name != "_":
				c.errorf(n.At, "field_name_is_variable", "field %s is not an atom or _ in record %s", varArg(n.Name), atomArg(ref.Name))
				used = c.mergePattern(used, old)
			case native && r != nil || native:
				c.errorf(n.At, "native_record_illegal_multi_field_init", "multi-field initialization (assigning to _) is only supported for tuple records")
			case seen["_"]:
				c.errorf(n.At, "bad_multi_field_init", "'_' initializes no omitted fields")
			default:
				seen["_"] = true
				add(f.Value)
			}
		}
	}
	return used, born, seen
}

// recordNew checks #name{...}.
func (c *checker) recordNew(e *ast.Record, old vars) vars {
	if e.Ref.Kind == ast.RecordAnon {
		c.errorf(e.At, "undefined_native_record", "native record %s undefined", atomArg("_"))
		return nil
	}
	r, native, ok := c.findRecord(e.At, e.Ref)
	if !ok {
		return nil
	}
	before := len(c.errors)
	remote := e.Ref.Kind == ast.RecordRemote
	used, _, seen := c.fields(e.Fields, r, native, e.Ref, old,
		fieldCheck{func(x ast.Expr) (vars, vars) { return c.expr(x, old), nil }, remote})
	if r == nil || native && len(c.errors) > before {
		return used
	}
	if native {
		for _, d := range r.fields {
			if d.Default == nil && !seen[d.Name] {
				if remote {
					c.maybeWarnf(e.At, "novalue", "field %s is not initialized in native record %s", atomArg(d.Name), recordRef(e.Ref))
				} else {
					c.errorf(e.At, "novalue", "field %s is not initialized in native record %s", atomArg(d.Name), recordRef(e.Ref))
				}
			}
		}
		return used
	}
	c.defaults(r, seen, func(d ast.Expr) { c.expr(d, old) })
	return used
}

// defaults checks the defaults of the fields that are not given, for what they use.
func (c *checker) defaults(r *record, seen map[string]bool, check func(ast.Expr)) {
	for _, d := range r.fields {
		if d.Default == nil || seen[d.Name] || r.bad[d.Name] || quiet(d.Default) {
			continue
		}
		if _, ok := d.Default.(*ast.Atom); ok {
			continue
		}
		c.muteDiags++
		c.muteCalled++
		check(d.Default)
		c.muteDiags--
		c.muteCalled--
	}
}

// recordInGuard checks #name{...} in a guard: the defaults must be legal there too.
func (c *checker) recordInGuard(e *ast.Record, old vars) vars {
	r, native, ok := c.findRecord(e.At, e.Ref)
	if !ok {
		return nil
	}
	if native {
		c.errorf(e.At, "native_record_in_guard", "creating a record in a guard is only supported for tuple records")
		return nil
	}
	used, _, seen := c.fields(e.Fields, r, native, e.Ref, old,
		fieldCheck{func(x ast.Expr) (vars, vars) { return c.gexpr(x, old), nil }, false})
	for _, d := range r.fields {
		if d.Default != nil && !seen[d.Name] && !r.bad[d.Name] {
			at := len(c.errors)
			warned := len(c.warnings)
			c.gexpr(d.Default, old)
			c.warnings = c.warnings[:warned]
			for _, err := range c.errors[at:] {
				err.Span = diag.At(e.At)
			}
		}
	}
	return used
}

// recordUpdate checks X#name{...}.
func (c *checker) recordUpdate(e *ast.Record, old vars) vars {
	c.checkBase(e.At, e.Base)
	base := c.expr(e.Base, old)
	var used vars
	r, native, ok := c.findRecord(e.At, e.Ref)
	if ok {
		used, _, _ = c.fields(e.Fields, r, native, e.Ref, old,
			fieldCheck{func(x ast.Expr) (vars, vars) { return c.expr(x, old), nil }, true})
	}
	if def := c.records[e.Ref.Name]; def != nil && !def.native && e.Ref.Kind == ast.RecordLocal {
		if at := wildcard(e.Fields); at != diag.NoPos {
			c.errorf(at, "wildcard_in_update", "meaningless use of _ in update of record %s", atomArg(e.Ref.Name))
			return nil
		}
	}
	c.literalUpdate(e.At, e.Base)
	return merge(base, used)
}

// wildcard is the place of the first _ = Value.
func wildcard(fs []*ast.RecordField) diag.Pos {
	for _, f := range fs {
		if v, ok := f.Name.(*ast.Var); ok && v.Name == "_" {
			return v.At
		}
	}
	return diag.NoPos
}

// wildcards counts the fields _.
func wildcards(fields []*ast.RecordField) int {
	n := 0
	for _, f := range fields {
		if v, ok := f.Name.(*ast.Var); ok && v.Name == "_" {
			n++
		}
	}
	return n
}

// recordPattern checks #name{...} as a pattern.
func (c *checker) recordPattern(p *ast.Record, outer, old vars) (used, born vars) {
	how := fieldCheck{func(x ast.Expr) (vars, vars) { return c.pattern(x, outer, old) }, false}
	ref := p.Ref
	if ref.Kind == ast.RecordRemote && ref.Module == c.u.Module {
		ref = ast.RecordRef{Kind: ast.RecordLocal, Name: ref.Name}
	}
	if ref.Kind != ast.RecordLocal {
		used, born, _ = c.fields(p.Fields, nil, true, ref, outer, how)
		return used, born
	}
	r := c.records[ref.Name]
	_, imported := c.recImports[ref.Name]
	switch {
	case r != nil && !r.native:
		c.useRecord(ref.Name)
		given := map[string]bool{}
		for _, f := range p.Fields {
			if a, ok := f.Name.(*ast.Atom); ok {
				given[a.Name] = true
			}
		}
		omitted := false
		for _, d := range r.fields {
			omitted = omitted || !given[d.Name]
		}
		if at := wildcard(p.Fields); at != diag.NoPos && !omitted {
			c.errorf(at, "bad_multi_field_init", "'_' initializes no omitted fields")
		}
		used, born, _ = c.fields(p.Fields, r, false, ref, outer, how)
		if wildcards(p.Fields) > 1 {
			return nil, nil // reported; the pattern binds nothing
		}
	case r != nil || imported:
		c.useRecord(ref.Name)
		for _, f := range p.Fields {
			if a, ok := f.Name.(*ast.Atom); ok && r != nil && r.field(a.Name) == nil {
				c.undefinedNativeField(f.At, ref, a.Name)
			}
		}
		used, born, _ = c.fields(p.Fields, nil, true, ref, outer, how)
	default:
		c.undefinedRecord(p.At, ref.Name)
	}
	return used, born
}
