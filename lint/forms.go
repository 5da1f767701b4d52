package lint

import (
	"path"
	"sort"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/diag"
)

func itoa(n int) string { return strconv.Itoa(n) }

// pseudo are the functions that every module has.
var pseudo = [...]FunKey{{"module_info", 0}, {"module_info", 1}, {"record_info", 2}}

func isPseudo(k FunKey) bool { return k == pseudo[0] || k == pseudo[1] || k == pseudo[2] }

func newChecker(u *Unit, opts Options) *checker {
	c := &checker{u: u, fset: opts.Files, opts: opts, on: map[string]bool{}, format: 1,
		locals: map[FunKey]bool{}, imports: map[FunKey]string{}, exports: map[FunKey]bool{pseudo[0]: true, pseudo[1]: true},
		defined: map[FunKey]bool{pseudo[0]: true, pseudo[1]: true, pseudo[2]: true},
		calls:   map[FunKey][]FunKey{pseudo[1]: pseudo[:]}, noAuto: u.NoAutoImport, allNoBif: u.NoAutoImportAll || opts.Flags["no_auto_import"],
		features: map[string]bool{}, nowarnBifClash: map[FunKey]bool{}, keep: map[string]map[RemoteFun]bool{},
		keepModule: map[string]map[string]bool{}, records: map[string]*record{}, usedRecords: map[string]bool{},
		recImports: map[string]string{}, types: map[FunKey]typeInfo{}, typeUses: map[FunKey][]typeUse{},
		exportTypes: map[FunKey]bool{}, usedImports: map[FunKey]bool{}, specs: map[RemoteFun]diag.Pos{},
		callbacks: map[FunKey]diag.Pos{}, optional: map[FunKey]diag.Pos{}, selfCalls: map[FunKey][]diag.Pos{},
		hiddenDocs: map[FunKey]bool{}}
	for k, v := range defaultWarnings {
		c.on[k] = v
	}
	for f, v := range opts.Flags {
		if v {
			c.option(&ast.Atom{Name: f})
		}
	}
	for _, o := range opts.Terms {
		c.option(o)
	}
	for _, f := range opts.Features {
		c.features[f] = true
	}
	for _, v := range u.CompileOptions {
		for _, o := range flatten(v) {
			c.option(o)
		}
	}
	c.inlines = c.inlines || opts.Flags["inline"]
	for _, f := range u.File.Features {
		c.features[f] = true
	}
	for _, f := range u.Functions {
		c.locals[FunKey{f.Name, f.Arity}] = true
	}
	return c
}

// flatten gives the elements of a list of lists, or the term itself.
func flatten(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.Nil:
		return nil
	case *ast.List:
		var out []ast.Expr
		for _, x := range e.Elems {
			out = append(out, flatten(x)...)
		}
		return append(out, flatten(e.Tail)...)
	}
	return []ast.Expr{e}
}

// option takes one compiler option.
func (c *checker) option(o ast.Expr) {
	switch o := o.(type) {
	case *ast.Atom:
		if kind, ok := strings.CutPrefix(o.Name, "warn_"); ok {
			c.switchWarning(kind, true)
		} else if kind, ok := strings.CutPrefix(o.Name, "nowarn_"); ok {
			c.switchWarning(kind, false)
		} else if o.Name == "inline" {
			c.inlines = true
		}
	case *ast.Tuple:
		if len(o.Elems) != 2 {
			return
		}
		name, ok := o.Elems[0].(*ast.Atom)
		if !ok {
			return
		}
		switch name.Name {
		case "warn_format":
			if n, ok := o.Elems[1].(*ast.Integer); ok {
				c.format = int(n.Value)
			}
		case "inline":
			c.inlines = c.inlines || len(flatten(o.Elems[1])) > 0
		case "nowarn_unused_function", "nowarn_bif_clash", "nowarn_deprecated_function", "nowarn_removed", "nowarn_unsafe_function",
			"nowarn_redefined_builtin_type":
			for _, e := range flatten(o.Elems[1]) {
				c.keepOption(name.Name, e)
			}
		}
	}
}

func (c *checker) switchWarning(kind string, on bool) {
	if kind == "format" {
		c.format = 0
		if on {
			c.format = 1
		}
	}
	if _, ok := defaultWarnings[kind]; ok {
		c.on[kind] = on
	}
}

