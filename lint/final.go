package lint

import (
	"sort"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/diag"
)

// finish makes the checks that need the whole module.
func (c *checker) finish() {
	c.checkBehaviours()
	c.checkVersions("deprecated")
	c.checkImports()
	c.optionFunctions("inline", "bad_inline", "inlined function %s undefined")
	c.undefinedFunctions()
	c.unusedFunctions()
	c.optionFunctions("nowarn_bif_clash", "bad_nowarn_bif_clash", "function %s undefined")
	c.specsWithoutFunction()
	c.missingSpecs()
	c.undefinedTypes()
	c.unusedTypes()
	c.untypedRecords()
	c.checkOnLoad()
	c.checkExportRecord()
	c.unusedRecords()
	c.localOpaques()
	c.checkDialyzer()
	c.checkCallbacks()
	c.checkNifs()
	c.unexported()
	c.checkVersions("removed")
	c.checkVersions("unsafe")
}

// visible are the functions that other modules can call.
func (c *checker) visible() map[FunKey]bool {
	if c.u.ExportAll {
		return c.defined
	}
	return c.exports
}

func (c *checker) attributes(name string, visit func(a *ast.Attribute)) {
	for _, f := range c.u.File.Forms {
		if a, ok := f.(*ast.Attribute); ok && a.Name == name {
			visit(a)
		}
	}
}

// checkVersions checks -deprecated, -removed and -unsafe.
func (c *checker) checkVersions(attr string) {
	exported := map[FunKey]bool{}
	for k := range c.visible() {
		if !isPseudo(k) && k != (FunKey{"behaviour_info", 1}) {
			exported[k] = true
		}
	}
	c.attributes(attr, func(a *ast.Attribute) {
		for _, e := range flatten(a.Value) {
			c.version(attr, a.At, e, exported)
		}
	})
}

func (c *checker) version(attr string, at diag.Pos, e ast.Expr, exported map[FunKey]bool) {
	invalid := func(what argument) {
		c.errorf(at, "invalid_"+attr, "badly formed "+attr+" attribute %s", what)
	}
	any := false // something exported matches the name
	if a, ok := e.(*ast.Atom); ok && a.Name == "module" {
		if attr == "removed" && len(exported) > 0 {
			c.errorf(at, "bad_removed", "at least one function matching '_'/'_' is still exported",
				hidden(diag.TupleValue{diag.AtomValue("_"), diag.AtomValue("_")}))
		}
		return
	}
	t, ok := e.(*ast.Tuple)
	if !ok || len(t.Elems) < 2 || len(t.Elems) > 3 || len(t.Elems) == 3 && !c.versionFlag(attr, t.Elems[2]) {
		invalid(termArg{e})
		return
	}
	f, ok1 := t.Elems[0].(*ast.Atom)
	n, ok2 := t.Elems[1].(*ast.Integer)
	all, ok3 := t.Elems[1].(*ast.Atom)
	if !ok1 || !(ok2 && n.Value >= 0) && !(ok3 && all.Name == "_") {
		invalid(termArg{&ast.Tuple{Elems: t.Elems[:2]}})
		return
	}
	name := pair{text: atomText(f.Name) + "/" + termText(t.Elems[1]), v: diag.TupleValue{diag.AtomValue(f.Name), t.Elems[1]}}
	switch {
	case ok3 && f.Name == "_":
		if attr == "removed" && len(exported) > 0 {
			c.errorf(at, "bad_removed", "at least one function matching %s is still exported", name)
		}
		return
	case ok3:
		for k := range exported {
			any = any || k.Name == f.Name
		}
	default:
		k := FunKey{f.Name, int(n.Value)}
		_, bif := spec.Lookup(c.u.Module, k.Name, k.Arity)
		any = exported[k] || bif
	}
	switch {
	case attr == "removed" && any && ok3:
		c.errorf(at, "bad_removed", "at least one function matching %s is still exported", name)
	case attr == "removed" && any:
		c.errorf(at, "bad_removed", "removed function %s is still exported", name)
	case attr != "removed" && !any:
		c.errorf(at, "bad_"+attr, attr+" function %s undefined or not exported", name)
	}
}

