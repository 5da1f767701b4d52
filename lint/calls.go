package lint

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/bifs/spec"
	"github.com/gerl-lang/gerl/diag"
)

func (c *checker) callExpr(e *ast.Call, old vars) vars {
	n := len(e.Args)
	switch f := e.Fun.(type) {
	case *ast.Atom:
		if f.Name == "is_record" && n == 2 {
			if name, ok := e.Args[1].(*ast.Atom); ok {
				v := c.expr(e.Args[0], old)
				c.anyRecord(name.At, name.Name)
				return v
			}
		}
		v := c.inside("call", e.At, e.Args, old)
		c.localCall(e.At, FunKey{f.Name, n}, e.Args)
		return v
	case *ast.Remote:
		m, ok1 := f.Module.(*ast.Atom)
		name, ok2 := f.Name.(*ast.Atom)
		if ok1 && ok2 {
			if m.Name == "erlang" && name.Name == "is_record" && n == 2 {
				return c.callExpr(&ast.Call{At: e.At, Fun: name, Args: e.Args}, old)
			}
			c.remoteCall(e.At, m.Name, name.Name, e.Args)
			c.moduleName(m.Name, e.At)
			c.selfCall(e.At, m.Name, FunKey{name.Name, n})
			return c.inside("call", e.At, e.Args, old)
		}
		if ok1 {
			c.moduleName(m.Name, m.At)
		}
		return c.inside("call", e.At, append([]ast.Expr{f.Module, f.Name}, e.Args...), old)
	}
	if t, ok := e.Fun.(*ast.Tuple); ok && n == 2 && len(t.Elems) == 2 {
		m, _ := t.Elems[0].(*ast.Atom)
		if f, _ := t.Elems[1].(*ast.Atom); m != nil && f != nil && m.Name == "erlang" && f.Name == "is_record" {
			return c.callExpr(&ast.Call{At: e.At, Fun: f, Args: e.Args}, old)
		}
	}
	if !callable(e.Fun) {
		c.warnf(e.At, "invalid_call", "invalid function call")
	}
	return c.inside("call", e.At, append([]ast.Expr{e.Fun}, e.Args...), old)
}

// callable reports whether an expression can be a fun.
func callable(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Char, *ast.Integer, *ast.Float, *ast.String, *ast.List, *ast.Nil, *ast.ListComp, *ast.RecordIndex:
		return false
	case *ast.Tuple:
		return len(e.Elems) == 2
	}
	return true
}

// localCall checks a call without a module: of a function of the module, an
// imported one or a BIF. args is nil for fun Name/Arity.
func (c *checker) localCall(at diag.Pos, k FunKey, args []ast.Expr) {
	if k == (FunKey{"record_info", 2}) {
		c.recordInfo(at, args)
		return
	}
	if m, ok := c.imports[k]; ok {
		c.remoteFunction(at, m, k, args)
		if c.muteUses == 0 {
			c.usedImports[k] = true
		}
		return
	}
	bif := spec.IsAutoImported(k.Name, k.Arity)
	off := c.suppressed(k)
	if !c.locals[k] && bif && !off {
		c.obsoleteFunction(at, "erlang", k)
		return
	}
	if bif && c.locals[k] && !off && c.enabled("bif_clash") && !c.nowarnBifClash[k] {
		c.warnf(at, "call_to_redefined_bif", "ambiguous call of overridden auto-imported BIF %s --\n"+
			"use erlang:%s or \"-compile({no_auto_import,[%s]}).\" to resolve name clash", k, k, k)
	}
	if k != c.fun {
		c.call(at, k)
	}
}

func (c *checker) recordInfo(at diag.Pos, args []ast.Expr) {
	if len(args) == 2 {
		info, ok1 := args[0].(*ast.Atom)
		name, ok2 := args[1].(*ast.Atom)
		if ok1 && ok2 {
			r := c.records[name.Name]
			switch {
			case info.Name != "fields" && info.Name != "size":
				c.errorf(info.At, "illegal_record_info", "illegal record info")
			case r != nil && !r.native:
				c.useRecord(name.Name)
			default:
				c.errorf(info.At, "native_record_illegal_record_info", "record_info/2 is only supported for tuple records")
			}
			return
		}
	}
	c.errorf(at, "illegal_record_info", "illegal record info")
}

