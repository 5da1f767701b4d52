package format

import (
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/lexer"
)

// step is one level of indentation.
const step = 4

// maxAligned bounds the column to which comments at the ends of neighbouring lines are aligned.
const maxAligned = 100

// maxIndent bounds the indentation of lines that are nested absurdly deep.
const maxIndent = 160

// mode is what a context is.
type mode uint8

const (
	modeForm    mode = iota // a function's clauses, at the top
	modeAttr                // an attribute
	modeBracket             // within brackets
	modeBlock               // between a keyword and its end, before the clauses
	modeClauses             // where clauses begin
	modeBody                // behind an arrow, or expressions in sequence
)

// context is one level of nesting. Lines that begin an element stand at indent, those that go on with one deeper.
type context struct {
	mode    mode
	keyword lexer.Kind // of a block, or the bracket
	indent  int        // of elements
	base    int        // of what closes it
	fresh   bool       // the next token begins an element
	tail    bool       // in <<>>: behind the value of a segment
}

// printer lays tokens out.
type printer struct {
	toks  []token
	lines []line
	cur   strings.Builder
	col   int
	stack []context
	// of the current line
	lineIndent int
	lineDepth  int // contexts that were open when the line began
	prev       *token
	unary      bool
	exact      bool // every line keeps its number
}

// line is a finished line: code, and a comment behind it.
type line struct {
	code, comment string
	blank         bool // only a comment, or nothing
}

func layOut(toks []token) string {
	p := &printer{toks: toks, exact: knowsLines(toks)}
	if p.exact && len(toks) > 0 {
		for range toks[0].breaks {
			p.lines = append(p.lines, line{blank: true})
		}
	}
	for i := range toks {
		p.token(i)
	}
	p.flush("")
	return p.text()
}

// knowsLines reports whether numbers of lines are part of the program: it uses ?LINE, or headers, whose macros may.
func knowsLines(toks []token) bool {
	for i := 1; i < len(toks); i++ {
		switch {
		case toks[i-1].kind == lexer.Question && toks[i].text == "LINE",
			toks[i-1].kind == lexer.Minus && (toks[i].text == "include" || toks[i].text == "include_lib"):
			return true
		}
	}
	return false
}

func (p *printer) top() *context {
	if len(p.stack) == 0 {
		return nil
	}
	return &p.stack[len(p.stack)-1]
}

func (p *printer) push(c context) { p.stack = append(p.stack, c) }

func (p *printer) pop() {
	if len(p.stack) > 0 {
		p.stack = p.stack[:len(p.stack)-1]
	}
}

// flush ends the current line.
func (p *printer) flush(comment string) {
	if p.cur.Len() > 0 || comment != "" {
		p.lines = append(p.lines, line{code: p.cur.String(), comment: comment})
	}
	p.cur.Reset()
	p.col = 0
}

func (p *printer) blankLines(n int) {
	limit := 1
	if len(p.stack) == 0 {
		limit = 2
	}
	if p.exact {
		limit = n
	}
	if len(p.lines) == 0 {
		return
	}
	for range min(n, limit) {
		p.lines = append(p.lines, line{blank: true})
	}
}

func (p *printer) token(i int) {
	t := &p.toks[i]
	if t.kind == lexer.Comment {
		p.comment(i)
		return
	}
	newLine := i == 0 || t.breaks > 0 || p.toks[i-1].kind == lexer.Comment || p.prev == nil
	if newLine {
		p.flush("")
		if i > 0 && t.breaks > 1 {
			p.blankLines(t.breaks - 1)
		}
	}
	if len(p.stack) == 0 {
		m := modeForm
		if t.kind == lexer.Minus {
			m = modeAttr
		}
		p.push(context{mode: m, fresh: true})
	}
	p.before(i)
	if newLine {
		p.start(p.indentFor(t))
	} else if p.prev != nil && spaced(p.prev, t, p.unary, p.inBits(), p.top().tail, p.stack[0].mode == modeAttr) {
		p.put(" ")
	}
	column := p.col
	p.unary = isUnary(p.prev, t.kind)
	p.put(t.text)
	p.after(i, column)
	p.prev = t
	if t.kind == lexer.Dot {
		p.prev, p.stack = nil, nil
	}
}

func (p *printer) inBits() bool {
	c := p.top()
	return c.mode == modeBracket && c.keyword == lexer.LBin
}

func (p *printer) start(indent int) {
	indent = min(indent, maxIndent)
	p.lineIndent, p.lineDepth = indent, len(p.stack)
	p.put(strings.Repeat(" ", indent))
}

func (p *printer) put(s string) {
	p.cur.WriteString(s)
	if n := strings.LastIndexByte(s, '\n'); n >= 0 {
		p.col = utf8.RuneCountInString(s[n+1:])
	} else {
		p.col += utf8.RuneCountInString(s)
	}
}

