package preproc

import (
	"sort"

	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/lexer"
)

// directive obeys the form if it is a directive.
func (p *Preprocessor) directive(toks []lexer.Token) bool {
	if len(toks) < 2 || toks[0].Kind != lexer.Minus {
		return false
	}
	word, rest := toks[1], toks[2:]
	name := word.Text
	switch {
	case word.Kind == lexer.Else:
		name = "else"
	case word.Kind == lexer.If:
		name = "if"
	case word.Kind != lexer.Atom || name == "if":
		return false
	}
	switch name {
	case "feature":
		p.feature(word, rest)
	case "define":
		p.define(word, rest)
	case "undef":
		p.undef(word, rest)
	case "error", "warning":
		p.message(name, word, rest)
	case "include":
		p.include(word, joinStrings(rest), false)
	case "include_lib":
		p.include(word, joinStrings(rest), true)
	case "doc", "moduledoc":
		return p.docFile(name, word, joinStrings(rest))
	case "ifdef", "ifndef":
		p.ifdef(name, word, rest)
	case "if":
		p.condition(word, rest)
	case "else":
		p.elseDirective(word, rest)
	case "elif":
		p.elif(word)
	case "endif":
		p.endif(word, rest)
	case "file":
		p.fileDirective(word, rest)
	default:
		return false
	}
	return true
}

// joinStrings joins adjacent string literals.
func joinStrings(toks []lexer.Token) []lexer.Token {
	var out []lexer.Token
	for i, t := range toks {
		if t.Kind == lexer.String && i > 0 && toks[i-1].Kind == lexer.String {
			out[len(out)-1].Text += t.Text
			continue
		}
		out = append(out, t)
	}
	return out
}

// nameToken stands for an atom or a variable in the patterns of match.
const nameToken = lexer.None

// match reports whether the tokens have exactly the given kinds; if not, at
// is the token where they first differ, or the last one.
func match(word lexer.Token, toks []lexer.Token, kinds ...lexer.Kind) (at lexer.Token, ok bool) {
	at = word
	for i, k := range kinds {
		if i >= len(toks) {
			return at, false
		}
		t := toks[i]
		if t.Kind != k && !(k == nameToken && (t.Kind == lexer.Atom || t.Kind == lexer.Var)) || t.Kind == lexer.EOF {
			if t.Kind == lexer.EOF {
				return at, false
			}
			return t, false
		}
		at = t
	}
	if len(toks) > len(kinds) {
		return toks[len(kinds)], false
	}
	return at, true
}

// firstOf is the first token behind a directive's name, or the name.
func firstOf(word lexer.Token, toks []lexer.Token) lexer.Token {
	if len(toks) > 0 && toks[0].Kind != lexer.EOF {
		return toks[0]
	}
	return word
}

func (p *Preprocessor) feature(word lexer.Token, toks []lexer.Token) {
	_, ok := match(word, toks, lexer.LParen, lexer.Atom, lexer.Comma, lexer.Atom, lexer.RParen, lexer.Dot)
	switch {
	case ok && !p.inPrefix:
		p.fail(word.Pos, errorf("ftr_after_prefix", "feature directive not allowed after exports or record definitions"))
	case ok && (toks[3].Text == "enable" || toks[3].Text == "disable"):
		if !p.features.set(toks[1].Text, toks[3].Text == "enable") {
			p.unknownFeature(word.Pos, toks[1].Text)
			return
		}
		p.featureMacros()
	default:
		p.fail(firstOf(word, toks).Pos, badlyFormed("feature"))
	}
}

func (p *Preprocessor) define(word lexer.Token, toks []lexer.Token) {
	def := definition{arity: noArity}
	if len(toks) < 2 || toks[0].Kind != lexer.LParen || toks[1].Kind != lexer.Atom && toks[1].Kind != lexer.Var {
		at, _ := match(word, toks, lexer.LParen, nameToken)
		p.fail(at.Pos, badlyFormed("define"))
		return
	}
	name := toks[1]
	rest := toks[2:]
	var err *failure
	switch firstOf(word, rest).Kind {
	case lexer.Comma:
		def.body, err = macroBody(rest[1:], rest[0])
	case lexer.LParen:
		err = def.parameters(rest)
	default:
		err = badlyFormed("define").located(firstOf(word, rest).Pos)
	}
	if err == nil {
		err = p.addDefinition(name, def)
	}
	if err != nil {
		p.fail(err.at, err)
	}
}