func (c *checker) versionFlag(attr string, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.String, *ast.Nil:
		return true
	case *ast.List:
		for _, x := range e.Elems {
			switch x.(type) {
			case *ast.Integer, *ast.Char:
			default:
				return false
			}
		}
		return c.versionFlag(attr, e.Tail)
	case *ast.Atom:
		switch attr {
		case "deprecated":
			return e.Name == "next_version" || e.Name == "next_major_release" || e.Name == "eventually"
		case "unsafe":
			return e.Name == "possibly"
		}
	}
	return false
}

func (c *checker) checkImports() {
	if !c.enabled("unused_import") {
		return
	}
	for _, f := range c.u.File.Forms {
		i, ok := f.(*ast.Import)
		if !ok {
			continue
		}
		set := map[FunKey]bool{}
		for _, e := range i.Funs {
			set[FunKey{e.Name, int(e.Arity)}] = true
		}
		for _, k := range sortedFuns(set) {
			if c.imports[k] == i.Module && !c.usedImports[k] {
				c.warnf(i.At, "unused_import", "import %s:%s is unused", atomArg(i.Module), k)
			}
		}
	}
}

// own are the functions that the module defines.
func (c *checker) own() []FunKey {
	var out []FunKey
	for _, k := range sortedFuns(c.defined) {
		if !isPseudo(k) {
			out = append(out, k)
		}
	}
	return out
}

// optionFunctions checks the functions that a -compile option names.
func (c *checker) optionFunctions(option, code, format string) {
	var known []FunKey
	c.attributes("compile", func(a *ast.Attribute) {
		for _, o := range flatten(a.Value) {
			t, ok := o.(*ast.Tuple)
			if !ok || len(t.Elems) != 2 {
				continue
			}
			if n, ok := t.Elems[0].(*ast.Atom); !ok || n.Name != option {
				continue
			}
			for _, e := range flatten(t.Elems[1]) {
				k, ok := funKey(e)
				if !ok {
					c.errorf(a.At, "invalid_fa_attribute", "badly formed attribute %s", termArg{e})
					continue
				}
				if known == nil {
					known = append(c.own(), sortedFuns(c.imports)...)
				}
				if _, imported := c.imports[k]; !imported && (!c.defined[k] || isPseudo(k)) {
					c.suggest(a.At, code, format, k, known)
				}
			}
		}
	})
}

func (c *checker) undefinedFunctions() {
	var missing []place
	for _, p := range c.called {
		if !c.defined[p.fun] {
			missing = append(missing, p)
		}
	}
	sort.SliceStable(missing, func(i, j int) bool {
		if missing[i].fun != missing[j].fun {
			return lessFun(missing[i].fun, missing[j].fun)
		}
		return c.before(missing[i].at, missing[j].at)
	})
	var known []FunKey
	for i, p := range missing {
		if i > 0 && p == missing[i-1] {
			continue
		}
		if known == nil {
			known = sortedFuns(c.defined)
		}
		c.suggest(p.at, "undefined_function", "function %s undefined", p.fun, known)
	}
}

func (c *checker) unusedFunctions() {
	c.optionFunctions("nowarn_unused_function", "bad_nowarn_unused_function", "function %s undefined")
	if c.u.ExportAll || !c.enabled("unused_function") {
		return
	}
	reached := map[FunKey]bool{}
	next := append([]FunKey(nil), c.onLoad...)
	for k := range c.exports {
		next = append(next, k)
	}
	for len(next) > 0 {
		k := next[len(next)-1]
		next = next[:len(next)-1]
		if !reached[k] {
			reached[k] = true
			next = append(next, c.calls[k]...)
		}
	}
	for _, f := range c.u.Functions {
		k := FunKey{f.Name, f.Arity}
		if !reached[k] && !c.keep["nowarn_unused_function"][RemoteFun{"", k}] {
			c.warnf(f.At, "unused_function", "function %s is unused", k)
		}
	}
}

func (c *checker) specsWithoutFunction() {
	missing := map[FunKey]diag.Pos{}
	for m, at := range c.specs {
		if m.Module == c.u.Module && !c.defined[m.FunKey] {
			missing[m.FunKey] = at
		}
	}
	for _, k := range sortedFuns(missing) {
		c.errorf(missing[k], "spec_fun_undefined", "spec for undefined function %s", k)
	}
}

