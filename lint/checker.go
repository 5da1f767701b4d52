package lint

import (
	"fmt"
	"sort"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// defaultWarnings are the kinds of warnings that can be switched by name:
// on unless false.
var defaultWarnings = map[string]bool{
	"unused_vars": true, "underscore_match": true, "export_all": true, "export_vars": false, "export_var_subexpr": true,
	"shadow_vars": true, "unused_import": false, "unused_function": true, "unused_type": true, "bif_clash": true,
	"unused_record": true, "deprecated_function": true, "deprecated_type": true, "deprecated_callback": true,
	"deprecated_catch": true, "obsolete_guard": true, "obsolete_bool_op": false, "untyped_record": false,
	"missing_spec": false, "missing_spec_documented": false, "missing_spec_all": false, "removed": true, "nif_inline": true,
	"keywords": false, "redefined_builtin_type": true, "match_float_zero": true, "match_alias_pats": true,
	"update_literal": true, "behaviours": true, "conflicting_behaviours": true, "undefined_behaviour_func": true,
	"undefined_behaviour": true, "undefined_behaviour_callbacks": true, "ill_defined_behaviour_callbacks": true,
	"ill_defined_optional_callbacks": true, "unexported_function": true, "novalue": true, "undefined_field": true,
	"unsafe_function": true, "possibly_unsafe_function": false, "native_record_header": true,
}

// gexprContext says what a guard expression is part of.
type gexprContext uint8

const (
	inGuard gexprContext = iota
	inBinSize
	inMapKey
)

// typeUse is a place where a type is named, and inside of what.
type typeUse struct {
	at   diag.Pos
	from typeOwner
}

// typeOwner is what holds a use of a type: kind 'e' an export, 'r' a record, 's'
// a spec, 't' another type.
type typeOwner struct {
	kind byte
	key  FunKey
}

type typeInfo struct {
	kind ast.TypeKind
	at   diag.Pos
}

type place struct {
	fun FunKey
	at  diag.Pos
}

// checker goes through the forms of a module once and gathers diagnostics and
// what the checks at the end need.
type checker struct {
	u        *Unit
	fset     *diag.FileSet
	opts     Options
	on       map[string]bool // enabled warnings
	format   int             // how much is checked in format strings
	errors   []*diag.Diagnostic
	warnings []*diag.Diagnostic
	// Counts of reasons not to record diagnostics, called functions, uses.
	muteDiags, muteCalled, muteUses int

	state    int // 0 nothing seen, 1 attributes, 2 functions
	locals   map[FunKey]bool
	imports  map[FunKey]string
	exports  map[FunKey]bool
	defined  map[FunKey]bool
	called   []place
	calls    map[FunKey][]FunKey
	fun      FunKey
	noAuto   map[FunKey]bool
	allNoBif bool // no_auto_import
	inlines  bool
	features map[string]bool

	nowarnBifClash map[FunKey]bool
	keep           map[string]map[RemoteFun]bool // nowarn_deprecated_function...
	keepModule     map[string]map[string]bool

	records     map[string]*record
	usedRecords map[string]bool
	recImports  map[string]string
	inRecordDef bool // in the default of a field, outside any fun or comprehension
	types       map[FunKey]typeInfo
	typeUses    map[FunKey][]typeUse
	owner       typeOwner
	exportTypes map[FunKey]bool
	usedImports map[FunKey]bool
	specs       map[RemoteFun]diag.Pos
	callbacks   map[FunKey]diag.Pos
	optional    map[FunKey]diag.Pos
	behaviours  []behaviourAt
	onLoad      []FunKey
	onLoadAt    diag.Pos
	selfCalls   map[FunKey][]diag.Pos
	loadNif     bool
	hasQlc      bool
	docAt       diag.Pos
	docHidden   bool
	modDocAt    diag.Pos
	modHidden   bool
	hiddenDocs  map[FunKey]bool

	context  gexprContext
	sizeVars *vars // the pattern's own variables, in a size expression
}

type behaviourAt struct {
	name string
	at   diag.Pos
	ok   bool // name is an atom
	term termArg
}

// record is a record definition as the checks see it.
type record struct {
	name   string
	native bool
	at     diag.Pos
	fields []*ast.FieldDecl // without duplicates
	typed  bool
	bad    map[string]bool // fields whose default is wrong
}

func (r *record) field(name string) *ast.FieldDecl {
	for _, f := range r.fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (c *checker) enabled(kind string) bool { return c.on[kind] }

// errorf reports an error: its code, and the message.
func (c *checker) errorf(at diag.Pos, code, format string, args ...any) {
	if c.muteDiags > 0 {
		return
	}
	d := &diag.Diagnostic{Code: diag.Code("erl_lint." + code), Severity: diag.Error, Span: diag.At(at), Text: say(format, args), Desc: descriptor(code, format, args)}
	for _, a := range args {
		d.Args = append(d.Args, fmt.Sprint(a))
	}
	c.errors = append(c.errors, d)
}

// warnf reports a warning, whatever is switched off.
func (c *checker) warnf(at diag.Pos, code, format string, args ...any) {
	if c.muteDiags > 0 || c.fset != nil && c.fset.Generated(at) {
		return
	}
	c.warnings = append(c.warnings, &diag.Diagnostic{Code: diag.Code("erl_lint." + code), Severity: diag.Warning,
		Span: diag.At(at), Text: say(format, args), Desc: descriptor(code, format, args)})
}

// maybeWarnf reports a warning whose kind has the name of its code.
func (c *checker) maybeWarnf(at diag.Pos, code, format string, args ...any) {
	if c.enabled(code) {
		c.warnf(at, code, format, args...)
	}
}

// where writes a position as messages do.
func (c *checker) where(at diag.Pos) pair {
	p := c.position(at)
	if p.Column == 0 {
		return pair{text: fmt.Sprintf("(line %d)", p.Line), v: p.Line}
	}
	return pair{text: fmt.Sprintf("(line %d, column %d)", p.Line, p.Column), v: diag.TupleValue{p.Line, p.Column}}
}

func (c *checker) position(at diag.Pos) diag.Position {
	if c.fset == nil {
		return diag.Position{}
	}
	return c.fset.Position(at)
}

func (c *checker) fileOf(at diag.Pos) string { return c.position(at).File }

// before orders two positions by file, line and column.
func (c *checker) before(a, b diag.Pos) bool {
	p, q := c.position(a), c.position(b)
	if p.File != q.File {
		return p.File < q.File
	}
	if p.Line != q.Line {
		return p.Line < q.Line
	}
	return p.Column < q.Column
}

// call records a call of a function of the module.
func (c *checker) call(at diag.Pos, k FunKey) {
	if c.muteUses == 0 {
		c.calls[c.fun] = append(c.calls[c.fun], k)
	}
	if c.muteCalled == 0 {
		c.called = append(c.called, place{k, at})
	}
}

func (c *checker) useRecord(name string) {
	if c.muteUses == 0 {
		c.usedRecords[name] = true
	}
}

func (c *checker) useType(k FunKey, at diag.Pos) {
	if c.muteUses == 0 {
		c.typeUses[k] = append(c.typeUses[k], typeUse{at, c.owner})
	}
}

// suggest reports an undefined function of some kind, with the advice that the
// functions known give.
func (c *checker) suggest(at diag.Pos, code, format string, k FunKey, known []FunKey) {
	var arities []int
	for _, d := range known {
		if d.Name == k.Name {
			arities = append(arities, d.Arity)
		}
	}
	name := k.Name
	if len(arities) == 0 {
		var names []string
		for _, d := range known {
			if d.Arity == k.Arity {
				names = append(names, d.Name)
			}
		}
		g, ok := guess(k.Name, names)
		if !ok {
			c.errorf(at, code, format, k)
			return
		}
		name, arities = g, []int{k.Arity}
	}
	sort.Ints(arities)
	text := name + "/"
	list := diag.ListValue{}
	for i, a := range arities {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprint(a)
		list = append(list, a)
	}
	c.errorf(at, code, format+", did you mean %s?", k, pair{text: text, v: diag.TupleValue{diag.AtomValue(name), list}})
}

// sortedFuns lists a set of functions in the order of terms.
func sortedFuns[V any](set map[FunKey]V) []FunKey {
	out := make([]FunKey, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	sort.Slice(out, func(i, j int) bool { return lessFun(out[i], out[j]) })
	return out
}

func lessFun(a, b FunKey) bool {
	if a.Name != b.Name {
		return a.Name < b.Name
	}
	return a.Arity < b.Arity
}