func (c *checker) remoteCall(at diag.Pos, module, name string, args []ast.Expr) {
	c.remoteFunction(at, module, FunKey{name, len(args)}, args)
}

func (c *checker) remoteFunction(at diag.Pos, module string, k FunKey, args []ast.Expr) {
	c.obsoleteFunction(at, module, k)
	if module == "qlc" && k.Name == "q" && k.Arity < 3 && len(args) > 0 && !c.hasQlc {
		if _, ok := args[0].(*ast.ListComp); ok {
			c.warnf(at, "missing_qlc_hrl", "qlc:q/%d called, but \"qlc.hrl\" not included", k.Arity)
		}
	}
	if module == "erlang" && k == (FunKey{"load_nif", 2}) {
		c.loadNif = true
		if c.inlines {
			c.maybeWarnf(at, "nif_inline", "inlining is enabled - local calls to NIFs may call their Erlang implementation instead")
		}
	}
	if (module == "io" || module == "io_lib") && (k.Name == "format" || k.Name == "fwrite") && args != nil {
		c.formatCall(at, args)
	}
}

// obsoleteFunction warns about functions that are deprecated, removed or unsafe.
func (c *checker) obsoleteFunction(at diag.Pos, module string, k FunKey) {
	o, ok := findObsolete("f", module, k.Name, k.Arity)
	if !ok || c.muteDiags > 0 {
		return
	}
	kind, list := "deprecated_function", "nowarn_deprecated_function"
	switch {
	case o.verdict == "removed":
		kind, list = "removed", "nowarn_removed"
	case o.verdict == "unsafe":
		kind, list = "unsafe_function", "nowarn_unsafe_function"
		if o.advice == "possibly" {
			kind = "possibly_unsafe_function"
		}
	}
	if !c.enabled(kind) || c.keepModule[list][module] || c.keep[list][RemoteFun{module, k}] {
		return
	}
	what := mfa(module+":"+k.plain(), module, k)
	switch {
	case o.verdict == "removed" && o.release != "":
		c.warnf(at, "removed", "call to %s will fail, since it was removed in %s; use %s", what, o.release, replacement(o.advice))
	case o.verdict == "removed":
		c.warnf(at, "removed", "%s is removed; %s", what, adviceArg(o.advice))
	case o.release != "":
		c.warnf(at, o.verdict, "%s is "+o.verdict+" and will be removed in %s; %s", what, o.release, adviceArg(o.advice))
	default:
		c.warnf(at, o.verdict, "%s is "+o.verdict+"; %s", what, adviceArg(o.advice))
	}
}

// replacement is the function to call instead of a removed one: its value is {M,F,A}, or {M,F,[A...]} for several arities.
func replacement(text string) pair {
	module, rest, _ := strings.Cut(text, ":")
	name, arities, _ := strings.Cut(rest, "/")
	var list diag.ListValue
	for _, a := range strings.Split(arities, ",") {
		n, err := strconv.Atoi(a)
		if err != nil {
			return pair{text: text, v: text}
		}
		list = append(list, n)
	}
	if len(list) == 1 {
		return pair{text: text, v: diag.TupleValue{diag.AtomValue(module), diag.AtomValue(name), list[0]}}
	}
	return pair{text: text, v: diag.TupleValue{diag.AtomValue(module), diag.AtomValue(name), list}}
}

// advice writes what to do instead.
func advice(a string) string {
	const see = "See the documentation for details"
	switch a {
	case "undefined":
		return "see the documentation for details"
	case "next_version":
		return "will be removed in the next version. " + see
	case "next_major_release":
		return "will be removed in the next major release. " + see
	case "eventually":
		return "will be removed in a future release. " + see
	case "possibly":
		return "however, it is possible to use it safely under some conditions. " + see
	}
	return a
}

