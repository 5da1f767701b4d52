// Package compiler turns checked modules into BEAM code. Compile runs the
// passes of the table in passes.go: the syntax tree of a lint.Unit becomes
// functions in static single assignment form (lower*.go, match*.go: control flow
// graphs in which pattern matching has been compiled to decision trees), which are
// simplified (cfg.go, opt*.go), get registers and instructions (live.go,
// frame.go, alloc.go, emit.go) and are laid out as generic BEAM instructions
// (layout.go).
//
// Main types: Options, fn/block/value (the IR), Compile and CompileFile.
//
// It may import the text side (ast, parser, preproc, lint, diag), beam, term and
// bifs/spec, and never eval.
//
//	mod, list := compiler.Compile(unit, fset, compiler.Options{})
package compiler

import (
	"cmp"
	"strconv"

	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lint"
	"github.com/gerl-lang/gerl/parser"
	"github.com/gerl-lang/gerl/term"
)

// Options are the options of a compilation.
type Options struct {
	// Lint are the options that lint looks at (export_all, nowarn_... by name).
	Lint lint.Options
	// Preproc are the preprocessor's options: include path, macros, features.
	Preproc parser.Options
	// Source is the name of the source as it is told in stack traces and
	// compile info; the file's path if empty.
	Source string
	// Recorded are the options that module_info(compile) tells.
	Recorded []Recorded
	// SourceName is the name of the source that module_info(compile) tells; Source if empty.
	SourceName string
	// RefuseTransforms lets CompileFile fail with ErrTransforms for modules that
	// name parse transforms, which only Erlang code can run.
	RefuseTransforms bool
	// Strict, if set, gets whether the module itself asks for warnings to be
	// errors (-compile(warnings_as_errors)).
	Strict *bool
	// Signatures puts specifications into the documentation, which the shell
	// shows; modules with debug information need none.
	Signatures bool
	// Dump is called after each pass with its name and a listing, if set.
	Dump func(pass, listing string)
}

// Recorded is an option of a compilation as the module tells it: an atom (Name alone), {i, Directory}, or {d, Macro} and
// {d, Macro, Value} with an integer or an atom as value.
type Recorded struct{ Name, Directory, Macro, Value string }

func (r Recorded) term(h *term.Heap) term.Term {
	name := term.Intern(r.Name)
	switch {
	case r.Directory != "":
		return h.Tuple(name, h.Chars(r.Directory))
	case r.Macro == "":
		return name
	case r.Value == "":
		return h.Tuple(name, term.Intern(r.Macro))
	}
	if n, err := strconv.Atoi(r.Value); err == nil {
		return h.Tuple(name, term.Intern(r.Macro), term.Int(n))
	}
	return h.Tuple(name, term.Intern(r.Macro), term.Intern(r.Value))
}

// Compile compiles a checked module. The module is nil if the list holds an
// error. All terms of the result live in a heap of its own.
func Compile(u *lint.Unit, fset *diag.FileSet, opts Options) (mod *beam.Module, list *diag.List) {
	m := &module{unit: u, fset: fset, opts: opts, heap: term.NewArena(), refs: map[lint.FunKey]*funRef{}}
	defer func() {
		// a mistake of the compiler's must not take others down with it
		if e := recover(); e != nil {
			m.list.Errorf(u.ModuleAt, "compile.internal", "internal error of the compiler (please report it): %v", e)
			mod, list = nil, &m.list
		}
	}()
	m.looseRecords = !m.lastOption("strict_record_tests", "no_strict_record_tests", true)
	for _, d := range u.Functions {
		m.lowerFunction(d)
	}
	info := behaviourInfo(u)
	if info != nil {
		m.lowerFunction(info)
	}
	if m.list.HasErrors() {
		return nil, &m.list
	}
	m.warn()
	m.addModuleInfo()
	m.optimise()
	var err error
	if mod, err = m.assemble(); err != nil {
		m.list.Errorf(u.ModuleAt, "compile.internal", "internal error in code generation: %v", err)
		return nil, &m.list
	}
	return mod, &m.list
}

// typesOTP29 is the compiler option for a type table that OTP 29 reads. There is no version that both 25 and 29 read; each
// loads code with the other's table and does without the types.
const typesOTP29 = "types_otp29"

// addModuleInfo makes module_info/0 and module_info/1.
func (m *module) addModuleInfo() {
	for n := 0; n <= 1; n++ {
		f := newFn("module_info", n, 0)
		f.ref = m.ref("module_info", n)
		f.ref.fn = f
		l := &lower{m: m, f: f, cur: f.entry, env: map[string]val{}}
		l.params(n)
		args := append([]val{l.atom(m.unit.Module)}, f.params...)
		l.ret(l.callExt("erlang", "get_module_info", args...))
		m.fns = append(m.fns, f)
	}
}

// assemble emits all functions.
func (m *module) assemble() (*beam.Module, error) {
	name := term.Intern(m.unit.Module)
	g := &codegen{m: m, b: beam.NewBuilder(name, m.heap), labels: 1,
		lits: map[term.Term]beam.Arg{}, flags: map[int]beam.Arg{}, lines: map[diag.Pos]beam.Arg{}, infos: map[*funRef]int{}}
	if m.opts.Lint.Flags[typesOTP29] || m.hasOption(typesOTP29) {
		g.b.TypesFor(beam.OTP29)
	}
	g.nativeDefs()
	for _, f := range m.fns {
		g.emitFunction(f)
	}
	for _, f := range m.fns {
		k := lint.FunKey{Name: f.name, Arity: f.arity}
		t := term.Intern(f.name)
		entry := g.info(f.ref) + 1
		switch {
		case f.name == "module_info", f.name == "behaviour_info" && f.arity == 1, m.unit.IsExported(k) && m.refs[k] == f.ref:
			g.b.Export(t, f.arity, entry)
		default:
			g.b.Local(t, f.arity, entry)
		}
	}
	g.b.SetAttributes(m.attributes())
	g.b.SetCompileInfo(m.compileInfo())
	if docs := m.docs(); docs != term.None {
		g.b.TermChunk("Docs", docs)
	}
	return g.b.Module(g.labels)
}

// attributes makes the list that module_info(attributes) gives.
func (m *module) attributes() term.Term {
	var ts []term.Term
	for _, a := range m.unit.Attributes {
		v, ok := m.constant(a.Value)
		if !ok {
			continue
		}
		if !v.IsList() {
			v = m.heap.List(v)
		}
		ts = append(ts, m.heap.Tuple(term.Intern(a.Name), v))
	}
	return m.heap.List(ts...)
}

func (m *module) compileInfo() term.Term {
	h := m.heap
	var options []term.Term
	for _, r := range m.opts.Recorded {
		options = append(options, r.term(h))
	}
	source := cmp.Or(m.opts.SourceName, m.opts.Source)
	return h.List(
		h.Tuple(term.Intern("version"), h.Chars("gerl")),
		h.Tuple(term.Intern("options"), h.List(options...)),
		h.Tuple(term.Intern("source"), h.Chars(source)))
}