// comment puts a comment on a line of its own, or behind the code of the current one.
func (p *printer) comment(i int) {
	t := &p.toks[i]
	if t.breaks == 0 && i > 0 && p.toks[i-1].kind != lexer.Comment {
		p.flush(t.text)
		return
	}
	p.flush("")
	if i > 0 && t.breaks > 1 {
		p.blankLines(t.breaks - 1)
	}
	indent := 0
	if c := p.top(); c != nil && !strings.HasPrefix(t.text, "%%%") {
		indent = c.indent
		if !c.fresh && c.mode != modeBracket {
			indent += step
		}
	}
	p.lines = append(p.lines, line{code: strings.Repeat(" ", min(indent, maxIndent)) + t.text, blank: true})
}

// indentFor is the indentation of a line that begins with a token.
func (p *printer) indentFor(t *token) int {
	c := p.top()
	switch {
	case closes(t.kind) && c.mode == modeBracket:
		return c.base
	case t.kind == lexer.End && c.keyword != lexer.None && c.mode != modeBracket,
		p.isDivider(t.kind):
		return c.base
	case c.fresh || c.mode != modeAttr && (t.kind == lexer.Bar || t.kind == lexer.BarBar || t.kind == lexer.Comma):
		return c.indent
	case c.mode == modeBracket && (t.kind == lexer.String || t.kind == lexer.Question) && p.prev != nil && p.prev.kind == lexer.String:
		return c.indent
	case c.mode == modeAttr && p.prev != nil && p.prev.kind == lexer.Dot:
		return 0
	}
	return c.indent + step
}

// isDivider reports whether a word goes on with the block on top: of, catch, after, else.
func (p *printer) isDivider(k lexer.Kind) bool {
	c := p.top()
	if c == nil || c.mode != modeBlock && c.mode != modeClauses {
		return false
	}
	return divides(c.keyword, k)
}

func divides(block, k lexer.Kind) bool {
	switch k {
	case lexer.Of:
		return block == lexer.Case || block == lexer.Try
	case lexer.Catch:
		return block == lexer.Try
	case lexer.After:
		return block == lexer.Try || block == lexer.Receive
	case lexer.Else:
		return block == lexer.Maybe
	}
	return false
}

// before closes the contexts that a token ends.
func (p *printer) before(i int) {
	t := &p.toks[i]
	switch k := t.kind; k {
	case lexer.RParen, lexer.RBrace, lexer.RBracket, lexer.RBin:
		p.closeTo(func(c *context) bool { return c.mode == modeBracket })
	case lexer.End:
		p.closeTo(func(c *context) bool {
			return (c.mode == modeBlock || c.mode == modeClauses) && c.keyword != lexer.None
		})
	case lexer.Of, lexer.Catch, lexer.After, lexer.Else:
		if k == lexer.Catch && p.prev != nil && !ends(p.prev.kind) {
			return // the prefix operator
		}
		p.closeTo(func(c *context) bool {
			return (c.mode == modeBlock || c.mode == modeClauses) && divides(c.keyword, k)
		})
	}
}

// closeTo pops the contexts above the innermost one that fits, if there is one without brackets between.
func (p *printer) closeTo(fits func(*context) bool) {
	for i := len(p.stack) - 1; i > 0; i-- {
		c := &p.stack[i]
		if fits(c) {
			p.stack = p.stack[:i+1]
			return
		}
		if c.mode == modeBracket {
			return
		}
	}
}

// after opens and goes on with contexts; column is where the token stands.
func (p *printer) after(i, column int) {
	t := &p.toks[i]
	c := p.top()
	c.fresh = false
	switch k := t.kind; k {
	case lexer.LParen, lexer.LBrace, lexer.LBracket, lexer.LBin:
		n := context{mode: modeBracket, keyword: k, base: p.lineIndent, indent: p.lineIndent + step, fresh: true}
		if i+1 < len(p.toks) && p.toks[i+1].breaks == 0 && p.toks[i+1].kind != lexer.Comment {
			n.indent, n.base = p.col, column
		}
		p.push(n)
	case lexer.RParen, lexer.RBrace, lexer.RBracket, lexer.RBin:
		if c.mode == modeBracket {
			p.pop()
			p.top().fresh = false
		}
	case lexer.Comma:
		c.fresh = c.mode != modeBlock && c.mode != modeClauses && c.mode != modeForm
		c.tail = false
		if c.mode == modeAttr {
			c.fresh = false
		}
	case lexer.Bar, lexer.BarBar, lexer.AndAnd:
		c.fresh = c.mode == modeBracket
	case lexer.Colon, lexer.Slash:
		c.tail = c.tail || c.mode == modeBracket && c.keyword == lexer.LBin
	case lexer.Semicolon:
		p.semicolon()
	case lexer.Arrow:
		p.arrow()
	case lexer.End:
		if c.keyword != lexer.None && (c.mode == modeBlock || c.mode == modeClauses) {
			p.pop()
			p.top().fresh = false
		}
	case lexer.Begin, lexer.Maybe, lexer.Try:
		p.openBlock(k, column)
		b := p.top()
		p.push(context{mode: modeBody, indent: b.base + step, base: b.base, fresh: true})
	case lexer.Case:
		p.openBlock(k, column)
	case lexer.If, lexer.Receive:
		p.openBlock(k, column)
		p.clauses()
	case lexer.Fun:
		if p.funHasBody(i) {
			p.openBlock(k, column)
			p.clauses()
			if b := p.top(); p.toks[i+1].breaks == 0 {
				b.indent = b.base + len("fun") // clauses stand below the first one's parenthesis
			}
		}
	case lexer.Of, lexer.Catch, lexer.After, lexer.Else:
		if (c.mode == modeBlock || c.mode == modeClauses) && divides(c.keyword, k) && !(k == lexer.Catch && p.prev != nil && !ends(p.prev.kind)) {
			p.clauses()
			if k == lexer.After && c.keyword == lexer.Try {
				p.push(context{mode: modeBody, indent: c.base + step, base: c.base, fresh: true})
			}
		}
	}
}

