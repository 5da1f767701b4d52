package bifs

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/regex"
	"github.com/gerl-lang/gerl/term"
)

// pattern is the compiled expression behind the reference in {re_pattern, Groups, Unicode, UseCRLF, Ref}.
type pattern struct{ *regex.Program }

// Release implements term.Resource: the program is Go memory.
func (pattern) Release() {}

var (
	atomRePattern = term.Intern("re_pattern")
	atomCapture   = term.Intern("capture")
	atomOffset    = term.Intern("offset")
	atomNewline   = term.Intern("newline")
	atomIndex     = term.Intern("index")
	atomAllNames  = term.Intern("all_names")
	atomButFirst  = term.Intern("all_but_first")
	atomCompile   = term.Intern("compile")
	atomMatchLim  = term.Intern("match_limit")
	atomDepthLim  = term.Intern("match_limit_recursion")
	atomNamelist  = term.Intern("namelist")
	atomReList    = term.Intern("list")
	atomReBinary  = term.Intern("binary")
	atomReNone    = term.Intern("none")
	atomReFirst   = term.Intern("first")
	atomReAll     = term.Intern("all")
	atomReMatch   = term.Intern("match")
)

// reVersion is the release of PCRE2 whose documented behaviour regex follows, as re:version/0 of OTP 29 tells it.
const reVersion = "10.47 2025-10-21"

// reSlice is the number of matching steps between two looks at the scheduler; reSteps of them cost one reduction.
const (
	reSlice = 20000
	reSteps = 16
)

func reVersion0(p *proc.Process, _ []term.Term) term.Term { return p.Heap.Binary([]byte(reVersion)) }

// reOptions are the options of run/3, those of compile/2 among them.
type reOptions struct {
	compile   regex.Options
	compiling bool // an option was given that compile/2 alone takes
	newline   bool // the kind of newlines was given
	running   bool // an option was given that run/3 alone takes
	run       regex.RunOptions
	offset    int
	global    bool
	report    bool
	what, how term.Term // of capture
	typed     term.Term // the last type that a capture named
}

func newlineArg(t term.Term) (regex.Newline, bool) {
	if !t.IsAtom() {
		return 0, false
	}
	n, ok := map[string]regex.Newline{"cr": regex.CR, "lf": regex.LF, "crlf": regex.CRLF, "anycrlf": regex.AnyCRLF,
		"any": regex.AnyNewline, "nul": regex.NUL}[t.AtomName()]
	return n, ok
}

// parseReOptions reads an option list.
func parseReOptions(list term.Term) (o reOptions, ok bool) {
	opts, ok := listElems(list)
	if !ok {
		return o, false
	}
	o.what, o.how = atomReAll, atomIndex
	c := &o.compile
	for _, t := range opts {
		if t.TupleOf(2) || t.TupleOf(3) {
			if !o.tuple(t) {
				return o, false
			}
			continue
		}
		if !t.IsAtom() {
			return o, false
		}
		switch name := t.AtomName(); name {
		case "anchored":
			c.Anchored, o.run.Anchored = true, true
		case "global":
			o.global, o.running = true, true
		case "notbol":
			o.run.NotBOL, o.running = true, true
		case "noteol":
			o.run.NotEOL, o.running = true, true
		case "notempty":
			o.run.NotEmpty, o.running = true, true
		case "notempty_atstart":
			o.run.NotEmptyAtStart, o.running = true, true
		case "report_errors":
			o.report, o.running = true, true
		default:
			flag := map[string]*bool{"unicode": &c.UTF, "ucp": &c.UCP, "caseless": &c.Caseless, "dollar_endonly": &c.DollarEndOnly,
				"dotall": &c.DotAll, "extended": &c.Extended, "firstline": &c.FirstLine, "multiline": &c.Multiline,
				"no_auto_capture": &c.NoAutoCapture, "dupnames": &c.DupNames, "ungreedy": &c.Ungreedy, "never_utf": &c.NeverUTF,
				"bsr_anycrlf": &c.BSRAnyCRLF, "bsr_unicode": nil, "no_start_optimize": &c.NoStartOptimize}
			f, known := flag[name]
			if !known {
				return o, false
			}
			o.compiling = true
			if f != nil {
				*f = true
			} else if name == "bsr_unicode" {
				c.BSRAnyCRLF = false
			}
		}
	}
	return o, true
}