// selfCall remembers a call of the module's own function by its full name.
func (c *checker) selfCall(at diag.Pos, module string, k FunKey) {
	if module == c.u.Module && c.enabled("unexported_function") && !c.u.ExportAll && !c.exports[k] && c.muteDiags == 0 {
		c.selfCalls[k] = append(c.selfCalls[k], at)
	}
}

func (c *checker) funRef(e *ast.FunRef) {
	k := FunKey{e.Name, int(e.Arity)}
	if k == (FunKey{"record_info", 2}) {
		c.errorf(e.At, "illegal_record_info", "illegal record info")
		return
	}
	_, imported := c.imports[k]
	if imported {
		c.errorf(e.At, "fun_import", "creating a fun from imported name %s is not allowed", k)
	} else {
		c.localCall(e.At, k, nil)
	}
	if !c.locals[k] && (imported || spec.IsAutoImported(k.Name, k.Arity) && !c.suppressed(k)) {
		return
	}
	c.call(e.At, k)
}

func (c *checker) funRemote(e *ast.FunRemote, old vars) vars {
	m, ok1 := e.Module.(*ast.Atom)
	f, ok2 := e.Name.(*ast.Atom)
	a, ok3 := e.Arity.(*ast.Integer)
	if ok1 && ok2 && ok3 {
		c.selfCall(e.At, m.Name, FunKey{f.Name, int(a.Value)})
		return nil
	}
	return c.parallel([]ast.Expr{e.Module, e.Name, e.Arity}, old)
}

// moduleName checks what a module may be called.
func (c *checker) moduleName(name string, at diag.Pos) {
	visible, latin1, control := false, true, false
	for _, r := range name {
		visible = visible || r != ' ' && r != 0xa0 && r != 0xad
		latin1 = latin1 && r < 256
		control = control || r < 0x20 || r >= 0x7f && r < 0xa0
	}
	switch {
	case name == "":
		c.errorf(at, "empty_module_name", "the module name must not be empty")
	case !visible:
		c.errorf(at, "blank_module_name", "the module name must contain at least one visible character")
	default:
		if !latin1 {
			c.errorf(at, "non_latin1_module_unsupported", "module names with non-latin1 characters are not supported")
		}
		if control {
			c.errorf(at, "ctrl_chars_in_module_name", "the module name must not contain control characters")
		}
	}
}

// formatCall checks a call of io:format and its relatives.
func (c *checker) formatCall(at diag.Pos, args []ast.Expr) {
	if c.format <= 0 {
		return
	}
	var list ast.Expr
	switch len(args) {
	case 1:
	case 2:
		list = args[1]
	case 3:
		args, list = args[1:], args[2]
	default:
		c.warnf(at, "format_error", "format call with wrong number of arguments")
		return
	}
	var format string
	switch f := args[0].(type) {
	case *ast.String:
		format = f.Value
	case *ast.Atom:
		format = f.Name
	default:
		if c.format >= 2 {
			c.warnf(c.first(f), "format_error", "format string not a textual constant")
		}
		return
	}
	given := -1
	if list != nil {
		n, proper := listLength(list)
		switch proper {
		case no:
			c.warnf(list.Pos(), "format_error", "format arguments not a list")
			return
		case perhaps:
			if c.format >= 2 {
				c.warnf(c.first(list), "format_error", "format arguments perhaps not a list")
			}
			return
		}
		given = n
	}
	need, complaint := formatNeeds(format)
	switch {
	case complaint != "":
		c.warnf(args[0].Pos(), "format_error", "format string invalid (%s)", complaint)
	case given < 0 && need > 0:
		c.warnf(args[0].Pos(), "format_error", "the format string requires an argument list with %s, but no argument list is given", arguments(need))
	case given < 0 || given == need:
	case need == 0:
		c.warnf(list.Pos(), "format_error", "the format string requires an empty argument list, but the argument list contains %s", arguments(given))
	case given == 0:
		c.warnf(list.Pos(), "format_error", "the format string requires an argument list with %s, but the argument list is empty", arguments(need))
	case given < need:
		c.warnf(list.Pos(), "format_error", "the format string requires an argument list with %s, but the argument list contains only %s", arguments(need), arguments(given))
	default:
		c.warnf(list.Pos(), "format_error", "the format string requires an argument list with %s, but the argument list contains %s", arguments(need), arguments(given))
	}
}