func (c *checker) missingSpecs() {
	all := c.enabled("missing_spec_all")
	documented := !c.enabled("missing_spec")
	if !all && documented && !c.enabled("missing_spec_documented") {
		return
	}
	has := map[FunKey]bool{}
	for m := range c.specs {
		has[m.FunKey] = true
	}
	visible := c.visible()
	for _, f := range c.u.Functions {
		k := FunKey{f.Name, f.Arity}
		if !has[k] && (all || visible[k] && !isPseudo(k) && !(documented && c.hiddenDocs[k])) {
			c.warnf(f.At, "missing_spec", "missing specification for function %s", k)
		}
	}
}

func (c *checker) undefinedTypes() {
	for _, k := range sortedFuns(c.typeUses) {
		if _, ok := c.types[k]; ok || ast.IsBuiltinType(k.Name, k.Arity) || k == (FunKey{"fun", 0}) {
			continue
		}
		uses := c.typeUses[k]
		for i := len(uses) - 1; i >= 0; i-- {
			c.errorf(uses[i].at, "undefined_type", "type %s undefined", typeArg(k))
		}
	}
}

// firstFile is the name of the module's main file.
func (c *checker) firstFile() (string, bool) {
	for _, f := range c.u.File.Forms {
		if a, ok := f.(*ast.FileAttr); ok {
			return a.Name, true
		}
	}
	return "", false
}

func (c *checker) unusedTypes() {
	main, ok := c.firstFile()
	if !ok || !c.enabled("unused_type") {
		return
	}
	inside := map[FunKey][]FunKey{} // type -> the types it mentions
	reached := map[FunKey]bool{}
	var next []FunKey
	for k, uses := range c.typeUses {
		for _, u := range uses {
			if u.from.kind == 't' {
				inside[u.from.key] = append(inside[u.from.key], k)
			} else {
				next = append(next, k)
			}
		}
	}
	for len(next) > 0 {
		k := next[len(next)-1]
		next = next[:len(next)-1]
		if !reached[k] {
			reached[k] = true
			next = append(next, inside[k]...)
		}
	}
	for k, t := range c.types {
		if !reached[k] && c.fileOf(t.at) == main {
			c.warnf(t.at, "unused_type", "type %s is unused", typeArg(k))
		}
	}
}

func (c *checker) untypedRecords() {
	if !c.enabled("untyped_record") {
		return
	}
	for _, r := range c.records {
		if len(r.fields) > 0 && (!r.typed || r.native) {
			c.warnf(r.at, "untyped_record", "record %s has field(s) without type information", atomArg(r.name))
		}
	}
}

func (c *checker) checkOnLoad() {
	if len(c.onLoad) != 1 || c.onLoad[0].Arity != 0 || c.defined[c.onLoad[0]] {
		return
	}
	k := c.onLoad[0]
	var names []string
	for d := range c.defined {
		if d.Arity == 0 {
			names = append(names, d.Name)
		}
	}
	if g, ok := guess(k.Name, names); ok {
		c.errorf(c.onLoadAt, "undefined_on_load", "function %s undefined, did you mean %s/0?", k, nameArg(g))
		return
	}
	c.errorf(c.onLoadAt, "undefined_on_load", "function %s undefined", k)
}

func (c *checker) checkExportRecord() {
	seen := map[string]bool{}
	c.attributes("export_record", func(a *ast.Attribute) {
		for _, e := range listElems(a.Value) {
			n, ok := e.(*ast.Atom)
			if _, isList := a.Value.(*ast.List); !ok || !isList {
				c.errorf(a.At, "bad_export_record", "badly formed -export_record(); expected a list of record names")
				return
			}
			r := c.records[n.Name]
			switch {
			case seen[n.Name]:
				c.errorf(a.At, "native_record_already_exported", "native record %s already exported", atomArg(n.Name))
				continue
			case r == nil:
				c.errorf(a.At, "undefined_native_record", "native record %s undefined", atomArg(n.Name))
				seen[n.Name] = true
			case r.native:
				c.useRecord(n.Name)
			default:
				c.useRecord(n.Name)
				c.errorf(a.At, "tuple_record_export", "tuple records cannot be exported; only native records can")
				seen[n.Name] = true
			}
		}
	})
}