// parameters reads the parameter list and the body behind it.
func (d *definition) parameters(toks []lexer.Token) *failure {
	d.arity = 0
	last := toks[0]
	i := 1
	if len(toks) > 1 && toks[1].Kind == lexer.RParen {
		last = toks[1]
		i = 2
	} else {
		for {
			if i >= len(toks) || toks[i].Kind != lexer.Var {
				return badlyFormed("define").located(firstOf(last, toks[min(i, len(toks)):]).Pos)
			}
			for _, name := range d.params {
				if name == toks[i].Text {
					return errorf("duplicated_argument", "argument '%s' already used", name).located(toks[i].Pos)
				}
			}
			d.params = append(d.params, toks[i].Text)
			d.arity++
			last = toks[i]
			i++
			if i < len(toks) && toks[i].Kind == lexer.RParen {
				last = toks[i]
				i++
				break
			}
			if i+1 >= len(toks) || toks[i].Kind != lexer.Comma || toks[i+1].Kind != lexer.Var {
				return badlyFormed("define").located(firstOf(last, toks[min(i, len(toks)):]).Pos)
			}
			i++
		}
	}
	if i >= len(toks) || toks[i].Kind != lexer.Comma {
		return errorf("missing_comma", "badly formed define: missing comma").located(firstOf(last, toks[i:]).Pos)
	}
	body, err := macroBody(toks[i+1:], toks[i])
	d.body = body
	return err
}

// macroBody is everything up to the closing parenthesis and the dot.
func macroBody(toks []lexer.Token, last lexer.Token) ([]lexer.Token, *failure) {
	n := len(toks)
	if n == 0 || toks[n-1].Kind != lexer.Dot {
		if n > 1 {
			last = toks[n-2]
		}
		return nil, errorf("premature_end", "premature end").located(last.Pos)
	}
	if n < 2 || toks[n-2].Kind != lexer.RParen {
		return nil, errorf("missing_parenthesis", "badly formed define: missing closing right parenthesis").located(toks[n-1].Pos)
	}
	return append([]lexer.Token(nil), toks[:n-2]...), nil
}

func (p *Preprocessor) addDefinition(name lexer.Token, def definition) *failure {
	m := p.macros[name.Text]
	if m != nil {
		if m.predefined {
			return errorf("redefine_predef", "redefining predefined macro '%s'", name.Text).located(name.Pos)
		}
		if m.find(def.arity) != nil {
			return errorf("redefine", "redefining macro '%s'", name.Text).located(name.Pos)
		}
	}
	uses, err := macroUses(def.body)
	if err != nil {
		return err
	}
	def.uses = uses
	next := &macro{}
	if m != nil {
		next.defs = append(next.defs, m.defs...)
	}
	next.defs = append(next.defs, def)
	p.macros[name.Text] = next
	clear(p.checked)
	return nil
}

// macroUses lists the macros that a body calls.
func macroUses(body []lexer.Token) ([]macroKey, *failure) {
	var uses []macroKey
	for i := 0; i < len(body); i++ {
		if body[i].Kind != lexer.Question || i+1 >= len(body) {
			continue
		}
		name := body[i+1]
		if name.Kind == lexer.Question {
			i++
			continue
		}
		if name.Kind != lexer.Atom && name.Kind != lexer.Var {
			continue
		}
		rest := body[i+2:]
		arity, err := countArgs(func(n int) lexer.Kind {
			if n < len(rest) {
				return rest[n].Kind
			}
			return lexer.None
		}, name)
		if err != nil {
			return nil, err
		}
		uses = append(uses, macroKey{name.Text, arity})
		i++
	}
	sort.Slice(uses, func(i, j int) bool {
		if uses[i].name != uses[j].name {
			return uses[i].name < uses[j].name
		}
		return uses[i].arity < uses[j].arity
	})
	return uses, nil
}

func (p *Preprocessor) undef(word lexer.Token, toks []lexer.Token) {
	p.inPrefix = false
	if at, ok := match(word, toks, lexer.LParen, nameToken, lexer.RParen, lexer.Dot); !ok {
		p.fail(at.Pos, badlyFormed("undef"))
		return
	}
	delete(p.macros, toks[1].Text)
	clear(p.checked)
}