// keepOption notes a function, or a module, that an option names.
func (c *checker) keepOption(option string, e ast.Expr) {
	if a, ok := e.(*ast.Atom); ok {
		if c.keepModule[option] == nil {
			c.keepModule[option] = map[string]bool{}
		}
		c.keepModule[option][a.Name] = true
		return
	}
	var r RemoteFun
	if k, ok := funKey(e); ok {
		r.FunKey = k
		if option == "nowarn_bif_clash" {
			c.nowarnBifClash[k] = true
		}
	} else if t, ok := e.(*ast.Tuple); ok && len(t.Elems) == 3 {
		m, ok1 := t.Elems[0].(*ast.Atom)
		f, ok2 := t.Elems[1].(*ast.Atom)
		a, ok3 := t.Elems[2].(*ast.Integer)
		if !ok1 || !ok2 || !ok3 {
			return
		}
		r = RemoteFun{m.Name, FunKey{f.Name, int(a.Value)}}
	}
	if c.keep[option] == nil {
		c.keep[option] = map[RemoteFun]bool{}
	}
	c.keep[option][r] = true
}

// prescan looks at the -compile attributes and the files before everything else.
func (c *checker) prescan() {
	for _, f := range c.u.File.Forms {
		switch f := f.(type) {
		case *ast.FileAttr:
			c.hasQlc = c.hasQlc || path.Base(f.Name) == "qlc.hrl"
		case *ast.Attribute:
			if f.Name != "compile" {
				continue
			}
			c.bifClashOptions(f)
			for _, o := range flatten(f.Value) {
				c.moduleOptions(f.At, o)
				if a, ok := o.(*ast.Atom); ok && a.Name == "export_all" {
					c.maybeWarnf(f.At, "export_all", "export_all flag enabled - all functions will be exported")
				}
			}
		}
	}
}

// bifClashOptions refuses nowarn_bif_clash.
func (c *checker) bifClashOptions(f *ast.Attribute) {
	bad := false
	switch v := f.Value.(type) {
	case *ast.Atom:
		bad = v.Name == "nowarn_bif_clash"
	case *ast.Tuple:
		if len(v.Elems) == 2 {
			n, ok1 := v.Elems[0].(*ast.Atom)
			t, ok2 := v.Elems[1].(*ast.Tuple)
			bad = ok1 && ok2 && n.Name == "nowarn_bif_clash" && len(t.Elems) == 2
		}
	}
	if bad {
		c.errorf(f.At, "disallowed_nowarn_bif_clash", "compile directive nowarn_bif_clash is no longer allowed --\n"+
			"use explicit module names or -compile({no_auto_import, [F/A]})")
	}
}

// moduleOptions checks the names of modules in options.
func (c *checker) moduleOptions(at diag.Pos, o ast.Expr) {
	t, ok := o.(*ast.Tuple)
	if !ok || len(t.Elems) != 2 {
		return
	}
	n, ok := t.Elems[0].(*ast.Atom)
	if !ok || n.Name != "nowarn_deprecated_function" && n.Name != "nowarn_removed" && n.Name != "nowarn_unsafe_function" {
		return
	}
	for _, e := range flatten(t.Elems[1]) {
		if mfa, ok := e.(*ast.Tuple); ok && len(mfa.Elems) == 3 {
			if m, ok := mfa.Elems[0].(*ast.Atom); ok {
				c.moduleName(m.Name, at)
			}
		}
	}
}

// form checks one form.
func (c *checker) form(f ast.Form) {
	switch f := f.(type) {
	case *ast.Bad:
		if f.Diag.Severity == diag.Error {
			c.errors = append(c.errors, f.Diag)
		} else {
			c.warnings = append(c.warnings, f.Diag)
		}
		return
	case *ast.FileAttr:
		return
	case *ast.Attribute:
		if f.Name == "compile" || f.Name == "file" {
			return
		}
	}
	if c.state == 0 {
		c.state = 1
		if m, ok := f.(*ast.Module); ok {
			if m.HasParams {
				c.errorf(m.At, "pmod_unsupported", "parameterized modules are no longer supported")
				return
			}
			c.moduleName(m.Name, m.At)
			return
		}
		c.errorf(f.Pos(), "undefined_module", "no module definition")
	}
	if c.state == 1 {
		if _, ok := f.(*ast.Function); ok {
			c.state = 2
		}
	}
	c.declaration(f)
}