func (c *checker) unusedRecords() {
	main, ok := c.firstFile()
	if !ok {
		return
	}
	if c.enabled("unused_record") {
		c.attributes("compile", func(a *ast.Attribute) {
			for _, o := range flatten(a.Value) {
				if t, ok := o.(*ast.Tuple); ok && len(t.Elems) == 2 {
					if n, ok := t.Elems[0].(*ast.Atom); ok && n.Name == "nowarn_unused_record" {
						for _, e := range flatten(t.Elems[1]) {
							if r, ok := e.(*ast.Atom); ok {
								c.anyRecord(a.At, r.Name)
							}
						}
					}
				}
			}
		})
		for _, r := range c.records {
			if !c.usedRecords[r.name] && c.fileOf(r.at) == main {
				c.warnf(r.at, "unused_record", "record %s is unused", atomArg(r.name))
			}
		}
	}
	for _, r := range c.records {
		if r.native && c.fileOf(r.at) != main {
			c.maybeWarnf(r.at, "native_record_header", "record %s is defined in a header file", atomArg(r.name))
		}
	}
}

func (c *checker) localOpaques() {
	for k, t := range c.types {
		if t.kind == ast.OpaqueType && !c.exportTypes[k] {
			c.warnf(t.at, "not_exported_opaque", "opaque type %s is not exported", typeArg(k))
		}
	}
}

// dialyzerOptions are the warnings that -dialyzer can name.
var dialyzerOptions = map[string]bool{
	"no_return": true, "no_unused": true, "no_improper_lists": true, "no_fun_app": true, "no_match": true, "no_opaque": true,
	"no_fail_call": true, "no_contracts": true, "no_unknown": true, "no_behaviours": true, "no_undefined_callbacks": true,
	"unmatched_returns": true, "error_handling": true, "race_conditions": true, "no_missing_calls": true, "specdiffs": true,
	"overspecs": true, "underspecs": true, "unknown": true, "no_underspecs": true, "extra_return": true, "no_extra_return": true,
	"missing_return": true, "no_missing_return": true, "overlapping_contract": true, "opaque_union": true, "no_opaque_union": true,
}

func (c *checker) checkDialyzer() {
	type option struct {
		at   diag.Pos
		name string
		fun  FunKey
		has  bool
	}
	var good []option
	c.attributes("dialyzer", func(a *ast.Attribute) {
		for _, v := range flatten(a.Value) {
			if n, ok := v.(*ast.Atom); ok {
				good = append(good, option{at: a.At, name: n.Name})
				continue
			}
			t, ok := v.(*ast.Tuple)
			if !ok || len(t.Elems) != 2 {
				c.errorf(a.At, "bad_dialyzer_attribute", "badly formed dialyzer attribute: %s", termArg{v})
				continue
			}
			for _, o := range flatten(t.Elems[0]) {
				for _, f := range flatten(t.Elems[1]) {
					n, ok1 := o.(*ast.Atom)
					k, ok2 := funKey(f)
					if !ok1 || !ok2 || k.Arity < 0 {
						c.errorf(a.At, "bad_dialyzer_attribute", "badly formed dialyzer attribute: %s", termArg{&ast.Tuple{At: t.At, Elems: []ast.Expr{o, f}}})
						continue
					}
					good = append(good, option{a.At, n.Name, k, true})
				}
			}
		}
	})
	for _, o := range good {
		switch {
		case !dialyzerOptions[o.name] && !(o.has && o.name == "nowarn_function"):
			c.errorf(o.at, "bad_dialyzer_option", "unknown dialyzer warning option: %s", atomArg(o.name))
		case o.has && (!c.defined[o.fun] || isPseudo(o.fun)):
			c.suggest(o.at, "undefined_function", "function %s undefined", o.fun, c.own())
		}
	}
}

func (c *checker) checkCallbacks() {
	for _, k := range sortedFuns(c.optional) {
		if _, ok := c.callbacks[k]; !ok {
			c.errorf(c.optional[k], "undefined_callback", "callback %s is undefined", mfa(k.String(), c.u.Module, k))
		}
	}
	if !c.defined[FunKey{"behaviour_info", 1}] {
		return
	}
	for _, k := range sortedFuns(c.callbacks) {
		c.errorf(c.callbacks[k], "behaviour_info", "cannot define callback attibute for %s when behaviour_info is defined", mfa(k.String(), c.u.Module, k))
	}
}

