package preproc

import (
	"path"
	"strings"

	"github.com/gerl-lang/gerl/lexer"
)

// isDefined answers -ifdef; a predefined macro without a value is not defined.
func (p *Preprocessor) isDefined(name string) bool {
	m := p.macros[name]
	return m != nil && !m.undefined
}

// begin opens a conditional whose condition has the given value.
func (p *Preprocessor) begin(name string, value bool) {
	if value {
		p.cur.conds = append(p.cur.conds, name)
	} else {
		p.skip = []string{name}
	}
}

func (p *Preprocessor) ifdef(name string, word lexer.Token, toks []lexer.Token) {
	if at, ok := match(word, toks, lexer.LParen, nameToken, lexer.RParen, lexer.Dot); !ok {
		p.fail(at.Pos, badlyFormed(name))
		p.begin(name, false)
		return
	}
	p.begin(name, p.isDefined(toks[1].Text) == (name == "ifdef"))
}

// condition obeys -if, and -elif where the conditions before it were false.
func (p *Preprocessor) condition(word lexer.Token, toks []lexer.Token) {
	if first := firstOf(word, toks); first.Kind != lexer.LParen {
		p.fail(first.Pos, badlyFormed("if"))
		p.begin("if", false)
		return
	}
	toks, err := p.expand(toks)
	if err != nil {
		p.fail(err.at, err)
		p.begin("if", false)
		return
	}
	if p.opts.Eval == nil {
		p.fail(word.Pos, badlyFormed("if"))
		p.begin("if", false)
		return
	}
	value, badIf, syntax := p.opts.Eval.Condition(toks, func(name string) bool {
		return p.macros[name] != nil
	})
	switch {
	case syntax != nil:
		p.queue = append(p.queue, Form{Kind: Failure, Diag: syntax})
	case badIf:
		p.fail(word.Pos, badlyFormed("if"))
	}
	p.begin("if", value && !badIf && syntax == nil)
}

// pop removes the innermost open conditional.
func (s *source) pop() (string, bool) {
	n := len(s.conds)
	if n == 0 {
		return "", false
	}
	kind := s.conds[n-1]
	s.conds = s.conds[:n-1]
	return kind, true
}

func (p *Preprocessor) elseDirective(word lexer.Token, toks []lexer.Token) {
	if first := firstOf(word, toks); len(toks) != 1 || first.Kind != lexer.Dot {
		p.fail(first.Pos, badlyFormed("else"))
		return
	}
	kind, open := p.cur.pop()
	switch {
	case !open:
		p.fail(word.Pos, errorf("illegal", "%s '-%s'", "unbalanced", "else"))
	case kind == "else":
		p.fail(word.Pos, errorf("illegal", "%s '-%s'", "repeated", "else"))
		p.begin("else", false)
	default:
		p.begin("else", false)
	}
}

func (p *Preprocessor) elif(word lexer.Token) {
	kind, open := p.cur.pop()
	switch {
	case !open:
		p.fail(word.Pos, errorf("illegal", "%s '-%s'", "unbalanced", "elif"))
	case kind == "else":
		p.fail(word.Pos, errorf("illegal", "%s '-%s'", "unbalanced", "elif"))
		p.begin("else", false)
	default:
		p.begin("elif", false)
	}
}

func (p *Preprocessor) endif(word lexer.Token, toks []lexer.Token) {
	if first := firstOf(word, toks); len(toks) != 1 || first.Kind != lexer.Dot {
		p.fail(first.Pos, badlyFormed("endif"))
		return
	}
	if _, open := p.cur.pop(); !open {
		p.fail(word.Pos, errorf("illegal", "%s '-%s'", "unbalanced", "endif"))
	}
}

// skipForm reads a form that a conditional excludes. Errors in it do not
// matter.
func (p *Preprocessor) skipForm() {
	toks, eof := p.scanForm(false)
	if eof {
		// leave reports the conditionals that are still open.
		s := p.cur
		s.conds = append(s.conds[:0], p.skip...)
		p.skip = nil
		return
	}
	if len(toks) < 2 || toks[0].Kind != lexer.Minus {
		return
	}
	word := toks[1]
	name := word.Text
	switch word.Kind {
	case lexer.If:
		name = "if"
	case lexer.Else:
		name = "else"
	case lexer.Atom:
		if name == "if" {
			return
		}
	default:
		return
	}
	top := len(p.skip) - 1
	switch name {
	case "ifdef", "ifndef", "if":
		p.skip = append(p.skip, name)
	case "endif":
		p.skip = p.skip[:top]
	case "else":
		switch {
		case p.skip[top] == "else":
			p.fail(word.Pos, errorf("illegal", "%s '-%s'", "repeated", "else"))
		case p.skip[top] == "elif":
			p.skip[top] = "else"
		case top == 0:
			p.skip = nil
			p.cur.conds = append(p.cur.conds, "else")
		}
	case "elif":
		switch {
		case p.skip[top] == "else":
			p.fail(word.Pos, errorf("elif_after_else", "'elif' following 'else'"))
		case top == 0:
			// Even if an earlier condition was true: the second -elif behind
			// a true branch is evaluated by OTP 29, and so here.
			p.skip = nil
			p.condition(word, toks[2:])
		}
	}
}

// include obeys -include and -include_lib.
func (p *Preprocessor) include(word lexer.Token, toks []lexer.Token, lib bool) {
	name := "include"
	if lib {
		name = "include_lib"
	}
	if at, ok := match(word, toks, lexer.LParen, lexer.String, lexer.RParen, lexer.Dot); !ok {
		p.fail(at.Pos, badlyFormed(name))
		return
	}
	file := toks[1]
	if len(p.sources) >= maxIncludes {
		at := file.Pos
		if lib {
			at = word.Pos
		}
		p.fail(at, errorf("depth", "%s too deep", name))
		return
	}
	target := p.expandVariable(file.Text)
	if full, text, ok := p.findInclude(target); ok {
		p.open(full, dirname(full), text)
		return
	}
	kind := "file"
	if lib {
		kind = "lib"
		app, rest, _ := strings.Cut(target, "/")
		if dir, ok := p.opts.LibDir(app); ok && rest != "" {
			full := join(dir, rest)
			if text, err := p.opts.ReadFile(full); err == nil {
				p.open(full, dirname(full), text)
				return
			}
		}
		if text, ok := p.opts.Library(target); ok {
			p.open(target, dirname(target), text)
			return
		}
	}
	p.fail(file.Pos, errorf("include", "can't find include %s \"%s\"", kind, target))
}

// findInclude looks for a file along the include path.
func (p *Preprocessor) findInclude(name string) (full string, text []byte, ok bool) {
	if path.IsAbs(name) {
		text, err := p.opts.ReadFile(name)
		return name, text, err == nil
	}
	dirs := append([]string{p.cur.dir}, p.opts.IncludePath...)
	for _, dir := range dirs {
		full := join(dir, name)
		if text, err := p.opts.ReadFile(full); err == nil {
			return full, text, true
		}
	}
	return "", nil, false
}

// expandVariable replaces $NAME at the beginning of an include's name by the
// environment variable.
func (p *Preprocessor) expandVariable(name string) string {
	if !strings.HasPrefix(name, "$") {
		return name
	}
	first, rest, more := strings.Cut(name[1:], "/")
	value := p.opts.Getenv(first)
	if value == "" {
		return name
	}
	if !more {
		return value
	}
	return join(value, rest)
}