// openBlock opens the block of a keyword. Its end stands below the keyword if a bracket was opened before it in the
// same line, else below the beginning of the line.
func (p *printer) openBlock(k lexer.Kind, column int) {
	base := p.lineIndent
	if c := p.top(); c.mode == modeBody {
		base = max(base, c.indent) // the body began in this line
	}
	for d := p.lineDepth; d < len(p.stack); d++ {
		if p.stack[d].mode == modeBracket && p.stack[d].base != p.lineIndent {
			base = column
		}
	}
	p.push(context{mode: modeBlock, keyword: k, base: base, indent: base + step})
}

// clauses begins the clauses of the block on top.
func (p *printer) clauses() {
	c := p.top()
	c.mode, c.indent, c.fresh = modeClauses, c.base+step, true
}

// arrow begins a body, where clauses are.
func (p *printer) arrow() {
	c := p.top()
	if c.mode != modeForm && c.mode != modeClauses {
		return
	}
	indent := c.indent + step
	if c.keyword == lexer.Fun && c.indent == c.base+len("fun") {
		indent = c.base + 2*step
	}
	p.push(context{mode: modeBody, indent: indent, base: c.indent, fresh: true})
}

// semicolon ends a clause, or an alternative of a guard.
func (p *printer) semicolon() {
	c := p.top()
	switch c.mode {
	case modeBody:
		if below := p.below(); below != nil && (below.mode == modeForm || below.mode == modeClauses) {
			p.pop()
			p.top().fresh = true
		}
	case modeBracket:
		c.fresh = true
	}
}

func (p *printer) below() *context {
	if len(p.stack) < 2 {
		return nil
	}
	return &p.stack[len(p.stack)-2]
}

// funHasBody reports whether the word fun at a place begins a fun with clauses, which an end closes: an arrow or a guard
// follows its parameters.
func (p *printer) funHasBody(i int) bool {
	j := p.code(i + 1)
	if j < len(p.toks) && p.toks[j].kind == lexer.Var {
		j = p.code(j + 1)
	}
	if j >= len(p.toks) || p.toks[j].kind != lexer.LParen {
		return false
	}
	depth := 0
	for ; j < len(p.toks) && p.toks[j].kind != lexer.Dot; j = p.code(j + 1) {
		switch k := p.toks[j].kind; {
		case opens(k):
			depth++
		case closes(k):
			if depth--; depth == 0 {
				j = p.code(j + 1)
				return j < len(p.toks) && (p.toks[j].kind == lexer.Arrow || p.toks[j].kind == lexer.When)
			}
		}
	}
	return false
}

// code is the next place from i on that holds no comment.
func (p *printer) code(i int) int {
	for i < len(p.toks) && p.toks[i].kind == lexer.Comment {
		i++
	}
	return i
}

// text puts the lines together; comments at the ends of neighbouring lines begin in the same column.
func (p *printer) text() string {
	var b strings.Builder
	for i := 0; i < len(p.lines); {
		if p.lines[i].comment == "" {
			b.WriteString(p.lines[i].code)
			b.WriteByte('\n')
			i++
			continue
		}
		j, column := i, 0
		for ; j < len(p.lines) && p.lines[j].comment != ""; j++ {
			if w := width(p.lines[j].code); w <= maxAligned {
				column = max(column, w)
			}
		}
		for ; i < j; i++ {
			l := p.lines[i]
			b.WriteString(l.code)
			if l.code != "" {
				b.WriteString(strings.Repeat(" ", max(column-width(l.code), 0)+1))
			}
			b.WriteString(l.comment)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// width is the number of characters in a text's last line.
func width(s string) int {
	return utf8.RuneCountInString(s[strings.LastIndexByte(s, '\n')+1:])
}