func (o *reOptions) tuple(t term.Term) (ok bool) {
	key := t.Elem(0)
	if key == atomCapture {
		o.running, o.what, o.how = true, t.Elem(1), atomIndex
		if t.Arity() == 3 {
			o.how = t.Elem(2)
			o.typed = o.how
		}
		switch o.how {
		case atomIndex, atomReList, atomReBinary:
		default:
			return false
		}
		switch o.what {
		case atomReAll, atomButFirst, atomReFirst, atomReNone, atomAllNames:
			return true
		}
		_, ok = listElems(o.what)
		return ok
	}
	if t.Arity() != 2 {
		return false
	}
	v := t.Elem(1)
	switch key {
	case atomNewline:
		o.compile.Newline, ok = newlineArg(v)
		o.newline = true
	case atomOffset:
		o.running = true
		o.offset, ok = smallIn(v, 0, maxInt)
	case atomMatchLim:
		o.running = true
		o.run.Limit, ok = smallIn(v, 0, maxInt)
		o.run.Limit = max(o.run.Limit, 1)
	case atomDepthLim:
		o.running = true
		o.run.RecursionLimit, ok = smallIn(v, 0, maxInt)
		o.run.RecursionLimit = max(o.run.RecursionLimit, 1)
	}
	return ok
}

// reText gives the bytes of a pattern or subject. own says that they are no view of a term.
func reText(t term.Term, utf bool) (b []byte, own, ok bool) {
	if b, ok = t.Bytes(); ok {
		return b, false, !utf || utf8.Valid(b)
	}
	if !utf {
		b, ok = term.IOListBytes(t)
		return b, true, ok
	}
	s, ok := term.CharsText(t)
	return []byte(s), true, ok
}

// compileRe compiles a pattern; None with an error means that the pattern is bad, ok false that the arguments are.
func compileRe(t term.Term, o regex.Options) (prog *regex.Program, bad *regex.Error, ok bool) {
	b, _, ok := reText(t, o.UTF)
	if !ok {
		if b, isBin := t.Bytes(); isBin {
			return nil, utf8Fault(b), true
		}
		return nil, nil, false
	}
	prog, err := regex.Compile(string(b), o)
	if errors.As(err, &bad) {
		return nil, bad, true
	}
	return prog, nil, true
}

func reErrorTerm(p *proc.Process, e *regex.Error) term.Term {
	return p.Heap.Tuple(byteList(&p.Heap, []byte(e.Text), term.Nil), p.Heap.Int64(int64(e.Offset)))
}

func reCompile1(p *proc.Process, a []term.Term) term.Term {
	return reCompile(p, a[0], term.Nil)
}

func reCompile2(p *proc.Process, a []term.Term) term.Term {
	if rest, asked := withoutExport(p, a[1]); asked {
		if r := reCompile(p, a[0], rest); r == term.None || r.Elem(0) == term.AtomError {
			return r
		}
		source, ok := term.IOListBytes(a[0])
		if text, isText := term.CharsText(a[0]); !ok && isText {
			source = []byte(text)
		}
		return p.Heap.Tuple(term.AtomOk, p.Heap.Tuple(atomReExported, p.Heap.Binary([]byte(exportHeader)), p.Heap.Binary(source), a[1], p.Heap.Binary(nil)))
	}
	return reCompile(p, a[0], a[1])
}

// exportHeader marks exported patterns: they carry their source and are compiled again where they are imported.
const exportHeader = "gerl-re-1"