type answer uint8

const (
	yes answer = iota
	no
	perhaps
)

// listLength counts the elements of a list, if it is written as one.
func listLength(e ast.Expr) (int, answer) {
	switch e := e.(type) {
	case *ast.Nil:
		return 0, yes
	case *ast.String:
		return utf8.RuneCountInString(e.Value), yes
	case *ast.List:
		if _, ok := e.Tail.(*ast.String); ok {
			return 0, perhaps
		}
		n, proper := listLength(e.Tail)
		return n + len(e.Elems), proper
	case *ast.Atom, *ast.Integer, *ast.Float:
		return 0, no
	}
	return 0, perhaps
}

func arguments(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return itoa(n) + " arguments"
}

// formatNeeds counts the arguments that a format string takes, or says what is
// wrong with it. A sequence is ~F.P.PadModC; any of F, P, Pad can be * or
// left out.
func formatNeeds(f string) (need int, complaint string) {
	for {
		i := strings.IndexByte(f, '~')
		if i < 0 {
			return need, ""
		}
		n, rest, complaint := formatSequence([]rune(f[i+1:]))
		if complaint != "" {
			return 0, complaint
		}
		need += n
		f = string(rest)
	}
}

func formatSequence(s []rune) (need int, rest []rune, complaint string) {
	digit := func(i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }
	skip := func() {
		for len(s) > 0 && s[0] >= '0' && s[0] <= '9' {
			s = s[1:]
		}
	}
	is := func(i int, r rune) bool { return i < len(s) && s[i] == r }
	// Field width.
	switch {
	case is(0, '-') && digit(1):
		s = s[1:]
		skip()
	case digit(0):
		skip()
	case is(0, '-') && is(1, '*'):
		need, s = need+1, s[2:]
	case is(0, '*'):
		need, s = need+1, s[1:]
	}
	// Precision, then padding.
	if is(0, '.') {
		switch {
		case digit(1):
			s = s[1:]
			skip()
		case is(1, '*'):
			need, s = need+1, s[2:]
		default:
			s = s[1:]
		}
		switch {
		case is(0, '.') && is(1, '*'):
			need, s = need+1, s[2:]
		case is(0, '.') && len(s) > 1:
			s = s[2:]
		}
	}
	mods := map[rune]bool{}
	for len(s) > 0 && strings.ContainsRune("kKlt", s[0]) {
		if mods[s[0]] {
			return 0, nil, "repeated modifier " + string(s[0])
		}
		mods[s[0]] = true
		if s[0] == 'K' {
			need++
		}
		s = s[1:]
	}
	if len(s) == 0 {
		return 0, nil, "truncated"
	}
	control := s[0]
	for _, rule := range [...]struct{ mods, controls string }{{"l", "Pp"}, {"lt", "cPpsWw"}, {"Kk", "PpWw"}} {
		var found []rune
		for _, m := range rule.mods {
			if mods[m] {
				found = append(found, m)
			}
		}
		switch {
		case len(found) == 2:
			return 0, nil, "conflicting modifiers ~" + string(found) + string(control)
		case len(found) == 1 && !strings.ContainsRune(rule.controls, control):
			return 0, nil, "invalid modifier/control combination ~" + string(found) + string(control)
		}
	}
	switch control {
	case '~', 'n':
	case 'c', 'f', 'e', 'g', 's', 'w', 'p', 'b', 'B', '+', '#', 'i':
		need++
	case 'W', 'P', 'x', 'X':
		need += 2
	default:
		return 0, nil, "invalid control ~" + string(control)
	}
	return need, s[1:], ""
}