// message obeys -error and -warning.
func (p *Preprocessor) message(name string, word lexer.Token, toks []lexer.Token) {
	p.inPrefix = false
	if first := firstOf(word, toks); first.Kind != lexer.LParen {
		p.fail(first.Pos, badlyFormed(name))
		return
	}
	toks, err := p.expand(toks)
	if err == nil && p.opts.Eval != nil {
		if text, value, ok := p.opts.Eval.Term(toks); ok {
			severity := diag.Error
			if name == "warning" {
				severity = diag.Warning
			}
			e := errorf(name, "-%s(%s).", name, text)
			e.args = e.args[1:]
			p.queueDiag(severity, word.Pos, e)
			p.queue[len(p.queue)-1].Diag.Cause = value
			return
		}
	}
	p.fail(word.Pos, badlyFormed(name))
}

// fileDirective obeys -file(Name, Line).
func (p *Preprocessor) fileDirective(word lexer.Token, toks []lexer.Token) {
	p.fun = &funContext{tokens: append([]lexer.Token{{Kind: lexer.Minus, Pos: word.Pos}, word}, toks...)}
	toks, err := p.expand(toks)
	p.fun = nil
	if err != nil {
		p.fail(err.at, err)
		return
	}
	toks = joinStrings(toks)
	if at, ok := match(word, toks, lexer.LParen, lexer.String, lexer.Comma, lexer.Integer, lexer.RParen, lexer.Dot); !ok {
		p.fail(at.Pos, badlyFormed("file"))
		return
	}
	n, _ := lexer.IntegerValue(toks[3].Text)
	name, line := toks[1].Text, int(n)
	s := p.cur
	offset := s.scanner.Offset()
	here := p.fset.Position(word.Pos)
	p.queueFileAttr(p.fset.Synthetic(diag.Synthetic{
		File: here.File, Line: here.Line, Col: here.Column, Generated: true,
	}), p.shown(name), line)
	p.setFileMacro(p.shown(name))
	phys := s.file.PhysicalLine(s.file.Offset(toks[0].Pos))
	if s.file.Offset(toks[0].Pos) < 0 || s.file.Offset(toks[0].Pos) > s.file.Size() {
		phys = s.file.PhysicalLine(offset)
	}
	next := s.file.PhysicalLine(offset)
	s.file.SetLocation(offset, name, line+next-phys)
	s.alias = name
	s.moved = line - phys
}

// docFile replaces -doc({file, Name}) by the file's content.
func (p *Preprocessor) docFile(name string, word lexer.Token, toks []lexer.Token) bool {
	i := 0
	if firstOf(word, toks).Kind == lexer.LParen {
		i = 1
	}
	if len(toks) < i+2 || toks[i].Kind != lexer.LBrace {
		return false
	}
	if toks[i+1].Kind != lexer.Atom || toks[i+1].Text != "file" {
		e := errorf("doc_file", "invalid %s tag, only %s allowed", name, "file")
		e.args = []string{name, "invalid", "file"}
		p.fail(toks[i+1].Pos, e)
		return true
	}
	kinds := []lexer.Kind{lexer.LBrace, lexer.Atom, lexer.Comma, lexer.String, lexer.RBrace, lexer.Dot}
	if i == 1 {
		kinds = append(append([]lexer.Kind{lexer.LParen}, kinds[:5]...), lexer.RParen, lexer.Dot)
	}
	if at, ok := match(word, toks, kinds...); !ok {
		p.fail(at.Pos, badlyFormed(name))
		return true
	}
	file := toks[i+3]
	dot := toks[len(toks)-1]
	path := join(p.cur.dir, file.Text)
	text, err := p.opts.ReadFile(path)
	content := lexer.Token{Kind: lexer.String, Pos: word.Pos, Text: string(text)}
	doc := func(at diag.Pos) {
		p.queue = append(p.queue, Form{Kind: Tokens, Tokens: []lexer.Token{
			{Kind: lexer.Minus, Pos: at}, {Kind: lexer.Atom, Pos: at, Text: name},
			{Kind: lexer.String, Pos: at, Text: content.Text}, {Kind: lexer.Dot, Pos: at},
		}})
	}
	if err != nil {
		e := errorf("doc_file", "can't find %s %s \"%s\"", name, "file", file.Text)
		p.queueDiag(diag.Warning, word.Pos, e)
		doc(word.Pos)
		return true
	}
	start := p.fset.AddFile(path, text).Pos(0)
	p.queueFileAttr(start, p.shown(path), 1)
	doc(start)
	p.queueFileAttr(dot.Pos, p.shown(p.cur.name), p.fset.Line(dot.Pos))
	return true
}
