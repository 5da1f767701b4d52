package preproc

import (
	"strings"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// macro is what a name stands for.
type macro struct {
	predefined bool // may not be redefined
	undefined  bool // predefined, but without a value so far
	defs       []definition
}

// definition is one of a macro's definitions, which differ in arity.
type definition struct {
	arity  int // noArity: no parameter list
	params []string
	body   []lexer.Token
	uses   []macroKey // macros called in the body
}

// macroKey names a definition, or a call.
type macroKey struct {
	name  string
	arity int
}

func (m *macro) find(arity int) *definition {
	for i := range m.defs {
		if m.defs[i].arity == arity {
			return &m.defs[i]
		}
	}
	return nil
}

// value is a predefined macro that stands for the given tokens.
func value(toks ...lexer.Token) *macro {
	return &macro{predefined: true, defs: []definition{{arity: noArity, body: toks}}}
}

// otpRelease is the value of ?OTP_RELEASE.
const otpRelease = "29"

func (p *Preprocessor) predefine(file string) {
	undefined := func() *macro { return &macro{predefined: true, undefined: true} }
	p.macros = map[string]*macro{
		"FUNCTION_NAME":      undefined(),
		"FUNCTION_ARITY":     undefined(),
		"LINE":               value(lexer.Token{Kind: lexer.Integer, Text: "1"}),
		"MODULE":             undefined(),
		"MODULE_STRING":      undefined(),
		"BASE_MODULE":        undefined(),
		"BASE_MODULE_STRING": undefined(),
		"MACHINE":            value(lexer.Token{Kind: lexer.Atom, Text: "BEAM"}),
		"BEAM":               value(lexer.Token{Kind: lexer.Atom, Text: "true"}),
		"OTP_RELEASE":        value(lexer.Token{Kind: lexer.Integer, Text: otpRelease}),
	}
	p.setFileMacro(file)
	p.featureMacros()
}

func (p *Preprocessor) setFileMacro(name string) {
	p.macros["FILE"] = value(lexer.Token{Kind: lexer.String, Text: name})
}

// predefineUser defines a macro given in the options.
func (p *Preprocessor) predefineUser(m Macro) {
	text := m.Value
	if text == "" {
		text = "true"
	}
	if old := p.macros[m.Name]; old != nil && !m.Redefine {
		e := errorf("redefine", "redefining macro '%s'", m.Name)
		if old.predefined {
			e = errorf("redefine_predef", "redefining predefined macro '%s'", m.Name)
		}
		p.fail(diag.NoPos, e)
		return
	}
	file := diag.NewFileSet().AddFile("", []byte(text))
	toks, err := lexer.NewScanner(file, lexer.Options{}).Form(nil)
	if err != nil {
		p.fail(diag.NoPos, errorf("bad", "badly formed '%s'", m.Name))
		return
	}
	toks = toks[:len(toks)-1]
	for i := range toks {
		toks[i].Pos, toks[i].End = diag.NoPos, diag.NoPos
	}
	p.macros[m.Name] = &macro{predefined: m.Redefine, defs: []definition{{arity: noArity, body: toks}}}
}

// noteModule defines ?MODULE when the form is a module attribute.
func (p *Preprocessor) noteModule(toks []lexer.Token) {
	if len(toks) < 5 || toks[0].Kind != lexer.Minus || toks[1].Kind != lexer.Atom || toks[2].Kind != lexer.LParen ||
		toks[3].Kind != lexer.Atom {
		return
	}
	prefix := ""
	switch {
	case toks[1].Text == "module" && (toks[4].Kind == lexer.RParen || toks[4].Kind == lexer.Comma):
	case toks[1].Text == "extends" && toks[4].Kind == lexer.RParen:
		prefix = "BASE_"
	default:
		return
	}
	name := toks[3]
	p.macros[prefix+"MODULE"] = value(name)
	p.macros[prefix+"MODULE_STRING"] = value(lexer.Token{Kind: lexer.String, Pos: name.Pos, Text: name.Text})
}

// funContext is the form whose ?FUNCTION_NAME may be asked for.
type funContext struct {
	tokens []lexer.Token // nil once looked up, or while being looked up
	known  bool
	name   string
	arity  int
}

// expand replaces the macro calls in a list of tokens. The result may be
// toks itself.
func (p *Preprocessor) expand(toks []lexer.Token) ([]lexer.Token, *failure) {
	for i := range toks {
		if toks[i].Kind == lexer.Question {
			x := expander{p: p, stack: p.stack[:0], out: append(make([]lexer.Token, 0, len(toks)+16), toks[:i]...),
				limit: maxExpansion + 4*len(toks)}
			x.push(toks[i:])
			p.stack = nil // a macro's argument may be expanded meanwhile
			err := x.run()
			p.stack = x.stack[:0]
			if err != nil {
				return nil, err
			}
			return x.out, nil
		}
	}
	return toks, nil
}

// expander expands the tokens on its stack, the next one on top.
type expander struct {
	p     *Preprocessor
	stack []lexer.Token // reversed
	out   []lexer.Token
	limit int
}

// maxCalls bounds the macro calls in one form: macros may expand to nothing,
// so that a bound on tokens does not bound the time.
const maxCalls = 1 << 21

// maxExpansion bounds the number of tokens that a form may grow to, beyond
// four times its own.
const maxExpansion = 1 << 20

func (x *expander) push(toks []lexer.Token) {
	for i := len(toks) - 1; i >= 0; i-- {
		x.stack = append(x.stack, toks[i])
	}
}

// peek looks n tokens ahead.
func (x *expander) peek(n int) (lexer.Token, bool) {
	if i := len(x.stack) - 1 - n; i >= 0 {
		return x.stack[i], true
	}
	return lexer.Token{}, false
}

func (x *expander) run() *failure {
	for len(x.stack) > 0 {
		top := len(x.stack) - 1
		t := x.stack[top]
		x.stack = x.stack[:top]
		if t.Kind != lexer.Question || top == 0 {
			x.out = append(x.out, t)
			continue
		}
		name := x.stack[top-1]
		if name.Kind != lexer.Atom && name.Kind != lexer.Var {
			e := errorf("call", "illegal macro call '?%s'", symbolText(name)).located(name.Pos)
			e.desc = callDescriptor(name)
			return e
		}
		x.stack = x.stack[:top-1]
		x.p.calls++
		if len(x.out)+len(x.stack) > x.limit || x.p.calls > maxCalls {
			return errorf("depth", "%s too deep", "macro expansion").located(name.Pos)
		}
		if err := x.call(t, name); err != nil {
			return err
		}
	}
	return nil
}

// call expands the macro that name stands for.
func (x *expander) call(question, name lexer.Token) *failure {
	if name.Kind == lexer.Var {
		switch name.Text {
		case "FUNCTION_NAME", "FUNCTION_ARITY":
			return x.functionMacro(question, name)
		case "LINE":
			line := x.p.fset.Line(name.Pos)
			x.out = append(x.out, lexer.Token{Kind: lexer.Integer, Pos: name.Pos, Text: itoa(line)})
			return nil
		}
	}
	def, err := x.lookup(name)
	if err != nil {
		return err
	}
	if err := x.p.checkCircular(macroKey{name.Text, def.arity}); err != nil {
		return err.located(name.Pos)
	}
	if def.arity == noArity {
		// The body is expanded by itself; the result is looked at again
		// together with what follows the call.
		body := make([]lexer.Token, len(def.body))
		question := false
		for i, t := range def.body {
			t.Pos, t.End = name.Pos, name.End
			body[i] = t
			question = question || t.Kind == lexer.Question
		}
		if !question {
			x.out = append(x.out, body...)
			return nil
		}
		inner, err := x.p.expand(body)
		if err != nil {
			return err
		}
		x.push(inner)
		if !hasQuestion(inner) {
			x.out = append(x.out, inner...)
			x.stack = x.stack[:len(x.stack)-len(inner)]
		}
		return nil
	}
	args, err := x.arguments(name, def.arity)
	if err != nil {
		return err
	}
	x.push(substitute(def, args, name))
	return nil
}

func hasQuestion(toks []lexer.Token) bool {
	for i := range toks {
		if toks[i].Kind == lexer.Question {
			return true
		}
	}
	return false
}

// lookup finds the definition that a call at the top of the stack means.
func (x *expander) lookup(name lexer.Token) (*definition, *failure) {
	arity, err := x.countArgs(name)
	if err != nil {
		return nil, err
	}
	m := x.p.macros[name.Text]
	switch {
	case m == nil || m.undefined:
		return nil, macroError("undefined", name.Text, arity).located(name.Pos)
	case len(m.defs) == 1 && m.defs[0].arity == noArity:
		return &m.defs[0], nil
	}
	if def := m.find(arity); def != nil {
		return def, nil
	}
	return nil, mismatch(name)
}

func mismatch(name lexer.Token) *failure {
	return errorf("mismatch", "argument mismatch for macro '%s'", name.Text).located(name.Pos)
}

func badArgument(name lexer.Token) *failure {
	return errorf("arg_error", "badly formed argument for macro '%s'", name.Text).located(name.Pos)
}

// countArgs counts the arguments in the parentheses at the top of the stack,
// noArity if there are none.
func (x *expander) countArgs(name lexer.Token) (int, *failure) {
	at := func(n int) lexer.Kind {
		t, ok := x.peek(n)
		if !ok {
			return lexer.None
		}
		return t.Kind
	}
	return countArgs(at, name)
}

// countArgs is the counting itself, over any source of kinds.
func countArgs(at func(n int) lexer.Kind, name lexer.Token) (int, *failure) {
	if at(0) != lexer.LParen {
		return noArity, nil
	}
	switch at(1) {
	case lexer.RParen:
		return 0, nil
	case lexer.Comma:
		return 0, badArgument(name)
	}
	n := argumentEnd(at, 1)
	for count := 1; ; count++ {
		switch at(n) {
		case lexer.RParen:
			return count, nil
		case lexer.Comma:
			if at(n+1) == lexer.RParen {
				return 0, badArgument(name)
			}
			n = argumentEnd(at, n+1)
		default:
			return 0, badArgument(name)
		}
	}
}

// argumentEnd finds the comma or closing parenthesis behind the argument that
// begins at n (or the end of the tokens, None).
func argumentEnd(at func(n int) lexer.Kind, n int) int {
	// funEnd stands for the end of "fun (", which is a fun with an end or,
	// until a -> or when shows up, a fun type without.
	const funEnd = lexer.Fun
	var open []lexer.Kind
	for ; ; n++ {
		k := at(n)
		if k == lexer.None {
			return n
		}
		if len(open) == 0 && (k == lexer.Comma || k == lexer.RParen) {
			return n
		}
		if top := len(open) - 1; top >= 0 && open[top] == funEnd {
			switch k {
			case lexer.When, lexer.Arrow:
				open[top] = lexer.End
			case lexer.Comma, lexer.RParen:
				open = open[:top]
				n-- // look at it again
				continue
			}
		}
		switch k {
		case lexer.LParen:
			open = append(open, lexer.RParen)
		case lexer.LBin:
			open = append(open, lexer.RBin)
		case lexer.LBracket:
			open = append(open, lexer.RBracket)
		case lexer.LBrace:
			open = append(open, lexer.RBrace)
		case lexer.Begin, lexer.If, lexer.Case, lexer.Maybe, lexer.Receive, lexer.Try, lexer.Cond:
			open = append(open, lexer.End)
		case lexer.Fun:
			switch {
			case at(n+1) == lexer.LParen:
				open = append(open, funEnd)
			case at(n+1) == lexer.Var && at(n+2) == lexer.LParen:
				open = append(open, lexer.End)
				n++
			}
		default:
			if top := len(open) - 1; top >= 0 && open[top] == k {
				open = open[:top]
			}
		}
	}
}

// arguments takes the parenthesised arguments from the stack.
func (x *expander) arguments(name lexer.Token, arity int) ([][]lexer.Token, *failure) {
	at := func(n int) lexer.Kind {
		t, ok := x.peek(n)
		if !ok {
			return lexer.None
		}
		return t.Kind
	}
	args := make([][]lexer.Token, 0, arity)
	n := 1
	if arity > 0 {
		for {
			end := argumentEnd(at, n)
			if end == n {
				return nil, mismatch(name)
			}
			arg := make([]lexer.Token, 0, end-n)
			for i := n; i < end; i++ {
				t, _ := x.peek(i)
				arg = append(arg, t)
			}
			args = append(args, arg)
			n = end + 1
			if at(end) == lexer.RParen {
				break
			}
		}
	} else {
		n = 2
	}
	x.stack = x.stack[:len(x.stack)-n]
	return args, nil
}

// substitute is the body of a definition with its parameters replaced. The
// body has the position of the call; behind an argument, it has that of the
// argument's last token.
func substitute(def *definition, args [][]lexer.Token, name lexer.Token) []lexer.Token {
	out := make([]lexer.Token, 0, len(def.body))
	at, end := name.Pos, name.End
	insert := func(arg []lexer.Token) {
		out = append(out, arg...)
		if n := len(arg); n > 0 {
			at, end = arg[n-1].Pos, arg[n-1].End
		}
	}
	find := func(t lexer.Token) ([]lexer.Token, bool) {
		if t.Kind == lexer.Var {
			for i, param := range def.params {
				if param == t.Text {
					return args[i], true
				}
			}
		}
		return nil, false
	}
	body := def.body
	for i := 0; i < len(body); i++ {
		t := body[i]
		if arg, ok := find(t); ok {
			insert(arg)
			continue
		}
		if t.Kind == lexer.Question && i+2 < len(body) && body[i+1].Kind == lexer.Question && body[i+2].Kind == lexer.Var {
			i += 2
			if arg, ok := find(body[i]); ok {
				insert([]lexer.Token{stringify(arg, at, end)})
				continue
			}
			t = body[i]
		}
		t.Pos, t.End = at, end
		out = append(out, t)
	}
	return out
}

// stringify makes the string that reads as the given tokens.
func stringify(toks []lexer.Token, at, end diag.Pos) lexer.Token {
	parts := make([]string, len(toks))
	for i, t := range toks {
		parts[i] = valueText(t)
	}
	return lexer.Token{Kind: lexer.String, Pos: at, End: end, Text: strings.Join(parts, " ")}
}

// valueText is a token as written, but numbers in their standard form.
func valueText(t lexer.Token) string {
	switch t.Kind {
	case lexer.Integer:
		n, big := lexer.IntegerValue(t.Text)
		if big != nil {
			return big.String()
		}
		return itoa(int(n))
	case lexer.Float:
		f, _ := lexer.FloatValue(t.Text)
		return diag.WriteFloat(f)
	case lexer.SigilPrefix:
		return diag.WriteAtom(t.Text)
	case lexer.SigilSuffix:
		if t.Text == "" {
			return "[]"
		}
	}
	return t.Source()
}

// symbolText is a token's symbol as ~tp prints it.
func symbolText(t lexer.Token) string {
	switch {
	case t.Kind == lexer.Dot:
		return "dot"
	case t.Kind == lexer.Other:
		return diag.WriteAtom(t.Text)
	case t.Kind == lexer.Char:
		for _, c := range t.Text {
			return itoa(int(c))
		}
	case t.Kind >= lexer.LParen:
		return diag.WriteAtom(t.Kind.String())
	}
	return valueText(t)
}

// callDescriptor is the descriptor of an illegal macro call. Of a string with characters above Latin-1, it is a deep list
// as io_lib:write makes it.
func callDescriptor(t lexer.Token) any {
	var text any = symbolText(t)
	if t.Kind == lexer.String && strings.IndexFunc(t.Text, func(c rune) bool { return c > 255 }) >= 0 {
		items := diag.ListValue{}
		for i, c := range []rune(t.Text) {
			if i > 0 {
				items = append(items, ',')
			}
			items = append(items, itoa(int(c)))
		}
		text = diag.ListValue{'[', items, ']'}
	}
	return diag.TupleValue{diag.AtomValue("call"), diag.ListValue{'?', text}}
}

// functionMacro expands ?FUNCTION_NAME and ?FUNCTION_ARITY.
func (x *expander) functionMacro(question, name lexer.Token) *failure {
	f := x.p.fun
	if f != nil && f.tokens != nil {
		toks := f.tokens
		f.tokens = nil
		if err := x.p.findFunction(f, toks, name); err != nil {
			return err
		}
	}
	if f == nil || !f.known {
		x.out = append(x.out, question, name)
		return nil
	}
	t := lexer.Token{Kind: lexer.Atom, Pos: name.Pos, End: name.End, Text: f.name}
	if name.Text == "FUNCTION_ARITY" {
		t.Kind, t.Text = lexer.Integer, itoa(f.arity)
	}
	x.out = append(x.out, t)
	return nil
}

// findFunction learns name and arity of the function whose tokens are given.
func (p *Preprocessor) findFunction(f *funContext, toks []lexer.Token, name lexer.Token) *failure {
	toks, err := p.expand(toks)
	switch {
	case err != nil:
		// The caller will come across the same error.
		f.known, f.name, f.arity = true, "_", 0
	case len(toks) > 1 && toks[0].Kind == lexer.Atom && toks[1].Kind == lexer.LParen:
		f.known, f.name, f.arity = true, toks[0].Text, headArity(toks[2:])
	case len(toks) > 0 && toks[0].Kind == lexer.Question:
		return errorf("illegal_function_usage", "?%s must not begin a form", name.Text).located(name.Pos)
	default:
		return errorf("illegal_function", "?%s can only be used within a function", name.Text).located(name.Pos)
	}
	return nil
}

// headArity counts the arguments of a function head behind its parenthesis.
func headArity(toks []lexer.Token) int {
	arity, level := 0, 1
	for _, t := range toks {
		switch t.Kind {
		case lexer.Comma:
			if level == 1 {
				arity++
			}
			continue
		case lexer.LParen, lexer.LBrace, lexer.LBracket, lexer.LBin:
			level++
		case lexer.RParen, lexer.RBrace, lexer.RBracket, lexer.RBin:
			if level--; level == 0 {
				return arity
			}
			continue
		}
		if arity == 0 {
			arity = 1
		}
	}
	return arity
}

// checkCircular fails if expanding a macro would lead back to it.
func (p *Preprocessor) checkCircular(key macroKey) *failure {
	if p.checked[key] {
		return nil
	}
	return p.checkUses(key, map[macroKey]bool{})
}

func (p *Preprocessor) checkUses(key macroKey, above map[macroKey]bool) *failure {
	if above[key] {
		return macroError("circular", key.name, key.arity)
	}
	if p.checked[key] {
		return nil
	}
	above[key] = true
	if m := p.macros[key.name]; m != nil {
		def := m.find(key.arity)
		if def == nil {
			def = m.find(noArity)
		}
		if def != nil {
			for _, use := range def.uses {
				if err := p.checkUses(use, above); err != nil {
					return err
				}
			}
		}
	}
	delete(above, key)
	p.checked[key] = true
	return nil
}