// late reports an attribute that may not follow functions.
func (c *checker) late(at diag.Pos, name string) bool {
	if c.state == 2 {
		c.errorf(at, "attribute", "attribute %s after function definitions", atomArg(name))
		return true
	}
	return false
}

func (c *checker) declaration(f ast.Form) {
	switch f := f.(type) {
	case *ast.Module:
		if !c.late(f.At, "module") && c.u.ModuleAt != f.At {
			c.errorf(f.At, "redefine_module", "redefining module")
		}
	case *ast.Export:
		if !c.late(f.At, "export") {
			c.export(f)
		}
	case *ast.ExportType:
		if !c.late(f.At, "export_type") {
			c.exportType(f)
		}
	case *ast.Import:
		if !c.late(f.At, "import") {
			c.importFuns(f)
		}
	case *ast.ImportRecord:
		c.importRecords(f)
	case *ast.RecordDecl:
		c.defineRecord(f)
	case *ast.TypeDecl:
		c.docAt = diag.NoPos
		c.defineType(f)
	case *ast.Spec:
		if !f.Callback {
			c.spec(f)
		} else if !c.late(f.At, "callback") {
			c.docAt = diag.NoPos
			c.callback(f)
		}
	case *ast.Attribute:
		c.attribute(f)
	case *ast.Function:
		c.function(f)
	}
}

func (c *checker) attribute(a *ast.Attribute) {
	switch a.Name {
	case "doc", "moduledoc":
		c.doc(a)
		return
	case "dialyzer":
		return
	}
	if c.late(a.At, a.Name) {
		return
	}
	switch a.Name {
	case "behaviour", "behavior":
		n, ok := a.Value.(*ast.Atom)
		b := behaviourAt{at: a.At, ok: ok, term: termArg{a.Value}}
		if ok {
			b.name = n.Name
		}
		c.behaviours = append(c.behaviours, b)
	case "optional_callbacks":
		if _, single := funKey(a.Value); single {
			return
		}
		var ks []FunKey
		for _, e := range listElems(a.Value) {
			k, ok := funKey(e)
			if !ok {
				return
			}
			ks = append(ks, k)
		}
		for _, k := range ks {
			if _, again := c.optional[k]; again {
				c.errorf(a.At, "redefine_optional_callback", "optional callback %s duplicated", k)
			}
			c.optional[k] = a.At
		}
	case "on_load":
		c.onLoadAttribute(a)
	case "export_type":
		c.errorf(a.At, "bad_export_type", "bad export_type declaration", hidden(a.Value))
	}
}

func (c *checker) onLoadAttribute(a *ast.Attribute) {
	k, ok := funKey(a.Value)
	if !ok {
		c.errorf(a.At, "bad_on_load", "badly formed on_load attribute: %s", termArg{a.Value})
		return
	}
	c.onLoad, c.onLoadAt = append(c.onLoad, k), a.At
	switch {
	case len(c.onLoad) > 1:
		c.errorf(a.At, "multiple_on_loads", "more than one on_load attribute")
	case k.Arity != 0:
		c.errorf(a.At, "bad_on_load_arity", "function %s has wrong arity (must be 0)", k)
	}
}

// doc watches that there is one -doc text for each item.
func (c *checker) doc(a *ast.Attribute) {
	hidden := false
	switch v := a.Value.(type) {
	case *ast.String, *ast.Nil, *ast.List, *ast.Bits:
	case *ast.Atom:
		if v.Name != "false" && v.Name != "hidden" {
			return
		}
		hidden = true
	default:
		return
	}
	at, hide := &c.docAt, &c.docHidden
	if a.Name == "moduledoc" {
		at, hide = &c.modDocAt, &c.modHidden
	}
	if *at != diag.NoPos {
		c.errorf(a.At, "duplicate_doc_attribute", "redefining documentation attribute (%s) previously set at line %d", nameArg(a.Name), c.position(*at).Line)
		return
	}
	*at, *hide = a.At, hidden
}