var (
	atomExport     = term.Intern("export")
	atomReExported = term.Intern("re_exported_pattern")
)

// withoutExport takes the option export out of a list of options.
func withoutExport(p *proc.Process, options term.Term) (rest term.Term, asked bool) {
	var kept []term.Term
	for l := options; l.IsCons(); l = l.Tail() {
		if l.Head() == atomExport {
			asked = true
		} else {
			kept = append(kept, l.Head())
		}
	}
	if !asked {
		return options, false
	}
	return p.Heap.List(kept...), true
}

// re:import({re_exported_pattern, Header, Source, Options, Code}) -> Pattern
func reImport1(p *proc.Process, a []term.Term) term.Term {
	if !a[0].TupleOf(5) || a[0].Elem(0) != atomReExported {
		return p.Badarg()
	}
	rest, _ := withoutExport(p, a[0].Elem(3))
	r := reCompile(p, a[0].Elem(2), rest)
	if r == term.None || r.Elem(0) != term.AtomOk {
		return p.Badarg()
	}
	return r.Elem(1)
}

func reCompile(p *proc.Process, source, options term.Term) term.Term {
	o, ok := parseReOptions(options)
	if !ok || o.running {
		return etsBadarg(p, atomBadopt)
	}
	prog, bad, ok := compileRe(source, o.compile)
	if !ok {
		return p.Badarg()
	}
	h := &p.Heap
	if bad != nil {
		return h.Tuple(term.AtomError, reErrorTerm(p, bad))
	}
	flag := func(b bool) term.Term {
		if b {
			return h.Int64(1)
		}
		return h.Int64(0)
	}
	nums, _ := term.RefNumbers(p.MakeRef())
	ref := h.MagicRef([3]uint32(nums[:3]), pattern{prog})
	nl := prog.Options().Newline
	pat := h.Tuple(atomRePattern, h.Int64(int64(prog.Groups())), flag(prog.Options().UTF),
		flag(nl == regex.CRLF || nl == regex.AnyCRLF || nl == regex.AnyNewline), ref)
	return h.Tuple(term.AtomOk, pat)
}

// patternOf gives the program of a compiled pattern.
func patternOf(t term.Term) (*regex.Program, bool) {
	if !t.TupleOf(5) || t.Elem(0) != atomRePattern {
		return nil, false
	}
	r, ok := term.MagicResource(t.Elem(4))
	if !ok {
		return nil, false
	}
	pat, ok := r.(pattern)
	return pat.Program, ok
}

// reInspect2 gives {namelist, Names}, sorted.
func reInspect2(p *proc.Process, a []term.Term) term.Term {
	prog, ok := patternOf(a[0])
	if !ok || a[1] != atomNamelist {
		return p.Badarg()
	}
	var names []term.Term
	for _, n := range uniqueNames(prog) {
		names = append(names, p.Heap.Binary([]byte(n)))
	}
	return p.Heap.Tuple(atomNamelist, p.Heap.List(names...))
}

func uniqueNames(prog *regex.Program) (names []string) {
	for _, n := range prog.Names() {
		if len(names) == 0 || names[len(names)-1] != n.Name {
			names = append(names, n.Name)
		}
	}
	return names
}

func reRun2(p *proc.Process, a []term.Term) term.Term { return reRun(p, a[0], a[1], term.Nil) }
func reRun3(p *proc.Process, a []term.Term) term.Term { return reRun(p, a[0], a[1], a[2]) }

// reSearch is a call of run/3 under way.
type reSearch struct {
	m       *regex.Matcher
	prog    *regex.Program
	o       reOptions
	groups  [][]int // for each value asked for: the groups that may give it
	trim    bool    // drop trailing groups that took no part
	offset  int
	retry   bool // the present search is the one behind an empty match
	found   [][]int
	subject term.Term // while the process runs
	own     bool      // the subject is no view of a term
	nothing bool      // only whether there is a match is asked
}