func (c *checker) checkNifs() {
	var known []FunKey
	first := true
	c.attributes("nifs", func(a *ast.Attribute) {
		for _, e := range listElems(a.Value) {
			if first && !c.loadNif {
				c.warnf(a.At, "no_load_nif", "nifs defined, but no call to erlang:load_nif/2")
			}
			first = false
			k, ok := funKey(e)
			if !ok {
				c.errorf(a.At, "invalid_fa_attribute", "badly formed attribute %s", termArg{e})
				continue
			}
			if known == nil {
				known = c.own()
			}
			if !c.defined[k] || isPseudo(k) {
				c.suggest(a.At, "undefined_nif", "nif %s undefined", k, known)
			}
		}
	})
}

func (c *checker) unexported() {
	info := FunKey{"behaviour_info", 1}
	for k, ats := range c.selfCalls {
		if c.exports[k] || k == info && len(c.callbacks)+len(c.optional) > 0 {
			continue
		}
		for _, at := range ats {
			c.warnf(at, "unexported_function", "function %s is not exported", mfa(c.u.Module+":"+k.plain(), c.u.Module, k))
		}
	}
}

// checkBehaviours checks that callbacks are there, and in one behaviour only.
func (c *checker) checkBehaviours() {
	if !c.enabled("behaviours") {
		return
	}
	visible := c.visible()
	wanted := map[FunKey][]behaviourAt{}
	for _, b := range c.behaviours {
		info := c.behaviour(b.name)
		if !b.ok || info == nil {
			c.maybeWarnf(b.at, "undefined_behaviour", "behaviour %s undefined", b.term)
			if !b.ok {
				c.errorf(b.at, "bad_module_name", "the module name must be an atom")
			} else {
				c.moduleName(b.name, b.at)
			}
			continue
		}
		switch {
		case info.Unknown:
			continue
		case info.NoCallbacks:
			c.maybeWarnf(b.at, "undefined_behaviour_callbacks", "behaviour %s callback functions are undefined", atomArg(b.name))
			continue
		case info.BadCallbacks:
			c.maybeWarnf(b.at, "ill_defined_behaviour_callbacks", "behaviour %s callback functions erroneously defined", atomArg(b.name))
			continue
		case info.BadOptional:
			c.maybeWarnf(b.at, "ill_defined_optional_callbacks", "behaviour %s optional callback functions erroneously defined", atomArg(b.name))
		}
		for _, k := range info.Callbacks {
			if !info.Optional[k] && !visible[k] {
				c.maybeWarnf(b.at, "undefined_behaviour_func", "undefined callback function %s (behaviour '%s')", k, atomArg(b.name))
			}
			if !info.Optional[k] || visible[k] {
				wanted[k] = append(wanted[k], b)
			}
			if visible[k] {
				c.obsoleteCallback(b, k)
			}
		}
	}
	for k, bs := range wanted {
		for _, b := range bs[1:] {
			c.maybeWarnf(b.at, "conflicting_behaviours", "conflicting behaviours -- callback %s required by both '%s' and '%s' %s",
				k, atomArg(b.name), atomArg(bs[0].name), c.where(bs[0].at))
		}
	}
}

func (c *checker) behaviour(name string) *Behaviour {
	if b := behaviours()[name]; b != nil {
		return b
	}
	if c.opts.Behaviour != nil {
		return c.opts.Behaviour(name)
	}
	return nil
}

func (c *checker) obsoleteCallback(b behaviourAt, k FunKey) {
	o, ok := findObsolete("c", b.name, k.Name, k.Arity)
	switch {
	case !ok:
	case o.verdict == "removed":
		c.warnf(b.at, "removed_callback", "the callback %s is removed; %s",
			mfa(b.name+":"+k.Name+params(k.Arity), b.name, k), adviceArg(o.advice))
	default:
		c.maybeWarnf(b.at, "deprecated_callback", "the callback %s is deprecated; %s",
			mfa(atomText(b.name)+":"+typeText(k), b.name, k), adviceArg(o.advice))
	}
}