func (c *checker) export(f *ast.Export) {
	for _, e := range f.Funs {
		k := FunKey{e.Name, int(e.Arity)}
		if c.exports[k] {
			c.warnf(f.At, "duplicated_export", "function %s already exported", k)
		}
		c.exports[k] = true
		c.called = append(c.called, place{k, f.At})
	}
}

func (c *checker) exportType(f *ast.ExportType) {
	for _, e := range f.Types {
		k := FunKey{e.Name, int(e.Arity)}
		if c.exportTypes[k] {
			c.warnf(f.At, "duplicated_export_type", "type %s already exported", k)
		} else {
			c.owner = typeOwner{kind: 'e'}
			c.useType(k, f.At)
		}
		c.exportTypes[k] = true
	}
}

func (c *checker) importFuns(f *ast.Import) {
	c.moduleName(f.Module, f.At)
	set := map[FunKey]bool{}
	for _, e := range f.Funs {
		set[FunKey{e.Name, int(e.Arity)}] = true
	}
	keys := sortedFuns(set)
	refused := false
	for i := len(keys) - 1; i >= 0; i-- {
		k := keys[i]
		if from, ok := c.imports[k]; ok {
			refused = true
			c.errorf(f.At, "redefine_import", "function %s already imported from %s", k, atomArg(from))
		} else if spec.IsAutoImported(k.Name, k.Arity) && c.enabled("bif_clash") && !c.nowarnBifClash[k] && !c.suppressed(k) {
			c.warnf(f.At, "redefine_bif_import", "import directive overrides auto-imported BIF %s --\n"+
				"use \"-compile({no_auto_import,[%s]}).\" to resolve name clash", k, k)
		}
	}
	if !refused {
		for _, k := range keys {
			c.imports[k] = f.Module
		}
	}
}

func (c *checker) importRecords(f *ast.ImportRecord) {
	c.moduleName(f.Module, f.At)
	refused := false
	for i := len(f.Names) - 1; i >= 0; i-- {
		n := f.Names[i]
		if c.records[n] != nil {
			refused = true
			c.errorf(f.At, "redefine_local_record", "record %s is already defined locally", nameArg(n))
		} else if m, ok := c.recImports[n]; ok {
			refused = true
			c.errorf(f.At, "redefine_imported_record", "record %s already imported from %s", atomArg(n), atomArg(m))
		}
	}
	if !refused {
		for _, n := range f.Names {
			c.recImports[n] = f.Module
		}
	}
}

func (c *checker) function(f *ast.Function) {
	k := FunKey{f.Name, f.Arity}
	if c.docAt != diag.NoPos && c.docHidden || c.modDocAt != diag.NoPos && c.modHidden {
		c.hiddenDocs[k] = true
	}
	c.docAt = diag.NoPos
	c.fun = k
	c.keyword(f.At, f.Name)
	if c.defined[k] {
		c.errorf(f.At, "redefine_function", "function %s already defined", k)
	} else {
		if f.Arity > maxArguments {
			c.errorf(f.At, "too_many_arguments", "too many arguments (%d) -- maximum allowed is %d", f.Arity, maxArguments)
		}
		c.defined[k] = true
		if c.imports[k] != "" {
			c.errorf(f.At, "define_import", "defining imported function %s", k)
		}
	}
	for _, cl := range f.Clauses {
		used, born := c.head(cl.Patterns, nil, nil)
		v := update(used, born)
		v = update(c.guard(cl.Guard, v), v)
		v = update(c.exprs(cl.Body, v), v)
		c.unused(v, nil)
	}
}

// result packs errors, in the order in which they were found, and warnings,
// in the order of the source, file by file.
func (c *checker) result() *diag.List {
	file := func(d *diag.Diagnostic) string {
		if d.File != "" {
			return d.File
		}
		return c.fileOf(d.Pos())
	}
	sort.SliceStable(c.errors, func(i, j int) bool { return file(c.errors[i]) < file(c.errors[j]) })
	list := new(diag.List)
	for _, d := range c.errors {
		list.Add(d)
	}
	for _, d := range c.warnings {
		list.Add(d)
	}
	return list
}