func reRun(p *proc.Process, subject, re, options term.Term) term.Term {
	o, ok := parseReOptions(options)
	if !ok {
		return etsBadarg(p, atomBadopt)
	}
	prog, compiled := patternOf(re)
	if compiled {
		if o.compiling || o.newline && o.compile.Newline != prog.Options().Newline {
			return p.Badarg()
		}
	} else {
		var bad *regex.Error
		prog, bad, ok = compileRe(re, o.compile)
		if ok && bad != nil && o.report {
			return p.Heap.Tuple(term.AtomError, p.Heap.Tuple(atomCompile, reErrorTerm(p, bad)))
		}
		if !ok || bad != nil {
			_, isBits := term.BitSize(re)
			return badRun(p, o.compile.UTF && (re.IsList() || isBits))
		}
	}
	utf := prog.Options().UTF
	s, own, ok := reText(subject, utf)
	if !ok || o.offset > len(s) && !o.global || utf && o.offset < len(s) && s[o.offset]&0xc0 == 0x80 {
		return badRun(p, utf || o.global)
	}
	r := &reSearch{prog: prog, o: o, own: own, offset: o.offset}
	if !r.plan() {
		return p.Badarg()
	}
	if o.offset > len(s) {
		return atomNomatch
	}
	if r.o.typed != term.None && (o.global || utf) { // a later capture without a type changes only what is captured
		r.o.how = r.o.typed
	}
	r.m = regex.NewMatcher(prog, s, o.offset, o.run)
	return r.resume(p, []term.Term{subject})
}

// badRun refuses the arguments of run/3. Nothing is said about them where OTP looks at them in Erlang: for Unicode and for all matches.
func badRun(p *proc.Process, silent bool) term.Term {
	if silent {
		return p.RaiseInfo(term.AtomBadarg, term.Nil)
	}
	return p.Badarg()
}

// plan works out which groups are asked for.
func (r *reSearch) plan() bool {
	n := r.prog.Groups()
	switch r.o.what {
	case atomReNone:
		r.nothing = true
	case atomReFirst:
		r.groups = [][]int{{0}}
	case atomReAll, atomButFirst:
		r.trim = true
		from := 0
		if r.o.what == atomButFirst {
			from = 1
		}
		for g := from; g <= n; g++ {
			r.groups = append(r.groups, []int{g})
		}
	case atomAllNames:
		for _, name := range uniqueNames(r.prog) {
			r.groups = append(r.groups, r.named(name))
		}
		r.nothing = r.groups == nil
	default:
		list, _ := listElems(r.o.what)
		r.nothing = len(list) == 0
		for _, t := range list {
			if g, ok := smallIn(t, 0, maxInt); ok {
				r.groups = append(r.groups, []int{g})
				continue
			}
			name := ""
			if t.IsAtom() {
				name = t.AtomName()
			} else if b, ok := term.IOListBytes(t); ok {
				name = string(b)
			} else {
				return false
			}
			r.groups = append(r.groups, r.named(name))
		}
	}
	return true
}

func (r *reSearch) named(name string) (groups []int) {
	for _, n := range r.prog.Names() {
		if n.Name == name {
			groups = append(groups, n.Group)
		}
	}
	return groups
}

// resume goes on with the search for one slice.
func (r *reSearch) resume(p *proc.Process, a []term.Term) term.Term {
	r.subject = a[0]
	left := reSlice
	var st regex.Status
	for {
		st, left = r.m.Run(left)
		p.Bump((reSlice - left) / reSteps)
		if st == regex.Again || left <= 0 && r.o.global {
			if !r.own { // the subject's bytes may move before the next slice
				r.m.SetSubject(bytes.Clone(r.m.Subject()))
				r.own = true
			}
			if st == regex.Again {
				return p.YieldBIF(r.resume)
			}
			left = reSlice
		}
		if !r.o.global || !r.next(st) {
			return r.result(p, st)
		}
	}
}

// next notes a match of a global search and begins the next search; false at the end.
func (r *reSearch) next(st regex.Status) bool {
	o := r.o.run
	s := r.m.Subject()
	switch st {
	case regex.Matched:
		c := append([]int(nil), r.m.Captures()...)
		r.found = append(r.found, c)
		r.retry = c[0] >= c[1] && !o.NotEmptyAtStart // which asks for no second try
		r.offset = max(c[1], r.offset)
		if r.retry {
			o.NotEmptyAtStart, o.Anchored = true, true
		}
	case regex.NoMatch, regex.RecursionLimit:
		if !r.retry || r.offset >= len(s) {
			return false
		}
		r.retry = false
		n := 1
		nl := r.prog.Options().Newline
		switch {
		case (nl == regex.CRLF || nl == regex.AnyCRLF || nl == regex.AnyNewline) && bytes.HasPrefix(s[r.offset:], []byte("\r\n")):
			n = 2
		case r.prog.Options().UTF:
			_, n = utf8.DecodeRune(s[r.offset:])
		}
		r.offset += n
	default:
		return false
	}
	if r.offset > len(s) {
		return false
	}
	r.m.Restart(r.offset, o)
	return true
}

// result makes the value of run/3.
func (r *reSearch) result(p *proc.Process, st regex.Status) term.Term {
	h := &p.Heap
	switch st {
	case regex.MatchLimit, regex.RecursionLimit:
		if r.o.report {
			why := atomMatchLim
			if st == regex.RecursionLimit {
				why = atomDepthLim
			}
			return h.Tuple(term.AtomError, why)
		}
		if len(r.found) == 0 {
			return atomNomatch
		}
	case regex.Matched:
		if !r.o.global {
			if r.nothing {
				return atomReMatch
			}
			return h.Tuple(atomReMatch, r.values(h, r.m.Captures()))
		}
	}
	if len(r.found) == 0 {
		return atomNomatch
	}
	if r.nothing {
		return atomReMatch
	}
	all := make([]term.Term, len(r.found))
	for i, c := range r.found {
		all[i] = r.values(h, c)
	}
	return h.Tuple(atomReMatch, h.List(all...))
}

// values makes the list of what was asked for from the captures of one match.
func (r *reSearch) values(h *term.Heap, c []int) term.Term {
	groups := r.groups
	if r.trim {
		for len(groups) > 0 && groups[len(groups)-1][0] > 0 && c[2*groups[len(groups)-1][0]+1] < 0 {
			groups = groups[:len(groups)-1]
		}
	}
	out := make([]term.Term, len(groups))
	for i, candidates := range groups {
		from, to := -1, -1
		for _, g := range candidates {
			if 2*g+1 < len(c) && c[2*g+1] >= 0 {
				from, to = c[2*g], c[2*g+1]
				break
			}
		}
		out[i] = r.value(h, from, to)
	}
	return h.List(out...)
}

func (r *reSearch) value(h *term.Heap, from, to int) term.Term {
	if r.o.how == atomIndex {
		if from < 0 {
			return h.Tuple(h.Int64(-1), h.Int64(0))
		}
		return h.Tuple(h.Int64(int64(from)), h.Int64(int64(to-from)))
	}
	part := []byte{}
	if from >= 0 && from < to {
		part = r.m.Subject()[from:to]
	}
	if r.o.how == atomReBinary {
		if len(part) > 0 && r.subject.IsBinary() {
			return h.SubBits(r.subject, from*8, len(part)*8)
		}
		return h.Binary(part)
	}
	if !r.prog.Options().UTF {
		return byteList(h, part, term.Nil)
	}
	chars := make([]term.Term, 0, len(part))
	for _, c := range string(part) {
		chars = append(chars, h.Int64(int64(c)))
	}
	return h.List(chars...)
}
